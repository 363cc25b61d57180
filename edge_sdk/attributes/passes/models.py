"""Model tags ("<lora:film_SD1.5:0.6>"): what is left of them when those that name persons are gone speaks of nobody."""

from __future__ import annotations

from ..document import Document
from ..kinds import Kind, Reason


def run(document: Document) -> None:
    """Dismiss the words inside of tags."""
    start = document.typed.find("<")
    while start >= 0:
        end = document.typed.find(">", start)
        if end < 0:
            return
        for i, m in enumerate(document.marks):
            if start < m.start and m.end <= end and m.kind not in (Kind.STOP, Kind.WORD):
                document.dismiss(i, Reason.STYLE)
        start = document.typed.find("<", end)
