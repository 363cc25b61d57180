"""``cover``: fixed public representatives, whatever the truth is; the device finishes from the nearest one.

Theorem. Let R(t) be a set of rows computed from the public domain t alone, and V(x) = R(t) for every x in X. Then
(ε, δ) = (0, 0) on X, for a domain of any size at any N = |R|, any prior, any number of repeats and any cloud.
Proof. As for ``closed``: V does not take x as input. That x may be outside R changes which latent the device keeps
and how early it takes over, both after the whole response has arrived and with the same number of device steps. ∎

Formula: ε = 0; Pr[truth among the rows] = the prior mass of R (N/d under the uniform prior).
What it costs is fidelity: a truth that is not a representative begins from a neighbour at an earlier noise level
(``benchmarks/cover.py`` measures it).

Two shapes, chosen by the domain alone. Axes with many values (nationality) are cut to representatives and the
others stay whole, so that gender or age always begin exactly. Where the small axes alone are too many, rows are spread
over the product by greedy k-centre (Gonzalez 1985: within twice the best greatest distance).
Exact test: tests/edge_sdk/test_mechanisms_deterministic.py.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np

from contract.limits import MAX_CANDIDATES

from ..errors import InputError
from .domain import Choice, Domain, View
from .protocol import SYSTEM_COINS, Coins, Guarantee
from .ruler import Ruler

#: An axis with more values than this is cut to representatives first.
LARGE_AXIS: Final = 16
#: Representatives that a large axis needs at least, for cutting it alone to be worth while.
_FEWEST: Final = 4
#: Products up to this size are covered by rows spread over them; larger ones axis by axis (memory on a phone).
_MAX_SPREAD: Final = 1 << 17
#: Axes up to this size get their best representatives by trying all subsets.
_TRY_ALL: Final = 12
#: Rows sent by default: what a cloud engine does in a few large batches.
DEFAULT_COVER: Final = 24


@dataclass(frozen=True)
class Cover:
    """At most ``max_candidates`` representatives of the domain."""

    max_candidates: int = DEFAULT_COVER
    name: str = "cover"

    def __post_init__(self) -> None:
        if not 1 <= self.max_candidates <= MAX_CANDIDATES:
            raise InputError(f"a cover has 1 to {MAX_CANDIDATES} candidates, not {self.max_candidates}")

    def guarantee(self, domain: Domain) -> Guarantee:
        """ε = 0 for any domain."""
        n = min(domain.size, self.max_candidates)
        return Guarantee(
            says=f"{n} fixed public representatives of {domain.size} ways to fill the prompt are sent, the same "
            "whichever is yours; this device finishes from the nearest"
        )

    def view(self, domain: Domain, truth: Choice, coins: Coins = SYSTEM_COINS) -> View:
        """The representatives, rising."""
        if domain.size <= self.max_candidates:
            return tuple(domain.choices())
        sizes = domain.sizes
        small = math.prod(n for n in sizes if n <= LARGE_AXIS)
        cut_large = any(n > LARGE_AXIS for n in sizes) and small * _FEWEST <= self.max_candidates
        if cut_large or domain.size > _MAX_SPREAD:
            return self._by_axis(domain)
        return _spread(domain, self.max_candidates)

    def law(self, domain: Domain, truth: Choice) -> Mapping[View, Fraction]:
        """The one view, with probability 1."""
        return {self.view(domain, truth): Fraction(1)}

    def _by_axis(self, domain: Domain) -> View:
        """The product of each axis's representatives; the largest axis gives way first."""
        counts = list(domain.sizes)
        while math.prod(counts) > self.max_candidates:
            widest = max(range(len(counts)), key=lambda i: (counts[i], -i))
            counts[widest] -= 1
        chosen = [representatives(ruler, n) for ruler, n in zip(domain.rulers, counts, strict=True)]
        return tuple(itertools.product(*chosen))


def representatives(ruler: Ruler, count: int) -> tuple[int, ...]:
    """``count`` values of an axis that leave no value far away, rising."""
    n = len(ruler.prior)
    if count >= n:
        return tuple(range(n))
    table, weights = ruler.table, ruler.prior
    if n <= _TRY_ALL:

        def cost(chosen: Sequence[int]) -> tuple[int, int]:
            apart = table[:, list(chosen)].min(axis=1)
            return int(apart.max()), int(apart @ np.array(weights))

        return min(itertools.combinations(range(n), count), key=lambda c: (*cost(c), c))
    # Farthest first, from the commonest value on; among equally far ones the commonest. The ruler's first
    # come before all others.
    rank = [(v in ruler.first, w) for v, w in enumerate(weights)]
    chosen = [max(range(n), key=lambda i: (rank[i], -i))]
    while len(chosen) < count:
        apart = table[:, chosen].min(axis=1)
        left = [i for i in range(n) if i not in chosen]
        chosen.append(max(left, key=lambda i: (rank[i][0], int(apart[i]), rank[i][1], -i)))
    return tuple(sorted(chosen))


def _spread(domain: Domain, count: int) -> View:
    """Greedy k-centre over the product, from the central choice on; ties go to the lower position."""
    tables = [r.table for r in domain.rulers]

    def from_row(row: Choice) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
        out = np.zeros((1,) * len(tables), np.int64)
        for i, (table, value) in enumerate(zip(tables, row, strict=True)):
            shape = [1] * len(tables)
            shape[i] = -1
            out = out + table[value].reshape(shape)
        return out.reshape(-1)

    rows = [tuple(r.central for r in domain.rulers)]
    apart = from_row(rows[0])
    while len(rows) < count:
        rows.append(domain.at(int(apart.argmax())))
        apart = np.minimum(apart, from_row(rows[-1]))
    return tuple(sorted(rows))
