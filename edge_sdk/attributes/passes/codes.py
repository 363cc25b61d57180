"""Tones of skin as codes of colours: "skin #8d5524", "skin tone: #8d5524", "#8d5524 skin", "skin rgb(141, 85, 36)"."""

from __future__ import annotations

from typing import Final

from ..document import Document
from ..kinds import Kind
from ..marks import Mark

_HEX: Final = frozenset("0123456789abcdef")
_LENGTHS: Final = (3, 6)
_RGB: Final = 3
#: How bright a colour is at least (of 255) to be told as the first, second, … tone; below is the last.
_BRIGHTNESS: Final = (210, 175, 125, 80)
#: How many words may stand between "skin" and the code.
_MOST_BETWEEN: Final = 4


def run(document: Document) -> None:
    """Collect the marks; the matching of words takes them over."""
    texts, words = document.tokens.texts, document.lex.words
    if not any(t in ("#", "rgb") for t in texts):
        return
    i = 0
    while i < len(texts):
        found = _code(document, i)
        if found is None:
            i += 1
            continue
        value, end = found
        behind = end + (texts[end : end + 1] == ["-"])
        if texts[behind : behind + 1] and texts[behind] in words["skin_words"]:
            _add(document, i, end, value, prefix=texts[behind] in words["skinned"], upto=behind + 1)
        else:
            _behind_skin(document, i, end, value)
        i = end


def _code(document: Document, i: int) -> tuple[int, int] | None:
    """The tone of the code that begins at token ``i``, and the token behind it."""
    texts, starts, ends = document.tokens
    if texts[i] == "#":
        j, digits = i + 1, ""
        while j < len(texts) and starts[j] == ends[j - 1] and set(texts[j]) <= _HEX:
            digits += texts[j]
            j += 1
        if len(digits) not in _LENGTHS:
            return None
        step = len(digits) // _RGB
        parts = [int(digits[k : k + step] * (2 // step), 16) for k in range(0, len(digits), step)]
        return _tone(parts), j
    if texts[i] != "rgb":
        return None
    j, parts = i + 1, []
    while (
        j < len(texts)
        and len(parts) < _RGB
        and (texts[j] in ("(", ",") or (texts[j].isdecimal() and len(texts[j]) <= _RGB))
    ):
        if texts[j].isdecimal():
            parts.append(int(texts[j]))
        j += 1
    return (_tone(parts), j + (texts[j : j + 1] == [")"])) if len(parts) == _RGB else None


def _tone(parts: list[int]) -> int:
    """The tone by how bright red, green and blue are together to the eye (Rec. 601)."""
    bright = (299 * parts[0] + 587 * parts[1] + 114 * parts[2]) // 1000
    return next((k for k, least in enumerate(_BRIGHTNESS) if bright >= least), len(_BRIGHTNESS))


def _behind_skin(document: Document, i: int, end: int, value: int) -> None:
    """ "skin #8d5524": said before the word, as members say it; behind "skin tone:" it stays where it is."""
    texts, words = document.tokens.texts, document.lex.words
    j, says, bracket = i - 1, False, False
    while j >= 0 and i - j <= _MOST_BETWEEN and texts[j] in words["before_codes"]:
        says = says or texts[j] in (":", "=", "is", "tone", "color", "colour")
        bracket = bracket or texts[j] == "("
        j -= 1
    if j < 0 or texts[j] not in words["skin_words"]:
        return
    if says and not bracket:
        _add(document, i, end, value, prefix=False, upto=end)
        return
    end += bracket and texts[end : end + 1] == [")"]
    start, stop = document.tokens.starts[j], document.tokens.ends[end - 1]
    tone = document.lex.values["skin_tone"][value]
    mark = Mark(start, stop, Kind.SKIN, tone, value=value, literal="{} skin", near=True)
    document.special.append((start, stop, mark))


def _add(document: Document, i: int, end: int, value: int, *, prefix: bool, upto: int) -> None:
    starts, ends = document.tokens.starts, document.tokens.ends
    tone = document.lex.values["skin_tone"][value]
    mark = Mark(starts[i], ends[end - 1], Kind.SKIN, tone, value=value, prefix=prefix, near=True)
    document.special.append((starts[i], ends[upto - 1], mark))
