"""From the data files to the :class:`~.lexicon.Lexicon`: every surface form becomes a phrase of the trie."""

from __future__ import annotations

from typing import Any

from ..axes import AXES, OPT_IN, TRAITS
from ..kinds import Kind, NounKind, PronounForm
from ..lexicon import NEUTRAL, Lexicon, Meaning, Noun, Trait, data
from ..matching import trie
from . import hints
from .nouns import all_nouns, decoys, neutral_nouns, plural_of, with_neutral
from .origins import frame_starts, list_origins, origin_entries
from .phrases import Phrases
from .traits import axis_forms, gendered, nationality_words, trait_words
from .vocabulary import cue_words, emoji_words, sensitive, tone_words, vocabulary

__all__ = ["compile_lexicon"]

#: Lists of the roles' file that the passes ask for by name.
_ROLE_CLASSES = (
    "costume",
    "people",
    "objects",
    "events",
    "not_persons",
    "persons_too",
    "persons_alone",
    "persons_in_doubt",
    "things",
    "thing_ends",
)


def _words(opt_in: frozenset[str], nouns: dict[str, Noun], specs: dict[str, dict[str, Any]]) -> Phrases:
    """All phrases, those that count first where two are the same."""
    gender, age, skin, roles = specs["gender"], specs["age"], specs["skin_tone"], data("roles")
    animals, capitals = data("animals"), frozenset(data("decoys")["only_with_capital"])
    lower = frozenset(data("decoys")["places_before_persons"])
    index = {v: i for i, v in enumerate(gender["values"])}
    yield from decoys(data("decoys")["phrases"], nouns, gender, frozenset(animals["animals"]))
    if "profession" in opt_in:
        yield from _professions(specs["profession"], index)
    if "first_names" in opt_in:
        for i, name in enumerate(specs["first_names"]["values"]):
            yield name, Meaning(Kind.NAME, value=i)
        for name in (*data("names")["female"], *data("names")["male"], *data("names")["either"]):
            if name not in data("names")["with_surname_only"]:
                yield name, Meaning(Kind.NAME, value=len(name) % len(specs["first_names"]["values"]), near=True)
    for role, forms in gender["pronouns"].items():
        for i, form in enumerate(forms):
            yield form, Meaning(Kind.PRONOUN, value=i, form=PronounForm(role))
    for axis in TRAITS:
        if axis in specs:
            yield from gendered(axis, specs[axis], gender["values"])
    yield from nationality_words(specs["nationality"], capitals)
    for axis in TRAITS:
        if axis in specs and axis != "nationality":
            yield from trait_words(axis, specs[axis], capitals)
    for word in gender["unlisted"]:
        yield word, Meaning(Kind.TRAIT, trait=Trait("gender", None, adjective=True, near=True))
    ages = list(age["values"])
    for word, value in age["adjectives"].items():
        if word not in nouns:
            yield word, Meaning(Kind.AGE, value=ages.index(value))
    for phrase, value in age.get("phrases", ()):
        yield phrase, Meaning(Kind.AGE, value=ages.index(value), near=True, behind=True)
    for phrase, value in skin.get("phrases", ()):
        behind = phrase.split()[0] in ("with", "of", "whose", "having", "has")
        yield phrase, Meaning(Kind.SKIN if behind else Kind.TONE, value=skin["values"].index(value), behind=behind)
    tones = {s: i for i, v in enumerate(skin["values"]) for s in skin["synonyms"][v]}
    for word in skin["adjectives"]:
        yield word, Meaning(Kind.TONE, value=tones[word])
    for word, value in dict(skin.get("words", {})).items():
        yield word, Meaning(Kind.TONE, value=skin["values"].index(value), near=True)
    for word in age["child_adjectives"]:
        yield word, Meaning(Kind.LITTLE)
    ambiguous = {w: ages.index(v) for w, v in age["adjectives"].items()}
    for word, noun in nouns.items():
        yield word, Meaning(Kind.NOUN, noun=noun, value=ambiguous.get(word, -1))
    for word in animals["animals"]:
        yield word, Meaning(Kind.ANIMAL)
    for word in roles["stops"]:
        yield word, Meaning(Kind.STOP)
    for word, origin in origin_entries(specs):
        if origin.kind == "place" and not word.startswith("the "):
            # "japan girl": only what is a word of its own too ("a nice girl", "reading") needs its capital.
            written = word.lower() in capitals and word.lower() not in lower
            found = Trait(origin.axis, origin.value, adjective=True, near=True, capital=written, place=True)
            yield word.lower(), Meaning(Kind.TRAIT, trait=found)


def _professions(spec: dict[str, Any], genders: dict[str, int]) -> Phrases:
    values: list[str] = spec["values"]
    plurals = data("roles")["plurals"]
    for word, (role, gender) in spec["gendered"].items():
        several = role not in values
        value = values.index(role.removesuffix("s") if several else role)
        noun = Noun(NounKind.ROLE, several, genders[gender])
        yield word, Meaning(Kind.PROFESSION, noun=noun, value=value)
    for value, forms in spec["forms"].items():
        for near, words in ((False, forms["nouns"]), (True, forms["near"])):
            for word in words:
                for plural, surface in ((False, word), (True, plurals.get(word, plural_of(word)))):
                    noun = Noun(NounKind.ROLE, plural)
                    yield surface, Meaning(Kind.PROFESSION, noun=noun, value=values.index(value), near=near)


