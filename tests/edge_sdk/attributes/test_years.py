"""Ages in numbers: whatever form they have, the number is not sent, and the age that it means is drawn."""

from __future__ import annotations

import pytest

from .asserting import hides, is_closed, stays


@pytest.mark.parametrize(
    ("prompt", "word", "true_member"),
    [
        ("a 30-year-old man at a desk", "30", "an adult man at a desk"),
        ("a man in his mid-forties", "forties", "an adult man"),
        ("a woman, mid 40s, at a desk", "40s", "an adult woman, at a desk"),
        ("a woman, age: 25", "25", "an adult woman"),
        ("a man pushing 70", "70", "an old man"),
        ("a man nearing eighty", "eighty", "an old man"),
        ("a lady well over 60", "60", "an adult woman"),
        ("a man of sixty", "sixty", "an adult man"),
        ("a man born in 1950", "1950", "an old man"),
        ("a man, 80, in a park", "80", "an old man, in a park"),
        ("a woman (45)", "45", "an adult woman"),
        ("a woman of about 60 years", "60", "an adult woman"),
        ("a 20 to 30 years old woman", "20", "an adult woman"),
        ("a thirtyish man", "thirtyish", "an adult man"),
        ("a 30-something woman", "30", "an adult woman"),
        ("a 2 5 yo woman", "5", "an adult woman"),
        ("an 18 y/o boy", "18", "a boy"),
        ("a 16 y.o. girl", "16", "a girl"),
        ("a 6 months old baby", "6", "a child"),
        ("woman, 35 years old, smile", "35", "adult woman, smile"),
        ("a 40ish plumber", "40ish", "an adult plumber"),
        ("two 8-year-olds", "8", "two children"),
        ("a man aged 71 with a dog", "71", "an old man with a dog"),
        ("a 7yo boy on a swing", "7yo", "a boy on a swing"),
    ],
)
def test_a_number_of_years_is_an_age(prompt: str, word: str, true_member: str) -> None:
    sent = hides(prompt, word)
    assert sent.true_member == true_member
    is_closed(sent)


@pytest.mark.parametrize(
    ("prompt", "ages"),
    [
        ("a nurse aged 40", {"a nurse aged 10", "a nurse aged 40", "a nurse aged 75"}),
        ("a plumber, aged 66", {"a plumber, aged 10", "a plumber, aged 40", "a plumber, aged 75"}),
        ("twenty-five-year-old dancer", {"child dancer", "adult dancer", "old dancer"}),
    ],
)
def test_members_of_a_role_differ_in_the_age_alone(prompt: str, ages: set[str]) -> None:
    assert set(hides(prompt).members) == ages


def test_two_persons_keep_the_age_of_each() -> None:
    sent = hides("a woman, 60, and a man, 30", "60", "30")
    assert sent.true_member == "an adult woman, and an adult man"
    assert len(sent.members) == 36


@pytest.mark.parametrize(
    "prompt",
    [
        "an 80% discount sign",
        "a castle aged 400 years",
        "a car born in 1950",
        "a 150-year-old tree",
        "photo of the 30-year-old bridge",
        "a 90s poster",
        "shot on 35mm film, 24mm lens",
        "a table with 80 balloons",
        "a street in 1950, 4k",
    ],
)
def test_numbers_of_things_are_no_ages(prompt: str) -> None:
    stays(prompt)


@pytest.mark.parametrize("rest", ["1.80 m tall", "with 80 balloons", ", 24mm lens", ", 80% grey"])
def test_other_numbers_beside_a_person_stay(rest: str) -> None:
    sent = hides(f"a man {rest}".replace(" ,", ","))
    assert [a.name for a in sent.grid.axes] == ["gender"]
    assert all(m.endswith(rest) for m in sent.members)


def test_the_time_of_a_picture_is_no_age() -> None:
    sent = hides("in the late 50s, a man with a car")
    assert sent.members == ("in the late 50s, a woman with a car", "in the late 50s, a man with a car")
