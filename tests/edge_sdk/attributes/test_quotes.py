"""Text to be drawn is public where nobody else is in the prompt, and read like the rest beside a person."""

from __future__ import annotations

import pytest

from .asserting import hides, is_closed, stays


@pytest.mark.parametrize(
    "prompt",
    [
        'a sign that says "BOYS"',
        'a sign that reads "OH GOD"',
        'a poster with the words "Old Men"',
        'a neon sign "GIRLS GIRLS GIRLS" over a bar',
        'a book titled "The Old Man and the Sea"',
        'a mug that reads "best dad"',
        'a cake with the text "HAPPY BIRTHDAY GRANDMA"',
    ],
)
def test_text_to_be_drawn_stays(prompt: str) -> None:
    stays(prompt)


def test_beside_a_person_it_is_read() -> None:
    sent = hides('a woman holding a sign that says "old man"', "old", "woman")
    assert sent.true_member == 'a woman holding a sign that says "old man"'
    assert {"gender", "gender.2", "age.2"} <= {a.name for a in sent.grid.axes}
    is_closed(sent)


def test_quotes_alone_do_not_hide_a_person() -> None:
    sent = hides('a "black woman" in a park', "black", "woman")
    assert sent.true_member == 'a "Black woman" in a park'
