"""Ages that words lead to, and words that name somebody of a religion or a nation by themselves."""

from __future__ import annotations

import pytest

from edge_sdk.errors import ImpliedError
from tests.edge_sdk.door import released


@pytest.mark.parametrize(
    "prompt",
    [
        "a man turning 80 next week",
        "a woman who turned 30 last month",
        "a woman just shy of forty",
        "a man close to 90",
        "a guy on the wrong side of 40",
        "a woman on the cusp of fifty",
        "a boy of nine",
        "a girl going on twelve",
        "a man born back in 1938",
        "a woman born on 3 May 1951",
        "a woman, DOB 1960",
        "a lady hitting her seventies",
        "a man about to hit 60",
    ],
)
def test_an_age_that_words_lead_to_is_hidden_whole(prompt: str) -> None:
    found = released(prompt)
    assert [a.name for a in found.grid.axes] == ["gender", "age"]
    assert found.template == "{a} {s0}"


@pytest.mark.parametrize(
    ("prompt", "stays"),
    [
        ("a mother of three", "of three"),
        ("a man in 30 degree heat", "in 30 degree heat"),
        ("a woman close to 40 people", "close to 40 people"),
        ("a man over 6 feet tall", "over 6 feet tall"),
        ("a woman at 5 in the morning", "at 5 in the morning"),
        ("a man on 42nd street", "on 42nd street"),
    ],
)
def test_a_number_that_is_no_age_stays(prompt: str, stays: str) -> None:
    assert released(prompt).template.endswith(stays)


@pytest.mark.parametrize("word", ["pope", "vicar", "archbishop", "clergyman", "missionary", "gendarme", "mountie"])
def test_who_names_a_faith_or_a_nation_needs_nobody_in_reach(word: str) -> None:
    with pytest.raises(ImpliedError, match=word):
        released(f"the {word} reads a letter")


def test_what_they_wear_goes_with_them() -> None:
    found = released("the pope on a balcony with a mitre", on_implied="generalise")
    assert found.members == ("the person on a balcony with a hat",)
    assert released("a miter saw on a bench").members == ("a miter saw on a bench",)


def test_whoever_is_solo_is_one_person() -> None:
    assert len(released("1girl, solo, 1girl, upper body").members) == 6
    assert len(released("1girl, 1girl, cafe").members) == 36  # as "1girl, 1boy", whose member it is
