"""Words about animals ("a mother cat", "a baby elephant and her keeper") are no attributes.

The rules look at word classes only, never at which gender or age a word says, so they decide alike for all
members of a set. A doubt is decided for the person: a false alarm costs compute, a miss costs privacy.
"""

from __future__ import annotations

from ..document import Document
from ..kinds import Kind, NounKind, PronounForm, Reason

#: Marks that may be about an animal that follows them.
_ABOUT = (Kind.NOUN, Kind.AGE, Kind.LITTLE, Kind.TONE, Kind.TRAIT)
#: Pronouns that may mean an animal: "the cat and her kittens". In "the dog is hers", "a dog follows her" they
#: are somebody the prompt does not name.
_OF_ANIMALS = (PronounForm.POSSESSIVE, PronounForm.SUBJECT, PronounForm.REFLEXIVE)
#: What may stand between such a word and the animal.
_BETWEEN = (Kind.TONE, Kind.LITTLE, Kind.AGE, Kind.TRAIT)
#: Nouns that an animal's name follows directly, if at all.
_DIRECT = (NounKind.PLAIN, NounKind.CHILD, NounKind.PAIR, NounKind.DECADE)


def run(document: Document) -> None:
    """Dismiss the marks that speak of an animal."""
    if not document.of_kind(Kind.ANIMAL):
        return
    marks = document.marks
    for i in range(len(marks) - 1, -1, -1):
        if marks[i].kind in _ABOUT and (
            _before_animal(document, i) or _beside_young(document, i) or _is_its_young(document, i)
        ):
            document.dismiss(i, Reason.ANIMAL)
    for i in document.of_kind(Kind.PRONOUN):
        if marks[i].form in _OF_ANIMALS and _only_animals(document, i):
            document.dismiss(i, Reason.ANIMAL)
            if _is_young(document, i + 1):
                document.dismiss(i + 1, Reason.ANIMAL)


def _is_animal(document: Document, i: int) -> bool:
    """An animal, or a word that was found to speak of one."""
    found = document.dismissed.get(document.marks[i].start)
    return document.marks[i].kind is Kind.ANIMAL or (found is not None and found.reason is Reason.ANIMAL)


def _before_animal(document: Document, i: int) -> bool:
    """ "female brown cat", but not "woman horse rider" and not "a baby petting a cat"."""
    marks, words = document.marks, document.lex.words
    m = marks[i]
    direct = m.kind is Kind.NOUN and m.noun is not None and m.noun.kind in _DIRECT
    j = i
    while document.adjacent(j):
        j += 1
        after = marks[j]
        if _is_animal(document, j):
            if not document.adjacent(j):
                return True
            beyond = marks[j + 1]
            return beyond.kind is not Kind.NOUN and beyond.word not in words["not_the_animal"]
        if direct and m.word not in words["animal_parents"]:
            return False
        if after.kind not in _BETWEEN and after.word not in words["between"]:
            return False
    return False


def _is_young(document: Document, i: int) -> bool:
    if i >= len(document.marks):
        return False
    noun = document.marks[i].noun
    return noun is not None and noun.kind is NounKind.NEUTRAL and document.adjacent(i - 1)


def _beside_young(document: Document, i: int) -> bool:
    """ "an adult and a baby zebra": a parent beside what is already known to be an animal's young."""
    words = document.lex.words
    if not document.is_in(i, words["animal_parents"]) or not document.is_in(i + 1, document.lex.words["joining_with"]):
        return False
    j = i + 2
    if document.is_in(j, document.lex.words["openings"]):
        j += 1
    return j < len(document.marks) and document.marks[j].kind is not Kind.ANIMAL and _is_animal(document, j)


def _is_its_young(document: Document, i: int) -> bool:
    """ "a king penguin with its chick"."""
    m = document.marks[i]
    if m.kind is not Kind.NOUN or m.noun is None or m.noun.kind not in (*_DIRECT, NounKind.NEUTRAL):
        return False
    return document.is_in(i - 1, document.lex.words["its"]) and any(k.kind is Kind.ANIMAL for k in document.marks[:i])


def _only_animals(document: Document, i: int) -> bool:
    """Whether an animal and no person stands before mark ``i``."""
    kinds = [m.kind for m in document.marks[:i]]
    return Kind.ANIMAL in kinds and not any(k in (Kind.NOUN, Kind.TITLE, Kind.PRONOUN) for k in kinds)
