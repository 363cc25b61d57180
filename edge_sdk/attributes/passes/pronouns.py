"""Titles, and pronouns with the person that each means: structure first, stated genders where more than one fits."""

from __future__ import annotations

from ..document import Document
from ..kinds import Kind, NounKind, PronounForm, Reason
from ..lexicon import NEUTRAL, Noun


def run(document: Document) -> None:
    """Give every title and pronoun its person."""
    for i in document.of_kind(Kind.TITLE, Kind.PRONOUN):
        m = document.marks[i]
        if m.kind is Kind.TITLE:
            document.says(document.person(i), "gender", m.value)
            continue
        if _is_of_thing(document, i):
            document.dismiss(i, Reason.THING)
            continue
        meant = _antecedent(document, i)
        if m.value == NEUTRAL and not _is_somebody(document, meant, i):
            document.dismiss(i, Reason.SEVERAL)
            continue
        if meant is None and m.value != NEUTRAL and _is_somebody_else(document, i):
            _make_noun(document, i)
        person = document.person(i) if meant is None else document.give(i, meant)
        document.says(person, "gender", m.value)


def _is_somebody_else(document: Document, i: int) -> bool:
    """Whether the pronoun without an antecedent must be told from others: "a man gives her a rose"."""
    if document.marks[i].form not in (PronounForm.SUBJECT, PronounForm.OBJECT, PronounForm.POSSESSIVE):
        return False
    others = any(j < i and "gender" in document.persons[o].values for j, o in document.owner.items())
    doing = document.marks[i].form is PronounForm.OBJECT and document.adjacent(i)
    # "photo of her painting" is somebody painting, or what she painted; as a noun it is the first.
    return others or (doing and document.marks[i + 1].word.endswith("ing"))


def _make_noun(document: Document, i: int) -> None:
    """Say the pronoun as a noun, so that every member speaks of the same person: "a man gives a woman a rose"."""
    m = document.marks[i]
    article = "A" if m.text(document.prompt)[:1].isupper() else "a"
    owns = "'s" if m.form is PronounForm.POSSESSIVE else ""
    noun = Noun(NounKind.PLAIN, False, m.value)
    document.change(i, kind=Kind.NOUN, noun=noun, literal=f"{article} {{}}{owns}", form=None)


def _is_somebody(document: Document, meant: int | None, i: int) -> bool:
    """Whether "they" at ``i`` is one person: the nearest noun before is one, and it can be meant."""
    nearest = document.before(i)
    noun = document.marks[nearest].noun if nearest is not None else None
    single = noun is None or not (noun.plural or noun.collective)
    return meant is not None and single


def _antecedent(document: Document, i: int) -> int | None:
    """The person a pronoun means: the nearest of its gender; without any, the nearest whose gender is not said.

    "her" and "him" as an object are tried with the person before the nearest first: in "a woman with a man
    beside her" the nearest is the one that stands there. Of two the pronoun fits, structure alone decides.
    """
    attracted = _attracted(document, i)
    if attracted is not None:
        return attracted
    if _is_in_relative_clause(document, i):
        subject = _first_of_sentence(document, i)
        if subject is not None:
            return subject
    known = _gendered_before(document, i)
    if document.marks[i].form is PronounForm.OBJECT and len(known) > 1:
        known[:2] = known[1::-1]
    for j in known:
        if document.persons[document.owner[j]].values["gender"] == document.marks[i].value:
            return j
    for j in range(i - 1, -1, -1):
        m = document.marks[j]
        single = m.kind is Kind.NAME or (m.kind is Kind.NOUN and m.noun is not None and not m.noun.plural)
        if single and not _says_gender(document, j):
            return j
    return None


def _is_in_relative_clause(document: Document, i: int) -> bool:
    """ "a frog he found": a subject right behind a thing; it is the one that the sentence is about."""
    if document.marks[i].form is not PronounForm.SUBJECT or not i or not document.adjacent(i - 1):
        return False
    m = document.marks[i - 1]
    return m.kind in (Kind.WORD, Kind.ANIMAL) and document.is_in(i - 2, document.lex.words["determiners"])


def _first_of_sentence(document: Document, i: int) -> int | None:
    """The first single person of the sentence whose gender is said."""
    start = next((j for j in range(i - 1, -1, -1) if document.is_in(j, document.lex.words["sentence_ends"])), -1)
    for j in range(start + 1, i):
        if document.is_single(j) and _says_gender(document, j):
            return j
    return None


def _says_gender(document: Document, j: int) -> bool:
    return j in document.owner and "gender" in document.persons[document.owner[j]].values


def _attracted(document: Document, i: int) -> int | None:
    """A role whose own phrase the pronoun stands in: "a woman and her patient with his dog".

    By structure alone, so that it holds for all members: no "and", full stop or other noun lies between, and
    nothing else says the role's gender.
    """
    breaks = document.lex.words["breaks"]
    for j in range(i - 1, -1, -1):
        m = document.marks[j]
        if m.word in breaks or m.kind in (Kind.PRONOUN, Kind.TITLE, Kind.NAME):
            return None
        if m.kind is Kind.NOUN and m.noun is not None and m.end > m.start:
            # "person" is what an old or adult somebody becomes, and "child" attracts no pronoun.
            single = document.bare_role(j) and not m.noun.plural and not m.noun.collective
            return j if single and not _says_gender(document, j) else None
    return None


def _gendered_before(document: Document, i: int) -> list[int]:
    """The last mark of each single person whose gender is said before mark ``i``, nearest person first."""
    found: dict[int, int] = {}
    for j in range(i - 1, -1, -1):
        owner = document.owner.get(j)
        if owner is not None and "gender" in document.persons[owner].values and not document.persons[owner].plural:
            found.setdefault(owner, j)
    return list(found.values())


def _is_of_thing(document: Document, i: int) -> bool:
    """ "the moon in her glory": a thing that is spoken of like a person, and nobody else in the prompt."""
    somebody = (PronounForm.SUBJECT, PronounForm.OBJECT)
    if any(m.kind in (Kind.NOUN, Kind.NAME, Kind.TITLE) or m.form in somebody for m in document.marks):
        return False
    nearest = next((m for m in reversed(document.marks[:i]) if m.word in document.lex.words["personified"]), None)
    return nearest is not None and document.marks[i].form in (PronounForm.POSSESSIVE, PronounForm.REFLEXIVE)
