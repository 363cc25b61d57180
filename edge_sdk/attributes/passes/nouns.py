"""Nouns for persons: which of them are one person, and what they say of gender and age."""

from __future__ import annotations

from ..document import Document
from ..kinds import Kind, NounKind, Place
from ..lexicon import NEUTRAL

#: A plain word that ends like this may be a verb, and what is before it a person of its own.
_VERB_ENDS = ("ing", "s", "ed", "ly")


def run(document: Document) -> None:
    """Make the persons that nouns and names speak of."""
    _make_adjectives(document)
    for i in document.of_kind(Kind.NOUN):
        _read_noun(document, i)


def _make_adjectives(document: Document) -> None:
    """ "baby girl", "senior woman", "child ball player": a neutral noun before another noun is an adjective."""
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
            and (_last_single(document, i) is not None or document.shows_person())
        ):
            document.change(i, kind=Kind.AGE, noun=None, place=Place.LISTED)  # "guy, senior, nigerian"
            continue
        if m.value >= 0 and noun.kind is NounKind.NEUTRAL and document.predicate(i):
            document.change(i, kind=Kind.AGE, noun=None, place=Place.PREDICATE)  # "who is adult and Korean"
            continue
        if _leads_to_person(document, i) or _attributed(document, i) is not None:
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
        verb = j > i and m.kind is Kind.WORD and m.word not in between and m.word.endswith(_VERB_ENDS)
        if not tied or verb or m.kind is Kind.STOP or m.kind is Kind.DECADE or (m.trait is not None and m.trait.behind):
            return False
    return True


def _read_noun(document: Document, i: int) -> None:
    m, noun = document.marks[i], document.marks[i].noun
    if noun is None:
        return
    if m.place is Place.PROFESSION:
        document.says(document.person(i), "profession", m.value)
    if noun.kind is NounKind.ROLE:
        return
    if noun.kind is NounKind.NEUTRAL:
        document.says(document.person(i), "age", noun.age)
        return
    head = document.head(i) if noun.kind is NounKind.ADJECTIVE else None
    if head is None:
        head = _mentioned(document, i)
    if head is None:
        head = _named_again(document, i)
    if head is None and noun.kind is NounKind.ADJECTIVE:
        head = _shown(document, i)
    following = _attributed(document, i)
    target = document.marks[following].noun if following is not None else None
    person = document.person(i) if head is None else document.give(i, head)
    document.says(person, "gender", noun.gender)
    if noun.kind is NounKind.CHILD and "age" in document.axes:
        person.values["age"] = 0
    shared = target is not None and target.kind in (NounKind.ROLE, NounKind.ADJECTIVE)
    if head is None and following is not None and shared:
        document.owner[following] = document.owner[i]  # "woman firefighter"


def _attributed(document: Document, i: int) -> int | None:
    """The noun that noun ``i`` stands before as an attribute: "woman pilot", "woman health worker"."""
    for j in range(i + 1, min(i + 3, len(document.marks))):
        if not document.adjacent(j - 1):
            return None
        m = document.marks[j]
        if m.kind is Kind.NOUN:
            return j
        # One plain word may stand between; a verb ("a woman teaching ...") makes two persons of it.
        if m.kind not in (Kind.WORD, Kind.ANIMAL) or m.word.endswith(_VERB_ENDS):
            return None
    return None


