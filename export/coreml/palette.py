"""One-dimensional k-means: the table that palettized weights point into."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

#: Lloyd's iterations; the tables of trained weights stand still well before.
_ITERATIONS: Final = 40


def palette(weight: NDArray[Any], bits: int) -> tuple[NDArray[Any], NDArray[np.uint8]]:
    """A table of ``2 ** bits`` values that lie near ``weight``'s, and each element's index into it (flat, uint8).

    Lloyd's algorithm on the sorted values, so that each pass costs only as much as the table; it starts from
    places spread with the cube root of the density, which is optimal for many levels (Panter and Dite, 1951).
    No random numbers: equal weights give equal tables. Few distinct values are kept exactly.
    """
    flat = np.asarray(weight).reshape(-1)
    count = 2**bits
    values = np.unique(flat)
    if len(values) <= count:
        table = np.concatenate([values, np.full(count - len(values), values[-1], flat.dtype)])
        return table.astype(weight.dtype), np.searchsorted(values, flat).astype(np.uint8)
    ordered = np.sort(flat.astype(np.float64))
    sums = np.concatenate([[0.0], np.cumsum(ordered)])
    table = _start(ordered, count)
    for _ in range(_ITERATIONS):
        edges = np.searchsorted(ordered, (table[1:] + table[:-1]) / 2)
        bounds = np.concatenate([[0], edges, [len(ordered)]])
        sizes = np.diff(bounds)
        means = np.where(sizes > 0, np.diff(sums[bounds]) / np.maximum(sizes, 1), table)
        if np.allclose(means, table, rtol=0, atol=1e-7 * np.ptp(ordered)):
            break
        table = means
    table = np.sort(table.astype(weight.dtype).astype(np.float64))
    index = np.searchsorted((table[1:] + table[:-1]) / 2, flat.astype(np.float64))
    return table.astype(weight.dtype), index.astype(np.uint8)


def _start(ordered: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    density, edges = np.histogram(ordered, bins=8 * count)
    mass = np.cumsum(np.cbrt(density))
    places = (np.arange(count) + 0.5) / count * mass[-1]
    return np.asarray(np.interp(places, mass, edges[1:]))
