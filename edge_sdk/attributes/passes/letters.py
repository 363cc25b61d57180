"""Gender and age in a letter and a number: "45M, baker", "nurse, F32", "me (25F)", "30/f", "baker, f, 30".

Only where signs set them off and somebody is named in words, and not beside weapons or jets ("soldier, M16").
"""

from __future__ import annotations

from typing import Final

from ..document import Document
from ..kinds import Kind, NounKind
from ..lexicon import Noun
from ..marks import Mark

_LETTERS: Final = {"f": 0, "m": 1}
_OPENERS: Final = ("", ",", ";", "|", "(", "[")
_CLOSERS: Final = ("", ",", ";", "|", ")", "]")
_LEAST: Final = 13
#: Openings of a lens ("f/16"), and numbers of jets and rifles.
_STOPS: Final = (16, 22, 32, 45, 64)
_ARMS: Final = {"f": (14, 15, 16, 18, 22, 35), "m": (14, 16, 24, 60)}


def run(document: Document) -> None:
    """Collect the marks; the matching of words takes them over."""
    texts = document.tokens.texts
    if not any(t in _LETTERS for t in texts) or not any(t in document.lex.nouns for t in texts):
        return
    i = 0
    while i < len(texts):
        i = max(_coded(document, i), _alone(document, i), i + 1)


def _at(document: Document, i: int) -> str:
    texts = document.tokens.texts
    return texts[i] if 0 <= i < len(texts) else ""


def _is_glued(document: Document, i: int) -> bool:
    found = document.tokens
    return 0 < i < len(found.texts) and found.starts[i] == found.ends[i - 1]


def _is_free(document: Document, start: int, stop: int) -> bool:
    return not any(a < stop and start < b for a, b, _ in document.special)


def _years(text: str) -> int | None:
    """An age of two digits."""
    return int(text) if text.isdecimal() and len(text) == len("45") and int(text) >= _LEAST else None


def _coded(document: Document, i: int) -> int:
    """ "45M", "F32", "45/f", "f 32": said as "in her thirties"; the token behind it, or ``i``."""
    nouns = document.lex.nouns
    slash = _at(document, i + 1) == "/"
    j = i + 1 + slash
    one, other = _at(document, i), _at(document, j)
    years, letter = (_years(one), other) if other in _LETTERS else (_years(other), one)
    if years is None or letter not in _LETTERS or (slash and one == "f" and years in _STOPS):
        return i
    if one == letter and years in _ARMS[letter] and any(t in document.lex.words["arms"] for t in document.tokens.texts):
        return i
    joined = all(_is_glued(document, k) for k in range(i + 1, j + 1))
    before, behind = _at(document, i - 1), _at(document, j + 1)
    opened = before in _OPENERS or (not joined and before in nouns)
    closed = behind in _CLOSERS or (joined and behind in nouns) or behind == "/"
    if not opened or not closed:
        return i
    start, stop = document.tokens.starts[i], document.tokens.ends[j]
    if not _is_free(document, start, stop):
        return i
    value = document.lex.age_of(years)
    noun = Noun(NounKind.DECADE, False, _LETTERS[letter], value)
    word = document.text[start:stop].lower()
    document.special.append((start, stop, Mark(start, stop, Kind.DECADE, word, noun=noun, value=value, near=True)))
    return j + 1


def _alone(document: Document, i: int) -> int:
    """ "baker, f, 30": a letter that signs set off; not one of several letters ("a, b, c, d, e, f")."""
    letter = _at(document, i)
    behind = _at(document, i + 1)
    if letter not in _LETTERS or behind not in _CLOSERS:
        return i
    aged = any(stop <= document.tokens.starts[i] <= stop + 1 and m.kind is Kind.AGE for _, stop, m in document.special)
    opened = _at(document, i - 1) in _OPENERS or aged  # "25yo f, baker"
    near = (_at(document, i - 2), _at(document, i + 2))
    if not opened or any(len(t) == 1 and t.isalpha() for t in near):
        return i
    start, stop = document.tokens.starts[i], document.tokens.ends[i]
    if not _is_free(document, start, stop):
        return i
    noun = Noun(NounKind.ADJECTIVE, False, _LETTERS[letter], forms=document.lex.gender_adjectives)
    document.special.append((start, stop, Mark(start, stop, Kind.NOUN, letter, noun=noun, near=True)))
    return i + 1
