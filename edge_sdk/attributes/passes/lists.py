"""Words set off from their person: "a woman, Asian, 30 years old", "1girl, korean, young", "people young and old".

What the passes before found no noun for is decided here: it describes a thing ("old car"), it describes a person who
stands further off, or nobody is there. What is left has no verdict, and the residue asks about it. By structure alone:
whether words are alike decides nothing, only where they stand.
"""

from __future__ import annotations

from ..document import Document
from ..kinds import Kind, Place, Reason

_DECIDED = (Kind.AGE, Kind.TRAIT, Kind.TONE)
#: How far a person may stand behind an adjective with words between that no list knows.
_FAR = 7


def run(document: Document) -> None:
    """Decide the words that have no person yet, from left to right."""
    for i, m in enumerate(document.marks):
        if m.kind is not Kind.WORD or m.was not in _DECIDED or document.is_dismissed(i):
            continue
        trait = m.trait
        if m.was is Kind.TRAIT and (trait is None or not (trait.adjective or trait.singular or trait.plural)):
            if not document.has_person():
                document.dismiss(i, Reason.NOBODY)
            continue
        _decide(document, i)


def _decide(document: Document, i: int) -> None:
    if document.is_in(i, document.lex.words["of_several"]) or document.marks[i].start in document.dismissed:
        document.dismiss(i, Reason.SENSE)  # how a picture is taken
        return
    far = _far_head(document, i)
    if far is not None and document.is_in(i, document.lex.words["not_before_roles"]) and document.bare_role(far):
        document.dismiss(i, Reason.COMMON)  # "a fair judge"
    elif far is not None:
        _attach(document, i, far, Place.BEFORE)
    elif _opens_with_years(document, i) and _nearest(document, i) is not None:
        return  # a person's or a thing's: it is asked about
    elif _describes_thing(document, i):
        body = _is_of_body(document, i)
        if body and (person := _nearest(document, i)) is not None:
            _attach(document, i, person, Place.BEFORE)
        elif body and not _is_colour(document, i):
            _attach(document, i, None, Place.BEFORE)  # "old hands", "asian features": somebody's
        elif body:
            document.dismiss(i, Reason.NOBODY)
        else:
            document.dismiss(i, Reason.THING)
    elif (subject := _shared_subject(document, i)) is not None:
        _attach(document, i, subject, Place.PREDICATE)
    elif _stands_alone(document, i):
        _list(document, i)
    elif not document.has_person():
        document.dismiss(i, Reason.NOBODY)
    elif _is_colour(document, i):
        document.dismiss(i, Reason.THING)


def _opens_with_years(document: Document, i: int) -> bool:
    """ "16 year old black suit, man": an age in years that opens a part of a list is a person's."""
    m = document.marks[i]
    return m.was is Kind.AGE and m.place is Place.YEARS and document.is_sign(i - 1) and not document.is_sign(i + 1)


def _is_colour(document: Document, i: int) -> bool:
    m = document.marks[i]
    return m.was is Kind.TONE or (m.trait is not None and m.trait.direct)


def _in_palette(document: Document, i: int) -> bool:
    """ "light blue, brown and white": a colour beside colours."""
    colours, words = document.lex.words["colours"], document.lex.words
    if document.is_in(i, words["no_hair"]) and document.is_in(i - 2, words["hair_words"]):
        return False  # "red hair, pale"
    return document.marks[i].was is Kind.TONE and any(
        document.is_in(j, colours) for j in (i - 3, i - 2, i - 1, i + 1, i + 2, i + 3)
    )


def _is_of_picture(document: Document, i: int) -> bool:
    """ "textured hair, brown": the colour of what stands before; "night, dark": how a picture is lit."""
    m, words = document.marks[i], document.lex.words
    if m.was is not Kind.TONE:
        return False
    if document.is_in(i - 1, (",",)) and document.is_in(i - 2, words["hair_words"]):
        coloured = document.is_in(i - 3, words["colours"] | words["colours_of_hair"])
        return m.word not in words["no_hair"] and not coloured  # "red hair, pale": the skin is
    return m.word in words["moods"] and any(k.word in words["lighting"] for k in document.marks)


def _list(document: Document, i: int) -> None:
    if _in_palette(document, i) or _is_of_picture(document, i):
        document.dismiss(i, Reason.THING)
        return
    person = _nearest(document, i)
    own = _is_counted(document, i) or _joins_same_axis(document, i)
    if person is None and not own and not document.shows_person():
        document.dismiss(i, Reason.NOBODY)
        return
    removable = document.is_sign(i - 1) and document.is_sign(i + 1) and not own
    place = Place.LISTED if removable else Place.PREDICATE
    if document.marks[i].place is Place.YEARS and removable:
        place = Place.YEARS  # "30, baker"
    _attach(document, i, None if own else person, place)


def _attach(document: Document, i: int, head: int | None, place: Place) -> None:
    """Give mark ``i`` to the person of mark ``head``, or to one of its own."""
    m = document.marks[i]
    if m.was is Kind.TONE:
        m = document.change(i, kind=Kind.SKIN, prefix=True, place=Place.SKINNED, near=True)
    elif m.was is Kind.TRAIT:
        m = document.change(i, kind=Kind.TRAIT, place=Place.BEFORE)
    else:
        m = document.change(i, kind=Kind.AGE, place=Place.NONE if place is Place.BEFORE else place)
    person = document.person(i) if head is None else document.give(i, head)
    if m.kind is Kind.AGE:
        noun = document.marks[head].noun if head is not None else None
        document.says_age(person, noun, m.value)
    elif m.trait is not None:
        document.says(person, m.trait.axis, m.trait.value)
    else:
        document.says(person, "skin_tone", m.value)


