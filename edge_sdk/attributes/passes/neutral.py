"""Nouns that say an age and no gender before another noun: "baby girl", "senior woman", "child ball player".

There they are adjectives; so they are in a list ("guy, senior, nigerian") and behind "is" ("who is adult and Korean").
"""

from __future__ import annotations

from ..document import VERB_ENDS, Document
from ..kinds import Kind, NounKind, Place
from ..lexicon import NEUTRAL


def run(document: Document) -> None:
    """Make adjectives of such nouns."""
    for i in document.of_kind(Kind.NOUN):
        m, noun = document.marks[i], document.marks[i].noun
        if noun is None or not (noun.kind is NounKind.NEUTRAL or noun.gender == NEUTRAL):
            continue
        if noun.kind not in (NounKind.NEUTRAL, NounKind.CHILD):
            continue
        alone = document.is_sign(i - 1) and document.is_sign(i + 1) and i > 0
        if (
            alone
            and m.value >= 0
            and noun.kind is NounKind.NEUTRAL
            and (document.last_single(i) is not None or document.shows_person())
        ):
            document.change(i, kind=Kind.AGE, noun=None, place=Place.LISTED)  # "guy, senior, nigerian"
            continue
        if m.value >= 0 and noun.kind is NounKind.NEUTRAL and document.predicate(i):
            document.change(i, kind=Kind.AGE, noun=None, place=Place.PREDICATE)  # "who is adult and Korean"
            continue
        if _leads_to_person(document, i) or document.attributed(i) is not None:
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
        verb = j > i and m.kind is Kind.WORD and m.word not in between and m.word.endswith(VERB_ENDS)
        verb = verb and not m.word.endswith("ss")  # "toothless"
        if not tied or verb or m.kind is Kind.STOP or m.kind is Kind.DECADE or (m.trait is not None and m.trait.behind):
            return False
    return True
