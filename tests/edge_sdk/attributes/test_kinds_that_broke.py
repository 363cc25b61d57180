"""Kinds of prompts that once went out garbled, in clear, or with a person lost."""

from __future__ import annotations

import pytest

from .asserting import hides, is_closed, stays


@pytest.mark.parametrize(
    ("prompt", "words", "true_member"),
    [
        ("1girl, 1boy, couple", ("girl", "boy"), "1 girl, 1 boy, couple"),
        ("a strong man", ("man",), "a strong man"),
        ("a group of 30-year-old men", ("30", "men"), "a group of adult men"),
        ("an African-born chef", ("african",), "a Black chef"),
        ("a Black and an Asian woman in a hall", ("black", "asian"), "a Black person and an Asian woman in a hall"),
        ("an old and a young man", ("old", "young"), "an old person and an adult man"),
        ("white shirt, man", ("man",), "white shirt, man"),
        ("brown eyes, man", ("man",), "brown eyes, man"),
    ],
)
def test_nothing_is_lost_or_garbled(prompt: str, words: tuple[str, ...], true_member: str) -> None:
    sent = hides(prompt, *words)
    assert sent.true_member == true_member
    is_closed(sent)


def test_a_people_looking_at_something_is_a_person() -> None:
    sent = hides("a German looking at a clock", "german")
    assert sent.true_member == "a German person looking at a clock"


@pytest.mark.parametrize(
    "prompt", ["an old Chinese house", "a dog with black fur, brown eyes", "white shirt on a line"]
)
def test_colours_and_ages_of_things_stay(prompt: str) -> None:
    stays(prompt)
