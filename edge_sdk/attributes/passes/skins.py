"""Tones said of skin: "dark skin", "dark-skinned", "skin tone: dark", "dark_skin", "dark, glowing skin"."""

from __future__ import annotations

from typing import Final

from ..document import Document
from ..kinds import Kind
from ..marks import Mark

#: A tone has at most this many words ("medium-dark").
_LONGEST: Final = 5
#: Adjectives of skin that may stand between.
_MOST_BETWEEN: Final = 4


def run(document: Document) -> None:
    """Collect the marks of skin tones; the matching of words takes them over."""
    texts = document.tokens.texts
    words = document.lex.words
    for i, text in enumerate(texts):
        if text in words["skin_words"] and not _stated_behind(document, i):
            _stated_before(document, i)


def _tone_ending(document: Document, end: int) -> int | None:
    """Where the longest tone that ends before token ``end`` begins."""
    texts, tones = document.tokens.texts, document.lex.tones
    found = None
    for begin in range(end - 1, max(-1, end - 1 - _LONGEST), -1):
        if "-".join(t for t in texts[begin:end] if t not in "-_") in document.lex.tone_keys:
            found = begin
    return found if tones else None


def _add(document: Document, begin: int, end: int, prefix: bool, stretch: tuple[int, int]) -> None:
    """Mark the tone of tokens ``begin`` to ``end``; the tokens of ``stretch`` are read with it."""
    texts, begins, ends = document.tokens
    key = "-".join(t for t in texts[begin:end] if t not in "-_")
    tone = document.lex.tone_keys[key]
    value = document.lex.tones[tone]
    near = tone != document.lex.values["skin_tone"][value]
    mark = Mark(begins[begin], ends[end - 1], Kind.SKIN, tone, value=value, prefix=prefix, near=near)
    start, stop = begins[stretch[0]], ends[stretch[1] - 1]
    if not any(a < stop and start < b for a, b, _ in document.special):
        document.special.append((start, stop, mark))


def _stated_before(document: Document, i: int) -> None:
    """ "dark skin", "dark-toned skin", "dark glowing skin", "dark-skinned"."""
    texts, words = document.tokens.texts, document.lex.words
    prefix = texts[i] in words["skinned"]
    if texts[i + 1 : i + 2] == ["-"] and not prefix and texts[i + 2 : i + 3] not in (["toned"], ["tone"]):
        return  # "dark skin-tight suit"
    j = i
    while j and texts[j - 1] in ("-", "_"):
        j -= 1
    if not prefix and texts[j - 1 : j] and texts[j - 1] in words["toned"]:
        j -= 1
        while j and texts[j - 1] in ("-", "_"):
            j -= 1
    for _ in range(_MOST_BETWEEN):
        begin = _tone_ending(document, j)
        if begin is not None:
            _add(document, begin, j, prefix, (begin, i + 1))
            return
        if j and (texts[j - 1] in words["of_skin"] or texts[j - 1] in (",", "and", "-")):
            j -= 1
        else:
            return


def _stated_behind(document: Document, i: int) -> bool:
    """ "skin: dark", "skin tone dark", "skin is dark", "whose skin colour is very dark"."""
    texts, words = document.tokens.texts, document.lex.words
    if texts[i] in words["skinned"]:
        return False
    j = i + 1
    tone = j < len(texts) and texts[j] in ("tone", "color", "colour")
    j += tone
    says = False
    while j < len(texts) and texts[j] in (":", "=", "is", "was", "so"):
        says, j = True, j + 1
    if not (says or tone):
        return False
    for end in range(min(len(texts), j + _LONGEST), j, -1):
        key = "-".join(t for t in texts[j:end] if t not in "-_")
        if key in document.lex.tone_keys and texts[end - 1] not in "-_" and texts[end : end + 1] != ["-"]:
            _add(document, j, end, False, (i, end))
            return True
    return False
