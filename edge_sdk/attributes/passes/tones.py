"""Skin tones: colours directly before a person, and tones said of skin."""

from __future__ import annotations

from ..document import Document
from ..kinds import Kind, Place, Reason


def run(document: Document) -> None:
    """Colours become skin tones where they can be nothing else; then every tone gets its person."""
    for i in document.of_kind(Kind.TONE):
        head = document.directly(i)
        head = document.somebody_alone(i) if head is None else head
        if head is None or (document.is_in(i, document.lex.words["not_before_roles"]) and document.bare_role(head)):
            document.dismiss(i)  # brown cat, fair judge
        else:
            document.change(i, kind=Kind.SKIN, prefix=True, place=Place.SKINNED, near=True)
    for i in document.of_kind(Kind.SKIN):
        m = document.marks[i]
        head = (document.head(i) if m.prefix else None) or document.before(i)
        if head is None and _is_of_thing(document, i):
            document.dismiss(i, Reason.THING)
            continue
        if head is None:
            head = next((j for j in document.of_kind(Kind.NOUN) if j > i), None)
        person = document.person(i) if head is None else document.give(i, head)
        document.says(person, "skin_tone", m.value)


def _is_of_thing(document: Document, i: int) -> bool:
    """ "a lizard with dark skin", "a peach with pale skin": an animal or a fruit is spoken of, and nobody."""
    if document.has_person():
        return False
    things = document.lex.words["skinned_things"]
    return any(m.kind is Kind.ANIMAL or m.word in things for m in document.marks[:i])
