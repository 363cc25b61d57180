"""The lexicon: which words give an axis away, and the canonical words that replace them. Data in ``data/``."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

#: Goes into every request; change it with every change of the data or the grammar.
LEXICON_VERSION: Final = "1"
#: Axes in grid order.
AXES: Final = ("gender", "age", "skin_tone")


def _data(name: str) -> dict[str, Any]:
    text = resources.files(__package__).joinpath("data", f"{name}.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@dataclass(frozen=True)
class Noun:
    """A word for a person.

    ``kind``: plain (woman), child (girl), pair (actress), adjective (female), neutral (kid), role (pilot),
    decade ("in her sixties": says gender and age beside the noun).
    """

    kind: str
    plural: bool
    gender: int | None = None
    age: int | None = None
    forms: tuple[str, str] | None = None


@dataclass(frozen=True)
class Lexicon:
    """Everything compiled for look-up by lower-case word."""

    values: dict[str, tuple[str, ...]]
    nouns: dict[str, Noun]
    titles: dict[str, int]
    pronouns: dict[str, tuple[str, ...]]
    ages: dict[str, int]
    child_adjectives: frozenset[str]
    tones: dict[str, int]
    tone_adjectives: frozenset[str]
    not_before_roles: frozenset[str]
    between: frozenset[str]
    costume: frozenset[str]
    people: frozenset[str]
    animals: frozenset[str]
    not_the_animal: frozenset[str]
    animal_parents: frozenset[str]
    decoys: tuple[str, ...]
    phrases: dict[str, Noun]
    neutral: tuple[tuple[str, ...], tuple[str, ...]]
    plain: tuple[tuple[str, ...], tuple[str, ...]]
    children: tuple[tuple[str, ...], tuple[str, ...]]
    title_forms: tuple[str, ...]
    child_below: int
    old_from: int
    numbers: dict[str, int]
    decades: dict[str, int]
    decade_forms: tuple[str, ...]
    #: Axes meant for a cover, not for enumeration.
    large: frozenset[str] = frozenset()

    def distance(self, axis: str, first: str, second: str) -> int:
        """How far two values of an axis lie apart: steps in the list's order."""
        values = self.values[axis]
        return abs(values.index(first) - values.index(second))

    def age_of(self, years: int) -> int:
        """The age value nearest to a number of years."""
        return 0 if years < self.child_below else 2 if years >= self.old_from else 1


def _gender_nouns(gender: dict[str, Any]) -> dict[str, Noun]:
    nouns: dict[str, Noun] = {}
    index = {v: i for i, v in enumerate(gender["values"])}
    for number, plural in (("singular", False), ("plural", True)):
        for i, word in enumerate(gender["plain"][number]):
            nouns[word] = Noun("plain", plural, i)
        for i, word in enumerate(gender["child"][number]):
            nouns[word] = Noun("child", plural, i, 0)
    for word, (value, number) in gender["to_plain"].items():
        nouns[word] = Noun("plain", number == "plural", index[value])
    for word, (value, number) in gender["to_child"].items():
        nouns[word] = Noun("child", number == "plural", index[value], 0)
    for kind, pairs in (("pair", gender["pairs"]), ("adjective", gender["adjectives"])):
        for pair in pairs:
            for i, word in enumerate(pair):
                nouns[word] = Noun(kind, False, i, forms=(pair[0], pair[1]))
    for stem in gender["stems"]:
        for pair in ((f"{stem}woman", f"{stem}man"), (f"{stem}women", f"{stem}men")):
            for i, word in enumerate(pair):
                nouns[word] = Noun("pair", False, i, forms=pair)
    women, men = gender["adjectives"][0]
    for word, (value, role) in gender["with_adjective"].items():
        nouns[word] = Noun("pair", False, index[value], forms=(f"{women} {role}", f"{men} {role}"))
    for word, same in gender["aliases"].items():
        nouns[word] = nouns[same]
    return nouns


