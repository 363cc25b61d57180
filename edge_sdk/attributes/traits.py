"""Traits: ethnicity, nationality, religion, disability, body and hair, and the persons they belong to.

A trait word is kept only where it speaks of a person: before one ("a Chinese pilot"), behind one ("in a
wheelchair"), behind "is" ("who is Muslim"), or as the noun itself ("two Germans"), which is then read as the
adjective and "person" or "people". Elsewhere ("a Chinese restaurant") it is a plain word. The rules look at word
classes, never at which value a word says.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .lexicon import Noun, data
from .marks import Mark
from .words import COPULAS

if TYPE_CHECKING:
    from .reading import Reader

#: Words before which a singular noun may stand with adjectives between: "a young Muslim", "an elderly Asian in a suit".
_ARTICLES = frozenset(
    ("a", "an", "the", "this", "that", "one", "another", "every", "each", "fellow", "some", "my",
     "his", "her", "their", "our")
)  # fmt: skip
#: What may lie between such an article and the noun.
_LOOK_BACK = 4
#: Of several persons these say who they are ("a black and white couple"); else they say how a picture is taken.
_COLOURS_OF_SEVERAL = frozenset(data("ethnicity")["of_several"])
_MOTION = frozenset(("comes", "come", "hails", "hail", "came", "immigrated", "is", "are", "'s", "was", "were"))


def read_traits(reader: Reader) -> None:
    """Give every trait its person, or make it a plain word."""
    for i in reader.of_kind("trait"):
        m = reader.marks[i]
        if m.trait is None:
            continue
        head = _head(reader, i)
        if head is None and m.trait.adjective and not m.trait.direct and _coordinated(reader, i):
            person = reader.person(i)  # "Asian and Hispanic women": slots of their own
            m.role = "pre"
        elif head is None and not (reader.predicate(i) and m.trait.adjective):
            m.kind = "word"
            continue
        elif head is None and m.trait.value is None:
            m.kind, m.role = "word", "unlisted"  # "who is agnostic": nothing else can stand here
            continue
        elif head is None:
            subject = reader.subject(i)
            person = reader.person(i) if subject is None else reader.give(i, subject)
            m.role = "pred"
        else:
            person = reader.give(i, head)
            m.role = "pre" if not m.trait.behind else "pred" if i and reader.marks[i - 1].word in COPULAS else "post"
        reader.says(person, m.trait.axis, m.trait.value)


def _head(reader: Reader, i: int) -> int | None:
    m, trait = reader.marks[i], reader.marks[i].trait
    if trait is None:
        return None
    if trait.behind:
        return _before(reader, i, trait.axis == "nationality" and m.word.startswith("from"))
    if not trait.adjective and not (i + 1 < len(reader.marks) and reader.marks[i + 1].literal):
        return None
    if m.word in _COLOURS_OF_SEVERAL and not _several(reader, reader.directly(i)):
        return None
    if trait.direct and not reader.capital(i):
        return reader.directly(i)
    head = reader.head(i)
    return head if head is not None else reader.unknown_head(i)


def _several(reader: Reader, head: int | None) -> bool:
    noun = None if head is None else reader.marks[head].noun
    return noun is not None and (noun.plural or noun.collective)


def _before(reader: Reader, i: int, near_only: bool) -> int | None:
    """The person a phrase behind belongs to; "from China" only right behind one ("noodles from China" is none)."""
    if not near_only:
        return reader.before(i)
    j = i - 1
    while j >= 0 and (reader.marks[j].word in _MOTION or reader.marks[j].kind in ("trait", "skin", "decade")):
        j -= 1
    if j < 0:
        return None
    kind = reader.marks[j].kind
    if kind == "stop" and reader.marks[j].word in ("who", "that"):
        return reader.before(j)
    return j if kind in ("noun", "name") else None


def split_nouns(reader: Reader) -> None:
    """ "a Muslim", "two Germans", "a Latina": the trait, and a noun of no letters that stands for the person."""
    out: list[Mark] = []
    for i, m in enumerate(reader.marks):
        out.append(m)
        if m.kind != "trait" or m.trait is None:
            continue
        if _stands_for_people(reader, i):
            out.append(_stand_in(reader, m, plural=True))
            continue
        if not (m.trait.singular or m.trait.plural):
            continue
        if _is_noun(reader, i):
            out.append(_stand_in(reader, m, plural=m.trait.plural))
        elif m.trait.gender == 0 and _before_role(reader, i):  # "Latino" before a noun says no gender
            forms = ("female", "male")
            noun = Noun("adjective", False, m.trait.gender, forms=forms)
            out.append(Mark(m.end, m.end, "noun", "", noun, literal=" {}"))
    reader.marks = out


def _stands_for_people(reader: Reader, i: int) -> bool:
    """ "a school for the blind", "the Chinese are celebrating": an adjective behind "the" that nothing follows."""
    marks, m = reader.marks, reader.marks[i]
    if m.trait is None or not m.trait.adjective or m.trait.direct or m.trait.singular:
        return False
    if m.trait.axis not in ("nationality", "disability") or i == 0 or marks[i - 1].word != "the":
        return False
    after = marks[i + 1] if i + 1 < len(marks) else None
    return after is None or after.kind == "stop" or not reader.adjacent(i)


def _stand_in(reader: Reader, m: Mark, *, plural: bool) -> Mark:
    gender = m.trait.gender if m.trait is not None else None
    if gender is not None and "gender" in reader.axes:
        return Mark(m.end, m.end, "noun", "", Noun("plain", plural, gender), literal=" {}")
    word = "people" if plural else "person"
    return Mark(m.end, m.end, "noun", word, Noun("role", plural), literal=f" {word}")


def _before_role(reader: Reader, i: int) -> bool:
    """Whether a person whose noun says no gender follows: "a Latina nurse"."""
    head = reader.head(i)
    noun = None if head is None else reader.marks[head].noun
    return noun is not None and noun.gender is None and noun.kind == "role"


def _is_noun(reader: Reader, i: int) -> bool:
    """Whether the trait at ``i`` is a noun here: nothing it could describe follows, and an article stands before."""
    marks, m = reader.marks, reader.marks[i]
    trait = m.trait
    if trait is None:
        return False
    after = marks[i + 1] if i + 1 < len(marks) else None
    if after is not None and reader.adjacent(i):
        doing = after.word.endswith(("ing", "ed")) and after.word not in reader.lex.events
        verb = (after.kind == "word" and doing) or after.word in (
            "sits",
            "stands",
            "walks",
            "looks",
            "who",
            "has",
        )
        if trait.plural and not trait.adjective:
            if after.kind == "noun" or (after.kind == "trait" and not after.trait.behind):  # type: ignore[union-attr]
                return after.kind == "noun" and after.noun is not None and after.noun.kind == "adjective"
            return True
        behind = after.kind == "trait" and after.trait is not None and after.trait.behind
        if not (
            after.kind in ("stop", "decade", "pronoun")
            or behind
            or verb
            or (after.kind == "age" and after.role == "years")
        ):
            return False
        if after.kind == "stop" and after.word in ("and", "or") and _coordinated(reader, i):
            return False
    if trait.plural and not trait.adjective:
        return True
    if reader.predicate(i) and trait.adjective:
        return False
    for j in range(i - 1, max(-1, i - 1 - _LOOK_BACK), -1):
        word = marks[j].word
        if word in _ARTICLES:
            return True
        noun = marks[j].noun
        if marks[j].kind not in ("word", "age", "trait", "tone", "little", "skin") and not (
            noun is not None and noun.kind in ("neutral", "adjective")
        ):
            return False
    return i == 0 or re.search(r"\d\s*$", reader.prompt[: m.start]) is not None or _opens(reader, i)


def _opens(reader: Reader, i: int) -> bool:
    """Whether only adjectives stand between the prompt's start and the noun: "Elderly Asian in a park"."""
    return all(m.kind in ("age", "trait", "tone", "skin") for m in reader.marks[:i])


def _coordinated(reader: Reader, i: int) -> bool:
    """ "Asian and Hispanic women": adjectives of one noun that follows."""
    j = i + 2
    if j >= len(reader.marks) or reader.marks[i + 1].word not in ("and", "or", ","):
        return False
    return reader.marks[j].kind == "trait" and reader.head(j) is not None
