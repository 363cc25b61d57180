"""Idioms, abbreviations, limbs, feasts and codes of colours: each says something, and none goes out unsaid."""

from __future__ import annotations

import pytest

from edge_sdk.errors import ImpliedError

from .asserting import hides, is_closed, refuses, stays


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("a man blind as a bat", ["blind", "bat"]),
        ("a baker, deaf as a post", ["deaf", "post"]),
        ("a baker as deaf as a doornail", ["deaf", "doornail"]),
        ("a baker black as coal", ["black", "coal"]),
        ("a nurse white as a sheet", ["white", "sheet"]),
        ("a girl pale as a ghost", ["pale", "ghost"]),
        ("a sailor brown as a berry", ["brown", "berry"]),
        ("a man old as the hills", ["old", "hills"]),
        ("a runner, blind since birth", ["blind"]),
        ("a potter, deaf from birth", ["deaf"]),
        ("a soldier minus one arm", ["arm"]),
        ("a soldier short of his left hand", ["hand"]),
        ("a sailor with her right leg missing", ["leg"]),
        ("a diver sans two fingers", ["fingers"]),
        ("a pilot who lost both legs", ["legs"]),
        ("a Special Olympics runner", ["Special"]),
        ("a paralympic swimmer", ["paralympic"]),
    ],
)
def test_idioms_and_limbs(prompt: str, words: list[str]) -> None:
    is_closed(hides(prompt, *words))


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("surgeon w/ dark skin", ["dark"]),
        ("a man w/o legs", ["legs"]),
        ("a woman w/ a white cane", ["cane"]),
        ("nurse w/ Down syndrome", ["Down"]),
        ("a guy w/hearing aids", ["hearing"]),
        ("a woman with d4rk sk1n", ["d4rk"]),
        ("a m4n w1th p4le skin", ["m4n", "p4le"]),
    ],
)
def test_abbreviations_and_digits_for_letters(prompt: str, words: list[str]) -> None:
    is_closed(hides(prompt, *words))


@pytest.mark.parametrize(
    ("prompt", "tone"),
    [
        ("a baker, skin #8d5524", "medium-dark"),
        ("a baker, skin tone: #f1c27d", "medium-light"),
        ("a woman with #ffe0bd skin", "light"),
        ("a nurse with skin rgb(60, 40, 30)", "dark"),
        ("a #c68642-skinned pilot", "medium"),
        ("a pilot, skin color (#fff)", "light"),
    ],
)
def test_codes_of_colours(prompt: str, tone: str) -> None:
    sent = hides(prompt, "#8d5524", "#f1c27d", "#ffe0bd", "#c68642", "rgb", "#fff")
    assert f" {tone}" in f" {sent.true_member.replace(':', '')}"
    is_closed(sent)


def test_codes_that_no_skin_has_stay() -> None:
    stays("a #8d5524 sofa, skin of an orange")
    stays("b/w photo of a lake")


@pytest.mark.parametrize(
    ("prompt", "word"),
    [
        ("a Diwali family", "Diwali"),
        ("pilgrims at Mecca", "Mecca"),
        ("a couple at Eid", "Eid"),
        ("a boy lighting Hanukkah candles", "Hanukkah"),
        ("a baker at her 80th birthday", "80th birthday"),
        ("a dancer at her quinceañera", "quinceañera"),
    ],
)
def test_feasts_are_asked_about_where_somebody_is(prompt: str, word: str) -> None:
    refuses(prompt, ImpliedError, word)


def test_feasts_without_anybody_stay() -> None:
    stays("Diwali lamps on a table")
    stays("a poster for the 80th birthday")
