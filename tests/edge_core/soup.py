"""Word soup of the classes that a pass asks for, so that operands meet which sentences seldom hold together."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from functools import cache

from edge_sdk.attributes import lexicon
from edge_sdk.attributes.matching import Trie

_SIGNS = (
    ",", ".", "-", "_", "(", ")", ":", ";", "and", "or", "a", "the", "of", "in", "with", "'", '"', "s", "&", "/", "|",
    "her", "his", "who", "is",
)  # fmt: skip
#: Of each pass or few of them: names of closed classes, and words that the code itself knows.
_CLASSES = {
    "years": (
        "age_openers decade_parts decade_owners approximately bounds before_bounds|year_units short_units range_joints "
        "age_verbs fractions age_degrees age_limits|age_passing age_passing_before age_path age_path_core|time_words "
        "time_units births birth_words clause_starts"
    ),
    "skins": "skin_words skinned toned|of_skin",
    "origins": "followers before_nouns",
    "match": (
        "looking_where coloured_parts hairstyles determiners cue_adjectives|openers compound_tails exact_ages "
        "intensifiers counted_others|hair_words clause_starts"
    ),
    "pairs": "pairing|twosomes|shared_articles",
    "people": "surname_particles|callings|not_before_names|by_place|with_surname_only",
    "quotes": "writing",
    "cases": "of|not_possessed|ly_adjectives",
    "animals": "animal_parents|joining_with|openings|its|between|not_the_animal",
    "palettes": "colours|colours|pairing",
    "stand_ins": "counters singles|events looks verbs_behind|before_nouns joining|copulas|adverbs",
    "pronouns": "copulas|adverbs",
}
_OWN = {
    "years": (
        "0 1 3 5 9 12 25 40 67 99 120 121 200 1899 1900 1950 2025 2026 \u0664\u0660",
        "yo yos yro y / o ish something somethings + plus old olds young age aged ages % px",
    ),
    "skins": (": = is was so tone color colour",),
    "match": ("looking christian Christian BREAK AND s re ll 's", "looking"),
    "people": ("by artist style of . - ' : & | Smith Kowalski Park",),
    "quotes": ('" "', '" "', '"'),
    "cases": ("her his Her", "her his", "gently dancing walking vaguely \" ( ' friend - mother-in-law"),
    "animals": ("her his she herself hers",),
    "palettes": (",", "black white brown tan"),
    "stand_ins": ("the a two",),
    "pronouns": ("she he her his him hers himself herself they them their it She He", "waits looks 's goes has walk"),
}


def _paths(node: Trie, path: tuple[str, ...] = ()) -> Iterator[tuple[str, object]]:
    for key, below in node.items():
        if key:
            yield from _paths(below, (*path, key))
        else:
            yield " ".join(path), below


@cache
def _nouns() -> list[list[str]]:
    kinds = defaultdict(list)
    for word, noun in lexicon().nouns.items():
        kinds[noun.kind, noun.plural].append(word)
    return list(kinds.values())


@cache
def _pools() -> list[list[list[str]]]:
    lex = lexicon()
    kinds = defaultdict(list)
    for phrase, meaning in _paths(lex.phrases):
        kinds[getattr(meaning, "kind"), getattr(meaning, "behind"), getattr(meaning, "decoy")].append(phrase)  # noqa: B009
    adjectives = sorted({word for axis in lex.forms.values() for word in axis.before})
    names = sorted(lex.given_names)
    frames = [" ".join(f) for at in lex.frame_starts.values() for one in at for f in one[:2] if f]
    places = [phrase for phrase, _ in _paths(lex.origins)]
    titles = sorted(lex.titles)
    about = [words for (kind, _, _), words in kinds.items() if kind in ("animal", "age", "tone", "little", "trait")]
    more = {
        "years": [sorted(lex.numbers), [f"{n}ish" for n in lex.numbers], sorted(lex.decades)],
        "skins": [sorted(lex.tones), sorted(lex.tone_keys)],
        "origins": [frames, frames, places, [p.title() for p in places]],
        "match": [titles, [f"{t.title()}." for t in titles], sorted(lex.respelled), adjectives, *kinds.values()],
        "pairs": [*_nouns(), *_nouns()],
        "people": [names, [n.title() for n in names], [t.title() for t in titles]],
        "quotes": _nouns(),
        "animals": [*about, *about, *_nouns()],
        "stand_ins": [adjectives, [a.title() for a in adjectives], *about, *_nouns()],
        "pronouns": [[t.title() for t in titles], *_nouns()],
    }
    return [
        [
            *([w for name in some.split() for w in sorted(lex.words[name])] for some in classes.split("|")),
            *(own.split() for own in _OWN.get(of, ())),
            *more.get(of, ()),
        ]
        for of, classes in _CLASSES.items()
    ]


def soup(rng: random.Random) -> str:
    """Words of the classes of one pass, of another, signs and nouns, joined by spaces, hyphens or nothing."""
    pools, other = rng.choice(_pools()), rng.choice(_pools())
    out = ""
    for _ in range(rng.randint(2, 12)):
        roll = rng.random()
        if roll < 0.68:
            word = rng.choice(rng.choice(pools if roll < 0.58 else other))
        else:
            word = rng.choice(_SIGNS if roll < 0.9 else rng.choice(_nouns()))
        raised = rng.random()
        word = word.title() if raised < 0.08 else word.upper() if raised < 0.1 else word
        out += (rng.choice(("", "-")) if rng.random() < 0.12 else " ") + word
    return out.strip()
