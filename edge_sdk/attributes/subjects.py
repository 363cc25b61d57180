"""Who a predicate speaks of, where a pronoun stands before it."""

from __future__ import annotations

from .document import Document
from .kinds import Kind, PronounForm


def pronoun_apart(document: Document, i: int) -> int | None:
    """The pronoun before "is" where it is somebody apart: "he is 70 and she is Muslim".

    Where one noun alone was named before, it means that one.
    """
    marks, words = document.marks, document.lex.words
    c = i - 1
    while c > 0 and marks[c].word in words["adverbs"]:
        c -= 1
    c -= 1
    if c < 0:
        return None
    nouns = sum(m.kind in (Kind.NOUN, Kind.NAME) for m in marks[:c])
    if marks[c].form is not PronounForm.SUBJECT:
        return c if not nouns and marks[c].word in words["somebody"] else None
    others = any(m.form is PronounForm.SUBJECT for m in marks[:c])
    return c if others or nouns != 1 else None