def _mentioned(document: Document, i: int) -> int | None:
    """The person that a tag speaks of again: "1girl, female focus", "a woman, extremely detailed woman".

    A gender alone in a list is the last person's. A noun is the same one's if it is the same word, with other words
    before it and no article; then a different one gets an article, so that no member is read as the same.
    """
    start = _segment_start(document, i)
    if start is None or start == 0:
        return None
    if document.prompt[: document.marks[start].start].rstrip()[-1:].isdecimal():  # "1girl, 1boy"
        return None
    noun = document.marks[i].noun
    before = [j for j in range(start) if _is_single(document, j)]
    if noun is None or not before:
        return None
    if noun.kind is NounKind.ADJECTIVE:
        unsaid = [j for j in before if "gender" not in document.person(j).values]
        return (unsaid or before)[-1] if _attributed(document, i) is None else None
    said = [m.kind in (Kind.AGE, Kind.TRAIT, Kind.TONE) for m in document.marks[start:i]]
    if said and all(said) and noun.kind in (NounKind.PLAIN, NounKind.CHILD) and not noun.plural:
        if any(_same_kind(document, j, i) for j in before):
            # "old man, young man": two, and told apart from one named again. Ages move: the next word has the article.
            first = next((j for j in range(start, i) if document.marks[j].kind is not Kind.AGE), i)
            document.change(first, literal="a {}")
        return None
    decorated = all(m.kind in (Kind.WORD, Kind.LITTLE) for m in document.marks[start:i])
    if noun.kind not in (NounKind.PLAIN, NounKind.CHILD) or noun.plural or not decorated:
        return None
    kind = [j for j in before if _same_kind(document, j, i)]
    same = [j for j in kind if document.marks[j].noun.gender == noun.gender]  # type: ignore[union-attr]
    if kind and not same:
        word = document.marks[start].text(document.prompt)
        document.change(start, literal="a {}" if start == i else f"a {word}")
    return same[-1] if same else None


def _named_again(document: Document, i: int) -> int | None:
    """ "The man holds a cup." after "a man": the same one. Another gender is "the other woman" for every member."""
    noun = document.marks[i].noun
    if noun is None or noun.plural or noun.kind not in (NounKind.PLAIN, NounKind.CHILD):
        return None
    if _is_said_of(document, i) is not None:
        return _is_said_of(document, i)
    if not document.is_in(i - 1, ("the",)):
        return None
    kind = [j for j in range(i) if _is_single(document, j) and _same_kind(document, j, i)]
    if len({document.owner.get(j) for j in kind}) > 1:
        return None  # of two, only the gender would tell which one is meant
    same = [j for j in kind if document.marks[j].noun.gender == noun.gender]  # type: ignore[union-attr]
    if kind and not same:
        document.change(i, literal="other {}")
    return same[-1] if same else None


def _is_said_of(document: Document, i: int) -> int | None:
    """ "she is a lady of taste": the noun behind "is a" is the one of before."""
    words = document.lex.words
    if not document.is_in(i - 1, ("a", "an")) or not document.is_in(i - 2, words["copulas"]):
        return None
    if i < 3 or document.marks[i - 3].kind is not Kind.PRONOUN:
        return None
    return _last_single(document, i - 3)


def _shown(document: Document, i: int) -> int | None:
    """ "male portrait of a man": the one that the picture is of."""
    if not document.is_in(i + 1, document.lex.words["portraits"]) or not document.is_in(i + 2, ("of",)):
        return None
    return next((j for j in range(i + 3, min(i + 8, len(document.marks))) if document.marks[j].kind is Kind.NOUN), None)


def _segment_start(document: Document, i: int) -> int | None:
    """The first mark behind the sign that sets off the words at ``i``; ``None`` if no sign does."""
    j = i - 1
    while j >= 0 and document.marks[j].kind is not Kind.STOP:
        j -= 1
    return j + 1 if j >= 0 and document.marks[j].word in (",", "|", ";", "(") else None


def _is_single(document: Document, j: int) -> bool:
    m, noun = document.marks[j], document.marks[j].noun
    return m.kind is Kind.NOUN and noun is not None and not noun.plural and noun.kind is not NounKind.ADJECTIVE


def _last_single(document: Document, i: int) -> int | None:
    return next((j for j in range(i - 1, -1, -1) if _is_single(document, j)), None)


def _same_kind(document: Document, j: int, i: int) -> bool:
    one, other = document.marks[j].noun, document.marks[i].noun
    # "girl" and "woman" are one kind: which of them is said depends on the age.
    kinds = (NounKind.PLAIN, NounKind.CHILD)
    return (
        one is not None
        and other is not None
        and (one.kind is other.kind or (one.kind in kinds and other.kind in kinds))
    )
