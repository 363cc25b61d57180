"""The words that the lexicon knows, those that give an axis away, and emoji in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..kinds import Kind, NounKind
from ..lexicon import Meaning, data
from ..matching import Trie
from ..matching import words as words_of

#: Kinds of meanings that give an axis away by themselves.
_SAYING = (Kind.NOUN, Kind.TRAIT, Kind.AGE, Kind.TITLE)


def sensitive(entries: list[tuple[str, Meaning]], cues: dict[str, Any], stops: list[str]) -> frozenset[str]:
    """Words that give an axis away: what spelling is looked for, and no tag may hold."""
    found: set[str] = set()
    for phrase, meaning in entries:
        says = meaning.kind in _SAYING and not meaning.decoy
        if meaning.noun is not None and meaning.noun.kind is NounKind.ROLE:
            says = False
        words = [t for t in words_of(phrase) if t.isalpha()]
        short = len(words) == 1 or (len(words) == 2 and meaning.trait is not None and meaning.trait.adjective)
        if says and short and not (meaning.trait is not None and (meaning.trait.behind or meaning.trait.place)):
            found.update(words)
    for group in cues["strong"]:
        found.update(w for w in group["words"] if w.isalpha())
    return frozenset(found - set(stops))


def cue_words(cues: dict[str, Any]) -> Iterator[str]:
    for group in cues["strong"]:
        yield from group["words"]
    yield from data("gender")["adjective_words"]
    for words in cues["weak"].values():
        yield from words


def tone_words(skin: dict[str, Any]) -> Iterator[str]:
    for words in skin["synonyms"].values():
        yield from words


def vocabulary(*tries: Trie) -> frozenset[str]:
    found: set[str] = set()
    left = list(tries)
    while left:
        for key, node in left.pop().items():
            if key:
                found.add(key)
                left.append(node)
    return frozenset(found)


def emoji_words(spec: dict[str, Any]) -> dict[str, str]:
    """Emoji without variation selectors and the words for them, each skin tone of those that can have one."""
    plain = {e.replace("\ufe0f", ""): words for e, words in spec["emoji"].items()}
    bare = {e.replace("\ufe0f", ""): words for e, words in spec["only_toned"].items()}
    toned = {
        e[0] + tone + e[1:]: f"{words} {skin}"
        for e, words in (*plain.items(), *bare.items())
        if e[0] in spec["toned"]
        for tone, skin in spec["tones"].items()
    }
    return {**toned, **plain}
