"""Ages: adjectives, numbers of years and decades, and the persons they belong to."""

from __future__ import annotations

from ..document import Document
from ..kinds import Kind, NounKind, Place
from ..lexicon import Noun
from ..subjects import pronoun_apart


def run(document: Document) -> None:
    """Give every age its person, or leave it a plain word."""
    for i in document.of_kind(Kind.DECADE):
        _read_decade(document, i)
    for i in document.of_kind(Kind.AGE):
        _read_age(document, i)
    for i in document.of_kind(Kind.LITTLE):
        _read_little(document, i)


def _read_decade(document: Document, i: int) -> None:
    """ "in her sixties": age and gender of the noun before it. A noun that can carry both then does."""
    m = document.marks[i]
    if m.noun is None:
        return
    head = document.before(i)
    person = document.person(i) if head is None else document.give(i, head)
    noun = None if head is None else document.marks[head].noun
    gendered = m.noun.gender is not None and "gender" in document.axes and "gender" not in person.values
    if head is not None and noun is not None and gendered and _is_neutral(document, head):
        document.change(head, noun=Noun(NounKind.PLAIN, noun.plural, m.noun.gender))
    document.says(person, "gender", m.noun.gender)
    document.says(person, "age", m.value)


def _read_age(document: Document, i: int) -> None:
    """ "old", "30-year-old", "aged 40"."""
    m = document.marks[i]
    head = _head(document, i)
    if head is None and _stands_for_a_person(document, i):
        single = document.is_in(i - 1, document.lex.words["indefinites"])
        number = m.word.endswith(("s", "elderly")) and not single
        document.change(i, kind=Kind.NOUN, noun=Noun(NounKind.NEUTRAL, number, None, m.value))
        document.says(document.person(i), "age", m.value)
        return
    if document.predicate(i) and (head is None or m.place is Place.YEARS):
        document.change(i, place=Place.PREDICATE)
        pronoun = pronoun_apart(document, i)
        if pronoun is not None:
            document.says_age(document.person(i), None, m.value)
            document.owner[pronoun] = document.owner[i]
            return
        head = document.subject(i)
    if head is None:
        document.dismiss(i)  # old car, ancient city
        return
    noun = document.marks[head].noun
    person = document.give(i, head)
    set_off = noun is not None and (noun.kind is NounKind.PLAIN or (noun.kind is NounKind.CHILD and i > head))
    if m.place is Place.YEARS and set_off and "age" in document.axes:
        person.values["age"] = m.value  # "1girl, 62 years old": the number is meant, "girl" is a habit of tags
    else:
        document.says_age(person, noun, m.value)


def _head(document: Document, i: int) -> int | None:
    m = document.marks[i]
    head = document.head(i)
    if head is None and document.is_in(i, document.lex.words["ages_of_persons"]):
        head = document.unknown_head(i, any_word=True)
    elif head is None and document.is_in(i, document.lex.words["ages_before_roles"]) and _named_alone(document, i):
        head = document.unknown_head(i)
    elif head is None and m.place is Place.YEARS and document.is_in(i + 1, document.lex.words["events"]):
        head = document.unknown_head(i)  # "70-year-old portrait"
    if head is None and m.place in (Place.YEARS, Place.LISTED):
        head = document.before(i)
    return head


def _named_alone(document: Document, i: int) -> bool:
    """ "an old stevedore": one word that looks like a person and no thing, with no noun behind it."""
    if i + 1 >= len(document.marks) or not document.adjacent(i):
        return False
    word = document.word(i + 1)
    if not document.looks_like_a_person(word) or document.is_thing(word, doubted=True):
        return False
    if word in document.lex.words["events"]:
        return False  # "an old wedding"
    after = document.marks[i + 2] if i + 2 < len(document.marks) else None
    return after is None or after.kind is not Kind.WORD or after.word.endswith("ing") or not document.adjacent(i + 1)


def _read_little(document: Document, i: int) -> None:
    """ "a little girl": beside a noun that says the age, the word would say it again in every member."""
    head = document.head(i)
    noun = None if head is None else document.marks[head].noun
    aged = head in document.owner and "age" in document.persons[document.owner[head]].values
    kinds = (NounKind.PLAIN, NounKind.CHILD, NounKind.NEUTRAL)
    if head is not None and noun is not None and aged and noun.kind in kinds:
        value = int(document.give(i, head).values["age"])
        document.change(i, kind=Kind.AGE, place=Place.LITTLE, value=value)
    else:
        document.dismiss(i)


def _stands_for_a_person(document: Document, i: int) -> bool:
    """ "an 80-year-old with a cane": a number of years after an article, with no noun behind it."""
    m = document.marks[i]
    after = document.marks[i + 1] if i + 1 < len(document.marks) else None
    ends = after is None or after.kind is Kind.STOP or after.word.endswith("ing") or not document.adjacent(i)
    words = document.lex.words
    if document.is_elliptic(i):
        return True
    if ends and document.is_in(i - 1, document.lex.words["singles"]) and document.adjacent(i - 1):
        return True  # "one young, one old"
    if m.word in words["stand_alone_ages"]:  # "a home for the elderly"
        described = m.word == "elderly" and document.is_in(i - 1, words["describing_persons"])
        return ends and (described or document.is_in(i - 1, words["group_articles"]))
    before = document.prompt[: m.start].rstrip()
    last = before.rsplit(None, 1)[-1].lower() if before else ""
    article = last in words["number_words"] or last.isdecimal()
    return m.place is Place.YEARS and ends and article and before != document.prompt[: m.start]


def _is_neutral(document: Document, i: int) -> bool:
    noun = document.marks[i].noun
    if noun is None:
        return False
    role = noun.kind is NounKind.ROLE and document.is_in(i, document.lex.words["people"])
    return noun.kind is NounKind.NEUTRAL or role
