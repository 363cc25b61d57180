"""Scenes: a person in a style, perhaps with a thing, on a plain background; where each is, and how large.

A caption says who, what and roughly where; the exact place, size, side and mirror image are not said, so that the first
steps of a sampler decide something that the words do not. Everything here is numbers: :mod:`.pictures` draws them,
:mod:`.wording` words them.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ..errors import RecipeError
from ..glyphs import BACKGROUNDS
from .held_out import hides_thing, hides_tone
from .packages import STYLES
from .people import ALL_TONES, PORTRAIT, Person
from .things import THINGS, Thing, joints

#: Share of scenes that show a thing beside the person.
THING_SHARE: Final = 0.6
#: How often each style, tone and background is drawn, against 1 of the others.
STYLE_WEIGHTS: Final = {"noto": 1.3, "flat": 1.0, "3d": 1.0}
YELLOW_WEIGHT: Final = 0.7
WHITE_WEIGHT: Final = 2.0
PERSON_WEIGHT: Final = 0.6
PORTRAIT_WEIGHT: Final = 1.5
#: A tenth of all scenes is held out; this many draws without one mean that there is none.
_TRIES: Final = 5000
#: Sides of a person alone, in parts of the picture.
_ALONE_SIDE: Final = (0.78, 1.0)


@dataclass(frozen=True)
class Box:
    """A square drawing in the picture: centre and side in parts of the picture's side, and whether it is mirrored."""

    x: float
    y: float
    side: float
    mirrored: bool


@dataclass(frozen=True)
class Scene:
    """What a picture shows. ``person`` and ``thing`` are positions in the library; ``thing`` -1 is none.

    ``words`` joins person and thing ("holding"), ``place`` is one of ``things.PLACES`` or empty.
    """

    person: int
    style: str
    tone: str
    background: str
    thing: int
    words: str
    place: str
    person_box: Box
    thing_box: Box | None
    thing_in_front: bool

    @property
    def thing_name(self) -> str:
        """The thing's canonical name, or nothing."""
        return THINGS[self.thing].name if self.thing >= 0 else ""


def _between(rng: random.Random, low: float, high: float) -> float:
    return low + (high - low) * rng.random()


def _side(rng: random.Random) -> int:
    return 1 if rng.random() < 0.5 else -1


def place_alone(rng: random.Random) -> Box:
    """A person alone: nearly the whole picture, a little off the middle."""
    side = _between(rng, *_ALONE_SIDE)
    room = (1 - side) / 2 + 0.02
    return Box(0.5 + _between(rng, -room, room), 0.5 + _between(rng, -room, room), side, rng.random() < 0.5)


def place_pair(place: str, rng: random.Random) -> tuple[Box, Box, bool]:
    """Boxes of person and thing for a place, and whether the thing is in front."""
    side, turned, thing_turned = _side(rng), rng.random() < 0.5, rng.random() < 0.5
    if place == "beside":
        person, thing = _between(rng, 0.60, 0.70), _between(rng, 0.40, 0.50)
        boxes = (
            Box(
                0.5 - side * (0.5 - person / 2 - _between(rng, 0, 0.03)),
                1 - person / 2 - _between(rng, 0, 0.15),
                person,
                turned,
            ),
            Box(
                0.5 + side * (0.5 - thing / 2 - _between(rng, 0, 0.03)),
                1 - thing / 2 - _between(rng, 0, 0.1),
                thing,
                thing_turned,
            ),
        )
        return *boxes, True
    if place == "held":
        person, thing = _between(rng, 0.72, 0.85), _between(rng, 0.32, 0.42)
        boxes = (
            Box(0.5 - side * _between(rng, 0.04, 0.1), 0.52 - _between(rng, 0, 0.08), person, turned),
            Box(0.5 + side * _between(rng, 0.24, 0.3), 0.74 + _between(rng, -0.05, 0.06), thing, thing_turned),
        )
        return *boxes, True
    if place == "behind":
        person, thing = _between(rng, 0.55, 0.65), _between(rng, 0.58, 0.68)
        boxes = (
            Box(0.5 - side * _between(rng, 0.12, 0.2), 1 - person / 2 - _between(rng, 0, 0.04), person, turned),
            Box(0.5 + side * _between(rng, 0.1, 0.17), thing / 2 + _between(rng, 0.02, 0.12), thing, thing_turned),
        )
        return *boxes, False
    person, thing = _between(rng, 0.60, 0.68), _between(rng, 0.36, 0.48)
    boxes = (
        Box(0.5 + _between(rng, -0.1, 0.1), 1 - person / 2 - _between(rng, 0, 0.03), person, turned),
        Box(0.5 + _between(rng, -0.16, 0.16), thing / 2 - _between(rng, 0, 0.05), thing, thing_turned),
    )
    return *boxes, False


class Drawer:
    """Draws scenes at random: never one that is held out, unless told to draw only those.

    ``held_out`` is "" (seen scenes), "tone" or "thing".
    """

    def __init__(self, people: Sequence[Person], held_out: str = "") -> None:
        self.people, self.held_out = people, held_out
        self._weights = [
            (PORTRAIT_WEIGHT if p.role == PORTRAIT else PERSON_WEIGHT if p.gender == "person" else 1.0) for p in people
        ]
        grounds = {name: WHITE_WEIGHT if name == "white" else 1.0 for name in BACKGROUNDS}
        self._grounds, self._ground_weights = list(grounds), list(grounds.values())

    def __call__(self, rng: random.Random) -> Scene:
        for _ in range(_TRIES):
            scene = self._draw(rng)
            if self._fits(scene):
                return scene
        raise RecipeError(f"none of {_TRIES} scenes of these {len(self.people)} persons is {self.held_out or 'seen'}")

    def _fits(self, scene: Scene) -> bool:
        person = self.people[scene.person]
        tone = hides_tone(person.role, person.gender, scene.tone)
        thing = scene.thing >= 0 and hides_thing(person.role, scene.thing_name)
        if self.held_out == "tone":
            return tone and not thing
        return (thing and not tone) if self.held_out == "thing" else not (tone or thing)

    def _draw(self, rng: random.Random) -> Scene:
        index = rng.choices(range(len(self.people)), self._weights)[0]
        person = self.people[index]
        style = rng.choices(person.styles, [STYLE_WEIGHTS[s] for s in person.styles])[0]
        tone = rng.choices(ALL_TONES, [YELLOW_WEIGHT if t == "yellow" else 1.0 for t in ALL_TONES])[0]
        ground = rng.choices(self._grounds, self._ground_weights)[0]
        if self.held_out != "thing" and rng.random() >= THING_SHARE:
            return Scene(index, style, tone, ground, -1, "", "", place_alone(rng), None, False)
        thing = rng.randrange(len(THINGS))
        words, place = draw_joint(THINGS[thing], rng)
        person_box, thing_box, front = place_pair(place, rng)
        return Scene(index, style, tone, ground, thing, words, place, person_box, thing_box, front)


def draw_joint(thing: Thing, rng: random.Random) -> tuple[str, str]:
    """Words and place for a thing: the canonical ones half of the time."""
    every = joints(thing)
    return every[0] if rng.random() < 0.5 else rng.choice(every)


def style_index(style: str) -> int:
    """The style's position in the library."""
    return STYLES.index(style)
