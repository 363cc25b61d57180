"""Spaces into words about persons that are written as one: "youngman", "indianbride", "#BlackGirlMagic".

Every member is written with spaces, so that what is glued is read as what it says. Words of the lexicon are taken
apart, with a short list of words that stand before and behind them. English words and names that could be cut so
("whitefish", "goodman") are on a list of their own.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import Final

from .kinds import Kind, NounKind
from .lexicon import Lexicon
from .matching import plain
from .spelling import LEET, fold

#: Shorter runs of letters hold no two words, and longer ones are no words.
_LEAST: Final = 6
_MOST: Final = 48
#: Shorter parts are within too many words, and shorter words for origins ("thai") within too many names.
_LEAST_PART: Final = 3
_LEAST_TRAIT: Final = 4
_LEAST_SHOWN: Final = 4
#: More digits for letters in one run are no word.
_MOST_LEET: Final = 4
#: Kinds of what is said before a person.
_BEFORE: Final = (Kind.AGE, Kind.TONE, Kind.TRAIT)


def without_glue(text: str, lex: Lexicon) -> str:
    """The text with spaces where words about a person are written as one. Tags ("<lora:...>") stay as they are."""
    seen, out = plain(text), []
    i, tag = 0, False
    while i < len(seen):
        j, parts = _run(seen, i, lex)
        if j == i:
            tag = seen[i] == "<" if seen[i] in "<>" else tag
            j, parts = i + 1, ((0, 1),)
        elif tag or j - i < _LEAST or _is_surname(seen, i, j, lex):
            parts = ((0, j - i),)
        out.append(" ".join(text[i + a : i + b] for a, b in parts))
        i = j
    return "".join(out)


def _run(seen: str, i: int, lex: Lexicon) -> tuple[int, tuple[tuple[int, int], ...]]:
    """Where the run of letters from ``i`` on ends, and its parts; with digits for letters if it is then several words:
    "bl4ckgirl"."""
    end = i
    while end < len(seen) and seen[end].isalpha():
        end += 1
    j = end
    while i < j < len(seen) and (seen[j].isalpha() or seen[j] in LEET):
        j += 1
    while j > end and not seen[j - 1].isalpha():
        j -= 1
    readings = [""] if end < j <= i + _MOST and sum(c in LEET for c in seen[i:j]) <= _MOST_LEET else []
    for c in seen[i:j] if readings else "":
        readings = [r + letter for r in readings for letter in LEET.get(c, c)]
    for reading in readings:
        if len(parts := parts_of(reading, lex)) > 1:
            return j, parts
    return end, parts_of(seen[i:end], lex)


def _is_surname(text: str, i: int, j: int, lex: Lexicon) -> bool:
    """Whether a word that is a surname too stands beside another with a capital: "Gary Oldman"."""
    if not text[i].isupper() or text[i:j].lower() not in lex.words["glued_surnames"]:
        return False
    end = i
    while end and text[end - 1] in " .":
        end -= 1
    k = end
    while k and text[k - 1].isalpha():
        k -= 1
    return (k < end and text[k].isupper()) or (text[j : j + 1] == " " and text[j + 1 : j + 2].isupper())


@lru_cache(8192)
def parts_of(word: str, lex: Lexicon) -> tuple[tuple[int, int], ...]:
    """Where the words begin and end that a run of letters is made of, in the order in which they are to be read.

    The run itself is all there is if no two of them say something of a person.
    """
    low = fold(word.lower())
    if len(low) != len(word) or len(word) < _LEAST:
        return ((0, len(word)),)
    humps = [0, *(k for k in range(1, len(word)) if word[k].isupper() and word[k - 1].islower()), len(word)]
    cut = [low[a:b] for a, b in pairwise(humps)]
    if any(_is_said(a, lex) and _is_person(b, lex) for a, b in pairwise(cut)):
        return tuple(pairwise(humps))
    whole = ((0, len(low)),)
    if len(low) > _MOST or low in lex.vocabulary or low in lex.words["glued_whole"]:
        return whole
    ends = [0, *(_cut(low, 0, 0, lex) or _shown(low, lex) or _shown(word.lower(), lex))]
    if len(ends) == 1:
        end = _turned(low, lex)
        return ((end, len(low)), (0, end)) if end else whole
    if not set(humps) <= set(ends):  # "ApiAgent" is no gent
        return whole
    return tuple(pairwise(ends))


def _cut(word: str, at: int, said: int, lex: Lexicon) -> tuple[int, ...]:
    """Where the parts of a word end from ``at`` on, the longest first: adjectives, a person, what may follow.

    Args:
        said: how many of the parts before say something of a person.
    """
    for end in range(len(word), at + _LEAST_PART - 1, -1):
        part = word[at:end]
        rest: tuple[int, ...] = ()
        told = _is_said(part, lex)
        # Without a word before it only "womenintech": shorter nouns begin many words ("mandate").
        alone = (
            not at and end > _LEAST_PART and any(part in words for words in (*lex.plain, *lex.children, *lex.neutral))
        )
        if (at or alone) and _is_person(part, lex, any_role=said > 0 or alone):
            if end == len(word):
                return (end,)
            rest = _tail(word, end, lex)
        if end == len(word):
            if at and told and not _is_place(part, lex):
                return (end,)
        elif not rest and (told or part in lex.words["glued_before"]):
            rest = _cut(word, end, said + told, lex)
        if rest:
            return (end, *rest)
    return ()


def _tail(word: str, at: int, lex: Lexicon) -> tuple[int, ...]:
    """Where the words end that may stand behind a person in one word with it: "magic" of "blackgirlmagic"."""
    for end in range(len(word), at + 1, -1):
        if word[at:end] in lex.words["glued_behind"]:
            if end == len(word):
                return (end,)
            if rest := _tail(word, end, lex):
                return (end, *rest)
    return ()


def _shown(word: str, lex: Lexicon) -> tuple[int, ...]:
    """Where the parts end of any one word of persons and what is said of the picture or the person behind it:
    "rabbiportrait", "abbesssmiling". Shorter parts, and endings ("knighthood"), are within too many words."""
    for end in range(len(word) - _LEAST_SHOWN, _LEAST_SHOWN - 1, -1):
        if _is_person(word[:end], lex) or _is_said(word[:end], lex):
            rest = _tail(word, end, lex)
            if rest and rest[0] - end >= _LEAST_SHOWN and word[end : rest[0]] not in lex.words["glued_endings"]:
                return (end, *rest)
    return ()


def _turned(word: str, lex: Lexicon) -> int:
    """Where what is said of a noun begins that stands before it: "girlasian"; 0 if there is none."""
    for end in range(len(word) - _LEAST_PART, _LEAST_PART - 1, -1):
        if _is_person(word[:end], lex, any_role=False) and _is_said(word[end:], lex) and not _is_place(word[end:], lex):
            return end
    return 0


def _is_said(part: str, lex: Lexicon) -> bool:
    """Whether it is an adjective that says something of a person."""
    meaning = lex.phrases.get(part, {}).get("")
    if meaning is None or meaning.behind or meaning.decoy or part in lex.words["glued_never"]:
        return False
    if meaning.noun is not None and meaning.noun.kind is NounKind.NEUTRAL and not meaning.noun.plural:
        return True  # "teenboy"
    if meaning.kind not in _BEFORE:
        return False
    trait = meaning.trait
    if meaning.kind is not Kind.AGE and len(part) < _LEAST_TRAIT:
        return False
    return trait is None or (trait.adjective and not (trait.capital and trait.place))


def _is_place(part: str, lex: Lexicon) -> bool:
    trait = lex.phrases[part][""].trait
    return trait is not None and trait.place


def _is_person(part: str, lex: Lexicon, any_role: bool = True) -> bool:
    """Whether it is a noun for a person; only one that says a gender if not ``any_role``."""
    if part in lex.words["glued_never"]:
        return False
    noun = lex.nouns.get(part)
    if noun is not None:
        return any_role or noun.gender is not None
    meaning = lex.phrases.get(part, {}).get("")
    if meaning is None or meaning.trait is None or meaning.decoy or not any_role:
        return False
    trait = meaning.trait
    return (trait.singular or trait.plural) and not (trait.capital or trait.place)
