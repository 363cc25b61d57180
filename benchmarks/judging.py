"""Judging whole sets: which axes of which member are right, and the features for the Fréchet distance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from models.stickers.recipe.judge import Judge

from .sets import JUDGED, GridKind, SetCase

#: Axes judged beside the protected ones: whether the picture is still the one that was asked for.
BESIDE: Final = ("role", "background")


@dataclass
class Scored:
    """What one plan's members showed: lists with one entry a set."""

    right: dict[str, list[NDArray[np.bool_]]] = field(default_factory=dict)
    features: list[NDArray[Any]] = field(default_factory=list)

    def accuracy(self, axis: str) -> NDArray[Any]:
        """``[sets, N]`` of 0 and 1."""
        return np.stack(self.right[axis]).astype(np.float64)

    def protected(self, axes: Sequence[str]) -> NDArray[Any]:
        """``[sets, N]``: share of the protected axes that are right."""
        shares: NDArray[Any] = np.mean([self.accuracy(a) for a in axes], axis=0)
        return shares


def judged_axes(kind: GridKind) -> tuple[str, ...]:
    """The judge's names of the grid's axes."""
    return tuple(JUDGED[a] for a in kind.axes if a in JUDGED)


def judge_set(judge: Judge, pictures: NDArray[Any], case: SetCase, axes: Sequence[str], into: Scored) -> None:
    """Judge the pictures of one set, in the grid's order."""
    with torch.inference_mode():
        features = judge.features(torch.from_numpy(pictures))
        says = {a: judge.heads[a](features).argmax(1).tolist() for a in axes}
    into.features.append(features.numpy())
    for axis in axes:
        values = judge.values[axis]
        right = [values[s] == w[axis] for s, w in zip(says[axis], case.wants, strict=True)]
        into.right.setdefault(axis, []).append(np.array(right))
