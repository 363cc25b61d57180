"""Batches for the scorer: pictures with captions, and beside each the ones that differ in a single attribute.

A batch of glyphs drawn at random hardly asks for tone or gender, because the roles tell its captions apart. So it is
made of groups: a glyph on a background, and the same with another tone, another background and another gender (or age,
hair or role). What looks the same, or is called the same, is told to the loss (:attr:`Batch.equal`), which leaves it
out. What a caption leaves out has one meaning (:mod:`.captions`), so a caption without a tone fits yellow alone.
"""

from __future__ import annotations

import random
import zlib
from collections import defaultdict
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from .captions import caption
from .glyphs import BACKGROUNDS, Glyph
from .judge import GENDER_SHARE, PIXEL_DIFFERENCE, SEES

#: Attributes in which two pairs of one group may differ, and nothing else.
AXES: Final = ("role", "gender", "tone", "age", "hair", "background")
LABELS: Final = AXES[:-1]
#: A group: itself, another tone, another background, one more.
GROUP: Final = 4
#: How often the one more differs in what; gender is the protected one.
ONE_MORE: Final = {"gender": 6, "age": 2, "hair": 1, "role": 1}
#: A caption of the grammar in so many is never trained on: unseen ones for the measuring.
UNSEEN: Final = 10


def is_unseen(text: str) -> bool:
    """Whether this caption belongs to the tenth that no training step shows, by its hash."""
    return zlib.crc32(text.encode()) % UNSEEN == 0


@dataclass(frozen=True)
class Pair:
    """A glyph, by its place among the labels, on a background."""

    glyph: int
    background: str


@dataclass(frozen=True)
class Batch:
    """Row ``i`` of all belongs together: uint8 ``[B,64,64,4]``, colours float ``[B,3]``, captions, bool ``[B,B]``."""

    rgba: Tensor
    ground: Tensor
    captions: list[str]
    equal: Tensor


def shrink(rgba: NDArray[np.uint8]) -> Tensor:
    """Straight-alpha uint8 ``[G, S, S, 4]`` -> the same ``[G, 64, 64, 4]``, averaged with its alpha."""
    small = []
    for part in torch.from_numpy(rgba).split(256):
        x = part.permute(0, 3, 1, 2).float()
        weighed = torch.cat([x[:, :3] * x[:, 3:] / 255, x[:, 3:]], 1)
        x = F.avg_pool2d(weighed, rgba.shape[1] // SEES)
        x[:, :3] *= 255 / x[:, 3:].clamp(min=1)
        small.append(x.round().clamp(0, 255).byte().permute(0, 2, 3, 1))
    return torch.cat(small)


def compare_drawings(rgba: NDArray[np.uint8], labels: list[Glyph]) -> NDArray[np.bool_]:
    """Bool ``[G, G]``: which glyphs look alike, whatever their labels say.

    Those of two genders (the neutral one too) as the judge has it, by the share of pixels that differ, so that a
    helmet's two drawings are no contradiction; any others only when they are the same drawing.
    """
    alike = np.eye(len(labels), dtype=np.bool_)
    genders, drawings = defaultdict(list), defaultdict(list)
    for i, g in enumerate(labels):
        genders[g.role, g.age, g.hair, g.tone].append(i)
        drawings[rgba[i].tobytes()].append(i)
    for members in drawings.values():
        alike[np.ix_(members, members)] = True
    for members in genders.values():
        x = rgba[members].astype(np.float32)
        x[..., :3] *= x[..., 3:] / 255
        for i, drawing in zip(members, x, strict=True):
            drawn = np.maximum(drawing[..., 3], x[..., 3]) > 0
            differs = np.abs(drawing - x).max(-1) > PIXEL_DIFFERENCE
            alike[i, members] |= differs.sum((1, 2)) / drawn.sum((1, 2)) < GENDER_SHARE
    return alike


class Album:
    """The glyphs at 64×64, with what each one's nearest contradictions are."""

    def __init__(self, rgba: NDArray[np.uint8], labels: list[Glyph]) -> None:
        self.labels, self.alike = labels, compare_drawings(rgba, labels)
        self.rgba = shrink(rgba)
        self.grounds = list(BACKGROUNDS)
        self.colours = torch.tensor(list(BACKGROUNDS.values())).float() / 255
        self._others = {axis: self._find_others(axis) for axis in LABELS}

    def _find_others(self, axis: str) -> list[list[int]]:
        """Per glyph the ones that differ in ``axis`` alone, to the eye too."""
        rest = [tuple(getattr(g, a) for a in LABELS if a != axis) for g in self.labels]
        groups = defaultdict(list)
        for i, key in enumerate(rest):
            groups[key].append(i)
        return [[j for j in groups[key] if not self.alike[i, j]] for i, key in enumerate(rest)]

    def change(self, pair: Pair, axis: str, rng: random.Random) -> Pair | None:
        """The pair with another value of ``axis`` and all else the same; None where there is none."""
        if axis == "background":
            return Pair(pair.glyph, rng.choice([b for b in self.grounds if b != pair.background]))
        others = self._others[axis][pair.glyph]
        return Pair(rng.choice(others), pair.background) if others else None

    def draw(self, rng: random.Random) -> Pair:
        """Any glyph on any background."""
        return Pair(rng.randrange(len(self.labels)), rng.choice(self.grounds))

    def draw_groups(self, groups: int, rng: random.Random) -> list[Pair]:
        """``groups`` × :data:`GROUP` pairs."""
        out: list[Pair] = []
        while len(out) < groups * GROUP:
            pair = self.draw(rng)
            axes = [a for a in ONE_MORE if self._others[a][pair.glyph]]
            more = rng.choices(axes, [ONE_MORE[a] for a in axes])[0] if axes else "background"
            # Where nothing differs by the axis, any other pair fills the group.
            out += [pair, *(self.change(pair, a, rng) or self.draw(rng) for a in ("tone", "background", more))]
        return out

    def word(self, pair: Pair, rng: random.Random, unseen: bool = False) -> str:
        """A caption of the pair, among those trained on or among the unseen ones."""
        while True:
            text = caption(self.labels[pair.glyph], pair.background, rng)
            if is_unseen(text) == unseen:
                return text

    def gather(self, pairs: list[Pair], rng: random.Random, unseen: bool = False) -> Batch:
        """The pairs' drawings and one caption each."""
        index = np.array([p.glyph for p in pairs])
        ground = np.array([self.grounds.index(p.background) for p in pairs])
        captions = [self.word(p, rng, unseen) for p in pairs]
        said = np.array(captions)
        looks = self.alike[np.ix_(index, index)] & (ground[:, None] == ground)
        equal = torch.from_numpy(looks | (said[:, None] == said))
        return Batch(self.rgba[torch.from_numpy(index)], self.colours[torch.from_numpy(ground)], captions, equal)
