"""Hiding whether an attribute was mentioned: every person gets the axis, with the value "unspecified" where nothing
was said ("a pilot", "a female pilot" and "a male pilot" are then one set).

Only where the grammar allows it. Gender: person, child, neutral nouns (parent, server), Mx, they with the verb that
goes with it, and no adjective before a role. Age and the traits: no adjective. A word that must stand where it is
("who is Muslim", a noun without a neutral form) keeps its axis without the value. The cost is the larger product:
one value more for each axis, and the axis for every person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .lexicon import NEUTRAL, TRAITS, data
from .marks import Mark

if TYPE_CHECKING:
    from .reading import Reader

_IRREGULAR = {"is": "are", "was": "were", "has": "have", "does": "do", "'s": "'re", "goes": "go"}
_BACK = {v: k for k, v in _IRREGULAR.items()}


def hide_presence(reader: Reader) -> None:
    """Give every person the axes whose presence is hidden."""
    heads = [i for i in reader.of_kind("noun") if _is_head(reader, i)]
    for i in heads:
        person = reader.person(i)
        noun = reader.marks[i].noun
        for axis in reader.scope.unspecified:
            said = axis in person.values
            allowed = noun is not None and not noun.collective
            if not said and allowed:
                person.values[axis] = NEUTRAL if axis == "gender" else len(reader.lex.values[axis])
    if "gender" in reader.scope.unspecified:
        _agree(reader)


def _is_head(reader: Reader, i: int) -> bool:
    """Whether the noun at ``i`` names a person by itself: not "woman" of "woman pilot", nor "female"."""
    noun = reader.marks[i].noun
    if noun is None or noun.kind in ("adjective", "decade") or reader.marks[i].word in ("someone", "somebody"):
        return False
    owner = reader.owner.get(i)
    return (
        not any(
            j > i and reader.owner.get(j) == owner and reader.marks[j].noun is not None for j in reader.of_kind("noun")
        )
        if owner is not None
        else True
    )


def _agree(reader: Reader) -> None:
    """The verb behind "she", "he" or "they" becomes a slot of the same person: "she waits", "they wait"."""
    for i in reader.of_kind("pronoun"):
        if reader.marks[i].role != "subject" or i + 1 >= len(reader.marks):
            continue
        m = reader.marks[i + 1]
        pair = verb_forms(m.word, reader.marks[i].value == NEUTRAL)
        if pair is not None and m.kind in ("word", "stop"):
            m.kind, m.role, m.literal = "verb", " ".join(pair), ""
            reader.owner[i + 1] = reader.owner[i]


def verb_forms(word: str, plural: bool) -> tuple[str, str] | None:
    """``(waits, wait)`` for either of them; ``None`` for a word that is the same for one and several."""
    if word in _IRREGULAR:
        return word, _IRREGULAR[word]
    if word in _BACK:
        return _BACK[word], word
    if word in data("gender")["same_verb"] or word.endswith(("ed", "ing", "ly")) or not word.isalpha():
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


def movable(m: Mark, unspecified: frozenset[str]) -> bool:
    """Whether a mark is taken out where it stands, because its axis is said before the noun for every member."""
    if m.kind == "trait" and m.trait is not None:
        return m.trait.axis in unspecified and m.role in ("pre", "post")
    return m.kind == "age" and "age" in unspecified


#: Axes in the order in which they stand before a noun.
ORDER = ("age", *TRAITS)
