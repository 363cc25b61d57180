"""How long a prompt can get is exact, public, and cheap however large the product is."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from edge_sdk.device.tokenizer import PromptTokenizer
from edge_sdk.mechanisms import Domain
from edge_sdk.privacy.closing import slots
from edge_sdk.privacy.metric import domain_of
from edge_sdk.privacy.tokens import most_tokens
from obclip_contract import Axis, Phrase, open_bundle

from ..mechanisms.test_deterministic import DOMAINS

PROMPTS = [
    "an old woman pilot with dark skin and her dog",
    "a girl and her brother, both with light skin",
    "a deaf man, a blind woman; they wave",
    "two women and a man with red hats",
]


def letters(texts: Sequence[str]) -> list[int]:
    """As many tokens as a word has letters, but one for an article."""
    return [sum(1 if w.lower() in ("a", "an") else len(w) for w in t.split()) for t in texts]


@pytest.mark.parametrize("domain", DOMAINS)
def test_it_is_the_longest_of_all_members(domain: Domain) -> None:
    assert most_tokens(domain, letters) == max(letters([domain.member(c) for c in domain.choices()]))


@pytest.mark.parametrize("prompt", PROMPTS)
def test_it_is_what_a_real_tokenizer_counts(prompt: str, random_bundles: Path) -> None:
    count = PromptTokenizer(open_bundle(str(random_bundles / "edge"), "edge")).count
    domain = domain_of(slots(prompt))
    members = [domain.member(c) for c in domain.choices()]
    assert most_tokens(domain, count) == max(count(members))


def test_shared_axes_are_not_counted_twice_and_millions_of_members_take_no_time() -> None:
    axes = tuple(Axis(f"axis{i}", tuple(f"v{v}" for v in range(8))) for i in range(9))
    words = [Phrase((i,), tuple("w" * (v + 1) for v in range(8))) for i in range(9)]
    against = [Phrase((i,), tuple("w" * (8 - v) for v in range(8))) for i in range(9)]
    phrases = {f"p{i}": p for i, p in enumerate(words)} | {f"q{i}": p for i, p in enumerate(against)}
    domain = Domain(" ".join("{" + n + "}" for n in phrases), axes, phrases)
    began = time.perf_counter()
    assert most_tokens(domain, letters) == 9 * 9  # each axis has 9 letters in all, whatever its value
    assert time.perf_counter() - began < 1


def test_where_everything_hangs_together_the_bound_is_not_below() -> None:
    sizes = [8] * 7
    axes = tuple(Axis(f"axis{i}", tuple(f"v{v}" for v in range(8))) for i in range(7))
    pairs = [(i, j) for i in range(7) for j in range(i)]
    phrases = {
        f"p{n}": Phrase(p, tuple("w" * (1 + (a * b + n) % 5) for a in range(8) for b in range(8)))
        for n, p in enumerate(pairs)
    }
    domain = Domain(" ".join("{" + n + "}" for n in phrases), axes, phrases)
    found = most_tokens(domain, letters)
    some = [domain.member(domain.at(i)) for i in range(0, 8 ** len(sizes), 9973)]
    assert max(letters(some)) <= found <= 5 * len(pairs)