def _phrases(gender: dict[str, Any]) -> dict[str, Noun]:
    """Pairs of several words; ``phrase_forms`` gives the spelling of those with capitals."""
    phrases: dict[str, Noun] = {}
    for pair in gender["phrases"]:
        forms = [gender["phrase_forms"].get(p.replace("mrs ", "mrs. "), p) for p in pair]
        for i, words in enumerate(pair):
            phrases.setdefault(words, Noun("pair", False, i, forms=(forms[0], forms[1])))
    return phrases


def _both_ways(phrases: list[str], nouns: dict[str, Noun], gender: dict[str, Any]) -> tuple[str, ...]:
    """Decoys and the same with the other gender: a set must never have a member that is one ("gingerbread woman")."""

    def swapped(m: re.Match[str]) -> str:
        noun = nouns.get(m.group())
        if noun is None or noun.gender is None:
            return m.group()
        number = "plural" if noun.plural else "singular"
        forms: tuple[str, ...] = noun.forms or tuple(gender["child" if noun.kind == "child" else "plain"][number])
        return forms[1 - noun.gender]

    return tuple(dict.fromkeys(p for phrase in phrases for p in (phrase, re.sub("[a-z]+", swapped, phrase))))


@cache
def pronoun_words() -> dict[str, frozenset[str]]:
    """Words after which "her" and "his" stand alone, and adjectives that end like adverbs."""
    return {name: frozenset(words) for name, words in _data("pronouns").items()}


@cache
def residue_words() -> dict[str, tuple[str, ...]]:
    """By axis, words that hint at it and are not rewritten."""
    return {axis: tuple(words) for axis, words in _data("residue").items()}


@cache
def lexicon() -> Lexicon:
    """The compiled lexicon (read once)."""
    gender, age, skin = _data("gender"), _data("age"), _data("skin_tone")
    roles, decoys, animals = _data("roles"), _data("decoys"), _data("animals")
    nouns = _gender_nouns(gender)
    ages = tuple(age["values"])
    for word, (value, number) in age["neutral_nouns"].items():
        nouns.setdefault(word, Noun("neutral", number == "plural", None, ages.index(value)))
    for word in (*roles["people"], *roles["roles"]):
        nouns.setdefault(word, Noun("role", False))
        nouns.setdefault(f"{word}s", Noun("role", True))
    index = {v: i for i, v in enumerate(gender["values"])}
    return Lexicon(
        values={"gender": tuple(gender["values"]), "age": ages, "skin_tone": tuple(skin["values"])},
        nouns=nouns,
        titles={w: index[v] for w, v in gender["titles"].items()},
        pronouns={role: tuple(forms) for role, forms in gender["pronouns"].items()},
        ages={w: ages.index(v) for w, v in age["adjectives"].items()},
        child_adjectives=frozenset(age["child_adjectives"]),
        tones={s: i for i, v in enumerate(skin["values"]) for s in skin["synonyms"][v]},
        tone_adjectives=frozenset(skin["adjectives"]),
        not_before_roles=frozenset(skin["not_before_roles"]),
        between=frozenset(skin["between"]),
        costume=frozenset(roles["costume"]),
        people=frozenset(roles["people"]),
        animals=frozenset(animals["animals"]),
        not_the_animal=frozenset(animals["not_the_animal"]),
        animal_parents=frozenset(animals["parents"]),
        decoys=_both_ways(decoys["phrases"], nouns, gender),
        phrases=_phrases(gender),
        neutral=(tuple(age["neutral"]["singular"]), tuple(age["neutral"]["plural"])),
        plain=(tuple(gender["plain"]["singular"]), tuple(gender["plain"]["plural"])),
        children=(tuple(gender["child"]["singular"]), tuple(gender["child"]["plural"])),
        title_forms=tuple(gender["title_forms"]),
        child_below=int(age["child_below"]),
        old_from=int(age["old_from"]),
        numbers=dict(age["numbers"]),
        decades=dict(age["decades"]),
        decade_forms=tuple(age["decade_forms"]),
    )
