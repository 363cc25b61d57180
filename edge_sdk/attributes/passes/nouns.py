"""Nouns for persons: which of them are one person, and what they say of gender and age."""

from __future__ import annotations

from ..document import Document
from ..kinds import Kind, NounKind, Place
from ..lexicon import NEUTRAL

#: A plain word that ends like this may be a verb, and what is before it a person of its own.
_VERB_ENDS = ("ing", "s", "ed", "ly")


def run(document: Document) -> None:
    """Make the persons that nouns and names speak of."""
    _make_adjectives(document)
    for i in document.of_kind(Kind.NOUN):
        _read_noun(document, i)


def _make_adjectives(document: Document) -> None:
    """ "baby girl", "senior woman", "child ball player": a neutral noun before another noun is an adjective."""
    for i in document.of_kind(Kind.NOUN):
        m, noun = document.marks[i], document.marks[i].noun
        if noun is None or not (noun.kind is NounKind.NEUTRAL or noun.gender == NEUTRAL):
            continue
        if noun.kind not in (NounKind.NEUTRAL, NounKind.CHILD):
            continue
        if _leads_to_person(document, i) or _attributed(document, i) is not None:
            value = noun.age if noun.age is not None else m.value
            document.change(i, kind=Kind.AGE, noun=None, value=int(value))


def _leads_to_person(document: Document, i: int) -> bool:
    """Whether the word at ``i`` stands before a person, with adjectives between: "adult cheerful Chinese man"."""
    head = document.head(i)
    if head is None:
        return False
    between = document.lex.words["between"]
    for j in range(i, head):
        m = document.marks[j]
        tied = m.kind is Kind.SKIN or document.adjacent(j)
        verb = j > i and m.kind is Kind.WORD and m.word not in between and m.word.endswith(_VERB_ENDS)
        if not tied or verb or m.kind is Kind.DECADE or (m.trait is not None and m.trait.behind):
            return False
    return True


def _read_noun(document: Document, i: int) -> None:
    m, noun = document.marks[i], document.marks[i].noun
    if noun is None:
        return
    if m.place is Place.PROFESSION:
        document.says(document.person(i), "profession", m.value)
    if noun.kind is NounKind.ROLE:
        return
    if noun.kind is NounKind.NEUTRAL:
        document.says(document.person(i), "age", noun.age)
        return
    head = document.head(i) if noun.kind is NounKind.ADJECTIVE else None
    following = _attributed(document, i)
    target = document.marks[following].noun if following is not None else None
    person = document.person(i) if head is None else document.give(i, head)
    document.says(person, "gender", noun.gender)
    if noun.kind is NounKind.CHILD and "age" in document.axes:
        person.values["age"] = 0
    shared = target is not None and target.kind in (NounKind.ROLE, NounKind.ADJECTIVE)
    if head is None and following is not None and shared:
        document.owner[following] = document.owner[i]  # "woman firefighter"


def _attributed(document: Document, i: int) -> int | None:
    """The noun that noun ``i`` stands before as an attribute: "woman pilot", "woman health worker"."""
    for j in range(i + 1, min(i + 3, len(document.marks))):
        if not document.adjacent(j - 1):
            return None
        m = document.marks[j]
        if m.kind is Kind.NOUN:
            return j
        # One plain word may stand between; a verb ("a woman teaching ...") makes two persons of it.
        if m.kind not in (Kind.WORD, Kind.ANIMAL) or m.word.endswith(_VERB_ENDS):
            return None
    return None
