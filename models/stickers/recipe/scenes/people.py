"""The persons that all three styles draw: groups of one role and gender in five skin tones and yellow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..errors import MissingPackage, ToneError
from ..glyphs import EMOJI_TEST, read_names
from .packages import Drawings, key_of
from .tones import MODIFIERS, TONES

#: Tones of a group's drawings, in the library's order; yellow is "no tone given".
ALL_TONES: Final = (*TONES, "yellow")
#: (style, code points without tone) whose drawings hold no checkable tone: Noto's snowboarder shows no skin, and flat's
#: person taking a bath is yellow or light where it should be darker.
LEFT_OUT: Final = {("noto", "1f3c2"), ("flat", "1f6c0")}
#: (style, code points without tone) -> whose files hold this drawing: woman and man are exchanged.
EXCHANGED: Final = {
    ("3d", "1f9cf-200d-2640"): "1f9cf-200d-2642",
    ("3d", "1f9cf-200d-2642"): "1f9cf-200d-2640",
}
#: Portraits carry the age axis.
PORTRAIT: Final = "portrait"


@dataclass(frozen=True)
class Person:
    """One group: what its drawings show beside the tone, and their code points, tones in ``ALL_TONES``' order."""

    base: str
    role: str
    gender: str
    age: str
    hair: str
    keys: tuple[str, ...]
    styles: tuple[str, ...]


def _base(key: str) -> str:
    return "-".join(c for c in key.split("-") if c not in MODIFIERS)


def read_people(styles: Mapping[str, Drawings], emoji_test: Path = EMOJI_TEST) -> list[Person]:
    """Every group that all styles hold in all tones, in Unicode's order.

    Raises:
        MissingPackage: Unicode's list is not there.
        ToneError: a style draws a group, but not in every tone.
    """
    if not emoji_test.is_file():
        raise MissingPackage(f"{emoji_test} is missing: install the Debian package unicode-data, or pass --names")
    groups: dict[tuple[str, str, str, str], dict[str, str]] = {}
    for glyph in read_names(emoji_test):
        label = (glyph.role, glyph.gender, glyph.age, glyph.hair)
        groups.setdefault(label, {})[glyph.tone] = key_of(glyph.sequence)
    people = []
    for (role, gender, age, hair), by_tone in groups.items():
        if set(by_tone) != set(ALL_TONES):
            continue
        keys = tuple(by_tone[t] for t in ALL_TONES)
        base = keys[-1]
        for style, drawings in styles.items():
            _check_tones(style, keys, drawings)
        if not all(base in drawings for drawings in styles.values()):
            continue
        kept = tuple(s for s in styles if (s, base) not in LEFT_OUT)
        people.append(Person(base, role, gender, age, hair, keys, kept))
    return people


def _check_tones(style: str, keys: tuple[str, ...], drawings: Drawings) -> None:
    """Refuse a style that knows a group, but lacks one of its tones."""
    present = [k in drawings for k in keys]
    if any(present) and not all(present):
        lacking = [t for t, there in zip(ALL_TONES, present, strict=True) if not there]
        raise ToneError(f"{style} draws {keys[-1]} without {', '.join(lacking)}: the package is incomplete")


def files_of(person: Person, style: str) -> tuple[str, ...]:
    """The code points whose files of ``style`` hold the person's drawings, before their tones are put in order."""
    other = EXCHANGED.get((style, _base(person.keys[-1])))
    if other is None:
        return person.keys
    here, there = person.keys[-1].rsplit("-", 1)[-1], other.rsplit("-", 1)[-1]
    return tuple(k.removesuffix(here) + there for k in person.keys)
