"""What :func:`detect` reports: every stretch of the prompt that gives an attribute away."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from difflib import SequenceMatcher

from .axes import AXES
from .document import Document
from .kinds import Kind, NounKind, Place
from .lexicon import UNLISTED, UNSPECIFIED
from .marks import Mark, Person
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
    from .reader import read

    added = frozenset(opt_in)
    document = read(prompt, Scope(added, frozenset((*AXES, *added))))
    found = spans(document)
    return found if document.typed == prompt else _as_typed(prompt, document.typed, found)


def _as_typed(prompt: str, text: str, found: list[Span]) -> list[Span]:
    """The spans of a text that was rewritten first (emoji, weights), where they stand in the prompt as typed."""
    blocks = SequenceMatcher(None, prompt, text, autojunk=False).get_opcodes()
    out = []
    for s in found:
        hit = [b for b in blocks if b[3] < s.end and s.start < b[4]]
        if not hit:
            continue
        first, last = hit[0], hit[-1]
        start = first[1] + (s.start - first[3] if first[0] == "equal" else 0)
        end = last[1] + (s.end - last[3]) if last[0] == "equal" else last[2]
        out.append(Span(s.axis, prompt[start:end], start, end, s.value))
    return out


def spans(document: Document) -> list[Span]:
    """The mentions of a document. The value of a word that is on no list is "unlisted"."""
    values = document.lex.values
    out: list[Span] = []
    for i, m in enumerate(document.marks):
        if m.kind is Kind.TRAIT and m.trait is not None:
            value = UNLISTED if m.trait.value is None else values[m.trait.axis][m.trait.value]
            out.append(Span(m.trait.axis, m.text(document.prompt), m.start, m.end, value))
            continue
        if i not in document.owner:
            continue
        person = document.persons[document.owner[i]]
        # A noun of no letters stands for the word before it: "a Latina" says the gender too.
        shown = m if m.end > m.start else document.marks[i - 1] if m.literal.startswith(" ") else document.marks[i + 1]
        text = shown.text(document.prompt)
        found = [(a, v) for a, v in _said(document, m, person) if v is not None and a in document.axes]
        out += [
            Span(axis, text, shown.start, shown.end, values[axis][v] if v < len(values[axis]) else UNSPECIFIED)
            for axis, v in found
        ]
    return sorted(out, key=lambda s: s.start)


def _said(document: Document, m: Mark, person: Person) -> list[tuple[str, int | None]]:
    """The axes that a mark speaks of, and its values."""
    if m.kind is Kind.NOUN and m.noun is not None:
        found: list[tuple[str, int | None]] = []
        if m.place is Place.PROFESSION:
            found.append(("profession", m.value))
        if m.noun.gender is not None:
            found.append(("gender", m.noun.gender))
        if m.noun.kind in (NounKind.CHILD, NounKind.NEUTRAL):
            found.append(("age", person.value("age")))
        return found
    if m.kind is Kind.DECADE and m.noun is not None:
        return [("gender", m.noun.gender), ("age", m.value)]
    if m.kind in (Kind.PRONOUN, Kind.TITLE):
        return [("gender", m.value)]
    if m.kind is Kind.NAME:
        return [("first_names", m.value)]
    if m.kind is Kind.AGE:
        youth = person.value("age") == 0 and m.word in document.lex.words["child_adjectives"]
        return [("age", 0 if youth else m.value)] if m.place is not Place.LITTLE or youth else []
    return [("skin_tone", m.value)] if m.kind is Kind.SKIN else []
