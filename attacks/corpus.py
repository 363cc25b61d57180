"""Sentences that people wrote, read once for all attacks that learn from them."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

from edge_sdk.errors import InputError
from edge_sdk.privacy import Release

from .bank import captions, closed_set
from .lab import Lab

__all__ = ["Sentence", "sentences"]

#: How many captions are read; each takes the device's own detection, some ten milliseconds.
_COUNT, _COUNT_QUICK = 1400, 160
#: Larger sets add little and cost a language model one score per member.
_MOST: Final = 36


@dataclass(frozen=True)
class Sentence:
    """A caption, the picture that it belongs to, and its closed set with the truth's position."""

    picture: int
    text: str
    chosen: Release


def sentences(lab: Lab) -> list[Sentence]:
    """Captions with a closed set of at least two members, in random order; cached on the lab."""
    known = lab.cache.get("sentences")
    if known is not None:
        return list(known)
    groups = [[text] for text in lab.captions] if lab.captions else captions()
    pool = [(number, text) for number, group in enumerate(groups) for text in group]
    random.Random(f"{lab.seed}/captions").shuffle(pool)
    out = []
    for number, text in pool[: _COUNT_QUICK if lab.quick else _COUNT]:
        lab.tick("reading captions")
        try:
            chosen = closed_set(text)
        except InputError:
            continue
        if 2 <= len(chosen.members) <= _MOST:
            out.append(Sentence(number, text, chosen))
    lab.cache["sentences"] = out
    return out
