"""(k) Silence: a word that the lexicon knows, left readable in what is sent, and nobody told.

Bound: none. Closure cannot see this fault: a device that overlooks "Muslim" sends the same bytes for a Muslim woman
and a Muslim man, and calls it ε = 0. So what is sent is read once more, from the outside: the template's own text,
outside its placeholders, is held against the lexicon. A value that is read there, a word left without a verdict or that
implies one, and a word that is itself on a list of values: each must be dismissed for a certain reason, or be among the
words that the person was told of (``hints``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final, TypeAlias

from edge_sdk.attributes import AXES, implied, lexicon, read, spans
from edge_sdk.errors import InputError
from edge_sdk.privacy import Privacy, Release, release
from obclip_contract import Phrase
from obclip_contract.grid import expand_member

from .bank import bank, captions
from .lab import Lab
from .outcome import Outcome, caught, same

__all__ = ["SILENT", "Device", "run", "silent_mutants", "silent_words"]

#: From what a person typed to what is sent for it.
Device: TypeAlias = Callable[[str], Release]
#: Stand around the text of a slot; they are no letters, so that articles look through them.
_OPEN, _SHUT = "\ue000", "\ue001"
_CAPTIONS, _CAPTIONS_QUICK = 800, 80


def _marked(released: Release) -> tuple[str, list[bool]]:
    """The first member, and for each of its characters whether the template says it, not a slot."""
    grid = released.grid
    phrases = {
        name: Phrase(p.axes, tuple(f"{_OPEN}{text}{_SHUT}" for text in p.text)) for name, p in grid.phrases.items()
    }
    text, public = [], []
    inside = False
    for c in expand_member(grid.template, grid.axes, phrases, grid.choices()[0]):
        if c in (_OPEN, _SHUT):
            inside = c == _OPEN
            continue
        text.append(c)
        public.append(not inside)
    return "".join(text), public


@cache
def _listed() -> frozenset[str]:
    """Values of the default axes that are one word, and say so by themselves."""
    values = lexicon().values
    plain = {v.lower() for axis in AXES if axis not in ("skin_tone", "name") for v in values.get(axis, ())}
    return frozenset(v for v in plain if v.isalpha() and v not in ("unspecified", "adult", "disabled"))


def silent_words(released: Release) -> list[str]:
    """Words of the public part that the lexicon knows and that nobody dealt with."""
    text, public = _marked(released)
    document = read(text)
    told = {word for _, words in released.hints for word in words.lower().split()}
    found = spans(document)
    said = [(s.start, s.end, s.surface) for s in found]
    said += [(f.start, f.end, f.surface) for f in implied(document, found)]
    said += [
        (m.start(), m.end(), m.group())
        for m in re.finditer(r"[^\W\d_]+", text)
        if m.group().lower() in _listed() and not document.is_public(m.start(), m.end())
    ]
    return list(
        dict.fromkeys(
            surface
            for start, end, surface in said
            if any(public[start:end]) and not set(surface.lower().split()) <= told
        )
    )


def _hides_two_axes(prompt: str) -> Release:
    return release(prompt, Privacy(axes=("gender", "age")))


def _skips_the_residue(prompt: str) -> Release:
    return replace(release(prompt, Privacy(on_implied="allow")), hints=(), notes=())


def _puts_a_word_back(prompt: str) -> Release:
    made = release(prompt)
    grid, name = made.grid, next(iter(made.grid.phrases))
    said = grid.phrases[name].text[0]
    rest = {n: p for n, p in grid.phrases.items() if n != name}
    template = grid.template.replace("{" + name + "}", said)
    # The slot's axes stay, so that the set looks as large as before.
    return replace(made, grid=_Unchecked(template, grid.axes, rest, grid.rows))  # type: ignore[arg-type]


@dataclass(frozen=True)
class _Unchecked:
    """A grid as a broken device makes it: no rule of the contract is held."""

    template: str
    axes: Sequence[object]
    phrases: dict[str, Phrase]
    rows: object

    def choices(self) -> list[tuple[int, ...]]:
        return [(0,) * len(self.axes)]


#: Devices that drop a known word without a word, each with prompts on which it does, and the fault in words.
SILENT: Final[tuple[tuple[Device, tuple[str, ...], str], ...]] = (
    (
        _hides_two_axes,
        ("a Muslim woman and a Christian man", "portrait, woman, Asian, smiling", "a blind old man"),
        "a reader that drops a known word silently: other axes than two",
    ),
    (
        _skips_the_residue,
        ("a woman with a beard", "a pilot in a hijab"),
        "a reader that drops a known word silently: no look at what was left",
    ),
    (
        _puts_a_word_back,
        ("a woman", "an old woman with dark skin"),
        "a reader that drops a known word silently: a slot's word put back",
    ),
)


def silent_mutants() -> Iterator[Outcome]:
    """A row for each broken device: on each of its prompts a word must be found."""
    for device, prompts, fault in SILENT:
        found = all(silent_words(device(p)) for p in prompts)
        yield caught("mutation", fault, ["silence"] if found else [], device.__name__.lstrip("_"))


def run(lab: Lab) -> Iterator[Outcome]:
    """Two rows: the harness's prompts, and captions."""
    texts = list(lab.captions) if lab.captions else [text for group in captions() for text in group]
    most = _CAPTIONS_QUICK if lab.quick else _CAPTIONS
    for name, prompts in (
        ("prompts of the bank", [*bank("wire"), *bank("bytes"), *bank("edit_bases")]),
        ("captions", texts[:: max(1, len(texts) // most)][:most]),
    ):
        lab.tick(f"silence: {name}")
        sent, silent, first = 0, 0, ""
        for prompt in prompts:
            try:
                made = release(prompt)
            except InputError:
                continue
            sent += 1
            if words := silent_words(made):
                silent += 1
                first = first or f"{words} in {made.template!r}"
        yield same("silence", name, silent, sent, "prompts with a known word in clear, untold", first)
