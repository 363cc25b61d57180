"""Partitions of the members by axes: which row stands for which, and means over rows. Numpy or torch alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["merged", "rows_of"]

Axes = Sequence[tuple[str, int]]


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
