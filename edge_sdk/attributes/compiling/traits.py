"""Words of ethnicity, nationality, religion, disability, body and hair, and the forms that take their place."""

from __future__ import annotations

from typing import Any

from ..kinds import Kind
from ..lexicon import AxisForms, Meaning, Trait, data
from .nouns import plural_of
from .phrases import Phrases

#: Shorter phrases written as one could be names.
_LEAST_JOINED = 8
#: What may stand around a demonym and mean much the same: "Chinese-American", "half-Japanese", "Greek-born".
_AROUND = ("{} american", "{} canadian", "{} british", "{} australian", "half {}", "part {}", "{} born", "{} looking")


def _is_joinable(word: str) -> bool:
    """Whether words are long enough to be no other word when they are written as one: "southasian"."""
    sayings = {"and", "as", "of", "half"} & {*word.split()}  # "blackandwhite" is a picture's
    return " " in word and word.replace(" ", "").isalpha() and len(word) > _LEAST_JOINED and not sayings


def trait_words(axis: str, spec: dict[str, Any], capitals: frozenset[str]) -> Phrases:
    """Phrases of ethnicity, religion, disability, body and hair."""
    values: list[str] = spec["values"]
    several = spec.get("of_several", ())
    direct = frozenset((*spec.get("direct", ()), *several))

    def trait(word: str, value: int | None, near: bool, **place: bool) -> tuple[str, Meaning]:
        found = Trait(axis, value, near=near, direct=word in direct, capital=word in capitals, **place)
        return word, Meaning(Kind.TRAIT, trait=found)

    groups: list[tuple[int | None, dict[str, Any]]] = [(values.index(v), f) for v, f in spec["forms"].items()]
    for value, forms in [*groups, (None, spec["unlisted"])]:
        near_nouns = {*forms.get("nouns_near", ())}
        nouns = [*forms.get("nouns", ()), *near_nouns]
        adjectives = [(w, value is None) for w in (*forms.get("adjectives", ()), *(several if value is None else ()))]
        adjectives += [(w, True) for w in forms.get("near", ())]
        exact = {w for w, near in adjectives if not near}
        for word, near in adjectives:
            yield trait(word, value, near, adjective=True, singular=word in nouns)
            if _is_joinable(word):
                yield trait(word.replace(" ", ""), value, near, adjective=True, singular=word in nouns)
        for word in nouns:
            near = word in near_nouns or (
                bool(exact) and word not in exact and not word.startswith(values[value or 0][:3].lower())
            )
            if word not in {w for w, _ in adjectives}:
                yield trait(word, value, near, singular=True)
            yield trait(plural_of(word), value, near, plural=True)
        for key, near in (("post", value is None), ("post_near", True)):
            for phrase in forms.get(key, ()):
                yield trait(phrase, value, near, behind=True)
        for word in (w for w, near in adjectives if not near):
            for frame in spec.get("joined", ()):
                noun = frame.endswith(("american", "british"))
                joined = Trait(axis, value, adjective=True, singular=noun, near=True)
                yield frame.format(word), Meaning(Kind.TRAIT, trait=joined, hyphens=True)
        for frame in spec.get("post_frames", ()):
            for word, near in adjectives:
                yield trait(frame.format(word), value, near, behind=True)


def nationality_words(spec: dict[str, Any], capitals: frozenset[str]) -> Phrases:
    frames = data("ethnicity")["post_frames"]
    for value, (adjective, about) in enumerate(spec["about"].items()):
        name = adjective.lower()

        def meaning(word: str, near: bool = False, value: int = value, **place: bool) -> tuple[str, Meaning]:
            found = Trait("nationality", value, near=near, capital=word in capitals, **place)
            return word, Meaning(Kind.TRAIT, trait=found)

        nouns = [n.lower() for n in about["nouns"]]
        near = [n.lower() for n in about.get("near", ())]
        for word in (name, *near):
            noun = word in nouns or (word in near and word.endswith(("an", "er", "i")))
            several = word.endswith("s") and word[:-1] in near  # "Scots"
            yield meaning(word, word in near, adjective=True, singular=noun, plural=several)
            if _is_joinable(word):
                yield meaning(word.replace(" ", ""), word in near, adjective=True, singular=noun)
            if noun:
                yield meaning(f"{word}s", word in near, plural=True)
            for around in _AROUND:
                if around.format(word) != f"{word} {word}":
                    yield meaning(around.format(word), True, adjective=True, singular=around.endswith("n"))
            if word != "american":
                yield meaning(f"{word} americans", True, plural=True)
            for frame in frames:
                yield meaning(frame.format(word), word in near, behind=True)
        for word in nouns:
            yield meaning(word, singular=True)
            yield meaning(f"{word}s", plural=True)
        for country in about["countries"]:
            yield meaning(f"from {country.lower()}", behind=True)


def gendered(axis: str, spec: dict[str, Any], genders: list[str]) -> Phrases:
    """Nouns that say a value and a gender: "Latina", "Frenchmen"."""
    for word, (value, gender, plural) in spec["gendered"].items():
        for surface, several in ((word.lower(), False), (plural.lower(), True)):
            found = Trait(
                axis,
                spec["values"].index(value),
                adjective=not several and not surface.endswith("man"),
                singular=not several,
                plural=several,
                near=word.startswith(("Chicana", "mesti", "Welsh", "Scots")),
                gender=None if surface.endswith("os") else genders.index(gender),
            )
            yield surface, Meaning(Kind.TRAIT, trait=found)


def axis_forms(axis: str, spec: dict[str, Any]) -> AxisForms:
    before = tuple(spec.get("pre", spec["values"]))

    def both(place: dict[str, list[str]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return tuple(place["singular"]), tuple(place.get("plural", place["singular"]))

    if axis == "nationality":
        behind = tuple(f"from {about['countries'][0]}" for about in spec["about"].values())
        return AxisForms(before, (behind, behind), (before, before))
    return AxisForms(before, both(spec["post"]), both(spec.get("predicate", {"singular": before})))
