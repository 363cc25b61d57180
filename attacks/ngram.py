"""A small language model: interpolated trigrams, and which pronoun follows which person noun at any distance.

Enough to hear that "a woman with his dog" is odd, which is all that an attacker needs against a set whose
members disagree with themselves.
"""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

__all__ = ["LanguageModel", "words"]

#: Weights of trigram, bigram, unigram and the uniform floor; they sum to 1.
_MIX: Final = (0.5, 0.3, 0.19, 0.01)
_PRONOUNS: Final = frozenset(["he", "she", "his", "her", "him", "hers", "himself", "herself", "they", "their", "them"])
_PERSONS: Final = frozenset(
    [
        "man",
        "woman",
        "boy",
        "girl",
        "men",
        "women",
        "boys",
        "girls",
        "person",
        "people",
        "guy",
        "lady",
        "male",
        "female",
        "child",
        "kid",
        "player",
    ]
)


def words(sentence: str) -> list[str]:
    """Lower-case words and numbers."""
    return re.findall(r"[a-z0-9']+", sentence.lower())


class LanguageModel:
    """Trained once on sentences; ``score`` is a log-probability up to a constant."""

    def __init__(self, sentences: Iterable[str]) -> None:
        self._counts: Counter[tuple[str, ...]] = Counter()
        self._pairs: Counter[tuple[str, str]] = Counter()
        self._heads: Counter[str] = Counter()
        for sentence in sentences:
            row = ["<s>", "<s>", *words(sentence), "</s>"]
            for i in range(2, len(row)):
                self._counts.update(((row[i],), (row[i - 1], row[i]), (row[i - 2], row[i - 1], row[i])))
            # Contexts are counted as contexts, "<s>" included.
            self._counts.update(("#", a) for a in row[1:-1])
            self._counts.update(("#", a, b) for a, b in itertools.pairwise(row))
            self._pairs.update(_bound(row))
            self._heads.update(person for person, _ in _bound(row))
        self._total = sum(c for key, c in self._counts.items() if len(key) == 1)
        self._vocabulary = max(1, sum(len(key) == 1 for key in self._counts))

    def score(self, sentence: str) -> float:
        """Log-probability of the words, and of each pronoun given the nearest person noun before it."""
        row = ["<s>", "<s>", *words(sentence), "</s>"]
        total = 0.0
        for i in range(2, len(row)):
            a, b, c = row[i - 2 : i + 1]
            parts = (
                _share(self._counts[a, b, c], self._counts["#", a, b]),
                _share(self._counts[b, c], self._counts["#", b]),
                _share(self._counts[(c,)], self._total),
                1.0 / self._vocabulary,
            )
            total += math.log(sum(w * p for w, p in zip(_MIX, parts, strict=True)))
        for person, pronoun in _bound(row):
            seen = self._pairs[person, pronoun] + 0.1
            total += math.log(seen / (self._heads[person] + 0.1 * len(_PRONOUNS)))
        return total

    def best(self, sentences: Sequence[str]) -> int:
        """Position of the most plausible sentence."""
        return max(range(len(sentences)), key=lambda i: (self.score(sentences[i]), -i))


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _bound(row: Sequence[str]) -> list[tuple[str, str]]:
    """Each pronoun with the nearest person noun before it."""
    out, person = [], ""
    for word in row:
        if word in _PERSONS:
            person = word
        elif word in _PRONOUNS and person:
            out.append((person, word))
    return out
