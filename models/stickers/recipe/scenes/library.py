"""All drawings of the task, rendered once: persons ``[group, style, tone]`` and things ``[thing, style]``.

``persons.npy`` and ``things.npy`` are uint8 RGBA with straight alpha, mapped when they are read; ``library.json`` names
them. The tones of every group of every style have been checked (:mod:`.tones`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..errors import BrokenCheckpoint, MissingPackage
from ..glyphs import EMOJI_TEST
from ..storage import read_array, write_array, write_text
from .packages import PACKAGES, SIZE, STYLES, Drawings, open_styles
from .people import ALL_TONES, Person, files_of, read_people
from .things import THINGS
from .tones import arrange, skin

#: Raised when a rendering, a label or a correction changes: a library of another edition is made again.
EDITION: Final = 1


@dataclass(frozen=True)
class Library:
    """The drawings and what they show.

    ``persons`` is ``[P, styles, 6, S, S, 4]``, ``things`` ``[T, styles, S, S, 4]``, both uint8; ``skin`` is bool
    ``[P, styles, S, S]``.
    """

    people: tuple[Person, ...]
    persons: NDArray[Any]
    things: NDArray[Any]
    skin: NDArray[Any]


def _person(person: Person, style: str, drawings: Drawings) -> tuple[NDArray[Any], NDArray[Any]]:
    """``[6, S, S, 4]``, tones in order and checked, and where the skin is."""
    rendered = np.stack([drawings.rgba(k) for k in files_of(person, style)])
    rendered[:5] = arrange(style, person.base, rendered[:5])
    return rendered, skin(rendered[:5])


def build(
    out: Path, modules: Path, emoji_test: Path = EMOJI_TEST, tick: Callable[[str], None] = lambda _: None
) -> Library:
    """Render and check everything into ``out``; ``tick`` is called once a group and once a thing.

    Raises:
        MissingPackage: a package, a drawing or Unicode's list is missing.
        WrongVersion: a package is there in another version.
        ToneError: a group's tones are missing or out of order.
        DiskFull: there is no room.
    """
    styles = open_styles(modules)
    people = read_people(styles, emoji_test)
    persons = np.zeros((len(people), len(STYLES), len(ALL_TONES), SIZE, SIZE, 4), np.uint8)
    masks = np.zeros((len(people), len(STYLES), SIZE, SIZE), bool)
    for i, person in enumerate(people):
        for s, style in enumerate(STYLES):
            if style in person.styles:
                persons[i, s], masks[i, s] = _person(person, style, styles[style])
        tick(person.role)
    things = np.stack([_thing(thing.key, styles, tick) for thing in THINGS])
    for name, array in (("persons", persons), ("things", things), ("skin", masks)):
        write_array(out / f"{name}.npy", array)
    index = {
        "edition": EDITION,
        "packages": [asdict(p) for p in PACKAGES],
        "people": [asdict(p) for p in people],
        "things": [t.key for t in THINGS],
    }
    write_text(out / "library.json", json.dumps(index, indent=1))
    return load(out)


def _thing(key: str, styles: Mapping[str, Drawings], tick: Callable[[str], None]) -> NDArray[Any]:
    for style, drawings in styles.items():
        if key not in drawings:
            raise MissingPackage(f"{style} does not draw {key}: the package is incomplete, install it again")
    tick(key)
    return np.stack([drawings.rgba(key) for drawings in styles.values()])


def is_built(folder: Path) -> bool:
    """Whether ``folder`` holds a library of this edition with these things."""
    path = folder / "library.json"
    if not path.is_file():
        return False
    index = json.loads(path.read_text(encoding="utf-8"))
    return index.get("edition") == EDITION and index.get("things") == [t.key for t in THINGS]


def load(folder: Path) -> Library:
    """The library that :func:`build` wrote.

    Raises:
        BrokenCheckpoint: a file is cut short, or the files are of different runs.
    """
    index = json.loads((folder / "library.json").read_text(encoding="utf-8"))
    people = tuple(Person(**{**p, "keys": tuple(p["keys"]), "styles": tuple(p["styles"])}) for p in index["people"])
    persons, things, masks = (read_array(folder / f"{n}.npy") for n in ("persons", "things", "skin"))
    if len(persons) != len(people) or len(masks) != len(people) or len(things) != len(index["things"]):
        raise BrokenCheckpoint(f"{folder}: the drawings do not match library.json; delete it, and it is made again")
    return Library(people, persons, things, masks)
