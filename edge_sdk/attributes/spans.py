"""What :func:`detect` reports: every stretch of the prompt that gives an attribute away."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from .lexicon import AXES, UNLISTED, UNSPECIFIED
from .marks import Mark
from .reading import Person, Reading, read
from .scope import Scope


@dataclass(frozen=True)
class Span:
    """One explicit mention: ``prompt[start:end] == surface`` says ``value`` on ``axis``."""

    axis: str
    surface: str
    start: int
    end: int
    value: str


def detect(prompt: str, opt_in: Collection[str] = ()) -> list[Span]:
    """All explicit mentions of persons' attributes, in order.

    Words in another sense (an old car, a black cat, a king penguin) are not reported. Plain string
    positions; nothing is sent or stored.

    Args:
        opt_in: axes beside the default ones: profession, body, hair, first_names.
    """
    added = frozenset(opt_in)
    return spans(read(prompt, Scope(added, frozenset((*AXES, *added)))))


def spans(reading: Reading) -> list[Span]:
    """The mentions of a reading. The value of a word that is on no list is "unlisted"."""
    values = reading.lex.values
    out: list[Span] = []
    for i, m in enumerate(reading.marks):
        if m.kind == "trait" and m.trait is not None:
            value = UNLISTED if m.trait.value is None else values[m.trait.axis][m.trait.value]
            out.append(Span(m.trait.axis, m.text(reading.prompt), m.start, m.end, value))
            continue
        if i not in reading.owner:
            continue
        person = reading.persons[reading.owner[i]]
        # A noun of no letters stands for the word before it: "a Latina" says the gender too.
        shown = m if m.end > m.start else reading.marks[i - 1] if m.literal.startswith(" ") else reading.marks[i + 1]
        text = shown.text(reading.prompt)
        found = [(a, v) for a, v in _said(reading, m, person) if v is not None and a in reading.axes]
        out += [
            Span(axis, text, shown.start, shown.end, values[axis][v] if v < len(values[axis]) else UNSPECIFIED)
            for axis, v in found
        ]
    return sorted(out, key=lambda s: s.start)


def _said(reading: Reading, m: Mark, person: Person) -> list[tuple[str, int | None]]:
    """The axes that a mark speaks of, and its values."""
    if m.kind == "noun" and m.noun is not None:
        found: list[tuple[str, int | None]] = []
        if m.role == "profession":
            found.append(("profession", m.value))
        if m.noun.gender is not None:
            found.append(("gender", m.noun.gender))
        if m.noun.kind in ("child", "neutral"):
            found.append(("age", person.value("age")))
        return found
    if m.kind == "decade" and m.noun is not None:
        return [("gender", m.noun.gender), ("age", m.value)]
    if m.kind in ("pronoun", "title"):
        return [("gender", m.value)]
    if m.kind == "name":
        return [("first_names", m.value)]
    if m.kind == "age":
        youth = person.value("age") == 0 and m.word in reading.lex.child_adjectives
        return [("age", 0 if youth else m.value)] if m.role != "little" or youth else []
    return [("skin_tone", m.value)] if m.kind == "skin" else []
