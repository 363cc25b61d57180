"""Colours beside colours: "a red, white and blue suit". Black, white and brown are no persons there."""

from __future__ import annotations

from ..document import Document
from ..kinds import Kind, Reason


def run(document: Document) -> None:
    """Dismiss the colours that stand in a list of colours."""
    for i in document.of_kind(Kind.TRAIT, Kind.TONE):
        m = document.marks[i]
        colour = m.kind is Kind.TONE or (m.trait is not None and m.trait.direct)
        if colour and _in_list(document, i):
            document.dismiss(i, Reason.THING)


def _in_list(document: Document, i: int) -> bool:
    joints = document.lex.words["pairing"]
    before, behind = _is_colour(document, i - 2), _is_colour(document, i + 2)
    if (before and document.is_in(i - 1, joints)) or (behind and document.is_in(i + 1, joints)):
        return True
    return before and document.is_in(i - 1, (",",)) and behind and document.is_in(i + 1, (",",))


def _is_colour(document: Document, i: int) -> bool:
    """A word for a colour that is no person, and no part of one: "blue", not "blue-eyed"."""
    if not document.is_in(i, document.lex.words["colours"]):
        return False
    m = document.marks[i]
    return document.prompt[m.end : m.end + 1] != "-"
