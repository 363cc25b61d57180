"""The lexicon: which words give an axis away, and the canonical words that replace them. Data in ``data/``.

One file per axis holds its ordered values and the surface forms that map to them; ``docs/LEXICON.md`` says how to
add one. Everything is compiled once per set of opt-in axes, into a trie of phrases.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Final

from .kinds import Kind, NounKind, PronounForm
from .matching import Trie

#: Goes into every request; change it with every change of the data or the grammar.
LEXICON_VERSION: Final = "9"
#: The value that hides whether an axis was mentioned at all.
UNSPECIFIED: Final = "unspecified"
#: Index of the gender that "person" and "they" say, where presence is hidden.
NEUTRAL: Final = 2
#: The value of a span whose word is on no list ("mixed-race"): it is left out of what is sent.
UNLISTED: Final = "unlisted"


@cache
def data(name: str) -> dict[str, Any]:
    """One data file; read when the lexicon is compiled, not when a prompt is read."""
    text = resources.files(__package__).joinpath("data", f"{name}.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@dataclass(frozen=True)
class Noun:
    """A word for a person. ``gender`` and ``age`` are value indices; ``forms`` by gender."""

    kind: NounKind
    plural: bool
    gender: int | None = None
    age: int | None = None
    forms: tuple[str, ...] | None = None
    #: A word for several ("couple"), which takes a plural verb or pronoun but a singular article.
    collective: bool = False


@dataclass(frozen=True)
class Trait:
    """A word that says one value of an axis: before a person, behind one, or as a noun for one.

    ``value`` is ``None`` for a word that is on no list. ``near`` marks a word that is not the value itself but
    lies nearest to it. ``gender`` is said too by some nouns ("Latina", "Frenchman").
    """

    axis: str
    value: int | None
    adjective: bool = False
    singular: bool = False
    plural: bool = False
    behind: bool = False
    near: bool = False
    #: Only directly before a person: the word has many other senses ("black").
    direct: bool = False
    gender: int | None = None
    #: Only with a capital ("Polish", "Pole").
    capital: bool = False
    #: A place: it speaks of a person only directly before one ("a Hong Kong shopkeeper").
    place: bool = False


@dataclass(frozen=True)
class Origin:
    """A place, people or faith that a phrase can say where somebody is from by ("born in {}", "with {} roots")."""

    axis: str
    value: int | None
    #: place, adjective or faith: which frames it fits.
    kind: str


@dataclass(frozen=True)
class Meaning:
    """What a phrase of the trie is: the kind of its mark, and what that kind needs."""

    kind: Kind
    noun: Noun | None = None
    trait: Trait | None = None
    value: int = -1
    form: PronounForm | None = None
    near: bool = False
    #: Of an age or tone: a phrase behind its person ("in the prime of life", "with skin as dark as night").
    behind: bool = False
    #: Another sense of words that the lexicon knows ("king penguin").
    decoy: bool = False
    #: Hyphens count: decoys ("man-eating"), and what only a hyphen makes one word ("Asian-American").
    hyphens: bool = False


@dataclass(frozen=True)
class AxisForms:
    """The words that say each value of a trait axis, by place, for one person and for several (second)."""

    #: Before a noun: "a Chinese pilot".
    before: tuple[str, ...]
    #: Behind one: "a pilot from China".
    behind: tuple[tuple[str, ...], tuple[str, ...]]
    #: Behind "is": "who is Chinese".
    predicate: tuple[tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True)
class Cue:
    """A word outside the slots that hints at a value of an axis, and what says less ("" leaves it out)."""

    axis: str
    value: str
    instead: str
    #: Decides; a weak one is told only.
    strong: bool


@dataclass(frozen=True)
class Hint:
    """What a noun for a person says beside its slot: ``slot`` says it as an attribute, ``instead`` says less."""

    axis: str
    value: str
    instead: str
    slot: str
    decides: bool


@dataclass(frozen=True, eq=False)
class Lexicon:
    """Everything compiled for look-up by lower-case word."""

    axes: tuple[str, ...]
    values: dict[str, tuple[str, ...]]
    phrases: Trie
    #: Words that begin no longer phrase and need no look around them: a shortcut through the trie.
    alone: dict[str, Meaning]
    nouns: dict[str, Noun]
    #: Every token that some phrase holds, and those of phrases that give an axis away.
    vocabulary: frozenset[str]
    sensitive: frozenset[str]
    #: Places, peoples and faiths, and the frames around them by their first word ("" for those that begin with it).
    origins: Trie
    frame_starts: dict[str, tuple[tuple[tuple[str, ...], tuple[str, ...], str], ...]]
    #: Words for emoji (without variation selectors), the characters that one can begin with, and the longest one.
    emoji: dict[str, str]
    emoji_starts: frozenset[str]
    longest_emoji: int
    forms: dict[str, AxisForms]
    #: "female", "male": before a role whose gender is said by an adjective.
    gender_adjectives: tuple[str, ...]
    titles: dict[str, int]
    given_names: frozenset[str]
    #: Words whose spelling says a gender, and the spelling that says none ("blonde": "blond").
    respelled: dict[str, str]
    pronouns: dict[str, tuple[str, ...]]
    ages: dict[str, int]
    tones: dict[str, int]
    #: The tone by its words joined with hyphens: "light-brown" -> "light brown".
    tone_keys: dict[str, str]
    suffixes: tuple[str, ...]
    #: Closed classes of words by name: copulas, objects, events, people, …
    words: Mapping[str, frozenset[str]]
    neutral: tuple[tuple[str, ...], tuple[str, ...]]
    plain: tuple[tuple[str, ...], tuple[str, ...]]
    children: tuple[tuple[str, ...], tuple[str, ...]]
    title_forms: tuple[str, ...]
    child_below: int
    old_from: int
    numbers: dict[str, int]
    decades: dict[str, int]
    decade_forms: tuple[str, ...]
    #: Ages behind "is" or set off: "who is old".
    age_predicates: tuple[str, ...]
    #: An age behind its noun: "a pilot, aged 40".
    year_forms: tuple[str, ...]
    roles_plural: dict[str, str]
    neutral_pairs: dict[str, str]
    cues: Trie
    noun_hints: dict[str, tuple[Hint, ...]]
    #: What is said in place of a name.
    nameless: str
    languages: dict[str, frozenset[str]]
    #: Axes meant for a cover, not for enumeration, and the representatives of each.
    large: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    #: By axis and value, the groups it belongs to, from wide to narrow.
    groups: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)

    def age_of(self, years: int) -> int:
        """The age value nearest to a number of years."""
        return 0 if years < self.child_below else 2 if years >= self.old_from else 1

    def distance(self, axis: str, first: str, second: str) -> int:
        """How far two values of an axis lie apart; 0 for the same, public and symmetric.

        Values with groups (nationality): the number of group levels that differ, plus one. Others: steps in
        the list's order. "unspecified" is one step from everything.
        """
        if first == second:
            return 0
        if UNSPECIFIED in (first, second):
            return 1
        groups = self.groups.get(axis)
        if groups is not None:
            return 1 + sum(a != b for a, b in zip(groups[first], groups[second], strict=True))
        values = self.values[axis]
        return abs(values.index(first) - values.index(second))
