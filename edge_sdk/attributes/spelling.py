"""Words of the lexicon that are written otherwise: with accents, with digits for letters, with one slip of the pen.

The tokens that come out stand where they stood; only the text that is looked up changes. Members are made of the
lexicon's own spelling, so they are read as they are.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

from .lexicon import Lexicon
from .matching import Tokens

#: Shorter words are within one slip of too many others.
_SHORTEST: Final = 5
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
#: Digits and signs that stand for letters.
LEET: Final = {"0": "o", "1": "il", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s"}
#: More of them in one word are no word.
_MOST_LEET: Final = 4
#: Words that say nothing alone ("sk1n") are looked for from this length on.
_SHORTEST_LEET: Final = 4


def spell(found: Tokens, lex: Lexicon) -> Tokens:
    """The same tokens with the lexicon's spelling where a word is meant that it knows."""
    texts = found.texts
    if "w" in texts:
        found = _join_with(found)
        texts = found.texts
    if any(t[0].isdigit() or t in LEET for t in texts):
        found = _join_leet(found, lex)
        texts = found.texts
    known = lex.vocabulary
    if all(t in known for t in texts):
        return found
    spelled = [
        t if t in known or _is_styled(texts, i) else _counted(found, i, lex) or _meant(t, lex)
        for i, t in enumerate(texts)
    ]
    return Tokens(spelled, found.starts, found.ends)


def _join_with(found: Tokens) -> Tokens:
    """ "w/" and "w/o" are "with" and "without", one token each; "b/w" is neither."""
    texts, starts, ends = found
    out = Tokens([], [], [])
    i = 0
    while i < len(texts):
        word, j = texts[i], i + 1
        apart = i == 0 or starts[i] > ends[i - 1] or not (texts[i - 1][0].isalnum() or texts[i - 1] == "/")
        if word == "w" and apart and texts[j : j + 1] == ["/"] and starts[j] == ends[i]:
            behind = texts[j + 1] if j + 1 < len(texts) and starts[j + 1] == ends[j] else ""
            if behind in ("o", "out"):
                word, j = "without", j + 2
            elif len(behind) != 1 or behind == "a":
                word, j = "with", j + 1
        out.texts.append(word)
        out.starts.append(starts[i])
        out.ends.append(ends[j - 1])
        i = j
    return out


def _counted(found: Tokens, i: int, lex: Lexicon) -> str:
    """ "1girk": behind a number a shorter word is enough to see what is meant."""
    texts, starts, ends = found
    glued = i > 0 and texts[i - 1].isdecimal() and starts[i] == ends[i - 1]
    if not glued or not _SHORTEST > len(texts[i]) > 2 or not texts[i].isascii():
        return ""
    words = sorted({*lex.children[0], *lex.children[1], *lex.plain[0]})
    return next((w for w in words if _is_one_slip(texts[i], w)), "")


def _is_one_slip(word: str, meant: str) -> bool:
    """Whether one letter is wrong, left out or put in, or two are swapped."""
    short, long = sorted((word, meant), key=len)
    if len(long) - len(short) > 1:
        return False
    if len(long) > len(short):
        return any(long[:k] + long[k + 1 :] == short for k in range(len(long)))
    wrong = [k for k in range(len(long)) if long[k] != short[k]]
    swapped = len(wrong) == 2 and wrong[1] == wrong[0] + 1 and sorted(word) == sorted(meant)
    return len(wrong) == 1 or swapped


def _is_styled(texts: list[str], i: int) -> bool:
    """Whether a name of an artist may stand here: "painting by jeremy mann"."""
    return any(t in ("by", "artist") for t in texts[max(0, i - 3) : i])


def _meant(text: str, lex: Lexicon) -> str:
    if not text.isascii():
        bare = fold(text)
        if bare in lex.vocabulary:
            return bare
        text = bare if bare.isascii() else text
    if len(text) < _SHORTEST or not text.isalpha():
        return text
    return _slip(text, lex) or text


@lru_cache(4096)
def fold(text: str) -> str:
    """Lower-case letters without their accents, one for one."""
    out = []
    for c in text:
        bare = unicodedata.normalize("NFKD", c)
        out.append(bare[0] if len(bare) > 1 and all(unicodedata.combining(k) for k in bare[1:]) else c)
    return "".join(out)


@lru_cache(8192)
def _slip(word: str, lex: Lexicon) -> str | None:
    """The sensitive word that is one letter left out, put in, changed or swapped away, if it is the only sense.

    An ordinary English word ("block", "bland") is no slip: those within reach are listed in the lexicon.
    """
    if word in lex.words["ordinary"] or not word.isascii():
        return None
    sensitive = lex.sensitive
    n = len(word)
    for i in range(n - 1):  # swapped letters first: the likeliest
        if (near := word[:i] + word[i + 1] + word[i] + word[i + 2 :]) in sensitive and len(near) >= _SHORTEST:
            return near
    for i in range(n):  # one too many
        if (near := word[:i] + word[i + 1 :]) in sensitive and len(near) >= _SHORTEST:
            return near
    for i in range(n + 1):  # one missing
        for c in _LETTERS:
            if (near := word[:i] + c + word[i:]) in sensitive:
                return near
    for i in range(n):
        for c in _LETTERS:
            if (near := word[:i] + c + word[i + 1 :]) in sensitive and n > _SHORTEST:
                return near
    return None


def _join_leet(found: Tokens, lex: Lexicon) -> Tokens:
    """ "0ld", "f3male", "w0m@n": letters and digits in one run that spell a sensitive word become one token."""
    texts, starts, ends = found
    out = Tokens([], [], [])
    i = 0
    while i < len(texts):
        j = i + 1
        while j < len(texts) and starts[j] == ends[j - 1] and (texts[j].isalnum() or texts[j] in LEET):
            j += 1
        word = _leet("".join(texts[i:j]), texts[i:j], lex) if j > i + 1 else None
        if word is None:
            j = i + 1
            word = texts[i]
        out.texts.append(word)
        out.starts.append(starts[i])
        out.ends.append(ends[j - 1])
        i = j
    return out


def _leet(run: str, parts: list[str], lex: Lexicon) -> str | None:
    if len(parts) == 2 and parts[0].isdigit() and parts[1] in lex.vocabulary:
        return None  # "1girl"
    digits = [c for c in run if c in LEET]
    if not 1 <= len(digits) <= _MOST_LEET or not any(c.isalpha() for c in run):
        return None
    readings = [""]
    for c in run:
        readings = [r + letter for r in readings for letter in LEET.get(c, c)]
    said = next((r for r in readings if r in lex.sensitive and len(r) > 2), None)
    return said or next((r for r in readings if r in lex.vocabulary and len(r) >= _SHORTEST_LEET), None)
