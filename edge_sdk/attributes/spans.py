"""What :func:`detect` reports: every stretch of the prompt that gives an attribute away."""

from __future__ import annotations

from dataclasses import dataclass

from .lexicon import lexicon
from .reading import Reading, read


@dataclass(frozen=True)
class Span:
    """One explicit mention: ``prompt[start:end] == surface`` says ``value`` on ``axis``."""

    axis: str
    surface: str
    start: int
    end: int
    value: str


def detect(prompt: str) -> list[Span]:
    """All explicit mentions of gender, age and skin tone of persons, in order.

    Words in another sense (an old car, a black cat, a king penguin) are not reported. Plain string
    positions; nothing is sent or stored.
    """
    return spans(read(prompt))


def spans(reading: Reading) -> list[Span]:
    """The mentions of a reading."""
    values = lexicon().values
    out: list[Span] = []
    for i, m in enumerate(reading.marks):
        if i not in reading.owner:
            continue
        person = reading.persons[reading.owner[i]]
        text = m.text(reading.prompt)
        found: list[tuple[str, int | None]] = []
        if m.kind == "noun" and m.noun is not None:
            if m.noun.gender is not None:
                found.append(("gender", m.noun.gender))
            if m.noun.kind in ("child", "neutral"):
                found.append(("age", person.age))
        elif m.kind == "decade" and m.noun is not None:
            found += [("gender", m.noun.gender), ("age", m.value)]
        elif m.kind in ("pronoun", "title"):
            found.append(("gender", m.value))
        elif m.kind == "age":
            youth = person.age == 0 and text.lower() in lexicon().child_adjectives
            if m.role != "little" or youth:
                found.append(("age", 0 if youth else m.value))
        elif m.kind == "skin":
            found.append(("skin_tone", m.value))
        out += [Span(axis, text, m.start, m.end, values[axis][v]) for axis, v in found if v is not None]
    return out