def _far_head(document: Document, i: int) -> int | None:
    """The person behind, with unknown adjectives between: "a black elegant lady"; no thing may stand between."""
    things = document.lex.words["objects"]
    for j in range(i + 1, min(i + 1 + _FAR, len(document.marks))):
        m = document.marks[j]
        if m.kind is Kind.NOUN and m.end > m.start:
            costume = document.is_in(j, document.lex.words["costume"])
            thing = document.is_in(j + 1, things) and document.adjacent(j) and document.bare_role(j)
            return None if costume or thing else j
        if m.kind in (Kind.STOP, Kind.ANIMAL, Kind.PRONOUN, Kind.TITLE) or m.word in things:
            return None
        if not document.adjacent(j - 1) or (m.word.endswith("ly") and j + 1 == len(document.marks)):
            return None
    return None


def _describes_thing(document: Document, i: int) -> bool:
    """Whether a word that is no person follows at once: "old car", "Chinese dinner"."""
    if not document.adjacent(i):
        return False
    if document.marks[i + 1].was in (Kind.TRAIT, Kind.AGE) and _is_behind_adjectives(document, i):
        return False  # "korean mixed, idol"
    return document.marks[i + 1].kind in (Kind.WORD, Kind.ANIMAL, Kind.NOUN) and not document.is_in(
        i + 1, document.lex.words["intensifiers"]
    )


def _is_behind_adjectives(document: Document, i: int) -> bool:
    """Whether only words for persons stand up to the next sign."""
    j = i + 1
    while j < len(document.marks) and document.marks[j].was in (Kind.TRAIT, Kind.AGE) and document.adjacent(j - 1):
        j += 1
    return document.is_sign(j)


def _is_of_body(document: Document, i: int) -> bool:
    """ "asian features", "an old face": what somebody's face or hands are like is what they are like."""
    between = document.lex.words["between"] | document.lex.words["of_skin"]
    j = i + 1
    while document.adjacent(j) and document.is_in(j, between):
        j += 1
    return document.is_in(j, _bodies(document, i))


def _bodies(document: Document, i: int) -> frozenset[str]:
    m = document.marks[i]
    colour = m.was is Kind.TONE or (m.trait is not None and m.trait.direct)
    return document.lex.words["coloured_bodies" if colour else "bodies"]


def _shared_subject(document: Document, i: int) -> int | None:
    """ "who is young and Black": the person of the predicate that this one is joined to."""
    j = i - 1
    while document.is_in(j, document.lex.words["intensifiers"]) or document.is_in(j, document.lex.words["adverbs"]):
        j -= 1
    if not document.is_in(j, document.lex.words["joints"] | {","}):
        return None
    before = document.marks[j - 1] if j else None
    if before is None or j - 1 not in document.owner or before.place is not Place.PREDICATE:
        return None
    return j - 1


def _stands_alone(document: Document, i: int) -> bool:
    """Whether signs, joining words or the prompt's ends stand on both sides, or a person directly before."""
    j = i - 1
    while document.is_in(j, document.lex.words["intensifiers"]):
        j -= 1
    behind = i + 1 >= len(document.marks) or document.marks[i + 1].kind is Kind.STOP or not document.adjacent(i)
    behind = behind or (document.marks[i + 1].was in (Kind.TRAIT, Kind.AGE) and _is_behind_adjectives(document, i))
    if document.marks[i].was is Kind.TONE and not document.is_sign(i + 1) and document.adjacent(i):
        return False  # "dark and cloudy day"
    if j < 0:
        return behind
    m = document.marks[j]
    person = m.kind is Kind.NOUN or j in document.owner
    return (
        (behind and (document.is_sign(j) or m.word in document.lex.words["joints"] or not document.adjacent(j)))
        or (person and (behind or document.is_in(i + 1, document.lex.words["clause_starts"])))
        or (behind and _is_counted(document, i))
    )


def _is_counted(document: Document, i: int) -> bool:
    """ "one blind, one deaf", "two Indian, two Thai": each is somebody."""
    return document.is_in(i - 1, document.lex.words["counters"]) and not document.is_sign(i - 1)


def _joins_same_axis(document: Document, i: int) -> bool:
    """ "young and old", "Black or White": two of one axis, joined, are two."""
    if i < 2 or not document.is_in(i - 1, document.lex.words["joints"]) or i - 2 not in document.owner:
        return False
    return document.axis_of(i - 2) == document.axis_of(i)


def _nearest(document: Document, i: int) -> int | None:
    """The person before, else the one behind."""
    before = document.before(i)
    if before is not None:
        return before
    owned = next((j for j in range(i - 1, -1, -1) if j in document.owner), None)
    if owned is not None:
        return owned
    return next(
        (j for j in document.of_kind(Kind.NOUN) if j > i and document.marks[j].end > document.marks[j].start), None
    )
