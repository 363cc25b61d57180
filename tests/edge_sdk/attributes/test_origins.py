"""Origins and faiths told in a phrase; where a thing comes from, or where somebody is, is scenery."""

from __future__ import annotations

import pytest

from .asserting import hides, is_closed, stays


@pytest.mark.parametrize(
    ("prompt", "word", "true_member"),
    [
        ("a chef born in Mexico", "mexico", "a chef from Mexico"),
        ("a nurse with Korean roots", "korean", "a nurse from Korea"),
        ("a Tokyo-born chef", "tokyo", "a Japanese chef"),
        ("an immigrant from Ghana", "ghana", "a person from Ghana"),
        ("a chef hailing from Vietnam", "vietnam", "a chef from Vietnam"),
        ("a tourist from Mumbai", "mumbai", "a tourist from India"),
        ("a nurse of Nigerian descent", "nigerian", "a nurse from Nigeria"),
        ("a woman of Irish heritage", "irish", "a woman from Ireland"),
        ("a farmer raised in Peru", "peru", "a farmer from Peru"),
        ("a woman native to Brazil", "brazil", "a woman from Brazil"),
        ("a family with roots in Ghana", "ghana", "a family from Ghana"),
    ],
)
def test_an_origin_is_a_nationality(prompt: str, word: str, true_member: str) -> None:
    sent = hides(prompt, word)
    assert sent.true_member == true_member
    assert "nationality" in {a.name for a in sent.grid.axes}


@pytest.mark.parametrize(
    ("prompt", "word", "true_member"),
    [
        ("a follower of Buddhism", "buddhism", "a person of the Buddhist faith"),
        ("a believer in Hinduism", "hinduism", "a person of the Hindu faith"),
    ],
)
def test_a_faith_told_in_a_phrase(prompt: str, word: str, true_member: str) -> None:
    sent = hides(prompt, word)
    assert sent.true_member == true_member
    assert len(sent.members) == 6
    is_closed(sent)


def test_ancestry_is_ethnicity_and_closed() -> None:
    sent = hides("a dancer of African ancestry", "african")
    assert sent.true_member == "a dancer of Black descent"
    is_closed(sent)


@pytest.mark.parametrize("prompt", ["a chef born in Mexico", "a nurse with Korean roots"])
def test_an_origin_is_one_set(prompt: str) -> None:
    is_closed(hides(prompt))


@pytest.mark.parametrize(
    "prompt",
    [
        "a vase from China",
        "a train from Paris to Lyon",
        "a city in Japan",
        "a French horn on a table",
        "a cheese from Switzerland",
        "a Turkish-style carpet",
        "tea, chinese, cup",
        "Jordan river at dawn",
    ],
)
def test_things_have_no_nationality(prompt: str) -> None:
    stays(prompt)


def test_a_place_is_scenery_where_somebody_only_is_there() -> None:
    sent = hides("a girl in Tokyo")
    assert all(m.endswith(" in Tokyo") for m in sent.members)
    assert [a.name for a in sent.grid.axes] == ["gender", "age"]
