"""Words joined by hyphens: those that speak of a person are read, those that speak of a thing or a manner stay."""

from __future__ import annotations

import itertools

import pytest

from edge_sdk.attributes import lexicon
from edge_sdk.attributes.matching import longest, tokens

from .asserting import hides, is_closed, stays


@pytest.mark.parametrize(
    ("prompt", "words", "true_member"),
    [
        ("a father-son duo", ("father", "son"), "a father-son duo"),
        ("a husband-and-wife team", ("husband", "wife"), "a husband-and-wife team"),
        ("a mother-daughter portrait", ("mother", "daughter"), "a mother-daughter portrait"),
        ("an all-male choir", ("male",), "an all-male choir"),
        ("a police-woman", ("woman", "police-woman"), "a policewoman"),
        ("a middle-aged plumber", ("middle-aged",), "an adult plumber"),
        ("a brother-in-law at a grill", ("brother-in-law",), "a brother-in-law at a grill"),
        ("a male-only club", ("male",), "a male-only club"),
        ("a wheelchair-using sister", ("sister", "wheelchair-using"), "a wheelchair-using sister"),
    ],
)
def test_parts_that_speak_of_a_person_are_read(prompt: str, words: tuple[str, ...], true_member: str) -> None:
    sent = hides(prompt, *words)
    assert sent.true_member == true_member
    is_closed(sent)


#: Adjectives of every axis; those that are also said of things were read before a space alone.
ADJECTIVES = (
    "black",
    "white",
    "brown",
    "pale",
    "asian",
    "muslim",
    "deaf",
    "blind",
    "old",
    "nigerian",
    "latin",
    "disabled",
)


@pytest.mark.parametrize("join", ["_", "-"])
@pytest.mark.parametrize("noun", ["woman", "child", "teacher", "boys"])
@pytest.mark.parametrize("adjective", ADJECTIVES)
def test_an_adjective_is_read_whatever_joins_it_to_its_person(adjective: str, noun: str, join: str) -> None:
    for prompt in (f"{adjective}{join}{noun}", f"photo{join}of{join}{adjective}{join}{noun}, solo"):
        is_closed(hides(prompt, adjective))


@pytest.mark.parametrize("thing", ["black_hat", "white-collar", "brown_boots", "blind-spot mirror", "brown-bear"])
def test_an_adjective_that_is_joined_to_a_thing_stays(thing: str) -> None:
    sent = hides(f"a man beside a {thing} poster")
    assert all(thing in member for member in sent.members)


@pytest.mark.parametrize(
    ("prompt", "word", "true_member"),
    [
        ("a Chinese-American teacher", "chinese-american", "a Chinese teacher"),
        ("a half-Japanese singer", "half-japanese", "a Japanese singer"),
    ],
)
def test_two_peoples_are_the_nearest_one(prompt: str, word: str, true_member: str) -> None:
    assert hides(prompt, word).true_member == true_member


@pytest.mark.parametrize(
    "prompt",
    [
        "a man-sized robot",
        "a man-made lake",
        "state-of-the-art kitchen",
        "a black-and-white photo",
        "old-fashioned lamp",
        "kid-friendly menu",
        "a Turkish-style carpet",
        "an age-old oak",
    ],
)
def test_compounds_of_things_stay(prompt: str) -> None:
    stays(prompt)


def test_hair_in_a_compound_stays_beside_the_person() -> None:
    sent = hides("a dark-haired girl", "girl")
    assert all(m.startswith("a dark-haired ") for m in sent.members)
    assert [a.name for a in sent.grid.axes] == ["gender", "age"]


def test_a_people_that_somebody_is_not_is_left_out() -> None:
    sent = hides("a non-Asian man", "asian", "non-asian", "man")
    assert sent.members == ("a woman", "a man")


def test_two_values_of_two_axes_are_no_phrase() -> None:
    """ "Muslim American" as one word would tell that member of "a Muslim Nigerian girl" apart from the others."""
    lex = lexicon()
    axis = {v.lower(): a for a in ("ethnicity", "nationality", "religion", "disability") for v in lex.forms[a].before}
    for one, other in itertools.permutations(axis, 2):
        found = longest(lex.phrases, tokens(f"{one} {other}"), 0) if axis[one] != axis[other] else None
        assert found is None or found[0] <= len(tokens(one).texts), f"{one} {other}"


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("a Muslim Nigerian girl", ("muslim", "nigerian", "girl")),
        ("a Black Kenyan woman", ("black", "kenyan", "woman")),
        ("a blind Thai man", ("blind", "thai", "man")),
    ],
)
def test_two_axes_before_one_noun(prompt: str, words: tuple[str, ...]) -> None:
    sent = hides(prompt, *words)
    assert sent.true_member == prompt
    is_closed(sent)
