"""Which form of a pronoun stands in a prompt: "her" and "his" have two each."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from .lexicon import data

_NEXT: Final = re.compile(r"\s+[\"'\u2018\u201c(]?(\w[\w'-]*)")


@cache
def pronoun_words() -> dict[str, frozenset[str]]:
    """Words after which "her" and "his" stand alone, and adjectives that end like adverbs."""
    return {name: frozenset(words) for name, words in data("pronouns").items()}


def role(pronoun: str, after: str, listed: str) -> str:
    """Subject, object, possessive, own or reflexive.

    Args:
        pronoun: as it stands in the prompt.
        after: the prompt's text behind it.
        listed: the role that the lexicon lists first for this word; right for all but "her" and "his".
    """
    word = pronoun.lower()
    if word not in ("her", "his"):
        return listed
    following = _NEXT.match(after)
    if following is not None and _is_possessed(following.group(1).lower()):
        return "possessive"
    return "object" if word == "her" else "own"


def _is_possessed(word: str) -> bool:
    """Whether a word can be what "her" owns: not "with her in a boat", not "kisses her gently"."""
    words = pronoun_words()
    if word in words["not_possessed"]:
        return False
    return not word.endswith("ly") or word in words["ly_adjectives"]
