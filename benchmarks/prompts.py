"""The benchmark's prompts: role × gender × tone × background of the default pair, seen and held out."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from models.stickers.recipe.captions import plain
from models.stickers.recipe.glyphs import BACKGROUNDS, Glyph, read_labels

STICKERS = Path(__file__).resolve().parent.parent / "models" / "stickers"


@dataclass(frozen=True)
class Case:
    """One prompt, what it asks for, and its seed."""

    prompt: str
    glyph: Glyph
    background: str
    seed: int


def cases(count: int, held_out: bool, seed: int = 0) -> list[Case]:
    """``count`` prompts in canonical wording that ask for woman or man, one of five tones and a background.

    Portraits with a hair style are left out (hair is no protected axis here). Held-out triples repeat with
    other backgrounds and seeds when there are fewer than ``count``.
    """
    labels = read_labels(STICKERS / "glyphs.json")
    pool = [g for g in labels if g.gender != "person" and g.tone != "yellow" and not g.hair and g.held_out == held_out]
    rng = random.Random(f"{seed}/{held_out}")
    rng.shuffle(pool)
    grounds = list(BACKGROUNDS)
    out = []
    for i in range(count):
        glyph, background = pool[i % len(pool)], rng.choice(grounds)
        out.append(Case(plain(glyph, background), glyph, background, rng.getrandbits(64)))
    return out
