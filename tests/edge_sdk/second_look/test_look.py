"""The second look: what it finds, what it leaves alone, and what it costs."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest

from edge_sdk.attributes import Detector
from edge_sdk.errors import InputError
from edge_sdk.second_look import Table, default_detector
from edge_sdk.second_look.letters import fold, tokenize, word_hash
from edge_sdk.second_look.table import PATH, hash_all, load


def found(prompt: str) -> list[tuple[str, str]]:
    return [(s.axis, s.surface) for s in default_detector().find(prompt)]


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("painting of maria, oil on canvas", "maria"),
        ("Oluwaseun playing a violin", "Oluwaseun"),
        ("fatima reading a letter", "fatima"),
        ("Dr. Patel examining an x-ray", "Patel"),
        ("a cake held by Maria", "Maria"),
        ("Emma Stone walking a dog", "Emma Stone"),
        ("Nguyen Thi Mai selling flowers", "Nguyen Thi Mai"),
        ("an elf that looks like Emma Watson, art by Artgerm", "Emma Watson"),
        ("a boy named River with a kite", "River"),
        ("portrait of Frida Kahlo with a parrot", "Frida Kahlo"),
    ],
)
def test_names_are_found_whole(prompt: str, name: str) -> None:
    assert ("identity", name) in found(prompt)


@pytest.mark.parametrize(
    ("prompt", "axis", "word"),
    [
        ("a Tuareg rider", "ethnicity", "Tuareg"),
        ("an old himba woman by a fire", "ethnicity", "himba"),
        ("a woman from Tokyo", "nationality", "Tokyo"),
        ("a bella ragazza in Rome", "gender", "ragazza"),
        ("a portrait of a niña with flowers", "age", "niña"),
        ("a giiirl with a balloon", "gender", "giiirl"),
        ("a w0man in a park", "gender", "w0man"),
        ("a ᴡᴏᴍᴀɴ at a window", "gender", "ᴡᴏᴍᴀɴ"),
        ("a wómân in a park", "gender", "wómân"),
        ("a W O M A N in red", "gender", "W O M A N"),
        ("a w-o-m-a-n in red", "gender", "w-o-m-a-n"),
        ("an aspie solving a puzzle", "disability", "aspie"),
    ],
)
def test_open_words_are_found_with_their_axis(prompt: str, axis: str, word: str) -> None:
    assert (axis, word) in found(prompt)


@pytest.mark.parametrize(
    "prompt",
    [
        "a castle, by Ivan Petrov, Tom Baker, Anna Weiss",
        "portrait of an elf, art by artgerm and greg rutkowski and alphonse mucha",
        "a woman with flowers, in the style of Henrietta Vance",
        "a landscape, thomas kinkade, bob ross, albert bierstadt",
        "Super Mario kart toy",
        "Pikachu on a skateboard",
        'a sign that reads "Maria"',
        "a Tuareg carpet on the floor",
        "the canals of Venice",
        "a rose in a garden in summer",
        "a Victorian house with a red door",
        "a man sittig at a talbe",
        "a woman with a red headwrap",
        "a photo from Paris",
        "A TV AND A DVD PLAYER",
        "a b c d e f g, an alphabet poster",
        "Woman With A Red Umbrella Walking In The Rain",
        "",
        "?!",
    ],
)
def test_style_things_and_plain_words_are_left_alone(prompt: str) -> None:
    assert found(prompt) == []


@pytest.mark.parametrize("word", ["bro", "amira", "chiquita", "colleen", "lola", "dj", "Kumar", "baby bro", "devi"])
@pytest.mark.parametrize("article", ["a", "A", "the", "one", "an"])
def test_no_finding_is_an_article_or_a_letter(article: str, word: str) -> None:
    for prompt in (f"{article} {word}", f"{article} {word}, smiling", f"a hat, {article} {word}"):
        assert not [f for f in found(prompt) if len(f[1]) < 3], prompt


def test_initials_are_part_of_a_name() -> None:
    assert ("identity", "S Kumar") in found("S Kumar")
    assert ("identity", "maria S") in found("maria S")


def test_findings_are_spans_of_the_prompt_in_order() -> None:
    prompt = "Zsófia and O’Brien, a Himba woman from Kraków"
    spans = default_detector().find(prompt)
    assert [prompt[s.start : s.end] for s in spans] == [s.surface for s in spans]
    assert all(a.end <= b.start for a, b in pairwise(spans))
    assert {s.axis for s in spans} == {"identity", "ethnicity", "nationality"}


def test_it_is_a_detector_and_says_the_same_twice() -> None:
    look = default_detector()
    assert isinstance(look, Detector)
    assert look.find("Kemi and her dog") == look.find("Kemi and her dog") != []


def test_folding_and_words() -> None:
    assert fold("Zdzisław Đorđe Sœur I’m") == "zdzislaw dorde soeur i'm"
    assert [t.text for t in tokenize("Maria's cat, j. c. leyendecker")] == ["Maria", "cat", "j", "c", "leyendecker"]
    segments = [t.segment for t in tokenize("cat, j. c. leyendecker")]
    assert segments[1] == segments[2] == segments[3] != segments[0]


def test_hashes_agree_with_the_published_function() -> None:
    assert word_hash("") == 0x811C9DC5
    assert word_hash("foobar") == 0xBF9CF968  # from the FNV authors' test vectors
    words = ["", "a", "foobar", "niña", "maria"] * 3
    assert hash_all(words).tolist() == [word_hash(w) for w in words]


def test_the_table_is_small_and_loads_at_once() -> None:
    assert PATH.stat().st_size <= 2_000_000
    load.cache_clear()
    began = time.process_time()
    load()
    assert time.process_time() - began < 0.2  # 20 ms on a phone; a loaded test machine gets ten times that


def test_a_prompt_costs_little() -> None:
    prompt = "a tall xyloprint of Oluwadamilola and qwortek shimmeringly " * 3
    look = default_detector()
    look.find(prompt)
    began = time.process_time()
    for _ in range(20):
        look.find(prompt)
    assert (time.process_time() - began) / 20 < 0.02


def test_a_long_prompt_costs_in_proportion() -> None:
    look, word = default_detector(), "zanoba, "
    costs = []
    for n in (200, 1600):
        best = 1.0
        for _ in range(3):
            began = time.process_time()
            look.find(word * n)
            best = min(best, time.process_time() - began)
        costs.append(best)
    assert costs[1] < 40 * costs[0]


@pytest.mark.parametrize("cut", [0, 10, 1000])
def test_a_damaged_table_is_refused(cut: int) -> None:
    with pytest.raises(InputError, match="second look"):
        Table(PATH.read_bytes()[:cut])


def test_another_version_is_refused() -> None:
    raw = bytearray(PATH.read_bytes())
    raw[4] = 9
    with pytest.raises(InputError, match="version"):
        Table(bytes(raw))
