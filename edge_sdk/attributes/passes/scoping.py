"""Words of axes that are not hidden are plain words; a word that two axes share is marked for both."""

from __future__ import annotations

from ..document import Document
from ..kinds import Kind, NounKind, Place, Reason
from ..lexicon import Noun
from ..marks import Mark


def run(document: Document) -> None:
    """Dismiss what is public by choice, and split professions that say a gender."""
    out: list[Mark] = []
    for i, m in enumerate(document.marks):
        if m.kind is Kind.TRAIT and m.trait is not None and m.trait.axis not in document.axes:
            document.dismiss(i, Reason.PUBLIC)
        elif m.kind is Kind.PROFESSION:
            out += _professions(document, m)
            continue
        out.append(document.marks[i])
    document.insert(out)


def _professions(document: Document, m: Mark) -> list[Mark]:
    """ "policeman" with its profession hidden: a gender before a role."""
    if m.noun is None or m.noun.gender is None:
        return [m._replace(kind=Kind.NOUN, place=Place.PROFESSION)]
    noun = Noun(NounKind.ADJECTIVE, False, m.noun.gender, forms=document.lex.gender_adjectives)
    gender = Mark(m.start, m.start, Kind.NOUN, "", noun, literal="{} ")
    role = Noun(NounKind.ROLE, m.noun.plural)
    return [gender, Mark(m.start, m.end, Kind.NOUN, m.word, role, m.value, Place.PROFESSION)]
