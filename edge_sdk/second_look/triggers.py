"""Trigger words of personalised models: an unknown token that stands where a person's name would.

"a photo of tabiswat, a woman", "rotungwoka person": nobody but the model knows what the token means, and where it is
the one who is pictured it means somebody. Conventional tokens that mean nobody ("sks") pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from .context import context
from .glued import Lookup, made_of_words
from .letters import Token
from .rules import Mark, mistyped
from .table import Known

_LEAST: Final = 4
#: How many words after the token the person may be named.
_REACH: Final = 8


def mark_triggers(look: Lookup) -> Mark:
    """A rule that finds unknown tokens before "person", or pictured with a noun for a person in reach."""

    def mark(tokens: Sequence[Token], known: Sequence[int], public: Sequence[bool]) -> set[int]:
        return {
            i
            for i, token in enumerate(tokens)
            if not public[i] and _is_placed(tokens, known, i) and _is_unknown(token, known[i], look, _ends(tokens, i))
        }

    return mark


def _is_placed(tokens: Sequence[Token], known: Sequence[int], i: int) -> bool:
    """Whether token ``i`` stands where the name of who is pictured would."""
    token, behind = tokens[i], i + 1
    coded = _is_coded(token.text)
    if coded and behind < len(tokens) and tokens[behind].gap == "-" and tokens[behind].folded.isdigit():
        return True  # "v1tell-2500": the steps that it was trained for
    while (
        behind < len(tokens) and tokens[behind].gap in ("", "-") and tokens[behind].folded.removeprefix("v").isdigit()
    ):
        behind += 1  # "madpetsch-5400", "anneli-v2"
    if behind < len(tokens) and tokens[behind].segment == token.segment and not tokens[behind].gap.strip("-"):
        after = tokens[behind].folded
        mixed = any(c.isdigit() for c in token.text) or not (token.text.islower() or token.text.istitle())
        if after == "person" or (mixed and after in context("person_nouns")):
            return True
    return _is_pictured(tokens, i) and (coded or _is_person_near(tokens, known, behind, token.segment))


def _ends(tokens: Sequence[Token], i: int) -> bool:
    """Whether the token's item of the list ends behind it."""
    return i + 1 == len(tokens) or tokens[i + 1].segment != tokens[i].segment


def _is_coded(text: str) -> bool:
    """Whether digits stand between its letters: "jenn1f1850"."""
    core = text.strip("0123456789")
    return any(c.isdigit() for c in core) and sum(c.isalpha() for c in core) >= _LEAST


def _is_unknown(token: Token, bits: int, look: Lookup, ends: bool) -> bool:
    """Whether no list has the token, and it is no slip or compound of words (two short words are none at an end)."""
    if bits & ~(Known.SCARCE | Known.SURNAME | Known.BEGINS) or len(token.text) < _LEAST:
        return False
    word = token.folded
    if word in context("triggers") or sum(c.isalpha() for c in word) < _LEAST:
        return False
    return not (word.isalpha() and ((not ends and made_of_words(word, look)) or mistyped(word, look)))


def _is_pictured(tokens: Sequence[Token], i: int) -> bool:
    """Whether "photo of" stands right before token ``i``."""
    return i > 1 and tokens[i - 1].folded == "of" and tokens[i - 2].folded in context("pictures")


def _is_person_near(tokens: Sequence[Token], known: Sequence[int], behind: int, segment: int) -> bool:
    """Whether the token's item ends behind it or goes on with a person, and a person is named soon."""
    for k in range(behind, min(behind + _REACH, len(tokens))):
        if tokens[k].folded in context("person_nouns"):
            return True
        plain = known[k] & Known.QUALITY or tokens[k].folded in context("determiners")
        if tokens[k].segment == segment and not plain:
            return False
    return False
