"""One person named several times: "1girl, solo, beautiful woman, female focus", "man elvish sorceress".

In a list, what signs set off speaks of the person before unless something says that there are two: a number, a plural,
"and", "another", a word that ties it to somebody else ("with a man", "her husband"). Where the prompt says that one
person is shown ("1girl", "solo", "portrait of a"), this holds whatever the mentions say: "1boy, portrait of a girl"
is one person, and what is said first counts. Elsewhere two that contradict each other are two, and an article tells
them apart for every member (:mod:`.nouns`).
"""

from __future__ import annotations

from itertools import pairwise

from ..document import Document
from ..kinds import Kind, NounKind, Place

_GENDERED = (NounKind.PLAIN, NounKind.CHILD, NounKind.PAIR)
#: Between the parts of one noun phrase: "man elvish sorceress".
_ADJECTIVES = (Kind.WORD, Kind.AGE, Kind.TRAIT, Kind.TONE, Kind.LITTLE, Kind.SKIN)
_MOST_BETWEEN = 2
#: A plain word that ends like this may be a verb.
_VERB_ENDS = ("ing", "s", "ed", "ly")


def run(document: Document) -> None:
    """Give mentions of one person one owner."""
    nouns = document.of_kind(Kind.NOUN)
    phrases = [(a, b) for a, b in pairwise(nouns) if _are_one_phrase(document, a, b)]
    seconds = {b for _, b in phrases}
    first = next((i for i in nouns if document.is_single(i)), None)
    if first is not None and not _are_several(document, nouns):
        shown = _is_one_shown(document, nouns, first)
        for i in nouns:
            if i not in seconds and i != first:
                _again(document, i, first, shown)
    for one, other in phrases:
        document.give(other, one)


def _again(document: Document, i: int, first: int, shown: bool) -> None:
    """Give the noun to the first person if it names them again."""
    start, noun, words = _opening(document, i), document.marks[i].noun, document.lex.words
    if start is None or noun is None or noun.plural or noun.collective:
        return
    if noun.kind is NounKind.ADJECTIVE:
        if shown and document.head(i) is None and document.attributed(i) is None:
            document.give(i, first)
        return
    said = [document.word(j) for j in range(start, i)]
    if i < first or any(w in words["not_again"] for w in said):
        return
    alone = start == i and document.is_sign(i + 1)
    if noun.kind is NounKind.NEUTRAL and alone and shown:
        document.change(i, kind=Kind.AGE, noun=None, value=int(noun.age or 0), place=Place.LISTED)
        return
    role = noun.kind is NounKind.ROLE
    if (role and alone) or (shown and not (role and any(w in words["before_nouns"] for w in said))):
        document.give(i, first)


def _are_one_phrase(document: Document, one: int, other: int) -> bool:
    """ "man elvish sorceress", "woman catgirl": two kinds of nouns with adjectives between at most."""
    a, b = document.marks[one].noun, document.marks[other].noun
    if a is None or b is None or a.plural or b.plural or b.kind not in _GENDERED:
        return False
    if document.bare_role(one) and b.kind is not NounKind.PAIR:  # "elf girl", "peasant boy"
        return other == one + 1 and document.adjacent(one)
    if a.kind not in _GENDERED:
        return False
    if a.kind is b.kind is NounKind.PAIR and a.forms != b.forms and other == one + 1:  # "goddess princess"
        kin = document.lex.words["kin"]
        return document.adjacent(one) and not (document.is_in(one, kin) or document.is_in(other, kin))
    if (a.kind is NounKind.PAIR) == (b.kind is NounKind.PAIR) or other - one > _MOST_BETWEEN + 1:
        return False
    for j in range(one, other):
        m = document.marks[j]
        if not document.adjacent(j):
            return False
        if j > one and (m.kind not in _ADJECTIVES or m.word.endswith(_VERB_ENDS)):
            return False
        if j > one and (m.word in document.lex.words["determiners"] or m.word in document.lex.words["before_nouns"]):
            return False
    return True


def _are_several(document: Document, nouns: list[int]) -> bool:
    """Whether the prompt says that there are several: a plural, a group, two that are counted, or "and"."""
    counted = 0
    for i in nouns:
        noun = document.marks[i].noun
        if noun is None or noun.kind is NounKind.ADJECTIVE:
            continue
        if noun.collective or (noun.plural and noun.kind in _GENDERED):
            return True
        counted += _is_counted(document, i)
        opened = _phrase_start(document, i)
        joined = document.is_in(opened - 1, document.lex.words["pairing"]) and any(j < opened for j in nouns)
        if joined and not document.bare_role(i):
            return True
    # Whoever is "solo" is alone, also where a tag is said twice.
    return counted > 1 and not any(m.word in document.lex.words["lone"] for m in document.marks)


def _phrase_start(document: Document, i: int) -> int:
    """The first mark of the noun phrase of ``i``: over adjectives and articles."""
    j, articles = i, document.lex.words["before_nouns"]
    while j and document.adjacent(j - 1):
        if document.marks[j - 1].kind not in _ADJECTIVES and not document.is_in(j - 1, articles):
            break
        j -= 1
    return j


def _is_counted(document: Document, i: int) -> bool:
    """ "1girl", "one old man"."""
    if not document.is_single(i):
        return False
    start = document.marks[_phrase_start(document, i)].start
    before = document.prompt[:start].rstrip()
    return before[-1:].isdecimal() or document.is_in(_phrase_start(document, i), document.lex.words["counters"])


def _is_one_shown(document: Document, nouns: list[int], first: int) -> bool:
    """Whether the prompt says that one person is shown: "1girl", "solo", "portrait of a", "male focus"."""
    lone = document.lex.words["lone"]
    if any(_is_counted(document, i) for i in nouns) or any(m.word in lone for m in document.marks):
        return True
    focus = any(document.is_in(i + 1, document.lex.words["focus"]) for i in nouns if not document.is_single(i))
    return focus or _framed(document, _phrase_start(document, first))


def _framed(document: Document, start: int) -> bool:
    """ "photo of a", "close up of": a picture of whom the phrase names."""
    return document.is_in(start - 1, document.lex.words["of"]) and document.is_in(
        start - 2, document.lex.words["pictures"]
    )


def _opening(document: Document, i: int) -> int | None:
    """The first mark of the part of the list that the noun opens; ``None`` if it stands further on in a sentence."""
    j, words = i, document.lex.words
    while j and not document.is_sign(j - 1):
        before = document.marks[j - 1]
        if document.is_in(j - 1, document.lex.words["of"]) and document.is_in(
            j - 2, words["pictures"] | words["portraits"]
        ):
            j -= 2
            while j and not document.is_sign(j - 1):
                if document.marks[j - 1].kind is Kind.STOP and document.word(j - 1) not in words["before_nouns"]:
                    return None
                j -= 1
            return j
        if document.is_in(j - 1, document.lex.words["as"]):
            return j
        role = before.kind is Kind.NOUN and document.bare_role(j - 1)  # "viking warrior woman"
        noun = before.kind is Kind.NOUN and before.noun is not None and before.noun.kind is not NounKind.ADJECTIVE
        noun = noun and not (role and document.adjacent(j - 1))
        tie = before.kind in (Kind.STOP, Kind.PRONOUN, Kind.TITLE) and before.word not in words["before_nouns"]
        if noun or tie or before.word in words["owners"]:
            return None
        j -= 1
    return j
