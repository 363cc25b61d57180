"""First names, where they are hidden as an axis of their own."""

from __future__ import annotations

from ..document import Document
from ..kinds import Kind


def run(document: Document) -> None:
    """Each name is a person."""
    for i in document.of_kind(Kind.NAME):
        document.says(document.person(i), "first_names", document.marks[i].value)
