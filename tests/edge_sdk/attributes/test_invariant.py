"""Every word of the lexicon ends as a slot, a dismissal with a reason, or a finding: there is no fourth way.

A thousand prompts in an ordinary run, the same every time; others and more with ``OBCLIP_INVARIANT_EXAMPLES=20000``.
"""

from __future__ import annotations

import os
import random
from functools import cache
from pathlib import Path

import pytest

from edge_sdk.attributes import explaining, lexicon, read
from edge_sdk.attributes.explaining import explain, unsaid
from edge_sdk.privacy import vectors
from edge_sdk.privacy.vectors.cases import cases

from ..closure_grammar import prompt as sentence

EXAMPLES = int(os.environ.get("OBCLIP_INVARIANT_EXAMPLES", "1000"))
SEED = os.environ.get("OBCLIP_INVARIANT_SEED", "0")
SIGNS = (
    ",",
    ".",
    "and",
    "with",
    "a",
    "an",
    "the",
    "in",
    "her",
    "his",
    "who is",
    "from",
    "skin",
    "car",
    "dog",
    "of",
    "_",
)


def written(rng: random.Random) -> str:
    """A prompt typed by hand for the vectors."""
    return rng.choice(_written())


@cache
def _written() -> list[str]:
    text = (Path(vectors.__file__).parent / "prompts.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.strip()]


def salad(rng: random.Random) -> str:
    """Words of the lexicon in any order, with signs between."""
    words = [rng.choice(_words() if rng.random() < 0.6 else SIGNS) for _ in range(rng.randint(1, 8))]
    return " ".join(words)


@cache
def _words() -> list[str]:
    lex = lexicon()
    return sorted({*lex.sensitive, *lex.phrases, *lex.nouns, *lex.titles, *lex.given_names})


def tags(rng: random.Random) -> str:
    """Tags with words of the lexicon: joined, weighted, in brackets."""
    frames = (
        "{}",
        "{}",
        "({}:1.2)",
        "(({}))",
        "[{}|{}]",
        "1girl",
        "solo",
        "{}_{}",
        "{}-{}",
        "best quality",
        "portrait",
    )
    made = []
    for _ in range(rng.randint(1, 6)):
        frame = rng.choice(frames)
        made.append(frame.format(rng.choice(_words()), rng.choice(_words())))
    return ", ".join(made)


@pytest.mark.parametrize("make", [sentence, written, salad, tags])
def test_every_hit_of_the_lexicon_has_a_verdict(make) -> None:
    bad = []
    for i in range(EXAMPLES // 4):
        text = make(random.Random(f"{SEED}/{i}"))
        bad += [(text, told.surface, told.kind) for told in unsaid(read(text))]
    assert bad == []


@pytest.mark.parametrize(("text", "word"), [("a woman on a beach", "woman"), ("an old elderly-looking man", "old")])
def test_the_test_sees_a_word_that_is_dropped(monkeypatch: pytest.MonkeyPatch, text: str, word: str) -> None:
    """A reader that loses a mark and a residue that does not look are told."""
    document = read(text)
    assert unsaid(document) == []
    i = next(i for i, m in enumerate(document.marks) if m.word == word)
    document.owner.pop(i)
    document.dismiss(i)
    assert [t.verdict for t in explain(document) if t.surface == word] == ["finding"]
    monkeypatch.setattr(explaining, "implied", lambda *_: [])
    assert word in [t.surface for t in unsaid(document)]


def test_the_vectors_hold_enough_prompts() -> None:
    assert len({prompt for prompt, _ in cases()}) >= 3000