def _classes(
    age: dict[str, Any], skin: dict[str, Any], roles: dict[str, Any], animals: dict[str, Any]
) -> dict[str, frozenset[str]]:
    """The closed classes of words that the passes ask for by name."""
    found = {
        name: frozenset(words)
        for file in ("grammar", "pronouns", "ordinary", "glued")
        for name, words in data(file).items()
    }
    found |= {name: frozenset(roles[name]) for name in _ROLE_CLASSES}
    found |= {name: frozenset(skin[name]) for name in ("not_before_roles", "between")}
    found |= {
        "child_adjectives": frozenset(age["child_adjectives"]),
        "ages_of_persons": frozenset(age["of_persons"]),
        # What members say themselves is exact, or "strict" would refuse some of them. Marks hold spaces for hyphens.
        "exact_ages": frozenset((*age["exact"], *(w.replace("-", " ") for w in age["predicates"]))),
        "not_the_animal": frozenset(animals["not_the_animal"]),
        "animal_parents": frozenset(animals["parents"]),
        "skin_words": found["skin_words"] | frozenset(h for h in skin.get("heads", ()) if h.isalpha()),
        "surnames": frozenset(n.lower() for n in data("names").get("surnames", ())),
        "with_surname_only": frozenset(n.lower() for n in data("names")["with_surname_only"]),
        "not_before_names": frozenset(n.lower() for n in data("names")["not_before"]),
        "surname_particles": frozenset(data("names")["surname_particles"]),
        "same_verb": frozenset(data("gender")["same_verb"]),
        "of_several": frozenset(data("ethnicity")["of_several"]),
    }
    return found


def compile_lexicon(opt_in: frozenset[str], neutral: bool = False) -> Lexicon:
    """Read the data files and compile them; with neutral words as a third gender if asked."""
    axes = (*AXES, *(a for a in OPT_IN if a in opt_in))
    specs = {axis: data(axis) for axis in axes}
    gender, age, skin, roles, animals = (
        specs["gender"],
        specs["age"],
        specs["skin_tone"],
        data("roles"),
        data("animals"),
    )
    nouns = all_nouns(gender, age, roles)
    if neutral:
        gender = {**gender, **with_neutral(gender)}
        specs["gender"] = gender
        nouns = neutral_nouns(nouns, gender)
    index = {v: i for i, v in enumerate(gender["values"])}
    nationality = specs["nationality"]
    wide = {region: continent for continent, regions in nationality["regions"].items() for region in regions}
    groups = {v: (wide[a["region"]], a["region"]) for v, a in nationality["about"].items()}
    entries = list(_words(opt_in, nouns, specs))
    phrases, origins = trie(entries), list_origins(specs)
    cues = data("implied")
    other = trie((w, None) for w in (*cue_words(cues), *data("grammar")["of_skin"], *tone_words(skin)))
    emoji = emoji_words(data("emoji"))
    plain_kinds = (Kind.STOP, Kind.PRONOUN, Kind.NOUN, Kind.ANIMAL, Kind.LITTLE, Kind.TONE)
    alone = {
        w: node[""] for w, node in phrases.items() if len(node) == 1 and "" in node and node[""].kind in plain_kinds
    }
    return Lexicon(
        axes=axes,
        values={axis: tuple(spec["values"]) for axis, spec in specs.items()},
        phrases=phrases,
        alone=alone,
        nouns=nouns,
        vocabulary=vocabulary(phrases, origins, other) | frozenset(age["numbers"]),
        sensitive=sensitive(entries, cues, roles["stops"]),
        origins=origins,
        frame_starts=frame_starts(specs),
        emoji=emoji,
        emoji_starts=frozenset(e[0] for e in emoji),
        longest_emoji=2 * max((len(e) for e in emoji), default=0),
        forms={axis: axis_forms(axis, specs[axis]) for axis in TRAITS if axis in specs},
        gender_adjectives=tuple(gender["adjectives"][0]),
        respelled=dict(gender["gendered_spellings"]),
        given_names=frozenset(n.lower() for key in ("female", "male", "either") for n in data("names")[key]),
        titles={w: index[v] for w, v in gender["titles"].items()} | ({"mx": NEUTRAL} if neutral else {}),
        pronouns={role: tuple(forms) for role, forms in gender["pronouns"].items()},
        ages={w: list(age["values"]).index(v) for w, v in age["adjectives"].items()},
        tones={s: i for i, v in enumerate(skin["values"]) for s in skin["synonyms"][v]},
        tone_keys={s.replace(" ", "-"): s for v in reversed(skin["values"]) for s in reversed(skin["synonyms"][v])},
        suffixes=tuple(roles["suffixes"]),
        words=_classes(age, skin, roles, animals),
        neutral=(tuple(age["neutral"]["singular"]), tuple(age["neutral"]["plural"])),
        plain=(tuple(gender["plain"]["singular"]), tuple(gender["plain"]["plural"])),
        children=(tuple(gender["child"]["singular"]), tuple(gender["child"]["plural"])),
        title_forms=tuple(gender["title_forms"]),
        child_below=int(age["child_below"]),
        old_from=int(age["old_from"]),
        numbers=dict(age["numbers"]),
        decades=dict(age["decades"]),
        decade_forms=tuple(age["decade_forms"]),
        age_predicates=tuple(age["predicates"]),
        year_forms=tuple(age["year_forms"]),
        roles_plural=dict(roles["plurals"]),
        neutral_pairs=dict(gender["neutral_pairs"]),
        cues=hints.cues(),
        noun_hints=hints.noun_hints(),
        nameless=str(cues["identity"]["instead"]),
        languages=hints.languages(),
        large={"nationality": tuple(nationality["representatives"])},
        groups={"nationality": groups},
    )
