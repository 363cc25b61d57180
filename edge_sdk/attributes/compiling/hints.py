"""What hints at an axis outside the slots, and the words of other languages."""

from __future__ import annotations

from collections.abc import Iterator

from ..lexicon import Cue, Hint, data
from ..matching import Trie, trie


def cues() -> Trie:
    """Words and phrases that give an axis away, strong ones first."""
    spec = data("implied")

    def entries() -> Iterator[tuple[str, Cue]]:
        for group in spec["strong"]:
            for word in group["words"]:
                yield word, Cue(group["axis"], group["value"], group["instead"], True)
        for word, value in data("gender")["adjective_words"].items():
            yield word, Cue("gender", value, "", True)
        for axis, words in spec["weak"].items():
            for word in words:
                yield word, Cue(axis, "", "", False)

    return trie(entries())


def noun_hints() -> dict[str, tuple[Hint, ...]]:
    """Nouns for persons that say more than the axis they are a slot of."""
    spec = data("implied")
    found: dict[str, list[Hint]] = {}
    for axis, words in spec["nouns"].items():
        for word in words:
            value = spec["noun_values"].get(word, "old" if axis == "age" else "")
            # Kin say an age, but are what the person asked for: told, and changed only if asked to.
            hint = Hint(axis, value, spec["noun_instead"][word], spec["noun_slots"][word], axis != "age")
            found.setdefault(word, []).append(hint)
    return {word: tuple(hints) for word, hints in found.items()}


def languages() -> dict[str, frozenset[str]]:
    """Frequent words of other languages, by its name."""
    return {name: frozenset(words) for name, words in data("languages").items()}
