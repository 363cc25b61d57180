"""Whether anybody is in the prompt at all, and names that are nobody's there: "Bird takes a bath", "Loki horns"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from .context import context
from .letters import Token
from .rules import Phrase, describes
from .table import NAME, Known, axis_of

_COUNTED: Final = ("girl", "girls", "boy", "boys", "woman", "women", "man", "men", "other", "others")
#: Words of a compound that are things, for a name in it to be a thing's: "james-web-space-telescope".
_THINGS: Final = 2


def is_counted(token: Token) -> bool:
    """Whether a token counts persons as tag lists do: "1girl"."""
    return token.folded[:1].isdigit() and token.folded.lstrip("0123456789") in _COUNTED


def somebody(tokens: Sequence[Token], known: Sequence[int]) -> set[int]:
    """The words that say that a person is in the picture."""
    return {
        i
        for i, t in enumerate(tokens)
        if (known[i] & Known.PERSON and not known[i] & Known.QUALITY)  # "alternate history"
        or t.folded in context("persons")
        or is_counted(t)
        or axis_of(known[i]) == "gender"
    }


def things_named(tokens: Sequence[Token], known: Sequence[int]) -> set[str]:
    """Words that the prompt itself says are a thing's or a creature's: "mathayom uniform", "braixen, pokemon"."""
    out = set()
    for t, after, bits in zip(tokens, tokens[1:], known[1:], strict=False):
        beside = after.segment == t.segment and not after.gap
        if beside and bits & Known.WORD and not bits & (Known.PERSON | Known.SURNAME) and not _is_act(after):
            out.add(t.folded)
    for i, t in enumerate(tokens):
        if t.folded in context("ordinary_series"):
            out |= {tokens[k].folded for k in (i - 1, i + 1) if 0 <= k < len(tokens)}
    return out


def _is_act(token: Token) -> bool:
    word = token.folded
    return word.endswith(("ing", "ed")) or any(word in context(c) for c in ("acts", "behind_noun", "pictures"))


def mark_nobody(tokens: Sequence[Token], known: Sequence[int], phrases: Sequence[Phrase], public: list[bool]) -> None:
    """Mark names that say what a thing is: before horns or hair, and, where nobody is shown, ordinary words."""
    for first, behind, bits in phrases:
        character = bits & Known.FICTION or axis_of(bits) == "identity"
        common = all(known[k] & Known.WORD for k in range(first, behind))
        thing = common and behind > first + 1 and describes(tokens, known, behind - 1)  # "a black widow spider"
        if character and (thing or names_trait(tokens, known, behind)):
            public[first:behind] = [True] * (behind - first)
    _mark_dressed(tokens, phrases, public)
    for i in range(2, len(tokens)):
        of = tokens[i - 1].folded == "of" and tokens[i].capital and tokens[i].segment == tokens[i - 2].segment
        public[i] = public[i] or (of and tokens[i - 2].capital and tokens[i - 2].folded in context("buildings"))
    persons = somebody(tokens, known)
    for i in range(len(tokens)):
        if not public[i] and known[i] & (NAME | Known.TOP) and not persons - {i}:
            public[i] = _is_ordinary(tokens, known, i) or _is_in_compound(tokens, known, i)


def _mark_dressed(tokens: Sequence[Token], phrases: Sequence[Phrase], public: list[bool]) -> None:
    """Who somebody is dressed as is a costume: "dressed as captain america, spider-man and captain marvel"."""
    dressed = False
    for first, behind, bits in phrases:
        word = tokens[first].folded
        if word == "as" and first and tokens[first - 1].folded in context("dressed"):
            dressed = True
        elif bits & Known.FICTION or axis_of(bits) == "identity":
            public[first:behind] = [public[k] or dressed for k in range(first, behind)]
        elif word not in context("joints"):
            dressed = False


def names_trait(tokens: Sequence[Token], known: Sequence[int], behind: int) -> bool:
    """Whether hair, horns or armour are called after who stands before, a colour between or not: "ariel red hair"."""
    for k in range(behind, min(behind + 2, len(tokens))):
        if tokens[k].segment != tokens[behind - 1].segment or tokens[k].gap or tokens[k - 1].end + 1 < tokens[k].start:
            return False  # "Loki's horns" are a person's
        if tokens[k].folded in context("traits") or (k == behind and tokens[k].folded in context("printed")):
            return True
        if not known[k] & Known.QUALITY:
            return False
    return False


def _is_ordinary(tokens: Sequence[Token], known: Sequence[int], i: int) -> bool:
    """Whether a name is a common word, alone, and neither pictured nor doing what persons do."""
    if not known[i] & Known.WORD or known[i] & Known.TOP:
        return False
    if i > 1 and tokens[i - 1].folded == "of" and tokens[i - 2].folded in context("pictures") and tokens[i].capital:
        return False
    for k in (i - 1, i + 1):
        beside = 0 <= k < len(tokens) and tokens[k].segment == tokens[i].segment
        if not beside:
            continue
        name = known[k] & (NAME | Known.TOP) and not known[k] & Known.WORD
        if name or (tokens[k].capital and not known[k] and tokens[i].capital) or tokens[k].folded in context("titles"):
            return False
        if k > i and tokens[k].folded in context("acts"):
            return False
    return True


def _is_in_compound(tokens: Sequence[Token], known: Sequence[int], i: int) -> bool:
    """Whether hyphens join a name to several things."""
    first, behind = i, i + 1
    while first and tokens[first].gap == "-":
        first -= 1
    while behind < len(tokens) and tokens[behind].gap == "-":
        behind += 1
    return sum(bool(known[k] & Known.WORD and not known[k] & NAME) for k in range(first, behind)) >= _THINGS
