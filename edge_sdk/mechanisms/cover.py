"""``cover``: fixed public representatives, whatever the truth is; the device finishes from the nearest one.

Theorem 1 (privacy). Let R(t) be a set of rows computed from the public domain t alone, and V(x) = R(t) for every x in
X. Then (ε, δ) = (0, 0) on X, for a domain of any size at any N = |R|, any prior, any number of repeats and any cloud.
Proof. As for ``closed``: V does not take x as input. That x may be outside R changes which latent the device keeps
and how early it takes over, both after the whole response has arrived and with the same number of device steps. ∎

The rows are a product: axis i keeps c_i of its n_i values as representatives, with ∏ c_i <= N.

Theorem 2 (nearness). For every truth x, one row has on *every* axis the representative that is nearest to x's own
value, and that row is the nearest of all. So whoever else is in the picture, each person begins from the nearest
values that this person's axes keep; and an axis with c_i = n_i begins exactly.
Proof. The row of the nearest representatives is in the product. The distance of two rows is the sum over the axes, and
each term is at its least there. ∎

Theorem 3 (allocation). The c_i are those with the least mean distance, of all with ∏ c_i <= N. (The mean is over the
axes' public priors; of several, the first in the order of c.)
Proof. The mean distance is Σ f_i(c_i) by theorem 2. Let g(i, b) be the least Σ over axes i, i+1, … within b rows;
g(i, b) = min over c of f_i(c) + g(i + 1, ⌊b / c⌋), as c·m <= b if and only if m <= ⌊b / c⌋. ∎  So what shapes the
picture (gender, age: they weigh most) stays whole first, for every person, and long lists give way.

A set of rows that is no product can have a smaller mean, but then a truth's nearest row may be exact for one person
and far off for another, and it is explained to nobody.

Formula: ε = 0; Pr[truth among the rows] = the prior mass of R (N/d under the uniform prior).
What it costs is fidelity: a truth that is not a representative begins from a neighbour at an earlier noise level
(``benchmarks/cover.py`` measures it).
Exact test: tests/edge_sdk/mechanisms/test_deterministic.py, all three by enumeration.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import ClassVar, Final

from contract.limits import MAX_CANDIDATES

from ..errors import InputError
from .domain import Choice, Domain, View
from .protocol import SYSTEM_COINS, Coins, Guarantee

#: Rows sent by default: what a cloud engine does in a few large batches.
DEFAULT_COVER: Final = 24


@dataclass(frozen=True)
class Cover:
    """At most ``max_candidates`` representatives of the domain."""

    max_candidates: int = DEFAULT_COVER
    name: str = "cover"
    may_miss: ClassVar[bool] = True
    speaks: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not 1 <= self.max_candidates <= MAX_CANDIDATES:
            raise InputError(f"a cover has 1 to {MAX_CANDIDATES} candidates, not {self.max_candidates}")

    def guarantee(self, domain: Domain) -> Guarantee:
        """ε = 0 for any domain."""
        kept = self.kept(domain)
        cut = [
            f"{a.name} {len(k)} of {len(a.values)}"
            for a, k in zip(domain.axes, kept, strict=True)
            if len(k) < len(a.values)
        ]
        n = math.prod(map(len, kept))
        rest = f" ({', '.join(cut)})" if cut else ""
        return Guarantee(
            says=f"{n} fixed public representatives of {domain.size} ways to fill the prompt are sent{rest}, the same "
            "whichever is yours; this device finishes from the nearest"
        )

    def view(self, domain: Domain, truth: Choice, coins: Coins = SYSTEM_COINS) -> View:
        """The representatives, rising."""
        return tuple(itertools.product(*self.kept(domain)))

    def law(self, domain: Domain, truth: Choice) -> Mapping[View, Fraction]:
        """The one view, with probability 1."""
        return {self.view(domain, truth): Fraction(1)}

    def kept(self, domain: Domain) -> tuple[tuple[int, ...], ...]:
        """By axis, the values that are kept."""
        counts = allocate(tuple(r.costs for r in domain.rulers), self.max_candidates)
        return tuple(r.representatives[c - 1] for r, c in zip(domain.rulers, counts, strict=True))


@cache
def allocate(costs: tuple[tuple[int, ...], ...], rows: int) -> tuple[int, ...]:
    """Counts c with ∏ c_i <= ``rows`` and the least Σ ``costs[i][c_i - 1]``; of several, the first in order."""
    # best[b]: least cost and counts of the axes behind, within b rows.
    best: list[tuple[int, tuple[int, ...]]] = [(0, ())] * (rows + 1)
    for of_axis in reversed(costs):
        best = [(0, ()), *(_least(of_axis, best, b) for b in range(1, rows + 1))]
    return best[rows][1]


def _least(
    of_axis: Sequence[int], behind: Sequence[tuple[int, tuple[int, ...]]], rows: int
) -> tuple[int, tuple[int, ...]]:
    options = ((of_axis[c - 1], c, behind[rows // c]) for c in range(1, min(len(of_axis), rows) + 1))
    return min((cost + rest, (c, *counts)) for cost, c, (rest, counts) in options)
