"""A grammar over the whole lexicon: prompts about one to three persons, from every surface form of every axis."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from functools import cache

from edge_sdk.attributes import CandidateSlots, Scope, build, lexicon, read
from edge_sdk.attributes.axes import TRAITS
from edge_sdk.attributes.lexicon import data
from edge_sdk.errors import PrivacyError
from edge_sdk.privacy.closing import slots
from obclip_contract import article

OPENINGS = ("", "", "a photo of ", "Portrait of ", "oil painting of ", "close-up of ", "a sticker of ")
LINKS = (" and ", " with ", " next to ", " talking to ", ", ", " behind ", " watching ", " or ")
TAILS = (
    "", "", "", " on a beach", ", smiling", " in a white shirt", " holding a black cat", " at a Chinese restaurant",
    " with an American flag", " wearing a red hat, 35mm film", ". Golden hour", " in front of an old car",
)  # fmt: skip
PRONOUNS = (
    "", "", "", " and {p} dog", " holding {p} hat", " looking at {r}", " with {p} phone in {p} hand",
    " who says that {s} is tired", " while {s} waits",
)  # fmt: skip
LOOKS = ("", "", "", "happy ", "smiling ", "tall ", "tired ", "cheerful ", "strong ")
SKINS = ("", "", "", " with dark skin", " with a medium-light skin tone", ", brown skin", " with an olive complexion")
AGES = ("", "", "", "old ", "elderly ", "young ", "adult ", "middle-aged ", "teenage ", "30-year-old ", "senior ")
BEHIND_AGES = ("", "", "", "", " in her 60s", " in his twenties", ", aged 40", " in their eighties")
NUMBERS = ("two", "three", "several", "some", "Two", "a group of")


@cache
def _words() -> dict[str, tuple[str, ...]]:
    lex = lexicon()
    nouns = lex.nouns
    adjectives: list[str] = ["transgender", "nonbinary"]
    behind: list[str] = []
    singular: list[str] = ["Latina", "Frenchman", "Filipina", "Englishwoman"]
    plural: list[str] = ["Latinas", "Frenchmen", "Latinos"]
    for axis in TRAITS[:4]:
        spec = data(axis)
        if axis == "nationality":
            for value, about in spec["about"].items():
                adjectives += [value, *about.get("near", ())]
                singular += about["nouns"]
                plural += [f"{n}s" for n in about["nouns"]]
                behind += [f"from {c}" for c in about["countries"]]
            adjectives += ["Chinese-American", "half-Japanese", "German-born"]
            continue
        for forms in (*spec["forms"].values(), spec["unlisted"]):
            adjectives += [*forms.get("adjectives", ()), *forms.get("near", ())]
            singular += [*forms.get("nouns", ()), *forms.get("nouns_near", ())]
            behind += [*forms.get("post", ()), *forms.get("post_near", ())]
        behind += list(spec["post"]["singular"])
    return {
        "singular": tuple(w for w, n in nouns.items() if not n.plural and n.kind != "adjective"),
        "plural": tuple(w for w, n in nouns.items() if n.plural and n.kind != "adjective"),
        "adjectives": tuple(adjectives),
        "behind": tuple(behind),
        "trait nouns": tuple(singular),
        "trait plurals": tuple(plural),
    }


def person(rng: random.Random) -> str:
    """One noun phrase with its tail."""
    words = _words()
    several = rng.random() < 0.2
    before = rng.choice(AGES) + rng.choice(LOOKS)
    for _ in range(rng.choice((0, 0, 1, 1, 2))):
        before += rng.choice(words["adjectives"]) + " "
    if rng.random() < 0.1:
        before += rng.choice(("dark-skinned ", "pale-skinned ", "brown ", "tan "))
    kind = rng.random()
    if kind < 0.15:
        noun = rng.choice(words["trait plurals" if several else "trait nouns"])
    elif kind < 0.55:
        noun = rng.choice(("women", "men", "girls", "boys", "people", "children") if several else
                          ("woman", "man", "girl", "boy", "person", "child", "female judge", "male nurse"))  # fmt: skip
    else:
        noun = rng.choice(words["plural" if several else "singular"])
    text = before + noun
    text = f"{rng.choice(NUMBERS)} {text}" if several else f"{article(text)} {text}"
    text += rng.choice(SKINS)
    if rng.random() < 0.25:
        text += " " + rng.choice(words["behind"])
    her = _her(noun, rng)
    behind = rng.choice(BEHIND_AGES)
    text += behind if several else behind.replace(" her ", " {p} ").replace(" his ", " {p} ")
    p, s, r = ("her", "she", "herself") if her else ("his", "he", "himself")
    text = text.replace("{p}", p)
    if several:
        return text.replace(" in her ", " in their ").replace(" in his ", " in their ")
    return text + rng.choice(PRONOUNS).format(p=p, s=s, r=r)


def _her(noun: str, rng: random.Random) -> bool:
    """Whether the pronouns are "she", mostly as the noun says."""
    known = lexicon().nouns.get(noun.split()[0].lower())
    gender = known.gender if known is not None else 0 if noun.lower().endswith(("woman", "ina")) else None
    gender = 1 if gender is None and noun.endswith("man") else gender
    return rng.random() < 0.5 if gender is None or rng.random() < 0.03 else gender == 0


def prompt(rng: random.Random) -> str:
    """A prompt about one to three persons."""
    text = rng.choice(OPENINGS) + person(rng)
    for _ in range(rng.choice((0, 0, 0, 1, 1, 2))):
        text += rng.choice(LINKS) + person(rng)
    text += rng.choice(TAILS)
    return text[:1].upper() + text[1:] if rng.random() < 0.5 else text


def choices(found: CandidateSlots, rng: random.Random, most: int) -> list[Sequence[int]]:
    """Members to look at: all, or of a large product the corners of each axis and some drawn."""
    if found.count <= most:
        return list(itertools.product(*(range(len(a.values)) for a in found.axes)))
    first = [0] * len(found.axes)
    out: list[Sequence[int]] = [first, [len(a.values) - 1 for a in found.axes], found.choice]
    while len(out) < most:
        out.append([rng.randrange(len(a.values)) for a in found.axes])
    return out


def leaks(found: CandidateSlots, rng: random.Random, most: int = 24, scope: Scope | None = None) -> list[str]:
    """Members that would send something else than the prompt: the counter-examples."""
    bad = []
    for choice in choices(found, rng, most):
        member = found.member(choice)
        # Most prompts are stable after one pass; E, which may take several, is asked only of the others.
        again = build(read(member, scope or found.scope))
        if not again.same_set(found) and not _sends_the_same(member, found):
            bad.append(member)
    return bad


def _sends_the_same(member: str, found: CandidateSlots) -> bool:
    scope = found.scope
    try:
        again = slots(
            member, axes=scope.axes, opt_in=scope.opt_in, unspecified=bool(scope.unspecified), on_implied="allow"
        )
    except PrivacyError:
        return False
    return again.scope == scope and again.same_set(found)
