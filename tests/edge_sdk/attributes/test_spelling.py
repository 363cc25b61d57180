"""Words of the lexicon written otherwise: one slip of the pen, digits for letters, accents. Ordinary words are none."""

from __future__ import annotations

import pytest

from .asserting import hides, is_closed, stays


@pytest.mark.parametrize(
    ("prompt", "word", "true_member"),
    [
        ("an afircan man", "afircan", "a Black man"),
        ("a famale doctor", "famale", "a female doctor"),
        ("a granmother knitting", "granmother", "a grandmother knitting"),
        ("an eldery man on a bench", "eldery", "an old man on a bench"),
        ("a beatiful womman in a hat", "womman", "a beatiful woman in a hat"),
        ("a muslm girl", "muslm", "a Muslim girl"),
        ("a hispnaic worker", "hispnaic", "a Hispanic worker"),
        ("a teenger on a bike", "teenger", "a child on a bike"),
        ("a jewsh tailor", "jewsh", "a Jewish tailor"),
    ],
)
def test_one_slip_of_the_pen(prompt: str, word: str, true_member: str) -> None:
    sent = hides(prompt, word)
    assert sent.true_member == true_member


@pytest.mark.parametrize(
    ("prompt", "word", "true_member"),
    [
        ("an 0ld man in a park", "0ld", "an old man in a park"),
        ("a f3male doctor", "f3male", "a female doctor"),
        ("a w0m@n in a hall", "w0m@n", "a woman in a hall"),
        ("a b1ack man", "b1ack", "a Black man"),
        ("an éldérly man", "éldérly", "an old man"),
        ("a sen\u0303ora at a table", "sen\u0303ora", "a señora at a table"),
    ],
)
def test_digits_and_accents_for_letters(prompt: str, word: str, true_member: str) -> None:
    sent = hides(prompt, word)
    assert sent.true_member == true_member
    is_closed(sent)


@pytest.mark.parametrize(
    ("slip", "right"),
    [
        ("an afircan worker", "an african worker"),
        ("a famale doctor", "a female doctor"),
        ("an eldery man on a bench", "an elderly man on a bench"),
        ("an 0ld man in a park", "an old man in a park"),
    ],
)
def test_the_slip_gives_the_request_of_the_word(slip: str, right: str) -> None:
    assert hides(slip).request(seed=0).to_bytes() == hides(right).request(seed=0).to_bytes()


@pytest.mark.parametrize(
    "prompt",
    [
        "a block of wood on a table",
        "a bland soup",
        "crisp lettuce in a bowl",
        "a polished floor",
        "rising sun",
        "4k photo of a castle",
        "a fellow astronaut",
        "café table, two cups",
        "a kindle on a desk",
    ],
)
def test_ordinary_words_are_no_slips(prompt: str) -> None:
    stays(prompt)
