"""What is implied: words outside the slots that give an axis away (beard, hijab, a name), before anything is sent.

The guarantee covers the slots only; a beard goes to the cloud as it was typed. Each finding says the words, the
axis and why, and can be slotted (said explicitly, so that the axis is hidden), generalised (replaced by words that
say less), or allowed. Strong findings decide; weak ones ("tie", "church") are notes. The lists are public, in
``data/implied.json``, and not complete: they warn, they promise nothing. The rules look at classes of words, so that
they decide alike for all members of a set.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from contract import article

from .document import Document
from .kinds import Kind, Place
from .lexicon import AXES, TRAITS, data
from .matching import Tokens, Trie, longest, plain, tokens, trie
from .spans import Span

#: What can be done with a finding.
CHOICES: Final = ("slot", "generalise", "allow", "refuse")
#: Emoji that carry a gender or a skin tone: people, the two gender signs, the five modifiers.
_EMOJI: Final = {
    "gender": re.compile("[\U0001f466-\U0001f469\U0001f474\U0001f475\U0001f478\U0001f473\U0001f385\U0001f936♀♂]"),
    "skin_tone": re.compile("[\U0001f3fb-\U0001f3ff]"),
}
_OPENER: Final = re.compile(
    r"(?P<open>(?:,?\s*\b(?:with|wearing|in|has|having|sporting|showing|and|using|on)\b\s+)?)"
    r"(?:\b(?:a|an|the|his|her|their|some|two)\s+)?(?:\b(?!and\b)[a-z]+(?:ed|y|ish)\s+|\b(?:long|short|white|gray|grey|full|thick|"
    r"big|red|black|brown|blond|dark|neat|large|small|blue|green|pink|bright|light|cute|new|old|nice)\s+){0,3}$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Finding:
    """``prompt[start:end] == surface`` hints at ``axis``. ``instead`` says less; ``value`` is what it hints at."""

    axis: str
    surface: str
    start: int
    end: int
    strong: bool
    value: str = ""
    instead: str = ""
    #: A noun for a person: what takes its place as a slot ("grandmother": "old woman").
    slot: str = ""

    @property
    def why(self) -> str:
        """One line for the person."""
        hint = f", most often {self.value}" if self.value else ""
        return f"{self.surface!r} gives the {self.axis.replace('_', ' ')} away{hint}"


@cache
def _cues() -> Trie:
    spec = data("implied")

    def entries() -> Iterator[tuple[str, tuple[str, str, str, bool]]]:
        for group in spec["strong"]:
            for word in group["words"]:
                yield word, (group["axis"], group["value"], group["instead"], True)
        for axis, words in spec["weak"].items():
            for word in words:
                yield word, (axis, "", "", False)

    return trie(entries())


@cache
def _names() -> tuple[frozenset[str], frozenset[str], frozenset[str], tuple[str, ...], frozenset[str]]:
    spec = data("names")
    every = (*spec["female"], *spec["male"], *spec["either"])
    lowered = (frozenset(n.lower() for n in names) for names in (every, spec["with_surname_only"], spec["not_before"]))
    first, surname, not_before = lowered
    return first, surname, not_before, tuple(spec["style"]), frozenset(spec["surname_particles"])


def implied(document: Document, found: Sequence[Span]) -> list[Finding]:
    """All findings of a prompt in order, for the axes that the document hides.

    Args:
        found: the spans that are hidden already.
    """
    prompt = document.prompt
    text = plain(prompt)
    toks = tokens(text)
    out = [*_words(prompt, toks), *_nouns(document), *_emoji(prompt), *_people(prompt, toks, document)]
    hidden = [(s.start, s.end) for s in found if s.value != "unlisted"]
    toned = any(s.axis == "skin_tone" for s in found)
    kept: list[Finding] = []
    for f in sorted(out, key=lambda f: (f.start, -f.end, AXES.index(f.axis) if f.axis in AXES else 99)):
        covered = any(f.start < end and start < f.end for start, end in hidden) and not f.slot
        twice = any(f.start < k.end and k.start < f.end for k in kept if k.axis == f.axis or f.axis == "identity")
        about_tone = toned and f.surface.lower() in ("skin", "skinned", "complexion")
        if not covered and not twice and not about_tone and (f.axis in document.axes or f.axis == "identity"):
            kept.append(f)
    return kept


def _words(prompt: str, toks: Tokens) -> Iterator[Finding]:
    cues, i = _cues(), 0
    while i < len(toks.texts):
        match = longest(cues, toks, i) if toks.texts[i] in cues else None
        if match is None:
            i += 1
            continue
        start, end = toks.starts[i], toks.ends[match[0] - 1]
        axis, value, instead, strong = match[1]
        yield Finding(axis, prompt[start:end], start, end, strong, value, instead)
        i = match[0]


def _nouns(document: Document) -> Iterator[Finding]:
    """Nouns that say more than the axis they are a slot of: "grandmother" is old, "nun" has a religion."""
    spec = data("implied")
    for m in document.marks:
        for axis, words in spec["nouns"].items():
            if m.kind is Kind.NOUN and m.word in words:
                value = spec["noun_values"].get(m.word, "old" if axis == "age" else "")
                instead, slot = spec["noun_instead"][m.word], spec["noun_slots"][m.word]
                # Kin say an age, but are what the person asked for: told, and changed only if asked to.
                decides = axis != "age"
                yield Finding(axis, m.text(document.prompt), m.start, m.end, decides, value, instead, slot)
    for m in document.marks:
        if m.was is Kind.TRAIT and m.place is Place.PREDICATE and m.trait is not None:
            yield Finding(m.trait.axis, m.text(document.prompt), m.start, m.end, True)


def _emoji(prompt: str) -> Iterator[Finding]:
    for axis, pattern in _EMOJI.items():
        for m in pattern.finditer(prompt):
            yield Finding(axis, m.group(), m.start(), m.end(), True)


def _people(prompt: str, toks: Tokens, document: Document) -> Iterator[Finding]:
    """Names of persons; not of an artist whose style is asked for, nor of a street."""
    first, surname_only, not_before, style, particles = _names()
    if "first_names" in document.axes:
        return
    texts, starts, ends = toks
    i = 0
    while i < len(texts):
        here = i
        i += 1
        if texts[here] not in first or not prompt[starts[here]].isupper():
            continue
        j = here + 1
        while (
            j < len(texts)
            and starts[j] - ends[j - 1] == 1
            and (
                (prompt[starts[j]].isupper() and texts[j].isalpha() and texts[j] not in document.lex.phrases)
                or (texts[j] in particles and j + 1 < len(texts) and prompt[starts[j + 1]].isupper())
            )
        ):
            j += 1
        alone = j == here + 1
        if (alone and texts[here] in surname_only) or (j < len(texts) and texts[j] in not_before):
            continue
        if any(texts[k] in not_before for k in range(here + 1, j)):
            continue
        before = prompt[max(0, starts[here] - 40) : starts[here]].lower().rstrip()
        if before.endswith(style):
            i = j
            continue
        start, end = starts[here], ends[j - 1]
        instead = str(data("implied")["identity"]["instead"])
        yield Finding("identity", prompt[start:end], start, end, True, "", instead)
        i = j


def residue(prompt: str, found: Sequence[Span]) -> list[tuple[str, str]]:
    """``(axis, surface)`` of the words that stay in the request and hint at an axis, strong and weak.

    Args:
        prompt: as typed.
        found: the spans that are hidden.
    """
    from .reader import read

    out: list[tuple[str, str]] = []
    for f in implied(read(prompt), found):
        if (f.axis, f.surface) not in out:
            out.append((f.axis, f.surface))
    return out


def settle(document: Document, findings: Sequence[Finding], decide: Callable[[Finding], str]) -> str:
    """The prompt with each finding that can be changed slotted or generalised as ``decide`` says; "allow" leaves it.

    The result holds no word that was slotted or generalised, so the members made from it need no further step.
    """
    prompt = document.prompt
    for f in sorted((f for f in findings if f.strong or f.slot), key=lambda f: -f.start):
        choice = decide(f)
        if choice == "slot" and f.slot:
            prompt = _put(prompt, f.start, f.end, f.slot)
        elif choice == "slot" and f.axis == "identity":
            continue  # the names become an axis
        elif choice in ("slot", "generalise"):
            length = len(prompt)
            prompt = _put(prompt, f.start, f.end, f.instead) if f.instead else _delete(prompt, f.start, f.end)
            if choice == "slot":
                prompt = _say(prompt, document, f, len(prompt) - length)
    return " ".join(prompt.split())


def _put(prompt: str, start: int, end: int, words: str) -> str:
    """Replace, with the article before fitting again."""
    if words.startswith("a "):
        possessive = re.search(r"\b(?:a|an|the|his|her|their)\s+$", prompt[:start], re.IGNORECASE)
        words = words.removeprefix("a ") if possessive else words
    return _article(prompt[:start], words + prompt[end:])


def _article(before: str, after: str) -> str:
    m = re.search(r"(?<![\w'-])([Aa])[Nn]?\s+$", before)
    if m is None:
        return before + after
    word = article(after)
    return before[: m.start()] + (word.capitalize() if m.group(1) == "A" else word) + " " + after.lstrip()


def _delete(prompt: str, start: int, end: int) -> str:
    """Take the words out, and the phrase that holds them: "with a long beard"."""
    m = _OPENER.search(prompt[:start])
    behind = prompt[end:]
    joined = re.match(r"\s+and\s+", behind)
    if m is None or not m.group("open"):
        return _article(prompt[:start], behind.lstrip() if prompt[:start].endswith(" ") else behind)
    opened = m.start() + len(m.group("open"))
    if joined is not None and m.group("open").strip(" ,").lower() != "and":
        return prompt[:opened] + behind[joined.end() :]
    return prompt[: m.start()] + behind


def _say(prompt: str, document: Document, f: Finding, moved: int) -> str:
    """Say the axis in plain words at the person the finding is about, unless it is said already.

    Args:
        moved: by how much the text behind the finding moved.
    """
    i = _owner(document, f)
    if i is None or not f.value or f.axis not in document.lex.values:
        return prompt
    m = document.marks[i]
    person = document.persons[document.owner[i]] if i in document.owner else None
    if person is not None and person.value(f.axis) is not None:
        return prompt
    at = m.start + (moved if m.start > f.start else 0)
    return _article(prompt[:at], f"{_adjective(document, f)} {prompt[at:]}")


def _owner(document: Document, f: Finding) -> int | None:
    """The noun a finding is about: the one it stands before ("a bearded pilot"), else the nearest before it."""
    marks = document.marks
    behind = next((i for i, m in enumerate(marks) if m.start >= f.end), len(marks))
    for i in range(behind, min(behind + 3, len(marks))):
        if marks[i].kind is Kind.STOP:
            break
        if marks[i].kind is Kind.NOUN and marks[i].end > marks[i].start:
            return i
    before = [i for i, m in enumerate(marks) if m.kind is Kind.NOUN and m.end > m.start and m.start < f.start]
    return before[-1] if before else None


def _adjective(document: Document, f: Finding) -> str:
    if f.axis == "gender":
        return "female" if f.value == "woman" else "male"
    if f.axis in TRAITS:
        return document.lex.forms[f.axis].before[document.lex.values[f.axis].index(f.value)]
    return f.value


def strong(findings: Collection[Finding]) -> tuple[Finding, ...]:
    """Those that decide."""
    return tuple(f for f in findings if f.strong)
