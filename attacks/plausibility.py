"""(g) Plausibility: a language model trained on captions scores the members and names the likeliest.

Bound for ε = 0: the model sees the same members whichever is true, so over all truths of a set it is right
exactly once: success is the mean of 1/N, whatever the model knows. Two rows are beside it: what the model
gets on truths as people wrote them (that is the public words' doing, see ``context``), and the baseline that
swaps the noun alone, where agreement gives the truth away.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Final

from obclip_contract import GenerateRequest

from .bank import captions, closed_set, plain_request
from .corpus import Sentence, sentences
from .intervals import clopper_pearson
from .lab import Lab
from .ngram import LanguageModel, words
from .outcome import CONFIDENCE, Outcome, exact, falls, reported

__all__ = ["mirrored", "noun_swap", "run", "train"]

_NOUNS: Final = {"man": "woman", "woman": "man", "boy": "girl", "girl": "boy"}
_MIRROR: Final = {"his": "her", "her": "his", "he": "she", "she": "he", "himself": "herself", "herself": "himself"}
_OWN: Final = {"his", "her", "he", "she", "him", "himself", "herself"}


def train(lab: Lab, without: set[str]) -> LanguageModel:
    """On all captions but those that are attacked, and on the default pair's own grammar where it is installed."""
    groups = [[t] for t in lab.captions] if lab.captions else captions()
    known = [text for group in groups for text in group if text not in without]
    return LanguageModel([*known, *_sticker_captions(lab)])


def _sticker_captions(lab: Lab) -> list[str]:
    try:
        import json

        from models.stickers.recipe.captions import caption
        from models.stickers.recipe.glyphs import BACKGROUNDS, Glyph
    except ImportError:
        return []
    import models.stickers

    (folder,) = models.stickers.__path__
    try:
        with open(f"{folder}/glyphs.json", encoding="utf-8") as f:
            glyphs = [Glyph(**g) for g in json.load(f)]
    except OSError:
        return []
    rng = random.Random(f"{lab.seed}/stickers")
    grounds = list(BACKGROUNDS)
    return [caption(rng.choice(glyphs), rng.choice(grounds), rng) for _ in range(1000)]


def noun_swap(text: str) -> tuple[str, str] | None:
    """The naive set of two: the first person noun in both genders, nothing else changed."""
    found = re.search(r"\b(man|woman|boy|girl)\b", text)
    if found is None:
        return None
    other = text[: found.start()] + _NOUNS[found.group()] + text[found.end() :]
    first, second = sorted((text, other))
    return first, second


def _all_truths(lab: Lab, model: LanguageModel, pool: Sequence[Sentence]) -> Outcome:
    """Every truth of every set, from the bytes of its request to the guess."""
    hits = truths = 0
    prior = Fraction(0)
    for sentence in pool:
        members = sentence.chosen.members
        guesses: dict[bytes, int] = {}
        for index, member in enumerate(members):
            body = plain_request(closed_set(member), lab.seed).to_bytes()
            if body not in guesses:
                guesses[body] = model.best(GenerateRequest.from_bytes(body).grid.expand())
            hits += guesses[body] == index
        truths += len(members)
        prior += 1
    return exact(
        "plausibility",
        "closed, every truth alike",
        Fraction(hits, truths),
        prior / truths,
        equal=True,
        what="success",
        detail=f"{len(pool)} sets of people's own captions, {truths} truths",
    )


def _as_written(model: LanguageModel, pool: Sequence[Sentence]) -> Outcome:
    hits = sum(model.best(s.chosen.members) == s.chosen.index for s in pool)
    chance = sum(1 / len(s.chosen.members) for s in pool) / len(pool)
    low, high = clopper_pearson(hits, len(pool), CONFIDENCE)
    return reported(
        "plausibility",
        "truths as people wrote them",
        f"success {hits / len(pool):.3f} [{low:.3f}, {high:.3f}]",
        f"mean 1/N {chance:.3f}; ε says nothing here",
        f"{100 * CONFIDENCE:g} % interval, n = {len(pool)}",
        hits / len(pool),
        "what the public words suggest; the same with or without a set",
    )


def mirrored(text: str) -> str | None:
    """The same sentence as a person with the other gender would write it; ``None`` where "her" is ambiguous."""
    pair = noun_swap(text)
    if pair is None or not set(words(text)) & _OWN or re.search(r"\b(?:him\b|her(?!\s+[a-z]+))", text):
        return None
    swapped = pair[0] if pair[1] == text else pair[1]
    return re.sub(r"\b(?:his|her|he|she|himself|herself)\b", lambda m: _MIRROR[m.group()], swapped)


def _naive(model: LanguageModel, pool: Sequence[str]) -> Outcome:
    """The noun-swap baseline; each sentence is played for both genders, so that the prior is 1/2."""
    hits = n = 0
    for text in pool:
        other = mirrored(text)
        for truth in (text, other) if other else ():
            pair = noun_swap(truth)
            assert pair is not None
            n += 1
            hits += pair[model.best(pair)] == truth
    low, _ = clopper_pearson(hits, max(n, 1), CONFIDENCE)
    return falls(
        "plausibility",
        "baseline: the noun alone is swapped",
        low,
        Fraction(1, 2),
        f"success {hits / max(n, 1):.3f}, at least",
        method=f"{100 * CONFIDENCE:g} % interval, n = {n}",
        detail='"a woman with his dog": agreement names the truth',
    )


def run(lab: Lab) -> Iterator[Outcome]:
    """The bound, what is reported beside it, and the baseline that falls."""
    pool = sentences(lab)
    held = pool[: 30 if lab.quick else 200]
    lab.tick("plausibility: training")
    groups = [[t] for t in lab.captions] if lab.captions else captions()
    with_pronouns = [t for g in groups for t in g if mirrored(t)]
    tested = with_pronouns[::2][: 150 if lab.quick else 400]
    model = train(lab, {s.text for s in held} | set(tested))
    lab.tick("plausibility: scoring")
    yield _all_truths(lab, model, held[: 12 if lab.quick else 120])
    yield _as_written(model, held)
    yield _naive(model, tested)
