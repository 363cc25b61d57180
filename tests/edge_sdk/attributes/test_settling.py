"""What is left when findings are dealt with: whole sentences without the words, and no words of its own making."""

from __future__ import annotations

import re

import pytest

from ..door import released
from .asserting import hides, is_closed, is_readable

#: Words that settling may put in.
ITS_OWN = frozenset(("a", "an", "the", "person", "outfit", "head", "covering", "building", "pendant", "cap"))


def words(text: str) -> set[str]:
    """The words of a text."""
    return set(re.findall(r"[a-z]+", text.lower()))


@pytest.mark.parametrize(
    ("prompt", "gone", "result"),
    [
        ("a rabbi with a yarmulke and a long beard", ("rabbi", "yarmulke", "beard"), "a person with a cap"),
        ("a person in a kimono near a mosque", ("kimono", "mosque"), "a person in an outfit near a building"),
        ("a teacher in a sari with a bindi and gray hair", ("sari", "bindi", "gray"), "a teacher in an outfit"),
        ("a nurse in a dress with lipstick", ("dress", "lipstick"), "a nurse in an outfit"),
        ("a nurse with a hijab on a beach", ("hijab",), "a nurse with a head covering on a beach"),
        ("a person with a beard, smiling", ("beard",), "a person, smiling"),
        ("a farmer in a turban with a white beard", ("turban", "beard"), "a farmer in a head covering"),
        ("a pilot with a beard and a hat", ("beard",), "a pilot with a hat"),
        ("a bearded pilot in a hat", ("bearded",), "a pilot in a hat"),
        ("a pregnant nurse", ("pregnant",), "a nurse"),
        ("a dancer with long hair and lipstick", ("lipstick",), "a dancer with long hair"),
    ],
)
def test_saying_less_leaves_a_whole_sentence(prompt: str, gone: tuple[str, ...], result: str) -> None:
    sent = released(prompt, on_implied="generalise")
    assert sent.members == (result,)
    assert not any(is_readable(word, sent.members[0]) for word in gone)
    assert words(result) <= words(prompt) | ITS_OWN


@pytest.mark.parametrize(
    ("prompt", "gone", "true_member"),
    [
        ("a grandmother with gray hair and wrinkles", ("grandmother", "gray", "wrinkles"), "an old woman"),
        ("a nurse in a dress with lipstick", ("dress", "lipstick"), "a female nurse in an outfit"),
        ("a bearded pilot in a hat", ("bearded",), "a male pilot in a hat"),
        ("a nurse with a hijab on a beach", ("hijab",), "a Muslim nurse with a head covering on a beach"),
        ("a person with a beard, smiling", ("beard",), "a male person, smiling"),
        ("a pilot with a beard and a hat", ("beard",), "a male pilot with a hat"),
        ("a pregnant nurse", ("pregnant",), "a female nurse"),
        ("a pair of nuns", ("nuns",), "a pair of Christian women"),
        ("a nun with a rosary and a crucifix", ("nun", "rosary"), "a Christian woman with a pendant and a pendant"),
        ("a farmer in a turban with a white beard", ("turban",), "a Sikh male farmer in a head covering"),
    ],
)
def test_as_a_slot_the_axis_is_hidden(prompt: str, gone: tuple[str, ...], true_member: str) -> None:
    sent = hides(prompt, *gone, on_implied="slot")
    assert sent.true_member == true_member
    is_closed(sent)


def test_edits_touch_nothing_else() -> None:
    prompt = "a pilot with a beard, f/2.8, (masterpiece:1.2), --ar 3:4"
    sent = released(prompt, on_implied="generalise")
    assert sent.members == ("a pilot, f/2.8, (masterpiece:1.2), --ar 3:4",)
