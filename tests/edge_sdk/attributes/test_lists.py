"""Words set off by commas, brackets and joining words: tag lists, portraits, one here and one there."""

from __future__ import annotations

import pytest

from .asserting import hides, is_closed, stays


@pytest.mark.parametrize(
    ("prompt", "words", "true_member"),
    [
        ("a woman, Asian, 30 years old", ("asian", "30"), "an adult woman, Asian"),
        ("1girl, korean, young", ("korean", "young"), "1 girl, Korean"),
        ("portrait, man, old, asian", ("man", "old", "asian"), "portrait, old man, Asian"),
        ("woman, young, african, red scarf", ("young", "african"), "adult woman, Black, red scarf"),
        ("runner, athletic, black, male, track", ("black", "male"), "runner, athletic, Black, male, track"),
        ("a black elegant lady", ("black", "lady"), "a Black elegant woman"),
        ("an old, wise, African man", ("old", "african"), "a wise, old Black man"),
        ("group of girls, african, red jacket, snow", ("girls", "african"), "group of girls, Black, red jacket, snow"),
        ("beautiful, young, woman, 8k", ("young", "woman"), "beautiful, adult woman, 8k"),
        ("1boy, solo, male focus, muslim, hat", ("muslim", "boy"), "1 boy, solo, male focus, Muslim, hat"),
        ("a tall, cheerful, deaf woman", ("deaf", "woman"), "a tall, cheerful, deaf woman"),
    ],
)
def test_a_word_set_off_belongs_to_its_person(prompt: str, words: tuple[str, ...], true_member: str) -> None:
    sent = hides(prompt, *words)
    assert sent.true_member == true_member


@pytest.mark.parametrize(
    "prompt", ["portrait, man, old, asian", "a woman, Asian, 30 years old", "runner, athletic, black, male, track"]
)
def test_a_list_is_one_set(prompt: str) -> None:
    is_closed(hides(prompt))


def test_brackets_behind_a_person() -> None:
    sent = hides("the doctor (female, Indian, 50s)", "female", "indian", "50s")
    assert {a.name for a in sent.grid.axes} == {"gender", "age", "nationality"}


def test_who_is_counted_is_somebody() -> None:
    sent = hides("three kids: one blind, one deaf, one in a wheelchair", "kids", "blind", "deaf")
    assert sent.template == "three {s0}: one {s1} person, one {s2} person, one {s3}"
    sent = hides("two women, one Black, one Asian", "women", "black", "asian")
    assert sent.template == "two {s0}, one {s1} person, one {s2} person"


def test_two_persons_of_one_axis_have_a_slot_each() -> None:
    sent = hides("a Black woman and an Asian woman in a hall", "black", "asian", "woman")
    assert {"ethnicity", "ethnicity.2"} <= {a.name for a in sent.grid.axes}
    assert sent.true_member == "a Black woman and an Asian woman in a hall"


@pytest.mark.parametrize(
    "prompt",
    [
        "a room, old, dusty",
        "old, black and white photo of a street",
        "cat, siamese, young",
        "a black and white cat",
        "masterpiece, best quality, old town, cobblestones",
        "white flowers, green leaves, old wall",
    ],
)
def test_lists_without_a_person_stay(prompt: str) -> None:
    stays(prompt)


def test_the_style_tail_stays_byte_for_byte() -> None:
    tail = ", red scarf, 35mm film, (masterpiece:1.2), [blurry], --ar 3:4"
    sent = hides(f"woman, young{tail}", "young")
    assert all(m.endswith(tail) for m in sent.members)
