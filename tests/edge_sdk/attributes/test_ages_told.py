"""Ages as people tell them: behind "is", about, in letters, by years of birth and school, by signs."""

from __future__ import annotations

import pytest

from .asserting import hides, is_closed, stays

TOLD = [
    ("he is 70 and she is 25", ["70", "25"]),
    ("she is 31 and he is 64", ["31", "64"]),
    ("a farmer who is 70", ["70"]),
    ("a nurse who is about fifty-five in a garden", ["fifty-five", "about"]),
    ("she's nearly eighty", ["eighty"]),
    ("I'm 25", ["25"]),
    ("they are elderly", ["elderly"]),
    ("a baker, about sixty", ["sixty", "about"]),
    ("a sailor, around forty, at sea", ["forty"]),
    ("a nurse, nearly seventy", ["seventy"]),
    ("a baker, ca. 50", ["50", "ca"]),
    ("a clerk, c. 35, at a desk", ["35"]),
    ("a chef, not yet thirty", ["thirty", "yet"]),
    ("a doctor, under 30", ["30", "under"]),
    ("a tailor, 30-40, in a shop", ["30", "40"]),
    ("a chef, age - 19", ["19"]),
    ("a chef, age: ~40", ["40"]),
    ("a plumber, age > 60", ["60"]),
    ("a plumber, age group 60-70", ["60", "70"]),
    (">60 baker", ["60"]),
    ("a miner, >60, with a lamp", ["60"]),
    ("an over-60 runner", ["60", "over"]),
    ("the over-60s dancing", ["60s"]),
    ("U18 footballer", ["18", "U18"]),
    ("a man, 60+, on a bench", ["60"]),
    ("a sixty-odd-year-old sailor", ["sixty", "odd"]),
    ("a one hundred year old baker", ["hundred"]),
    ("a 70yr man", ["70yr", "70"]),
    ("a baker (b. 1950)", ["1950"]),
    ("a singer, b. 1988", ["1988"]),
    ("a baker born in the 60s", ["60s"]),
    ("a baker born in '62", ["62"]),
    ("class of 1962 alumni", ["1962"]),
    ("class of '87 graduates", ["87"]),
    ("a 5th grader at a desk", ["5th"]),
    ("two third graders", ["third"]),
    ("a fifth-grade student", ["fifth"]),
    ("a pupil in 7th grade", ["7th"]),
    ("a sixth former", ["sixth"]),
    ("30, baker", ["30"]),
    ("a baker - 30 - tired", ["30"]),
    ("a boomer on a porch", ["boomer"]),
    ("an actor at 80", ["80"]),
    ("a baby, 3 months, asleep", ["months"]),
    ("a high school senior in a cap", ["senior", "high"]),
]


@pytest.mark.parametrize(("prompt", "words"), TOLD)
def test_ages(prompt: str, words: list[str]) -> None:
    sent = hides(prompt, *words)
    assert any(a.name.split(".")[0] == "age" for a in sent.domain.axes)
    is_closed(sent)


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("45M, baker", ["45M", "45"]),
        ("F32, nurse", ["F32", "32"]),
        ("me (25F) and my friend at a cafe", ["25F", "25"]),
        ("baker, 45/m", ["45", "m"]),
        ("baker, f, 30", ["f", "30"]),
        ("m, 40, surgeon", ["m", "40"]),
        ("baker, 25yo f", ["25yo", "f"]),
        ("nurse F 32", ["32", "F"]),
        ("[27M] guitarist on stage", ["27M"]),
    ],
)
def test_letters_and_numbers_say_gender_and_age(prompt: str, words: list[str]) -> None:
    sent = hides(prompt, *words)
    assert {a.name for a in sent.domain.axes} == {"gender", "age"}
    is_closed(sent)


@pytest.mark.parametrize(
    "prompt",
    [
        "the temperature is 70",
        "there is one in a million",
        "soldier, M16, helmet",
        "an F16 jet over a lake",
        "a, b, c, d, e, f, g, letters on a wall",
        "f/16, 50mm, a quiet lake",
        "a score of 21, scoreboard",
        "a highway, mile 70",
        "a street at 5 in the morning",
    ],
)
def test_numbers_that_are_no_ages(prompt: str) -> None:
    stays(prompt)


def test_two_that_pronouns_name_are_two() -> None:
    sent = hides("he is Muslim and she is Hindu", "Muslim", "Hindu", domains={"religion": ["Muslim", "Hindu"]})
    assert sent.true_member == "he is Muslim and a woman is Hindu"
