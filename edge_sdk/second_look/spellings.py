"""New spellings of plain words for persons: drawn out ("giiirl"), with digits ("w0man"), small capitals, spaced."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final

from .context import context
from .letters import Token

_AXES: Final = ("gender", "age", "ethnicity", "religion")
_DIGITS: Final = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b"}
_LEAST: Final = 4
#: Single letters in a row that may spell a word.
_LEAST_SPACED: Final = 3


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


def disguised(token: Token) -> str:
    """The axis of a plain word that is written in letters which only look like its own, or ""."""
    ascii_typed = token.text.isascii() or token.folded == token.text.lower()
    return "" if ascii_typed else _plain()[0].get(token.folded, "")


def mark_spaced(tokens: Sequence[Token], axes: list[str], sure: list[bool]) -> None:
    """Plain words typed letter by letter: "W O M A N"; they are certain."""
    i = 0
    while i < len(tokens):
        k = i
        while k < len(tokens) and len(tokens[k].folded) == 1 and (k == i or tokens[k].gap in ("", "-", ".", "*", "_")):
            k += 1
        # An article before the word is a letter too: "a W O M A N".
        for first in range(i, k - _LEAST_SPACED + 1):
            axis = _plain()[0].get("".join(t.folded for t in tokens[first:k]), "")
            if axis:
                axes[first:k] = [axis] * (k - first)
                sure[first:k] = [True] * (k - first)
                break
        i = max(k, i + 1)
