"""Before persons are read: words about animals ("a mother cat", "a baby elephant and her keeper") are no attributes.

The rules look at word classes only, never at which gender or age a word says, so they decide alike for all
members of a set. A doubt is decided for the person: a false alarm costs compute, a miss costs privacy.
"""

from __future__ import annotations

from .lexicon import Lexicon
from .marks import Mark
from .pronouns import role

#: Marks that may be about an animal that follows them.
_ABOUT = ("noun", "age", "little", "tone", "trait")
#: Pronouns that may mean an animal: "the cat and her kittens". In "the dog is hers", "a dog follows her" they
#: are somebody the prompt does not name.
_OF_ANIMALS = ("possessive", "subject", "reflexive")


def without_animals(prompt: str, marks: list[Mark], lex: Lexicon) -> list[Mark]:
    """The same marks; those that speak of an animal became plain words."""
    out = marks
    if not any(m.kind == "animal" for m in out):
        return out
    for i in range(len(out) - 1, -1, -1):
        if out[i].kind in _ABOUT and (_before_animal(prompt, out, i, lex) or _beside_young(out, i, lex)):
            out[i].kind, out[i].role, out[i].noun = "word", "animal", None
    for i, m in enumerate(out):
        if m.kind != "pronoun" or role(m.text(prompt), prompt[m.end :], m.role) not in _OF_ANIMALS:
            continue
        if _only_animals(out, i):
            m.kind, m.role = "word", "animal"
            if i + 1 < len(out) and _is_young(prompt, out, i + 1):
                out[i + 1].kind, out[i + 1].role, out[i + 1].noun = "word", "animal", None
    return out


def _adjacent(prompt: str, marks: list[Mark], i: int) -> bool:
    """Whether only spaces stand between marks ``i`` and ``i + 1``."""
    return i + 1 < len(marks) and not prompt[marks[i].end : marks[i + 1].start].strip()


def _before_animal(prompt: str, marks: list[Mark], i: int, lex: Lexicon) -> bool:
    """ "female brown cat", but not "woman horse rider" and not "a baby petting a cat"."""
    m = marks[i]
    direct = m.kind == "noun" and m.noun is not None and m.noun.kind in ("plain", "child", "pair", "decade")
    j = i
    while _adjacent(prompt, marks, j):
        j += 1
        after = marks[j]
        if after.kind == "animal" or after.role == "animal":
            beyond = marks[j + 1] if _adjacent(prompt, marks, j) else None
            if beyond is None:
                return True
            return beyond.kind != "noun" and beyond.word not in lex.not_the_animal
        if direct and m.word not in lex.animal_parents:
            return False
        passes = after.kind in ("tone", "little", "age", "trait") or after.word in lex.between
        if not passes:
            return False
    return False


def _is_young(prompt: str, marks: list[Mark], i: int) -> bool:
    noun = marks[i].noun
    return marks[i].kind == "noun" and noun is not None and noun.kind == "neutral" and _adjacent(prompt, marks, i - 1)


def _beside_young(marks: list[Mark], i: int, lex: Lexicon) -> bool:
    """ "an adult and a baby zebra": a parent beside what is already known to be an animal's young."""
    if marks[i].word not in lex.animal_parents or i + 2 >= len(marks):
        return False
    if marks[i + 1].word not in ("and", "or", "with"):
        return False
    j = i + 2
    if marks[j].word in ("a", "an", "the", "her", "his") and j + 1 < len(marks):
        j += 1
    return marks[j].role == "animal"


def _only_animals(marks: list[Mark], i: int) -> bool:
    """Whether an animal and no person stands before mark ``i``."""
    before = marks[:i]
    return any(m.kind == "animal" for m in before) and not any(m.kind in ("noun", "title", "pronoun") for m in before)
