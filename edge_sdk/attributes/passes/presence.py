"""Hiding whether an attribute was mentioned: every person gets the axis, with the value "unspecified" where nothing
was said ("a pilot", "a female pilot" and "a male pilot" are then one set).

Only where the grammar allows it. Gender: person, child, neutral nouns (parent, server), Mx, they with the verb that
goes with it, and no adjective before a role. Age and the traits: no adjective. A word that must stand where it is
("who is Muslim", a noun without a neutral form) keeps its axis without the value. The cost is the larger product:
one value more for each axis, and the axis for every person.
"""

from __future__ import annotations

from ..axes import SPECS
from ..document import Document
from ..kinds import Kind, NounKind, PronounForm
from ..lexicon import NEUTRAL

_IRREGULAR = {"is": "are", "was": "were", "has": "have", "does": "do", "'s": "'re", "goes": "go"}
_BACK = {v: k for k, v in _IRREGULAR.items()}


def run(document: Document) -> None:
    """Give every person the axes whose presence is hidden."""
    if not document.scope.unspecified:
        return
    heads = [i for i in document.of_kind(Kind.NOUN) if _is_head(document, i)]
    for i in heads:
        person = document.person(i)
        noun = document.marks[i].noun
        for axis in document.scope.unspecified:
            said = axis in person.values
            allowed = noun is not None and not noun.collective and SPECS[axis].may_be_unsaid
            if not said and allowed:
                person.values[axis] = NEUTRAL if axis == "gender" else len(document.lex.values[axis])
    if "gender" in document.scope.unspecified:
        _agree(document)


def _is_head(document: Document, i: int) -> bool:
    """Whether the noun at ``i`` names a person by itself: not "woman" of "woman pilot", nor "female"."""
    noun = document.marks[i].noun
    if (
        noun is None
        or noun.kind in (NounKind.ADJECTIVE, NounKind.DECADE)
        or document.marks[i].word in ("someone", "somebody")
    ):
        return False
    owner = document.owner.get(i)
    return (
        not any(
            j > i and document.owner.get(j) == owner and document.marks[j].noun is not None
            for j in document.of_kind(Kind.NOUN)
        )
        if owner is not None
        else True
    )


def _agree(document: Document) -> None:
    """The verb behind "she", "he" or "they" becomes a slot of the same person: "she waits", "they wait"."""
    for i in document.of_kind(Kind.PRONOUN):
        if document.marks[i].form is not PronounForm.SUBJECT or i + 1 >= len(document.marks):
            continue
        m = document.marks[i + 1]
        pair = verb_forms(m.word, document.marks[i].value == NEUTRAL, document.lex.words["same_verb"])
        if pair is not None and m.kind in (Kind.WORD, Kind.STOP):
            document.change(i + 1, kind=Kind.VERB, verb=pair, literal="")
            document.owner[i + 1] = document.owner[i]


def verb_forms(word: str, plural: bool, same: frozenset[str]) -> tuple[str, str] | None:
    """``(waits, wait)`` for either of them; ``None`` for a word that is the same for one and several."""
    if word in _IRREGULAR:
        return word, _IRREGULAR[word]
    if word in _BACK:
        return _BACK[word], word
    if word in same or word.endswith(("ed", "ing", "ly")) or not word.isalpha():
        return None
    if not plural:
        return (word, _base(word)) if word.endswith("s") and not word.endswith("ss") else None
    return _third(word), word


def _base(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    return word[:-2] if word.endswith(("sses", "shes", "ches", "xes", "zzes", "oes")) else word[:-1]


def _third(word: str) -> str:
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("ss", "sh", "ch", "x", "zz", "o")) else f"{word}s"
