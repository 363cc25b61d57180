"""Which person a pronoun means: structure first, stated genders where more than one fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .reading import Reader

#: Words and signs behind which a pronoun no longer belongs to the phrase of the noun before.
_BREAKS = frozenset(("and", "or", ".", ";", "!", "?", ":", "while", "but", "as", "when", "because", "the"))


def is_somebody(reader: Reader, antecedent: int | None, i: int) -> bool:
    """Whether "they" at ``i`` is one person: the nearest noun before is one, and it can be meant."""
    nearest = reader.before(i)
    noun = reader.marks[nearest].noun if nearest is not None else None
    single = noun is None or not (noun.plural or noun.collective)
    return antecedent is not None and single


def antecedent(reader: Reader, i: int, gender: int) -> int | None:
    """The person a pronoun means: the nearest of its gender; without any, the nearest whose gender is not said.

    "her" and "him" as an object are tried with the person before the nearest first: in "a woman with a man
    beside her" the nearest is the one that stands there. Of two the pronoun fits, structure alone decides.
    """
    attracted = _attracted(reader, i)
    if attracted is not None:
        return attracted
    known = _gendered_before(reader, i)
    if reader.marks[i].role == "object" and len(known) > 1:
        known[:2] = known[1::-1]
    for j in known:
        if reader.persons[reader.owner[j]].values["gender"] == gender:
            return j
    for j in range(i - 1, -1, -1):
        m = reader.marks[j]
        single = m.kind == "name" or (m.kind == "noun" and m.noun is not None and not m.noun.plural)
        if single and (j not in reader.owner or "gender" not in reader.persons[reader.owner[j]].values):
            return j
    return None


def _attracted(reader: Reader, i: int) -> int | None:
    """A role whose own phrase the pronoun stands in: "a woman and her patient with his dog".

    By structure alone, so that it holds for all members: no "and", full stop or other noun lies between, and
    nothing else says the role's gender.
    """
    for j in range(i - 1, -1, -1):
        m = reader.marks[j]
        if m.word in _BREAKS or m.kind in ("pronoun", "title", "name"):
            return None
        if m.kind == "noun" and m.noun is not None and m.end > m.start:
            said = j in reader.owner and "gender" in reader.persons[reader.owner[j]].values
            # "person" is what an old or adult somebody becomes, and "child" attracts no pronoun.
            single = reader.bare_role(j) and not m.noun.plural and not m.noun.collective
            return j if single and not said else None
    return None


def _gendered_before(reader: Reader, i: int) -> list[int]:
    """The last mark of each single person whose gender is said before mark ``i``, nearest person first."""
    found: dict[int, int] = {}
    for j in range(i - 1, -1, -1):
        owner = reader.owner.get(j)
        if owner is not None and "gender" in reader.persons[owner].values and not reader.persons[owner].plural:
            found.setdefault(owner, j)
    return list(found.values())
