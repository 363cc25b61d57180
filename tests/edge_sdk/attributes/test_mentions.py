"""Who is meant: one person named several times, two of a kind, an age before a role, words that are nobody."""

from __future__ import annotations

import pytest

from edge_sdk.errors import ImpliedError, PrivacyError

from ..door import released
from .asserting import is_closed


@pytest.mark.parametrize(
    ("prompt", "first", "last"),
    [
        (
            "1 boy, mid shot, portrait of a girl, x",
            "1 girl, mid shot, portrait of a girl, x",
            "1 old man, mid shot, portrait of a man, x",
        ),
        (
            "solo, male focus, 1boy, serious",
            "solo, female focus, 1 girl, serious",
            "solo, male focus, 1 old man, serious",
        ),
        ("9yo, 1girl, child, solo", "1 girl, solo", "1 old man, solo"),
        (
            "fantasy, man elvish sorcerer portrait",
            "fantasy, woman elvish sorceress portrait",
            "fantasy, man elvish sorcerer portrait",
        ),
        (
            "photo of a tall woman, dirty peasant girl",
            "photo of a tall girl, dirty peasant girl",
            "photo of a tall old man, dirty peasant man",
        ),
        (
            "1girl, portrait of paladin lady in armor",
            "1 girl, portrait of paladin girl in armor",
            "1 old man, portrait of paladin man in armor",
        ),
        (
            "photo of (a sks woman:1) as (warrior woman)",
            "photo of (a sks woman:1) as (warrior woman)",
            "photo of (a sks man:1) as (warrior man)",
        ),
        ("a man, handsome man, strong jaw", "a woman, handsome woman, strong jaw", "a man, handsome man, strong jaw"),
    ],
)
def test_mentions_in_a_list_are_one_person(prompt: str, first: str, last: str) -> None:
    sent = released(prompt)
    assert (sent.members[0], sent.members[-1]) == (first, last)
    is_closed(sent)


@pytest.mark.parametrize(
    ("prompt", "persons"),
    [
        ("1girl, 1boy, couple", 2),
        ("man in black, woman in white", 2),
        ("a woman, a man and a dog on the beach", 2),
        ("portrait of a woman with a man beside her", 2),
        ("A woman, man, and two children.", 3),
    ],
)
def test_what_says_that_there_are_several_keeps_them_apart(prompt: str, persons: int) -> None:
    sent = released(prompt)
    owners = {axis.name.partition(".")[2] or "1" for axis in sent.domain.axes}
    assert len(owners) == persons
    is_closed(sent)


@pytest.mark.parametrize(
    ("prompt", "template"),
    [
        ("A man and woman kiss in the street.", "{A} {s0} and {a} {s1} kiss in the street."),
        ("A group of boys and girls sit and talk", "A group of {s0} sit and talk"),
        ("men and women working", "people working"),
        ("male and female students in a hall", "students in a hall"),
        ("a brother and sister duo on stage", "a sibling duo on stage"),
        ("The man is here. The man waits. The woman laughs.", "The {s0} is here. The {s1} waits. {A} {s2} laughs."),
        ("The man in shorts and the woman walk.", "The {s0} in shorts and the {s1} walk."),
    ],
)
def test_two_of_a_kind_are_said_as_they_can_be_filled(prompt: str, template: str) -> None:
    sent = released(prompt)
    assert sent.template == template
    is_closed(sent)


@pytest.mark.parametrize(
    ("prompt", "members"),
    [
        (
            "an elf girl",
            (
                "an elf girl",
                "an adult elf woman",
                "an old elf woman",
                "an elf boy",
                "an adult elf man",
                "an old elf man",
            ),
        ),
        ("an old African cyborg", ("a school-aged Asian cyborg",)),
        ("young female, mage", ("school-aged female, mage",)),
        ("a boy shows his sister a frog he found", ("a girl shows her sister a frog she found",)),
        (
            "Her vaguely humanoid body is woven",
            ("Her vaguely humanoid body is woven", "His vaguely humanoid body is woven"),
        ),
        ("a person who has just turned 18", ("a child", "an adult person", "an old person")),
        ("a woman in her 20s or 30s", ("a girl",)),
        ("a commander his late twenties", ("a commander in her teens",)),
    ],
)
def test_members_are_grammatical(prompt: str, members: tuple[str, ...]) -> None:
    sent = released(prompt)
    assert sent.members[: len(members)] == members
    is_closed(sent)


@pytest.mark.parametrize(
    "prompt",
    [
        "a lizard with dark skin",
        "a king penguin with its chick on ice",
        "a red, white and blue flag on a white and gold wall",
        "mahou shoujo logo",
        "80s, neon city, synthwave",
        "<lora:film_SD1.5:0.6>, room, bed",
    ],
)
def test_nobody_is_made_of_things(prompt: str) -> None:
    sent = released(prompt)
    assert (sent.mechanism, sent.members) == ("none", (prompt,))


@pytest.mark.parametrize(
    ("prompt", "kept"),
    [
        ("a woman in a red, white and blue bathing suit", "red, white and blue"),
        ("A man in a short Mohawk", "short Mohawk"),
        ("a man, textured hair, brown, anger", "hair, brown, anger"),
        ("night, dark, 1girl", "night, dark,"),
        ("(First person view), 1girl", "(First person view)"),
        ("a person with purple hair, long white hair", "long white hair"),
        ("an italian renaissance lady", "renaissance"),
    ],
)
def test_things_beside_a_person_stay(prompt: str, kept: str) -> None:
    sent = released(prompt)
    assert kept in sent.template
    is_closed(sent)


@pytest.mark.parametrize(
    ("prompt", "word"),
    [
        ("a witch over a cauldron", "witch"),
        ("1girk, maid", "girk"),
        ("1other, brown skin", "other"),
        ("an immigrant family from Vietnam", "immigrant"),
        ("warrior princess, nubian, gold armor", "nubian"),
        ("1girl, (korean mixed, idol:1.2)", "korean"),
        ("portrait of a man by the sea, japanese features, black hair", "japanese"),
    ],
)
def test_what_went_out_in_clear_is_hidden(prompt: str, word: str) -> None:
    sent = released(prompt)
    assert word not in sent.template.lower()
    assert not all(word in member.lower() for member in sent.members)
    is_closed(sent)


@pytest.mark.parametrize(("prompt", "member"), [("1girl, 62 years old", "1 adult woman"), ("1girl, 9yo", "1 girl")])
def test_a_number_of_years_set_off_is_believed_before_the_habit_of_tags(prompt: str, member: str) -> None:
    assert released(prompt).true_member == member


def test_a_garment_far_from_its_owner_says_less_where_the_gender_is_hidden() -> None:
    assert released("1girl, solo, people in the background, red dress").template.endswith("background, red outfit")
    with pytest.raises(ImpliedError, match="'bra'"):
        released("a man and a person with a bra")


def test_a_refusal_names_the_words_where_one_member_parts_from_the_others() -> None:
    with pytest.raises(PrivacyError, match=r"near 'a latin american'"):
        released("a latin american with an olive complexion in their eighties")
