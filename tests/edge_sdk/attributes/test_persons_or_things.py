"""An attribute before a word for somebody is hidden, also where the word has another sense or is on no list."""

from __future__ import annotations

import pytest

from edge_sdk.attributes import lexicon, read
from edge_sdk.attributes.compiling.nouns import plural_of
from edge_sdk.attributes.lexicon import data
from edge_sdk.errors import ImpliedError

from .asserting import hides, is_closed, refuses, stays

#: Words for persons that were taken for things, and neighbours of theirs that no rule was written for.
PEOPLE = [
    "cleric",
    "chaplain",
    "beadle",
    "lumberjack",
    "cowhand",
    "stablehand",
    "biathlete",
    "decathlete",
    "pundit",
    "cellarhand",
    "barkeep",
    "boffin",
    "beatnik",
    "mountaineer",
    "boatswain",
    "heptathlete",
    "shortstop",
    "cornerback",
    "squaddie",
    "roadie",
    "vaquero",
    "wheelwright",
    "millwright",
    "steeplejack",
    "roughneck",
    "stevedore",
    "crofter",
    "sharecropper",
    "rag-picker",
]
NAMES = (*PEOPLE, "whistle blower", "ranch hand", "hod carrier", "tuk-tuk driver", "pole vaulter", "con artist")
TOO = ("general", "private", "punk", "mod", "pitcher")
FRAMES = ("a Muslim {} at dusk", "portrait of a deaf {}", "a Nigerian {} with a hat", "two Hispanic {s} on a bench")


@pytest.mark.parametrize("name", NAMES)
def test_attributes_before_words_for_persons(name: str) -> None:
    several = data("roles")["plurals"].get(name, plural_of(name))
    for frame in (*FRAMES, "an old {} in a yard", "a Black {} at home"):
        prompt = frame.format(name, s=several)
        word = next(w for w in prompt.split() if w in ("Muslim", "deaf", "Nigerian", "Hispanic", "old", "Black"))
        hides(prompt, word)


@pytest.mark.parametrize("name", TOO)
def test_words_with_another_sense_are_persons_behind_an_attribute(name: str) -> None:
    for frame in FRAMES[:3]:
        word = next(w for w in frame.split() if w in ("Muslim", "deaf", "Nigerian"))
        is_closed(hides(frame.format(name), word))


def test_a_word_on_no_list_is_somebody_behind_a_faith_a_people_or_a_disability() -> None:
    for prompt, word in (
        ("a Muslim quernbinder", "Muslim"),
        ("an Asian fettlewright at work", "Asian"),
        ("a blind zithermonger", "blind"),
        ("a Black quernbinder in a mill", "Black"),
        ("a Jewish diner at a table", "Jewish"),
    ):
        is_closed(hides(prompt, word))


@pytest.mark.parametrize(
    ("prompt", "word"),
    [
        ("a black local at a bus stop", "black"),
        ("portrait of a Korean local", "Korean"),
        ("korean natives in a market", "korean"),
        ("two black punks eating", "black"),
        ("black creatives in a studio", "black"),
        ("a korean regular at the bar, smiling", "korean"),
        ("a Korean star singing on a stage", "Korean"),
        ("two muslim legends laughing", "muslim"),
        ("a white pro on stage", "white"),
        ("portrait of a Korean star", "Korean"),
        ("a korean icon on the red carpet", "korean"),
        ("a blind legend of the blues, playing guitar", "blind"),
        ("illustration of a Korean legend", "Korean"),  # a tale as well: a set too many, no leak
    ],
)
def test_a_word_with_another_sense_is_somebody_where_no_noun_stands_behind_it(prompt: str, word: str) -> None:
    is_closed(hides(prompt, word))


@pytest.mark.parametrize(
    "prompt",
    [
        "a Korean local market",
        "Korean native plants in a pot",
        "a Korean general store",
        "a Korean pro camera",
        "a white furry rug",
        "a white star shining in the sky",
        "a Korean legend scroll on a wall",
        "a white icon on a blue background",
        "two black pitchers on a table",
    ],
)
def test_with_a_noun_behind_it_or_of_a_thing_it_is_none(prompt: str) -> None:
    stays(prompt)


