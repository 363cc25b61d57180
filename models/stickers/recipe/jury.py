"""The judge as an export asks for it: prompts whose attributes it can read back, and how many are right in pictures."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from export.errors import OptionError

from .captions import plain
from .glyphs import BACKGROUNDS, Glyph
from .judge import Judge

AXES: Final = ("role", "gender", "tone", "age", "background")


@dataclass(frozen=True)
class Wish:
    """One prompt and the value it asks for on each axis."""

    prompt: str
    values: dict[str, str]


@dataclass(frozen=True)
class Jury:
    """:class:`export.verify.judging.Jury`: a loaded judge with prompts it can score."""

    judge: Judge
    wishes: list[Wish]

    @property
    def prompts(self) -> list[str]:
        """One for each wish."""
        return [w.prompt for w in self.wishes]

    def accuracy(self, pictures: NDArray[Any]) -> float:
        """Percent right over all prompts and axes; ``pictures`` float32 ``[n, 3, S, S]``, one per wish."""
        with torch.no_grad():
            logits = self.judge(torch.from_numpy(np.ascontiguousarray(pictures)))
        right: list[bool] = []
        for axis, table in logits.items():
            for row, wish in enumerate(self.wishes[: len(pictures)]):
                if axis != "gender" or wish.values["role"] in self.judge.gender_roles:
                    right.append(self.judge.values[axis][int(table[row].argmax())] == wish.values[axis])
        return 100.0 * sum(right) / len(right)


def convene(folder: Path, count: int, required: bool = False) -> Jury | None:
    """The judge in ``folder`` (``judge.json`` and weights) with ``count`` prompts from the labels beside it.

    Returns ``None`` where there is none: other pairs have no judge.

    Raises:
        OptionError: ``required``, and it is not there or cannot be loaded.
    """
    labels = folder.parent / "glyphs.json"
    if not (folder / "judge.json").is_file() or not labels.is_file():
        if required:
            raise OptionError(f"{folder} holds no judge (judge.json and judge.safetensors, glyphs.json beside it)")
        return None
    known = [Glyph(**g) for g in json.loads(labels.read_text())]
    pool = [g for g in known if g.gender != "person" and g.tone != "yellow" and not g.hair and not g.held_out]
    rng = random.Random("export")
    rng.shuffle(pool)
    wishes = []
    for glyph in pool[:count]:
        background = rng.choice(list(BACKGROUNDS))
        values = {**{a: getattr(glyph, a) for a in AXES if a != "background"}, "background": background}
        wishes.append(Wish(plain(glyph, background), values))
    return Jury(Judge.load(folder), wishes)
