"""Nouns for persons: which of them are one person, and what they say of gender and age."""

from __future__ import annotations

from ..document import Document
from ..kinds import Kind, NounKind, Place


def run(document: Document) -> None:
    """Make the persons that nouns and names speak of."""
    for i in document.of_kind(Kind.NOUN):
        _read_noun(document, i)


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
    if i not in document.owner:
        head = head if head is not None else _mentioned(document, i)
        head = head if head is not None else _named_again(document, i)
        head = head if head is not None else _of_group(document, i)
        if head is None and noun.kind is NounKind.ADJECTIVE:
            head = _shown(document, i)
    following = document.attributed(i)
    target = document.marks[following].noun if following is not None else None
    person = document.person(i) if head is None else document.give(i, head)
    document.says(person, "gender", noun.gender)
    if noun.kind is NounKind.CHILD:
        document.says(person, "age", 0)
    shared = target is not None and target.kind in (NounKind.ROLE, NounKind.ADJECTIVE)
    if head is None and following is not None and shared:
        document.owner[following] = document.owner[i]  # "woman firefighter"


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
    before = [j for j in range(start) if document.is_single(j)]
    if noun is None or not before:
        return None
    if noun.kind is NounKind.ADJECTIVE:
        unsaid = [j for j in before if "gender" not in document.person(j).values]
        return (unsaid or before)[-1] if document.attributed(i) is None else None
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
    """ "The man holds a cup." after "a man": the same one. Another gender is somebody else, "a woman" for every member.

    Only where a sentence or a part of a list begins: "the man and the woman" are two.
    """
    noun = document.marks[i].noun
    if noun is None or noun.plural or noun.kind not in (NounKind.PLAIN, NounKind.CHILD):
        return None
    if _is_said_of(document, i) is not None:
        return _is_said_of(document, i)
    if not document.is_in(i - 1, document.lex.words["definite"]) or not document.is_sign(i - 2):
        return None
    kind = [j for j in range(i) if document.is_single(j) and _same_kind(document, j, i)]
    if len({document.owner.get(j) for j in kind}) > 1:
        return None  # of two, only the gender would tell which one is meant
    same = [j for j in kind if document.marks[j].noun.gender == noun.gender]  # type: ignore[union-attr]
    if kind and not same:
        article = "A" if document.prompt[document.marks[i - 1].start].isupper() else "a"
        document.change(i - 1, kind=Kind.WORD, literal=article)
    return same[-1] if same else None


def _of_group(document: Document, i: int) -> int | None:
    """ "Three men ..., one of the men", "The women wave.": the group of before. Another gender is another group, and an
    article that is not "the" says so in every member.

    Where several groups were named, only the gender would tell which one is meant.
    """
    noun, words = document.marks[i].noun, document.lex.words
    if noun is None or not noun.plural or noun.kind not in (NounKind.PLAIN, NounKind.CHILD):
        return None
    part = document.is_in(i - 2, words["of"]) and document.is_in(i - 3, words["counters"] | words["parts"])
    if not document.is_in(i - 1, words["definite"]) or not (part or document.is_sign(i - 2)):
        return None
    groups = [j for j in document.of_kind(Kind.NOUN) if j < i and _is_group(document, j)]
    if not groups or len({document.owner.get(j) for j in groups}) > 1:
        return None
    if document.marks[groups[-1]].noun.gender == noun.gender:  # type: ignore[union-attr]
        return groups[-1]
    article = "several" if part else "some"
    capital = document.prompt[document.marks[i - 1].start].isupper()
    document.change(i - 1, kind=Kind.WORD, literal=article.capitalize() if capital else article)
    return None


def _is_group(document: Document, j: int) -> bool:
    noun = document.marks[j].noun
    return noun is not None and noun.plural and noun.kind in (NounKind.PLAIN, NounKind.CHILD)


def _is_said_of(document: Document, i: int) -> int | None:
    """ "she is a lady of taste": the noun behind "is a" is the one of before."""
    words = document.lex.words
    if not document.is_in(i - 1, document.lex.words["indefinite"]) or not document.is_in(i - 2, words["copulas"]):
        return None
    if i < 3 or document.marks[i - 3].kind is not Kind.PRONOUN:
        return None
    return document.last_single(i - 3)


def _shown(document: Document, i: int) -> int | None:
    """ "male portrait of a man": the one that the picture is of."""
    if not document.is_in(i + 1, document.lex.words["portraits"]) or not document.is_in(
        i + 2, document.lex.words["of"]
    ):
        return None
    return next((j for j in range(i + 3, min(i + 8, len(document.marks))) if document.marks[j].kind is Kind.NOUN), None)


def _segment_start(document: Document, i: int) -> int | None:
    """The first mark behind the sign that sets off the words at ``i``; ``None`` if no sign does."""
    j = i - 1
    while j >= 0 and document.marks[j].kind is not Kind.STOP:
        j -= 1
    return j + 1 if j >= 0 and document.marks[j].word in (",", "|", ";", "(") else None


def _same_kind(document: Document, j: int, i: int) -> bool:
    one, other = document.marks[j].noun, document.marks[i].noun
    # "girl" and "woman" are one kind: which of them is said depends on the age.
    kinds = (NounKind.PLAIN, NounKind.CHILD)
    return (
        one is not None
        and other is not None
        and (one.kind is other.kind or (one.kind in kinds and other.kind in kinds))
    )
