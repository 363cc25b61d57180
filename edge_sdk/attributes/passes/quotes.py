"""Text to be drawn: 'a sign that reads "OH GOD"' speaks of nobody, where nobody else is in the prompt."""

from __future__ import annotations

from ..document import Document
from ..kinds import Kind, Reason

#: How far before the quote the word for writing may stand, in tokens.
_REACH = 4


def run(document: Document) -> None:
    """Dismiss what stands in quotes behind a word for writing; with a person outside, it is read like the rest."""
    spans = _quoted(document)
    if not spans:
        return
    for m in document.marks:
        outside = not any(start <= m.start < end for start, end in spans)
        if outside and m.kind in (Kind.NOUN, Kind.NAME, Kind.TITLE, Kind.PRONOUN):
            return
    document.public += spans
    for i, m in enumerate(document.marks):
        if m.kind is not Kind.STOP and any(start <= m.start < end for start, end in spans):
            document.dismiss(i, Reason.QUOTED)


def _quoted(document: Document) -> list[tuple[int, int]]:
    texts, starts, ends = document.tokens
    found, i = [], 0
    while i < len(texts):
        if texts[i] == '"' and any(t in document.lex.words["writing"] for t in texts[max(0, i - _REACH) : i]):
            close = next((j for j in range(i + 1, len(texts)) if texts[j] == '"'), None)
            if close is not None:
                found.append((ends[i], starts[close]))
                i = close
        i += 1
    return found
