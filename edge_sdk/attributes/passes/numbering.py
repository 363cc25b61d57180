"""Persons in the order in which the prompt first gives something away about them."""

from __future__ import annotations

from ..document import Document


def run(document: Document) -> None:
    """Number the persons; who has no axis is none."""
    first: dict[int, int] = {}
    for i, o in document.owner.items():
        if document.persons[o].values:
            first[o] = min(i, first.get(o, i))
    order = sorted(first, key=lambda o: first[o])
    new = {old: n for n, old in enumerate(order)}
    document.owner = {i: new[o] for i, o in document.owner.items() if o in new}
    document.persons = [document.persons[o] for o in order]
