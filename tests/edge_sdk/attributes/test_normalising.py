"""Weights, wildcards, model tags, emoji, composed letters: what is rewritten before reading, and what is refused."""

from __future__ import annotations

import re

import pytest

from edge_sdk.errors import ImpliedError, InputError

from ..door import released
from .asserting import hides, is_closed, refuses, stays


@pytest.mark.parametrize(
    ("prompt", "words", "true_member"),
    [
        ("(old:1.2) man++, suit", ("1.2",), "old man++, suit"),
        ("a (((black))) (((man))) with a hat", ("black", "man"), "a (((Black))) (((man))) with a hat"),
        ("a [[elderly]] ((lady)) with a dog", ("elderly", "lady"), "an ((old woman)) with a dog"),
        ("a (woman:1.1), (african:1.3), red headwrap", ("african",), "a (woman:1.1), (Black:1.3), red headwrap"),
        ("<lora:asianFace:0.6> portrait of a woman", ("asianface", "asian"), "portrait of a woman"),
        ("old_woman, garden", ("old", "woman"), "old woman, garden"),
        ("a cat BREAK an old man", ("old", "man"), "a cat BREAK an old man"),
    ],
)
def test_weights_stay_and_tags_of_persons_go(prompt: str, words: tuple[str, ...], true_member: str) -> None:
    sent = hides(prompt, *words)
    assert sent.true_member == true_member
    is_closed(sent)


@pytest.mark.parametrize(
    ("prompt", "template"),
    [
        ("(1girl:1.2), ((black dog)) , x", "(1 {s0}:1.2), ((black dog)) , x"),
        ("a (black:1.2) (man:1.1) , x", "{a} ({s0}:1.2) ({s1}:1.1) , x"),
        ("(1boy:0), solo  ,, 8k", "(1 {s0}:0), solo  ,, 8k"),
        ("a (25 year old:1.2) pilot", "{a} ({s0}:1.2) pilot"),
        ("a (25 year old:1.2) woman", "{a} {s0}"),
        ("  a  castle ,  wide   shot,, ", "  a  castle ,  wide   shot,, "),
        ("a man  at sea , ( wide )", "{a} {s0}  at sea , ( wide )"),
        ("an {old|young} {man|woman} , bar", "{a} {s0} , bar"),
    ],
)
def test_what_is_not_hidden_stays_byte_for_byte(prompt: str, template: str) -> None:
    sent = released(prompt)
    assert sent.template == template
    assert all(between in member for member in sent.members for between in re.split(r"\{\w+\}", template))
    is_closed(sent)


def test_a_garment_in_brackets_says_less_and_keeps_its_weight_and_colour() -> None:
    assert released("1girl, (elegant red dress:1.2) ,x").template == "1 {s0}, (elegant red outfit:1.2) ,x"


def test_a_wildcard_of_two_values_is_two_slots() -> None:
    sent = hides("a [mexican|swedish] girl", "mexican", "swedish")
    assert sent.template == "{a} [{s0}|{s1}] {s2}"


@pytest.mark.parametrize(
    "rest", [" --ar 3:4 --v 5", ", (smiling:1.1)", ", [blurry], (detailed:1.3)", ", <lora:detailTweaker:0.5>"]
)
def test_weights_of_other_things_stay(rest: str) -> None:
    sent = hides(f"a man{rest}")
    assert sent.members == (f"a woman{rest}", f"a man{rest}")


@pytest.mark.parametrize(
    "prompt",
    [
        "a castle, (detailed:1.3), [blurry]",
        "a ((castle)) on a [hill]",
        "<lora:detailTweaker:0.5> a castle",
        "a 🐱 on a sofa",
        "🙂 a sunny field",
        "(masterpiece:1.2), {red|blue} door, BREAK, night",
    ],
)
def test_without_a_person_every_sign_stays(prompt: str) -> None:
    stays(prompt)


@pytest.mark.parametrize(
    ("prompt", "true_member"),
    [
        ("👩🏿\u200d🚀 on the moon", "a female astronaut with dark skin on the moon"),
        ("🧓 on a bench", "an old person on a bench"),
        ("👨 with a guitar", "a man with a guitar"),
    ],
)
def test_emoji_that_show_persons_are_said_in_words(prompt: str, true_member: str) -> None:
    sent = hides(prompt)
    assert sent.true_member == true_member
    assert all(m.isascii() for m in sent.members)
    is_closed(sent)


def test_a_flag_is_a_nationality() -> None:
    sent = hides("🇯🇵 chef", "🇯🇵", "🇯")
    assert sent.true_member == "Japanese chef"


def test_an_emoji_that_hints_is_asked_about() -> None:
    refuses("🦯 and a person", ImpliedError, "gives the disability away")


@pytest.mark.parametrize(
    ("prompt", "true_member"),
    [
        ("a woma\u0301n in a park", "a woman in a park"),
        ("a woman\u0301 in a park", "a woman in a park"),
        ("ｏｌｄ man", "old man"),
    ],
)
def test_composed_and_wide_letters_are_letters(prompt: str, true_member: str) -> None:
    assert hides(prompt).true_member == true_member


@pytest.mark.parametrize("sign", ["\u00ad", "\u200b", "\u200d", "\u2060", "\u202e", "\ufeff"])
def test_invisible_characters_are_refused(sign: str) -> None:
    refuses(f"an o{sign}ld man", InputError, rf"invisible characters \(U\+{ord(sign):04X}\).*type it anew")


@pytest.mark.parametrize("word", ["w\u043eman", "\u043eld", "m\u03b1n"])
def test_letters_of_several_scripts_in_one_word_are_refused(word: str) -> None:
    refuses(f"a {word} in a park", InputError, f"the word '{word}' mixes letters of several scripts")
