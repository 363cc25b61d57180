"""Groups named again, colours of things, and compounds that give nothing away."""

from __future__ import annotations

import pytest

from edge_sdk.privacy import Privacy, release
from tests.edge_sdk.door import released


@pytest.mark.parametrize(
    ("prompt", "last"),
    [
        ("Three women stand, one of the women is in a hole.", "Three men stand, one of the men is in a hole."),
        ("Two women sit. The women wear helmets.", "Two men sit. The men wear helmets."),
        ("Two women sit. The men wave.", "Two men sit. Some men wave."),
        ("goddess princess face", "god prince face"),
        ("A woman sits. The dog is white and fluffy.", "A man sits. The dog is white and fluffy."),
        ("flowers add a touch of color to the room, a woman", "flowers add a touch of color to the room, a man"),
        ("a woman in a dress shirt", "a man in a dress shirt"),
        ("a woman, white hair flower", "a man, white hair flower"),
        ("a woman with a baby bather", "a man with a baby bather"),
        ("1girl, {{teenage}}, smile", "1 old man, smile"),
    ],
)
def test_members_fit(prompt: str, last: str) -> None:
    assert release(prompt, Privacy()).members[-1] == last


def test_another_group_is_its_own() -> None:
    assert len(release("Two women sit. The men wave.", Privacy()).members) == 4
    assert len(release("Two women sit. The women wave.", Privacy()).members) == 2


def test_persons_are_still_described() -> None:
    assert len(release("a woman of color", Privacy()).members) == 12
    assert "black" not in release("the man in the chair is black", Privacy()).template


def test_pale_beside_coloured_hair_is_skin() -> None:
    assert "pale" not in release("portrait of a young woman, red hair, pale, natural light", Privacy()).template


@pytest.mark.parametrize("prompt", ["japan girl, snow", "a tokyo girl", "an asia woman", "portrait of a ukraine man"])
def test_a_place_before_a_person_is_an_origin_without_its_capital(prompt: str) -> None:
    found = released(prompt)
    assert {a.name for a in found.grid.axes} & {"nationality", "ethnicity"}
    assert not any(place in found.template for place in ("japan", "tokyo", "asia", "ukraine"))


@pytest.mark.parametrize("prompt", ["a nice girl", "a reading girl", "a bath, a girl", "tokyo street at night"])
def test_what_is_a_word_too_needs_its_capital(prompt: str) -> None:
    assert not {a.name for a in released(prompt).grid.axes} & {"nationality", "ethnicity"}


@pytest.mark.parametrize(
    "prompt", ["a man standing, his hat is black", "the man's car is white", "a woman, her hair is black"]
)
def test_the_colour_of_what_somebody_owns_is_nobodys(prompt: str) -> None:
    assert [a.name for a in released(prompt).grid.axes] == ["gender"]


def test_the_colour_of_skin_is_somebodys() -> None:
    assert "skin_tone" in [a.name for a in released("a man whose skin is black").grid.axes]


def test_bounds_of_an_age_go_with_it() -> None:
    assert released("a man up to 80 years old").template == "{a} {s0}"
    assert released("a woman at least 40 years old, smiling").template == "{a} {s0}, smiling"


def test_a_word_of_no_gender_beside_one_that_has_no_neutral_form() -> None:
    """The gender cannot be unsaid then, and the person's choice is a value that is left (it crashed)."""
    found = release("kidlet, ((roadman)), 1girl", Privacy(mechanism="cover", unspecified=True))
    assert found.true_member == "boy, ((roadman)), 1boy"
