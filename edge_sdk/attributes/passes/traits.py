"""Traits: ethnicity, nationality, religion, disability, body and hair, and the persons they belong to.

A trait word is kept only where it speaks of a person: before one ("a Chinese pilot"), behind one ("in a
wheelchair") or behind "is" ("who is Muslim"). The rules look at word classes, never at which value a word says.
"""

from __future__ import annotations

from ..document import Document
from ..kinds import Kind, Place, Reason
from ..subjects import pronoun_apart

#: Marks that a phrase behind a person is looked for across.
_ACROSS = (Kind.TRAIT, Kind.SKIN, Kind.DECADE)


def run(document: Document) -> None:
    """Give every trait its person, or leave it a plain word."""
    for i in document.of_kind(Kind.TRAIT):
        m = document.marks[i]
        if m.trait is None:
            continue
        if m.trait.direct and document.predicate(i) and _is_said_of_thing(document, i):
            document.dismiss(i, Reason.THING)  # "the dog is white and fluffy"
            continue
        if document.is_in(i, document.lex.words["said_of_nouns"]) and document.is_in(i - 1, document.lex.words["bits"]):
            document.dismiss(i, Reason.THING)  # "a touch of color"
            continue
        head = _head(document, i)
        if m.trait.place and (head is None or head != i + 1 or not document.adjacent(i)):
            document.dismiss(i, Reason.PLACE)  # "tokyo street at night"
            continue
        if head is None and m.trait.adjective and not m.trait.direct and document.coordinated(i):
            person, place = document.person(i), Place.BEFORE  # "Asian and Hispanic women": slots of their own
        elif head is None and not (document.predicate(i) and m.trait.adjective):
            document.dismiss(i)
            continue
        elif head is None and m.trait.value is None:
            document.change(i, place=Place.PREDICATE)
            document.dismiss(i)  # "who is agnostic": nothing else can stand here
            continue
        elif head is None:
            pronoun = pronoun_apart(document, i)
            subject = document.subject(i) if pronoun is None else None
            person = document.person(i) if subject is None else document.give(i, subject)
            if pronoun is not None:
                document.owner[pronoun] = document.owner[i]
            place = Place.PREDICATE
        else:
            person, place = document.give(i, head), _place(document, i)
        document.change(i, place=place)
        document.says(person, m.trait.axis, m.trait.value)


def _place(document: Document, i: int) -> Place:
    trait = document.marks[i].trait
    if trait is None or not trait.behind:
        return Place.BEFORE
    if trait.axis == "nationality" and i > 1 and document.is_sign(i - 1) and document.is_sign(i + 1):
        return Place.BEFORE  # "a man by the sea, japanese features": "from Japan" would be the sea's
    return Place.PREDICATE if document.is_in(i - 1, document.lex.words["copulas"]) else Place.BEHIND


def _head(document: Document, i: int) -> int | None:
    m, trait = document.marks[i], document.marks[i].trait
    if trait is None:
        return None
    if trait.behind:
        return _before(document, i, trait.axis == "nationality" and m.word.startswith("from"))
    if not trait.adjective and not (i + 1 < len(document.marks) and document.marks[i + 1].literal):
        return None
    # Of several persons these say who they are ("a black and white couple"); else they say how a picture is taken.
    if m.word in document.lex.words["of_several"] and not _several(document, document.directly(i)):
        return None
    if trait.direct and not document.capital(i):
        head = document.directly(i)
        return head if head is not None else document.somebody_alone(i)
    head = document.head(i)
    # "a young Nigerian cyborg": an age of living beings and a people before a word make a person of it; an old
    # Chinese house is none.
    alive = document.lex.words["ages_of_persons"] | {"young", "younger"}
    aged = any(document.is_in(j, alive) for j in (i - 1, i + 1))
    if head is None:
        head = document.unknown_head(i, any_word=aged, doubted=_is_doubted(document, i))
    return head if head is not None else document.somebody_alone(i, people=not trait.place)


def _is_doubted(document: Document, i: int) -> bool:
    """Whether the adjective is seldom said of things: a faith, a people, a disability, "a Black" with its capital."""
    trait = document.marks[i].trait
    if trait is None or trait.place or trait.axis not in ("religion", "ethnicity", "disability"):
        return False
    after = document.marks[i + 1] if i + 1 < len(document.marks) else None
    name = after is not None and after.text(document.prompt)[:1].isupper()  # "Black Friday", "Asian Games"
    return not name and (not trait.direct or document.is_in(i - 1, document.lex.words["indefinites"]))


def _is_said_of_thing(document: Document, i: int) -> bool:
    """Whether a thing or an animal stands right before "is", and no person in its clause: "The dog is white"."""
    c = i - 1
    while c > 0 and document.is_in(c, document.lex.words["adverbs"]):
        c -= 1
    m = document.marks[c - 1] if c else None
    if m is not None and m.kind is Kind.WORD and not document.capital(i) and _is_owned(document, c - 1):
        return True  # "his hat is black", "the man's car is white", "her hair is black"
    if m is None or document.capital(i) or not (m.kind is Kind.ANIMAL or m.word in document.lex.words["objects"]):
        return False
    people = (Kind.NOUN, Kind.NAME, Kind.TITLE, Kind.PRONOUN)
    for j in range(c - 1, -1, -1):
        if document.is_in(j, document.lex.words["sentence_ends"]):
            break
        if document.marks[j].kind in people or document.looks_like_a_person(document.word(j)):
            return False
    return True


def _is_owned(document: Document, i: int) -> bool:
    """Whether the word is somebody's thing: "his old hat", "the man's car", not "her skin"."""
    words = document.lex.words
    if document.word(i) in words["of_skin"] | words["skin_words"] | words["bodies"]:
        return False
    j = i - 1
    while j > 0 and document.marks[j].kind is Kind.WORD and document.adjacent(j) and j > i - 3:
        j -= 1
    return document.is_in(j, words["owners"]) or document.word(j) in ("'s", "s'")


def _several(document: Document, head: int | None) -> bool:
    noun = None if head is None else document.marks[head].noun
    return noun is not None and (noun.plural or noun.collective)


def _before(document: Document, i: int, near_only: bool) -> int | None:
    """The person a phrase behind belongs to; "from China" only right behind one ("noodles from China" is none)."""
    if not near_only:
        return document.before(i)
    j, toned = i - 1, False
    while j >= 0:
        toned = toned or document.marks[j].kind is Kind.SKIN
        between = toned and document.is_in(j, document.lex.words["tone_frames"])  # "a man with dark skin from Norway"
        if (
            not between
            and not document.is_in(j, document.lex.words["motion"])
            and document.marks[j].kind not in _ACROSS
        ):
            break
        j -= 1
    if j < 0:
        return None
    if document.is_in(j, document.lex.words["relatives"]):
        return document.before(j)
    return j if document.marks[j].kind in (Kind.NOUN, Kind.NAME) else None
