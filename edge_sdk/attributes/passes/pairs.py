"""Two words of one kind joined by "and": "a man and woman", "boys and girls", "male and female students".

Each is somebody, and each would be filled by itself: "a woman and woman", "girls and girls". So the second of two
persons gets the article that it shared, and several of both genders are said without one. By structure alone.
"""

from __future__ import annotations

from ..document import Document
from ..kinds import Kind, NounKind
from ..lexicon import Noun, Trait
from ..marks import Mark

_KINDS = (NounKind.PLAIN, NounKind.CHILD, NounKind.PAIR, NounKind.ADJECTIVE)
#: What may stand between the shared article and the first of two.
_ADJECTIVES = (Kind.WORD, Kind.AGE, Kind.TRAIT, Kind.TONE, Kind.LITTLE, Kind.SKIN)


def run(document: Document) -> None:
    """Say pairs of nouns as they can be filled."""
    if "gender" not in document.axes:
        return
    out: list[Mark] = []
    i = 0
    while i < len(document.marks):
        if not _is_pair(document, i):
            out.append(document.marks[i])
            i += 1
            continue
        joined = _several(document, i) or _twosome(document, i)
        if joined is not None:
            out.append(joined)
        else:
            out += [document.marks[i], document.marks[i + 1], _with_article(document, i)]
        i += 3
    document.insert(out)


def _is_pair(document: Document, i: int) -> bool:
    if i + 2 >= len(document.marks) or not document.is_in(i + 1, document.lex.words["pairing"]):
        return False
    one, other = document.marks[i].noun, document.marks[i + 2].noun
    if one is None or other is None or not (document.adjacent(i) and document.adjacent(i + 1)):
        return False
    return one.kind in _KINDS and one.kind is other.kind and one.plural == other.plural


def _several(document: Document, i: int) -> Mark | None:
    """ "boys and girls" -> "children", "brothers and sisters" -> "siblings", "male and female staff" -> "staff"."""
    first, last = document.marks[i], document.marks[i + 2]
    one, other = first.noun, last.noun
    if one is None or other is None:
        return None
    word = f"{first.word} {document.word(i + 1)} {last.word}"
    if one.kind is NounKind.ADJECTIVE:
        trait = Trait("gender", None, adjective=True, near=True)
        followed = document.adjacent(i + 2) and document.marks[i + 3].kind is not Kind.STOP
        return Mark(first.start, last.end, Kind.TRAIT, word, trait=trait, near=True) if followed else None
    if not one.plural:
        return None
    if one.kind is NounKind.CHILD:
        noun = Noun(NounKind.NEUTRAL, True, None, one.age)
        return Mark(first.start, last.end, Kind.NOUN, word, noun, near=True)
    said = document.lex.neutral[1][1] if one.kind is NounKind.PLAIN else _shared(document, one, other)
    if not said:
        return None
    literal = said.capitalize() if document.prompt[first.start].isupper() else said
    noun = Noun(NounKind.ROLE, True)
    return Mark(first.start, last.end, Kind.NOUN, said, noun, near=True, literal=literal)


def _twosome(document: Document, i: int) -> Mark | None:
    """ "a brother and sister duo" -> "a sibling duo"."""
    first, last = document.marks[i], document.marks[i + 2]
    if first.noun is None or last.noun is None or first.noun.plural:
        return None
    if not document.is_in(i + 3, document.lex.words["twosomes"]) or not document.adjacent(i + 2):
        return None
    said = _shared(document, first.noun, last.noun)
    return Mark(first.start, last.end, Kind.WORD, said, literal=said) if said else None


def _shared(document: Document, one: Noun, other: Noun) -> str:
    """The word of no gender for both, where they are two of one pair."""
    if one.kind is not NounKind.PAIR or one.forms is None or one.forms != other.forms:
        return ""
    return document.lex.neutral_pairs.get(one.forms[0], "")


def _with_article(document: Document, i: int) -> Mark:
    """The second of two with the article of the first: "a man and woman" -> "a man and a woman"."""
    last, noun = document.marks[i + 2], document.marks[i + 2].noun
    if noun is None or noun.plural or noun.kind is NounKind.ADJECTIVE:
        return last
    j, shared = i - 1, document.lex.words["shared_articles"]
    while j >= 0 and document.marks[j].kind in _ADJECTIVES and not document.is_in(j, shared):
        j -= 1
    if not document.is_in(j, shared):
        return last
    article = "the" if document.is_in(j, document.lex.words["definite"]) else "a"
    return last._replace(literal=f"{article} {{}}")
