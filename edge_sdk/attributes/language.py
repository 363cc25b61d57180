"""Tells a prompt that is not English: the lexicon would find nothing in it, and that must not pass silently."""

from __future__ import annotations

import unicodedata
from functools import cache

from .lexicon import Lexicon
from .matching import plain, tokens

#: A word of this length says more than a short one that two languages share.
_LONG = 4
_ENOUGH = 3


def other_language(prompt: str, lex: Lexicon) -> tuple[str, tuple[str, ...]] | None:
    """The language or script a prompt seems to be written in, and the words that say so; ``None`` for English."""
    foreign = "".join(c for c in prompt if c.isalpha() and not _latin(c))
    if len(foreign) > 1:
        return "another script", (foreign[:20],)
    texts = [t for t in tokens(plain(prompt)).texts if t[0].isalpha()]
    best: tuple[int, str, tuple[str, ...]] = (0, "", ())
    for name, words in lex.languages.items():
        hits = tuple(t for t in texts if t in words)
        score = sum(2 if len(t) >= _LONG else 1 for t in hits)
        best = max(best, (score, name, hits))
    score, name, hits = best
    english = sum(t in lex.phrases and t not in hits for t in texts)
    long = any(len(t) >= _LONG for t in hits)
    # One word is no language: English has borrowed "portrait" and "kind" from two of them.
    enough = len(set(hits)) > 1 and score >= _ENOUGH and score > english
    return (name, hits) if long and enough else None


@cache
def _latin(c: str) -> bool:
    return unicodedata.name(c, "LATIN").startswith(("LATIN", "FULLWIDTH LATIN", "MODIFIER", "FEMININE", "MASCULINE"))
