"""New spellings of plain words for persons: letters drawn out ("giiirl"), or replaced by digits ("w0man")."""

from __future__ import annotations

from functools import cache
from typing import Final

from .context import context

_AXES: Final = ("gender", "age", "ethnicity", "religion")
_DIGITS: Final = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b"}
_LEAST: Final = 4


@cache
def _plain() -> tuple[dict[str, str], dict[str, str]]:
    """Plain words with their axes, and the same with double letters made single."""
    words = {w: axis for axis in _AXES for w in sorted(context(f"plain_{axis}"))}
    return words, {_thin(w): axis for w, axis in words.items()}


def _thin(word: str) -> str:
    return "".join(c for k, c in enumerate(word) if not k or c != word[k - 1])


def plain_spelling(word: str) -> str:
    """The axis of the plain word that ``word`` is another spelling of, or "".

    A word shorter than four letters, or of digits for the greater part, is none.
    """
    words, thin = _plain()
    digits = sum(c.isdigit() for c in word)
    if len(word) < _LEAST or word in words or 2 * digits > len(word):
        return ""
    letters = "".join(_DIGITS.get(c, c) for c in word)
    if digits and letters in words:
        return words[letters]
    drawn = any(letters[k] == letters[k - 1] == letters[k - 2] for k in range(2, len(letters)))
    return thin.get(_thin(letters), "") if drawn else ""
