"""Nouns for persons, from the gender, age and role lists."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from ..kinds import Kind, NounKind
from ..lexicon import NEUTRAL, Meaning, Noun
from .phrases import Phrases


def plural_of(word: str) -> str:
    if word.endswith(("s", "x", "ch", "sh", "z")):
        return f"{word}es"
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return f"{word[:-1]}ies"
    return (
        f"{word[:-3]}men" if word.endswith("man") and len(word) > 5 and word.endswith(("sman", "hman")) else f"{word}s"
    )


def gender_nouns(gender: dict[str, Any]) -> dict[str, Noun]:
    nouns: dict[str, Noun] = {}
    index = {v: i for i, v in enumerate(gender["values"])}
    for number, plural in (("singular", False), ("plural", True)):
        for i, word in enumerate(gender["plain"][number]):
            nouns[word] = Noun(NounKind.PLAIN, plural, i)
        for i, word in enumerate(gender["child"][number]):
            nouns[word] = Noun(NounKind.CHILD, plural, i, 0)
    for word, (value, number) in gender["to_plain"].items():
        nouns[word] = Noun(NounKind.PLAIN, number == "plural", index[value])
    for word, (value, number) in gender["to_child"].items():
        nouns[word] = Noun(NounKind.CHILD, number == "plural", index[value], 0)
    for pair in gender["adjectives"]:
        for i, word in enumerate(pair):
            nouns[word] = Noun(NounKind.ADJECTIVE, False, i, forms=tuple(pair))
    for pair in gender["pairs"]:
        for i, word in enumerate(pair):
            plural = re.search(r"(men|ies|[^s]s|sses|wives)$", pair[0]) is not None
            nouns[word] = Noun(NounKind.PAIR, plural, i, forms=tuple(pair))
    for stem in gender["stems"]:
        for several in ((f"{stem}woman", f"{stem}man"), (f"{stem}women", f"{stem}men")):
            for i, word in enumerate(several):
                nouns[word] = Noun(NounKind.PAIR, word.endswith("men"), i, forms=several)
    women, men = gender["adjectives"][0]
    for word, (value, role) in gender["with_adjective"].items():
        nouns[word] = Noun(NounKind.PAIR, role.endswith("s"), index[value], forms=(f"{women} {role}", f"{men} {role}"))
    for word, same in gender["aliases"].items():
        nouns[word] = nouns[same]
    for pair in gender["phrases"]:
        forms = [gender["phrase_forms"].get(p.replace("mrs ", "mrs. "), p) for p in pair]
        for i, words in enumerate(pair):
            nouns.setdefault(
                words, Noun(NounKind.PAIR, words.endswith("s") and " cla" not in words, i, forms=tuple(forms))
            )
    children = {w for words in gender["child"].values() for w in words}
    # "college girl", "elf boys": the grammar reads the noun, which says an age too.
    return {w: n for w, n in nouns.items() if " " not in w or w.split(" ")[-1] not in children}


def with_neutral(gender: dict[str, Any]) -> dict[str, Any]:
    """The forms that say no gender, as a third column."""
    third = gender["neutral"]
    return {
        "plain": {n: [*words, third["plain"][n]] for n, words in gender["plain"].items()},
        "child": {n: [*words, third["child"][n]] for n, words in gender["child"].items()},
        "pronouns": {role: [*forms, third["pronouns"][role]] for role, forms in gender["pronouns"].items()},
        "title_forms": [*gender["title_forms"], "Mx"],
    }


def neutral_nouns(nouns: dict[str, Noun], gender: dict[str, Any]) -> dict[str, Noun]:
    """Pairs gain their neutral word where there is one; of pairs with the same, the first stands for all."""
    forms: dict[str, tuple[str, ...]] = {}
    third: dict[str, str] = gender["neutral_pairs"]
    out = dict(nouns)
    for word, noun in nouns.items():
        if noun.kind is not NounKind.PAIR or noun.forms is None or not third.get(noun.forms[0]):
            continue
        neutral = third[noun.forms[0]]
        forms.setdefault(neutral, (*noun.forms, neutral))
        out[word] = replace(noun, forms=forms[neutral])
    for neutral, all_forms in forms.items():
        out[neutral] = Noun(NounKind.PAIR, out[all_forms[0]].plural, NEUTRAL, forms=all_forms)
    for number, plural in (("singular", False), ("plural", True)):
        out[gender["plain"][number][NEUTRAL]] = Noun(NounKind.PLAIN, plural, NEUTRAL)
        out[gender["child"][number][NEUTRAL]] = Noun(NounKind.CHILD, plural, NEUTRAL, 0)
    for word, noun in list(out.items()):
        if noun.kind is NounKind.NEUTRAL and noun.age == 0:
            out[word] = Noun(NounKind.CHILD, noun.plural, NEUTRAL, 0)
    return out


def all_nouns(gender: dict[str, Any], age: dict[str, Any], roles: dict[str, Any]) -> dict[str, Noun]:
    nouns = gender_nouns(gender)
    ages = list(age["values"])
    for word, (value, number) in age["neutral_nouns"].items():
        if _is_composed(word, nouns, age, roles):
            continue  # "old person", "child actor": the grammar reads them, and makes them
        nouns.setdefault(word, Noun(NounKind.NEUTRAL, number == "plural", None, ages.index(value)))
    collective = set(roles["collective"])
    for word in (*roles["people"], *roles["roles"]):
        plural = word in ("people", "humans")
        nouns.setdefault(word, Noun(NounKind.ROLE, plural, collective=word in collective))
        if not plural:
            nouns.setdefault(roles["plurals"].get(word, plural_of(word)), Noun(NounKind.ROLE, True))
    return nouns


def _is_composed(word: str, nouns: dict[str, Noun], age: dict[str, Any], roles: dict[str, Any]) -> bool:
    """Whether a word of several is an age before a noun that the lexicon has."""
    first, _, rest = word.rpartition(" ")
    known = rest in nouns or rest in age["neutral_nouns"] or rest in roles["roles"] or rest in roles["people"]
    return bool(first) and known and (first in age["adjectives"] or first in age["values"])


def decoys(phrases: list[str], nouns: dict[str, Noun], gender: dict[str, Any], animals: frozenset[str]) -> Phrases:
    """Decoys and the same with the other gender: a set must never have a member that is one ("gingerbread woman")."""

    def swapped(m: re.Match[str]) -> str:
        noun = nouns.get(m.group())
        if noun is None or noun.gender is None:
            return m.group()
        number = "plural" if noun.plural else "singular"
        forms: tuple[str, ...] = noun.forms or tuple(
            gender["child" if noun.kind is NounKind.CHILD else "plain"][number]
        )
        # A word that no member says ("chick") has no other half that one could.
        return forms[1 - noun.gender] if m.group() in forms else m.group()

    for phrase in phrases:
        if phrase.split(" ")[-1] in animals:
            yield phrase, Meaning(Kind.ANIMAL, hyphens=True)
            continue
        for words in dict.fromkeys((phrase, re.sub("[a-z]+", swapped, phrase))):
            yield words, Meaning(Kind.WORD, decoy=True, hyphens=True)
