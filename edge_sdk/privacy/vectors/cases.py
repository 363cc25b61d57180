"""The prompts of the vectors, with the options that each is read with; the same on every run."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from ...attributes.loading import lexicon

#: How many prompts are put together of words of the lexicon, in sentences and in any order.
_SENTENCES: Final = 1200
_SALADS: Final = 400
_OPTIONS: Final[tuple[dict[str, Any], ...]] = (
    {"unspecified": True},
    {"opt_in": ["profession"]},
    {"opt_in": ["body", "first_names", "hair"]},
    {"axes": ["age", "gender"], "unspecified": True},
    {"on_implied": "slot"},
    {"on_implied": "generalise"},
)
_SIGNS: Final = (",", ".", "and", "with", "a", "an", "the", "in", "her", "his", "she", "who is", "from", "two", "skin")
_FRAMES: Final = (
    "a {before} {noun} {tail}", "portrait of {article} {noun}, {before}", "two {before} {noun} and a {before} {noun}",
    "{noun}, {before}, {before}, {tail}", "({before}:1.2) {noun}, <lora:detail:0.5>, {tail}", "1girl, {before}, {tail}",
    "{article} {before} {noun} with {article} {noun} {tail}", "{article} {noun} who is {before} {tail}",
    "{before}_{noun}, {tail}", "photo of {article} {before}, {before} {noun} [sitting|standing] {tail}",
)  # fmt: skip
_TAILS: Final = (
    "on a beach", "in front of an old car", "at a Chinese restaurant", "holding a black cat", "35mm film, bokeh",
    "--ar 3:4", "in her 60s", "with dark skin", "aged 40", "looking at her dog", "by an artist", "smiling",
)  # fmt: skip


def cases() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each prompt and its options; every sixth one of those written by hand once more with options."""
    text = Path(__file__).with_name("prompts.txt").read_text(encoding="utf-8")
    written = [line for line in text.split("\n") if line.strip()]
    for i, prompt in enumerate((*written, *_made())):
        yield prompt, {}
        if i % 6 == 0:
            yield prompt, _OPTIONS[i // 6 % len(_OPTIONS)]


def _made() -> Iterator[str]:
    """Sentences and word salad of the lexicon's own words."""
    rng, lex = random.Random("vectors"), lexicon()
    nouns, cues = sorted(lex.nouns), sorted(lex.cues)
    before = sorted({*lex.ages, *lex.tones, *(v for axis in lex.forms.values() for v in axis.before)})
    salad = sorted({*lex.sensitive, *lex.phrases})
    for _ in range(_SENTENCES):
        frame = rng.choice(_FRAMES)
        while "{" in frame:
            i = frame.index("{")
            name = frame[i + 1 : frame.index("}", i)]
            pool = {"noun": nouns, "before": before, "article": ("a", "the", "an"), "tail": (*_TAILS, rng.choice(cues))}
            frame = frame.replace("{" + name + "}", rng.choice(pool[name]), 1)
        yield frame
    for _ in range(_SALADS):
        words = [rng.choice(salad if rng.random() < 0.6 else _SIGNS) for _ in range(rng.randint(1, 8))]
        yield " ".join(words)
