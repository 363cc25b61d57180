"""Tells a prompt that is not English: the lexicon would find nothing in it, and that must not pass silently."""

from __future__ import annotations

import unicodedata
from functools import cache

from .lexicon import Lexicon, data
from .matching import plain, tokens

#: A word of this length says more than a short one that two languages share.
_LONG = 4
_ENOUGH = 3


@cache
def _languages() -> dict[str, frozenset[str]]:
    return {name: frozenset(words) for name, words in data("languages").items()}


def other_language(prompt: str, lex: Lexicon) -> tuple[str, tuple[str, ...]] | None:
    """The language or script a prompt seems to be written in, and the words that say so; ``None`` for English."""
    foreign = "".join(c for c in prompt if c.isalpha() and not _latin(c))
    if len(foreign) > 1:
        return "another script", (foreign[:20],)
    texts = tokens(plain(prompt)).texts
    english = sum(t in lex.phrases for t in texts)
    best: tuple[int, str, tuple[str, ...]] = (0, "", ())
    for name, words in _languages().items():
        hits = tuple(t for t in texts if t in words and t not in lex.phrases)
        score = sum(2 if len(t) >= _LONG else 1 for t in hits)
        best = max(best, (score, name, hits))
    score, name, hits = best
    long = any(len(t) >= _LONG for t in hits)
    return (name, hits) if long and score >= min(_ENOUGH, len(texts)) and score > english else None


@cache
def _latin(c: str) -> bool:
    return unicodedata.name(c, "LATIN").startswith(("LATIN", "FULLWIDTH LATIN", "MODIFIER", "FEMININE", "MASCULINE"))
