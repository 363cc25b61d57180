"""Rows of a batch that stand for members: partitions by axes, and sums of them. Numpy or torch alike.

A *partition* by some axes has one row per combination of their values; a row is the mean of the members that it stands
for. *Effects* are several partitions side by side, by groups of axes that share none: the rows of (gender), (age) and
(tone) are 2 + 3 + 5 instead of 30. A member is read from them as a sum: the mean of all rows, and for each group what
its own row differs from that group's mean. That is exact for what is additive over the groups (the main effects of an
analysis of variance), and what two groups do only together is lost. Every value of an axis has the same weight, so
no member is favoured.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Rows", "merged", "rows_of"]

Axes = Sequence[tuple[str, int]]


@dataclass(frozen=True)
class Rows:
    """The rows of one call.

    Args:
        groups: names of axes in the grid's order; one group is a partition, several are effects.
    """

    groups: tuple[tuple[str, ...], ...]

    @property
    def axes(self) -> frozenset[str]:
        """The axes that they tell apart."""
        return frozenset(name for group in self.groups for name in group)

    def count(self, axes: Axes) -> int:
        """How many there are."""
        return sum(_counts(self, axes))

    def merge(self, x: Any, fine: Sequence[str], axes: Axes, concat: Any) -> Any:
        """These rows of ``x [rows of the partition fine, ...]``: means, block by block.

        Args:
            concat: joins arrays along the batch.
        """
        parts = [merged(x, fine, group, axes) for group in self.groups]
        return parts[0] if len(parts) == 1 else concat(parts)

    def spread(self, x: Any, fine: Sequence[str], axes: Axes) -> Any:
        """``x [these rows, ...]`` for every row of the partition ``fine``, whose axes include these rows' own."""
        if len(self.groups) == 1:
            group = self.groups[0]
            return x if tuple(group) == tuple(fine) else x[rows_of(group, fine, axes)]
        total, grand, start = 0, 0, 0
        for group, count in zip(self.groups, _counts(self, axes), strict=True):
            block = x[start : start + count]
            total = total + block[rows_of(group, fine, axes)]
            grand = grand + block.mean(0)
            start += count
        return total - grand * ((len(self.groups) - 1) / len(self.groups))


def _counts(rows: Rows, axes: Axes) -> list[int]:
    return [math.prod(size for name, size in axes if name in group) for group in rows.groups]


def rows_of(coarse: Sequence[str], fine: Sequence[str], axes: Axes) -> NDArray[np.int64]:
    """For every row of the partition ``fine``, its row in ``coarse`` (a subset of the names); row-major over axes.

    With them, ``x[rows_of(...)]`` spreads coarse rows over fine ones.
    """
    kept = [(n, s) for n, s in axes if n in fine]
    sizes = [s if n in coarse else 1 for n, s in kept]
    ids = np.arange(int(np.prod(sizes, dtype=np.int64)), dtype=np.int64).reshape(sizes)
    return np.broadcast_to(ids, [s for _, s in kept]).reshape(-1).copy()


def merged(x: Any, fine: Sequence[str], coarse: Sequence[str], axes: Axes) -> Any:
    """The mean of ``x [rows of fine, ...]`` over the rows that ``coarse`` does not tell apart."""
    kept = [(n, s) for n, s in axes if n in fine]
    gone = tuple(i for i, (n, _) in enumerate(kept) if n not in coarse)
    if not gone:
        return x
    rest = tuple(x.shape[1:])
    spread = x.reshape((*(s for _, s in kept), *rest))
    return spread.mean(gone).reshape((-1, *rest))
