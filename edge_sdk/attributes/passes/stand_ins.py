"""Nouns that an adjective stands for: "a Muslim", "two Germans", "a Latina", "a school for the blind".

They are read as the adjective, and a noun of no letters behind it ("person", "people", "woman").
"""

from __future__ import annotations

from ..document import Document
from ..kinds import Kind, NounKind, Place
from ..lexicon import Noun
from ..marks import Mark

#: What may lie between an article and the noun.
_LOOK_BACK = 4
_PERSONS = (Kind.NOUN, Kind.NAME, Kind.TITLE, Kind.PRONOUN)
_ADJECTIVES = (Kind.WORD, Kind.AGE, Kind.TRAIT, Kind.TONE, Kind.LITTLE, Kind.SKIN)


def run(document: Document) -> None:
    """Put the nouns in."""
    out: list[Mark] = []
    for i, m in enumerate(document.marks):
        out.append(m)
        if m.kind is not Kind.TRAIT or m.trait is None:
            continue
        counted = False if document.is_elliptic(i) else _is_counted(document, i)
        if counted is not None:
            out.append(_stand_in(document, m, plural=counted))
        elif _stands_for_people(document, i):
            out.append(_stand_in(document, m, plural=True))
        elif _is_described(document, i):
            out.append(_stand_in(document, m, plural=m.trait.plural and not m.trait.adjective))
        elif not (m.trait.singular or m.trait.plural):
            continue
        elif _is_noun(document, i):
            out.append(_stand_in(document, m, plural=m.trait.plural))
        elif m.trait.gender == 0 and _before_role(document, i):  # "Latino" before a noun says no gender
            noun = Noun(NounKind.ADJECTIVE, False, m.trait.gender, forms=document.lex.gender_adjectives)
            out.append(Mark(m.end, m.end, Kind.NOUN, "", noun, literal=" {}"))
    document.insert(out)


def _is_counted(document: Document, i: int) -> bool | None:
    """ "one blind, one deaf", "two Indian, two Thai": whether it is several; ``None`` if nobody is counted."""
    trait = document.marks[i].trait
    if trait is None or not (trait.adjective or trait.singular) or trait.place or i == 0:
        return None
    if not document.is_in(i - 1, document.lex.words["counters"]) or not document.adjacent(i - 1):
        return None
    after = document.marks[i + 1] if i + 1 < len(document.marks) else None
    if after is not None and after.kind is not Kind.STOP and document.adjacent(i):
        return None
    if after is not None and document.coordinated(i):
        return None
    return not document.is_in(i - 1, document.lex.words["singles"])


def _stands_for_people(document: Document, i: int) -> bool:
    """ "a school for the blind", "the Chinese are celebrating": an adjective behind "the" that nothing follows."""
    trait = document.marks[i].trait
    if trait is None or not trait.adjective or trait.direct or trait.singular:
        return False
    if trait.axis not in ("nationality", "disability") or not document.is_in(i - 1, document.lex.words["definite"]):
        return False
    after = document.marks[i + 1] if i + 1 < len(document.marks) else None
    return after is None or after.kind is Kind.STOP or not document.adjacent(i)


def _is_described(document: Document, i: int) -> bool:
    """ "cute japanese, beach", "hot latina": with looks of a person said before it, or a gender in it, nothing that it
    could describe behind it, and nobody else in the prompt."""
    trait = document.marks[i].trait
    if trait is None or not (trait.adjective or trait.singular) or trait.place or trait.behind:
        return False
    if (trait.direct and not document.capital(i)) or any(k.kind in _PERSONS for k in document.marks):
        return False
    after = document.marks[i + 1] if i + 1 < len(document.marks) else None
    if after is not None and document.adjacent(i) and not _may_follow(document, after):
        return False
    said, j = trait.gender is not None, i - 1
    while j >= 0 and not document.is_sign(j):
        m = document.marks[j]
        if m.kind is Kind.WORD and m.word in document.lex.words["between"]:
            said = True
        elif m.kind not in _ADJECTIVES[1:]:
            return trait.gender is not None
        j -= 1
    return said


def _stand_in(document: Document, m: Mark, *, plural: bool) -> Mark:
    gender = m.trait.gender if m.trait is not None else None
    if gender is not None and "gender" in document.axes:
        return Mark(m.end, m.end, Kind.NOUN, "", Noun(NounKind.PLAIN, plural, gender), literal=" {}")
    word = document.lex.neutral[plural][1]
    return Mark(m.end, m.end, Kind.NOUN, word, Noun(NounKind.ROLE, plural), literal=f" {word}")


def _before_role(document: Document, i: int) -> bool:
    """Whether a person whose noun says no gender follows: "a Latina nurse"."""
    head = document.head(i)
    noun = None if head is None else document.marks[head].noun
    return noun is not None and noun.gender is None and noun.kind is NounKind.ROLE


def _is_noun(document: Document, i: int) -> bool:
    """Whether the trait at ``i`` is a noun here: nothing it could describe follows, and an article stands before."""
    marks, trait = document.marks, document.marks[i].trait
    if trait is None:
        return False
    only_plural = trait.plural and not trait.adjective
    after = marks[i + 1] if i + 1 < len(marks) else None
    if after is not None and document.adjacent(i):
        if only_plural:
            if after.kind is Kind.NOUN or (after.kind is Kind.TRAIT and not _is_behind(after)):
                return after.noun is not None and after.noun.kind is NounKind.ADJECTIVE
            return True
        if not _may_follow(document, after):
            return False
        if document.is_in(i + 1, document.lex.words["joining"]) and document.coordinated(i):
            return False
    if only_plural:
        return True
    if document.predicate(i) and trait.adjective:
        return False
    return _has_article(document, i)


def _is_behind(m: Mark) -> bool:
    return m.trait is not None and m.trait.behind


def _may_follow(document: Document, after: Mark) -> bool:
    """What stands behind a noun and not behind an adjective: a sign, a verb, a phrase about the noun."""
    words = document.lex.words
    doing = after.kind is Kind.WORD and after.word.endswith(("ing", "ed")) and after.word not in words["events"]
    if doing and after.word in words["looks"] and document.head(document.marks.index(after)) is not None:
        return False  # "an Asian smiling woman"
    return (
        after.kind in (Kind.STOP, Kind.DECADE, Kind.PRONOUN)
        or (after.kind is Kind.TRAIT and _is_behind(after))
        or doing
        or after.word in words["verbs_behind"]
        or (after.kind is Kind.AGE and after.place is Place.YEARS)
    )


def _has_article(document: Document, i: int) -> bool:
    marks, m = document.marks, document.marks[i]
    for j in range(i - 1, max(-1, i - 1 - _LOOK_BACK), -1):
        if document.is_in(j, document.lex.words["before_nouns"]):
            return True
        noun = marks[j].noun
        adjective = noun is not None and noun.kind in (NounKind.NEUTRAL, NounKind.ADJECTIVE)
        if marks[j].kind not in _ADJECTIVES and not adjective:
            return False
    numbered = document.prompt[: m.start].rstrip()[-1:].isdecimal()
    return i == 0 or numbered or all(k.kind in _ADJECTIVES[1:] for k in marks[:i] if k.kind is not Kind.LITTLE)
