"""What a document holds: marks, what became of each, and the persons they speak of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from .kinds import Kind, Place, PronounForm, Reason
from .lexicon import Noun, Trait

__all__ = ["Dismissed", "Mark", "Person", "Slot"]


class Mark(NamedTuple):
    """One marked stretch of the prompt, ``[start, end)`` in code points."""

    start: int
    end: int
    kind: Kind
    word: str
    noun: Noun | None = None
    value: int = -1
    place: Place = Place.NONE
    form: PronounForm | None = None
    #: Of a VERB: its form for one and for several.
    verb: tuple[str, str] | None = None
    #: Before its noun ("dark-skinned"), not behind it ("with dark skin").
    prefix: bool = False
    trait: Trait | None = None
    #: Text that stands for a noun which the prompt leaves out: "a Muslim" is "a Muslim" + " person".
    literal: str = ""
    #: Nearest value, not the value itself.
    near: bool = False
    #: What it was before it was read as a plain word.
    was: Kind | None = None

    def text(self, prompt: str) -> str:
        """The prompt's own characters."""
        return prompt[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Slot:
    """The mark is replaced: it says ``axis`` of person ``person``."""

    person: int
    axis: str
    place: Place


@dataclass(frozen=True, slots=True)
class Dismissed:
    """The mark stays as it is, for a reason that is certain."""

    reason: Reason


@dataclass(slots=True)
class Person:
    """One person of the prompt and the axes that the prompt gives away about them (value indices)."""

    values: dict[str, int] = field(default_factory=dict)
    plural: bool = False

    def value(self, axis: str) -> int | None:
        """Index of the value on an axis, or ``None``."""
        return self.values.get(axis)