@pytest.mark.parametrize(
    "prompt",
    [
        "a Buddhist temple at dawn",
        "an Asian fusion restaurant",
        "a Muslim prayer rug on a floor",
        "a Christian cross on a hill",
        "a blind spot on the road",
        "Hindu mythology, oil painting",
        "an old pitcher of milk on a table",
        "an old typewriter",
        "an old trawler in a harbor",
        "a black private jet",
        "a black bishop on a chessboard",
        "a Mexican diner at night",
        "Black Friday sale",
        "an African savanna landscape",
    ],
)
def test_things_stay(prompt: str) -> None:
    stays(prompt)


def test_the_piece_of_chess_is_no_excuse_for_a_person() -> None:
    hides("a Black butler with a tray", "Black")
    hides("a White maid at the door", "White")


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("a mister in the park", ["mister"]),
        ("two misters at a bar", ["misters"]),
        ("a lawman at a saloon", ["lawman"]),
        ("an old cellarman", ["old", "cellarman"]),
        ("a femme fatale in the rain", ["femme"]),
        ("a suffragette with a banner", ["suffragette"]),
        ("a geezer on a bench", ["geezer"]),
        ("a padre in the desert", ["padre"]),
        ("a women's rugby team in mud", ["women's"]),
        ("a swarthy pirate", ["swarthy"]),
    ],
)
def test_words_that_say_a_gender_or_an_age(prompt: str, words: list[str]) -> None:
    hides(prompt, *words)


def test_a_title_before_a_name_is_no_noun() -> None:
    refuses("Mister Smith in the park", ImpliedError, "Smith")


def test_words_that_end_like_one_are_asked_about() -> None:
    refuses("a quernwoman at her mill", ImpliedError, "quernwoman")
    refuses("an old quernman", ImpliedError, "quernman")
    for prompt in ("a talisman on a table", "a caiman in a river", "an omen in the sky", "ramen in a bowl"):
        stays(prompt)


def test_lists_do_not_contradict_each_other() -> None:
    """A word is a person always, or where an attribute stands before it, or a thing."""
    roles, lex = data("roles"), lexicon()
    listed = {*roles["roles"], *roles["people"]}
    assert not listed & {*roles["persons_too"], *roles["persons_alone"], *roles["things"]}
    assert not set(roles["persons_too"]) & set(roles["persons_alone"])
    assert not [w for w in (*roles["persons_too"], *roles["persons_alone"]) if w in lex.nouns]
    assert read("a Muslim cleric").persons


def test_a_people_that_is_also_an_insect() -> None:
    hides("a WASP family on a porch", "WASP")
    stays("a wasp on a flower")
    stays("Wasp costume on a hanger")


@pytest.mark.parametrize(
    "people", ["japanese", "latina", "korean", "muslim", "deaf", "brazilian", "african", "frenchwoman"]
)
@pytest.mark.parametrize("frame", ["cute {}", "sexy_{}, beach", "beautiful young {} smiling", "curvy {}, rim light"])
def test_who_is_described_is_somebody_without_a_noun(people: str, frame: str) -> None:
    sent = hides(frame.format(people), people)
    is_closed(sent)


@pytest.mark.parametrize(
    ("prompt", "said"),
    [
        ("russian portrait", "russian"),
        ("a mexican selfie, beach", "mexican"),
        ("Tamil headshot, studio light", "Tamil"),
        ("70-year-old portrait", "70"),
        ("45 y/o selfie at the lake", "45"),
        ("smiling elderly in a park", "elderly"),
        ("a dad bod swimmer", "dad"),
    ],
)
def test_who_a_portrait_shows_is_somebody(prompt: str, said: str) -> None:
    is_closed(hides(prompt, said))


@pytest.mark.parametrize(
    "prompt", ["old portrait on a wall", "a 200-year-old portrait", "black portrait", "a family portrait"]
)
def test_a_portrait_is_a_thing_too(prompt: str) -> None:
    stays(prompt)


@pytest.mark.parametrize("prompt", ["cute japanese garden", "beautiful chinese porcelain", "a small italian village"])
def test_what_is_described_stays(prompt: str) -> None:
    stays(prompt)
