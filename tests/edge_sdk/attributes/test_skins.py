"""Tones said of skin, in every order of words; tones of things stay."""

from __future__ import annotations

import pytest

from .asserting import hides, is_closed, stays


@pytest.mark.parametrize(
    ("prompt", "word", "true_member"),
    [
        ("a person with dark skin", "dark", "a person with dark skin"),
        ("a woman with dark, glowing skin", "dark", "a woman with dark, glowing skin"),
        ("a man, dark_skin", "dark", "a man, dark_skin"),
        ("a girl whose skin colour is very dark", "dark", "a girl whose skin colour is dark"),
        ("a woman, skin tone: olive", "olive", "a woman, skin tone: medium"),
        ("1girl, dark-skinned, beach", "dark", "1 girl, dark-skinned, beach"),
        ("a person with skin as dark as night", "night", "a person with dark skin"),
        ("a girl with skin like porcelain", "porcelain", "a girl with light skin"),
        ("a Fitzpatrick type VI model", "fitzpatrick", "a dark-skinned model"),
        ("a pale pilot", "pale", "a light-skinned pilot"),
        ("a woman with ebony skin", "ebony", "a woman with dark skin"),
        ("a man with deep brown skin, laughing", "brown", "a man with dark skin, laughing"),
        ("an ebony beauty on the beach", "ebony", "a dark-skinned beauty on the beach"),
        ("a caramel woman", "caramel", "a medium-dark-skinned woman"),
        ("a chocolate girl laughing", "chocolate", "a dark-skinned girl laughing"),
        ("a light brown woman in a park", "light brown", "a medium-light-skinned woman in a park"),
        ("two dark chocolate girls", "dark chocolate", "two dark-skinned girls"),
        ("a dark olive grandmother", "olive", "a medium-dark-skinned grandmother"),
        ("a pale golden boy", "golden", "a medium-light-skinned boy"),
        ("a jet black dancer", "jet black", "a dark-skinned dancer"),
        ("dark_skin, 1girl", "dark", "dark_skin, 1 girl"),
    ],
)
def test_a_tone_of_skin_is_hidden(prompt: str, word: str, true_member: str) -> None:
    sent = hides(prompt, word)
    assert sent.true_member == true_member
    assert "skin_tone" in {a.name for a in sent.grid.axes}
    is_closed(sent)


def test_two_persons_have_a_tone_each() -> None:
    sent = hides("a pale-skinned boy and a dark-skinned girl", "pale", "dark")
    assert sent.true_member == "a light-skinned boy and a dark-skinned girl"
    assert {"skin_tone", "skin_tone.2"} <= {a.name for a in sent.grid.axes}


@pytest.mark.parametrize(
    "rest", ["in a dark skin-tight suit", "with a tan hat", "with a brown dog", "in front of a pale wall"]
)
def test_tones_of_things_beside_a_person_stay(rest: str) -> None:
    sent = hides(f"a man {rest}")
    assert sent.members == (f"a woman {rest}", f"a man {rest}")


@pytest.mark.parametrize(
    "prompt",
    [
        "a wall painted in medium brown",
        "a tan leather sofa",
        "a pale moon over a dark forest",
        "gradient light blue, brown and white",
        "a fair on a village green",
        "a chocolate baker in a kitchen",
        "a brown accessory on a table",
        "dark chocolate on a light brown table",
        "a jet black horse",
    ],
)
def test_colours_of_things_are_no_tones(prompt: str) -> None:
    stays(prompt)
