"""Detection and rewriting of gender, age and skin tone in ordinary English."""

from __future__ import annotations

import pytest

from edge_sdk.attributes import detect

from .door import released


def found(prompt: str) -> list[tuple[str, str, str]]:
    return [(s.axis, s.surface, s.value) for s in detect(prompt)]


@pytest.mark.parametrize(
    ("prompt", "want"),
    [
        ("a woman firefighter", [("gender", "woman", "woman")]),
        ("a male nurse", [("gender", "male", "man")]),
        ("two ladies at a table", [("gender", "ladies", "woman")]),
        ("a girl", [("gender", "girl", "woman"), ("age", "girl", "child")]),
        ("an elderly man", [("age", "elderly", "old"), ("gender", "man", "man")]),
        ("a 7-year-old boy", [("age", "7-year-old", "child"), ("gender", "boy", "man"), ("age", "boy", "child")]),
        ("a kid with a ball", [("age", "kid", "child")]),
        ("a pilot, 80, in a park", [("age", "80", "old")]),
        ("a pilot, 1.5, in a park", []),
        ("portrait of a pilot (45)", [("age", "(45)", "adult")]),
        ("a red car, 50, on a road", []),
        ("an old person", [("age", "old", "old")]),
        ("an elderly firefighter", [("age", "elderly", "old")]),
        ("a nurse with her patient", [("gender", "her", "woman")]),
        ("a pilot with olive skin", [("skin_tone", "olive", "medium")]),
        ("a dark-skinned pilot", [("skin_tone", "dark", "dark")]),
        ("a pilot, medium-light skin tone", [("skin_tone", "medium-light", "medium-light")]),
        ("a pilot with a pale complexion", [("skin_tone", "pale", "light")]),
        ("the queen's crown", [("gender", "queen", "woman")]),
        ("Mrs. Claus", [("gender", "Mrs. Claus", "woman")]),
        ("Mr. Smith on a chair", [("gender", "Mr", "man")]),
    ],
)
def test_what_gives_an_attribute_away_is_found(prompt: str, want: list[tuple[str, str, str]]) -> None:
    assert found(prompt) == want
    assert all(prompt[s.start : s.end] == s.surface for s in detect(prompt))


@pytest.mark.parametrize(
    "prompt",
    [
        "a black cat on a white wall",
        "an old car in the old town",
        "a king penguin",
        "a queen bed with a brown blanket",
        "a firefighter on a dark background",
        "a light blue background",
        "a man-made lake",
        "an ancient city",
        "a teddy bear with a tan hat",
        "an adult coloring book",
        "a dark chocolate cake",
    ],
)
def test_other_senses_are_left_alone(prompt: str) -> None:
    assert detect(prompt) == []
    assert released(prompt).mechanism == "none"


@pytest.mark.parametrize(
    ("prompt", "members"),
    [
        ("a woman pilot", ["a woman pilot", "a man pilot"]),
        ("A lady and her dog.", ["A woman and her dog.", "A man and his dog."]),
        ("she looks at herself", ["she looks at herself", "he looks at himself"]),
        ("an actress", ["an actress", "an actor"]),
        ("the waiter's tray", ["the waitress's tray", "the waiter's tray"]),
        (
            "an old happy woman",
            [
                "a happy girl",
                "a happy adult woman",
                "a happy old woman",
                "a happy boy",
                "a happy adult man",
                "a happy old man",
            ],
        ),
        (
            "three old men",
            ["three girls", "three adult women", "three old women", "three boys", "three adult men", "three old men"],
        ),
        ("an old person", ["a child", "an adult person", "an old person"]),
        ("a man and a woman", ["a woman and a woman", "a woman and a man", "a man and a woman", "a man and a man"]),
        ("Girl", ["Girl", "Adult woman", "Old woman", "Boy", "Adult man", "Old man"]),
    ],
)
def test_members_are_grammatical_and_in_grid_order(prompt: str, members: list[str]) -> None:
    assert list(released(prompt).members) == members
