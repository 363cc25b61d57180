"""Scenes and their captions: what is held out, what is said, what is not."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
import torch

from models.stickers.recipe.glyphs import BACKGROUNDS
from models.stickers.recipe.scenes.held_out import hides_thing, hides_tone
from models.stickers.recipe.scenes.judge import exchange_hair
from models.stickers.recipe.scenes.library import Library
from models.stickers.recipe.scenes.packages import SIZE, STYLES
from models.stickers.recipe.scenes.people import ALL_TONES, Person
from models.stickers.recipe.scenes.pictures import compose
from models.stickers.recipe.scenes.scenes import Box, Drawer, Scene, place_alone, place_pair
from models.stickers.recipe.scenes.text import answers, axes, targets
from models.stickers.recipe.scenes.things import PLACES, THINGS, joints
from models.stickers.recipe.scenes.tones import skin
from models.stickers.recipe.scenes.wording import caption, plain
from tests.models.scene_fakes import face

PEOPLE = [
    Person(f"{i:x}", role, gender, "adult", "", ("x",) * 6, STYLES)
    for i, (role, gender) in enumerate(
        (r, g) for r in ("portrait", "firefighter", "judge", "cook", "surfing", "with veil") for g in ("woman", "man")
    )
]
NOBODY = Box(0.5, 0.5, 1.0, False)


def scene(**changes: object) -> Scene:
    base = Scene(2, "3d", "dark", "blue", -1, "", "", NOBODY, None, False)
    return replace(base, **changes)  # type: ignore[arg-type]


def thing(name: str) -> int:
    return [t.name for t in THINGS].index(name)


def test_there_are_enough_things_of_every_kind() -> None:
    assert len(THINGS) >= 120
    assert len({t.key for t in THINGS}) == len(THINGS)
    names = [n for t in THINGS for n in t.names]
    assert len(set(names)) == len(names)
    assert {t.kind for t in THINGS} >= {"animal", "food", "vehicle", "instrument", "tool", "plant"}
    assert all(place in PLACES for t in THINGS for _, place in joints(t))
    assert not any("eating" in w for t in THINGS if t.name == "beer" for w, _ in joints(t))


def test_held_out_scenes_are_a_tenth_and_never_seen() -> None:
    rng = random.Random(0)
    for part, wants in (("", (False, False)), ("tone", (True, False)), ("thing", (False, True))):
        draw = Drawer(PEOPLE, part)
        for _ in range(150):
            drawn = draw(rng)
            person = PEOPLE[drawn.person]
            hidden = hides_tone(person.role, person.gender, drawn.tone)
            apart = drawn.thing >= 0 and hides_thing(person.role, drawn.thing_name)
            assert (hidden, apart) == wants
    roles = [f"role {i}" for i in range(40)]
    shares = [
        np.mean([hides_tone(r, g, t) for r in roles for g in ("woman", "man") for t in ALL_TONES[:5]]),
        np.mean([hides_thing(r, t.name) for r in roles for t in THINGS]),
    ]
    assert all(0.07 < s < 0.13 for s in shares)


def test_portraits_neutral_drawings_and_yellow_are_never_held_out() -> None:
    assert not any(hides_tone("portrait", "woman", t) for t in ALL_TONES)
    assert not any(hides_tone(f"role {i}", "person", "dark") for i in range(50))
    assert not any(hides_thing("portrait", t.name) for t in THINGS)


@pytest.mark.parametrize("where", [*PLACES, ""])
def test_drawings_stay_in_the_picture(where: str) -> None:
    rng = random.Random(1)
    for _ in range(200):
        boxes = place_pair(where, rng)[:2] if where else (place_alone(rng),)
        for box in boxes:
            assert box.x - box.side / 2 > -0.13
            assert box.x + box.side / 2 < 1.13
            assert box.y - box.side / 2 > -0.13
            assert box.y + box.side / 2 < 1.13


def test_the_canonical_wording() -> None:
    assert plain(PEOPLE[2], scene()) == "a 3D sticker of a woman firefighter with dark skin on a blue background"
    pizza = scene(thing=thing("pizza"), words="holding", place="held", thing_box=NOBODY)
    assert plain(PEOPLE[2], pizza) == (
        "a 3D sticker of a woman firefighter with dark skin holding a pizza on a blue background"
    )
    bare = scene(style="noto", tone="yellow", background="white", thing=thing("cherries"), words="with")
    assert plain(PEOPLE[9], bare) == "a sticker of a man surfing with cherries"


def test_every_caption_says_style_thing_and_background() -> None:
    rng, draw = random.Random(2), Drawer(PEOPLE)
    for _ in range(600):
        drawn = draw(rng)
        text = caption(PEOPLE[drawn.person], drawn, rng)
        assert ("3D" in text) == (drawn.style == "3d")
        assert ("flat" in text) == (drawn.style == "flat")
        assert (f"{drawn.background} background" in text) or drawn.background == "white"
        if drawn.thing >= 0:
            assert any(n in text for n in THINGS[drawn.thing].names)
        assert len(text.split()) < 40
        assert "  " not in text


def test_place_size_and_mirror_are_not_said() -> None:
    rng = random.Random(3)
    one = scene(thing=thing("cat"), words="with", place="beside", thing_box=Box(0.2, 0.7, 0.5, False))
    other = replace(one, person_box=Box(0.7, 0.6, 0.6, True), thing_box=Box(0.3, 0.8, 0.4, True))
    state = rng.getstate()
    said = caption(PEOPLE[2], one, rng)
    rng.setstate(state)
    assert caption(PEOPLE[2], other, rng) == said


def test_answers_of_every_axis_have_a_class() -> None:
    values, rng, draw = axes(PEOPLE), random.Random(4), Drawer(PEOPLE)
    scenes = [draw(rng) for _ in range(50)]
    numbers = targets(PEOPLE, scenes, values)
    for i, drawn in enumerate(scenes):
        said = answers(PEOPLE[drawn.person], drawn)
        assert {a: values[a][int(n[i])] for a, n in numbers.items()} == said


@pytest.fixture(scope="module")
def drawings() -> Library:
    persons = np.stack([np.stack([np.stack([face(t, i) for t in range(6)])] * 3) for i in range(len(PEOPLE))])
    things = np.full((len(THINGS), 3, SIZE, SIZE, 4), 255, np.uint8)
    things[..., :3] = (10, 200, 10)
    masks = np.stack([[skin(persons[0, 0, :5])] * 3] * len(PEOPLE))
    return Library(tuple(PEOPLE), persons, things, masks)


def test_pictures_show_person_thing_and_background_where_the_scene_says(drawings: Library) -> None:
    box, corner = Box(0.25, 0.25, 0.5, False), Box(0.75, 0.75, 0.5, False)
    picture = compose(drawings, [scene(person_box=box, thing=0, thing_box=corner, thing_in_front=True)])[0]
    pixels = ((picture + 1) * 127.5).round().int().permute(1, 2, 0)
    assert pixels[5, 120].tolist() == list(BACKGROUNDS["blue"])
    assert pixels[96, 96].tolist() == [10, 200, 10]
    assert pixels[40, 32].tolist() == list(face(4)[80, 64, :3])


def test_what_is_behind_is_covered(drawings: Library) -> None:
    front = scene(thing=0, thing_box=NOBODY, thing_in_front=True)
    seen = compose(drawings, [front, replace(front, thing_in_front=False)])[:, :, 80, 64]
    assert not torch.allclose(seen[0], seen[1])
    assert torch.allclose(seen[1], torch.tensor(face(4)[80, 64, :3] / 127.5 - 1).float(), atol=0.01)


def test_mirrored_pictures_are_mirrored(drawings: Library) -> None:
    aside = Box(0.5, 0.5, 1.0, False)
    drawn = drawings.persons.copy()
    drawn[2, :, :, :, :64] = 0
    other = replace(drawings, persons=drawn)
    one, two = compose(other, [scene(person_box=aside), scene(person_box=replace(aside, mirrored=True))])
    torch.testing.assert_close(one, two.flip(-1), atol=1e-4, rtol=0)


def test_hair_of_another_tone_leaves_the_skin(drawings: Library) -> None:
    group, where = drawings.persons[2, 0], drawings.skin[2, 0]
    mixed = exchange_hair(group, where, 0, 4)
    assert np.array_equal(mixed[60:110, 30:100], group[0][60:110, 30:100])
    assert np.array_equal(mixed[20:44, 30:100], group[4][20:44, 30:100])
    assert np.array_equal(mixed[112:], group[0][112:])
