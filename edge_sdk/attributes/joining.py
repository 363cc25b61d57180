"""Spaces for the signs that tie a person to what is said of them: "a_black_woman", "pale-young-man".

Every member is written with spaces, so that a word before its person is read alike whatever the prompt joins it by.
What is joined to a thing ("white_dress", "black-cab driver") stays as it is.
"""

from __future__ import annotations

from typing import Any, Final

from .kinds import Kind
from .lexicon import Lexicon
from .matching import Tokens, longest, plain, tokens
from .spelling import spell

__all__ = ["without_joins"]

_JOINS: Final = ("-", "_")
#: Kinds of what is said before a person.
_BEFORE: Final = (Kind.AGE, Kind.LITTLE, Kind.TONE, Kind.TRAIT)


def without_joins(text: str, lex: Lexicon) -> str:
    """The same length with spaces for hyphens and underscores around adjectives that lead to a person."""
    seen = plain(text)
    if not any(join in seen for join in _JOINS):
        return text
    found, out, i = spell(tokens(seen), lex), list(text), 0
    while i < len(found.texts):
        hit = longest(lex.phrases, found, i)
        j = i + 1 if hit is None else hit[0]
        if hit is not None and _is_said(hit[1]) and _leads(found, j, lex):
            if _is_join(found, i - 1) and not _is_unit(found, i - 2, lex):
                out[found.starts[i - 1]] = " "
            if _is_join(found, j) and not _is_pair(found, hit[1], j, lex):
                out[found.starts[j]] = " "
        i = j
    return "".join(out)


def _is_join(found: Tokens, k: int) -> bool:
    """Whether token ``k`` stands between two others without spaces, and joins them."""
    texts, starts, ends = found
    return 0 < k < len(texts) - 1 and texts[k] in _JOINS and ends[k - 1] == starts[k] and ends[k] == starts[k + 1]


def _is_said(meaning: Any) -> bool:
    behind = meaning.behind or (meaning.trait is not None and meaning.trait.behind)
    return meaning.kind in _BEFORE and not behind and not meaning.decoy


def _leads(found: Tokens, j: int, lex: Lexicon) -> bool:
    """Whether a noun for a person follows at token ``j``, with nothing but adjectives of persons and joins between."""
    while j < len(found.texts):
        if found.texts[j] in lex.nouns:
            return True
        hit = longest(lex.phrases, found, j)
        if hit is not None and hit[1].kind is Kind.NOUN and not hit[1].decoy:
            return True  # "taxi-driver"
        if hit is not None and _is_said(hit[1]):
            j = hit[0]
        elif _is_join(found, j) or found.texts[j] in lex.words["between"]:
            j += 1
        else:
            return False
    return False


def _is_unit(found: Tokens, k: int, lex: Lexicon) -> bool:
    """The "year" of "30-year-old", which is one age."""
    return found.texts[k] in lex.words["year_units"] or found.texts[k] in lex.words["short_units"]


def _is_pair(found: Tokens, meaning: Any, j: int, lex: Lexicon) -> bool:
    """ "Chinese-American": a hyphen between two origins makes one of them."""
    hit = longest(lex.phrases, found, j + 1)
    origins = meaning.kind is Kind.TRAIT and hit is not None and hit[1].kind is Kind.TRAIT
    return found.texts[j] == "-" and origins and not meaning.trait.direct
