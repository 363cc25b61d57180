"""``cover``: fixed public representatives, whatever the truth is; the device finishes from the nearest one.

Theorem 1 (privacy). Let R(t) be a set of rows computed from the public domain t alone, and V(x) = R(t) for every x in
X. Then (ε, δ) = (0, 0) on X, for a domain of any size at any N = |R|, any prior, any number of repeats and any cloud.
Proof. As for ``closed``: V does not take x as input. That x may be outside R changes which latent the device keeps
and how early it takes over, both after the whole response has arrived and with the same number of device steps. ∎

Axis i is cut into c_i cells of near values, with R = ∏ c_i <= N, and there is one row for every combination of cells.
Within a cell the rows take its values in turn, as evenly as they can, alone and in pairs with the other axes. So with
two rows or more every axis varies, whoever's it is, and no value stands in all rows.

Theorem 2 (nearness). For every truth x one row has on *every* axis at once a value of x's own cell; an axis with
c_i = n_i (whole) is exact there. The device begins from the nearest of the rows that are exact on all whole axes, which
is at most as far as that row. So whoever else is in the picture, each person begins with the own value on the axes that
are whole, and near on the others.
Proof. The combination of x's cells is one of the combinations; a cell of a whole axis holds one value. The row is one
of those among which the nearest is taken. ∎

Theorem 3 (allocation). The c_i are those with the least mean distance of a value to its cell's centre, of all with
∏ c_i <= N. (The mean is over the axes' public priors; of several, the one with more cells on the first axis where they
differ. Only where one phrase hangs on axes with more than 64 values to show are there fewer.)
Proof. The mean distance is Σ f_i(c_i), as distances add over the axes. Let g(i, b) be the least Σ over axes i, i+1, …
within b rows; g(i, b) = min over c of f_i(c) + g(i + 1, ⌊b / c⌋), as c·m <= b if and only if m <= ⌊b / c⌋. ∎  So what
shapes the picture (gender, age: they weigh most) is whole first, for every person, and long lists give way.

Rows that are spread over the product by greedy k-centre have about the same mean distance, but no axis can be promised:
of 864 truths of three persons 19 % begin with another's age; here none does.

Formula: ε = 0; Pr[truth among the rows] = the prior mass of R (N/d under the uniform prior).
What it costs is fidelity: a truth that is not a representative begins from a neighbour at an earlier noise level
(``benchmarks/cover.py`` measures it).
Exact test: tests/edge_sdk/mechanisms/test_deterministic.py, all three by enumeration.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import ClassVar, Final

from obclip_contract.limits import MAX_CANDIDATES

from ..errors import InputError
from .domain import Choice, Domain, View
from .protocol import SYSTEM_COINS, Coins, Guarantee
from .ruler import Ruler

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
        counts = self.allocation(domain)
        cut = [a.name for a, c in zip(domain.axes, counts, strict=True) if c < len(a.values)]
        near = f" (near, not always exact, in {', '.join(cut)})" if cut else ""
        return Guarantee(
            says=f"{math.prod(counts)} fixed public representatives of {domain.size} ways to fill the prompt are sent, "
            f"the same whichever is yours; this device finishes from the nearest{near}"
        )

    def view(self, domain: Domain, truth: Choice, coins: Coins = SYSTEM_COINS) -> View:
        """The representatives, rising."""
        counts = self.allocation(domain)
        return _rows([_pools(r, c, w) for r, c, w in zip(domain.rulers, counts, _widths(domain, counts), strict=True)])

    def start(self, domain: Domain, view: View, truth: Choice) -> int:
        """The nearest of the rows that agree with the truth on every whole axis."""
        counts = self.allocation(domain)
        whole = [i for i, (c, n) in enumerate(zip(counts, domain.sizes, strict=True)) if c == n]
        agreeing = [at for at, row in enumerate(view) if all(row[i] == truth[i] for i in whole)]
        best, _ = domain.nearest(tuple(view[at] for at in agreeing), truth)
        return agreeing[best]

    def law(self, domain: Domain, truth: Choice) -> Mapping[View, Fraction]:
        """The one view, with probability 1."""
        return {self.view(domain, truth): Fraction(1)}

    def allocation(self, domain: Domain) -> tuple[int, ...]:
        """By axis, the number of its cells: the best, or where the contract's limit of texts in a phrase would leave an
        axis a single value, fewer on the axis that takes the room."""
        counts = allocate(tuple(r.costs for r in domain.rulers), self.max_candidates)
        while math.prod(counts) > 1 and (stuck := _stuck(domain, counts)) is not None:
            counts = tuple(c - (i == stuck) for i, c in enumerate(counts))
        return counts


@cache
def allocate(costs: tuple[tuple[int, ...], ...], rows: int) -> tuple[int, ...]:
    """Counts c with ∏ c_i <= ``rows`` and the least Σ ``costs[i][c_i - 1]``; of several, the one with more on
    the first axis where they differ."""
    # best[b]: least cost and counts of the axes behind, within b rows.
    best: list[tuple[int, tuple[int, ...]]] = [(0, ())] * (rows + 1)
    for of_axis in reversed(costs):
        best = [(0, ()), *(_least(of_axis, best, b) for b in range(1, rows + 1))]
    return best[rows][1]


def _least(
    of_axis: Sequence[int], behind: Sequence[tuple[int, tuple[int, ...]]], rows: int
) -> tuple[int, tuple[int, ...]]:
    options = ((of_axis[c - 1], c, behind[rows // c]) for c in range(1, min(len(of_axis), rows) + 1))
    return min(
        ((cost + rest, (c, *counts)) for cost, c, (rest, counts) in options),
        key=lambda way: (way[0], [-c for c in way[1]]),
    )


def cells_of(ruler: Ruler, count: int) -> tuple[tuple[int, ...], ...]:
    """An axis's values in ``count`` cells, each with its centre first; a value goes to the nearest centre, and of
    several to the smallest cell."""
    centres = ruler.representatives[count - 1]
    cells = [[c] for c in centres]
    for value in range(ruler.size):
        if value not in centres:
            near = min(range(count), key=lambda k: (ruler.apart[value][centres[k]], len(cells[k]), k))
            cells[near].append(value)
    return tuple(map(tuple, cells))


def _stuck(domain: Domain, counts: Sequence[int]) -> int | None:
    """The axis with most cells in a phrase that leaves another axis only one value; ``None`` if there is no such."""
    widths = _widths(domain, counts)
    for phrase in domain.phrases.values():
        most = max(phrase.axes, key=lambda a: (counts[a], -a), default=0)
        if any(widths[a] == 1 and domain.sizes[a] > 1 for a in phrase.axes) and counts[most] > 1:
            return most
    return None


def _widths(domain: Domain, counts: Sequence[int]) -> list[int]:
    """By axis, how many values the rows may show: as many as there are rows, and no phrase with too many texts."""
    rows = math.prod(counts)
    widths = [min(n, rows) for n in domain.sizes]
    for phrase in domain.phrases.values():
        while math.prod(widths[a] for a in phrase.axes) > MAX_CANDIDATES:
            # With every width at its count it is the number of rows at most, so there is always one to cut.
            widest = max((a for a in phrase.axes if widths[a] > counts[a]), key=lambda a: (widths[a], -a))
            widths[widest] -= 1
    return widths


def _pools(ruler: Ruler, count: int, width: int) -> list[list[int]]:
    """The values that the rows take in turn, by cell: ``width`` in all, each cell's centre among them."""
    cells = cells_of(ruler, count)
    centres = {cell[0] for cell in cells}
    others = [v for v in ruler.representatives[width - 1] if v not in centres]
    others += [v for v in range(ruler.size) if v not in centres and v not in others]
    shown = centres | set(others[: width - count])
    return [[v for v in cell if v in shown] for cell in cells]


def _rows(pools: Sequence[Sequence[Sequence[int]]]) -> View:
    """One row for each combination of cells; in a cell the value that was taken least often, then least often together
    with the other values of the row, then the first."""
    alone: Counter[tuple[int, int]] = Counter()
    pairs: Counter[tuple[int, int, int, int]] = Counter()
    rows = []
    for combination in itertools.product(*(range(len(p)) for p in pools)):
        row: list[int] = []
        for axis, cell in enumerate(combination):
            pool = pools[axis][cell]
            value = min(
                pool,
                key=lambda v: (alone[axis, v], sum(pairs[i, w, axis, v] for i, w in enumerate(row)), pool.index(v)),
            )
            alone[axis, value] += 1
            pairs.update((i, w, axis, value) for i, w in enumerate(row))
            row.append(value)
        rows.append(tuple(row))
    return tuple(sorted(rows))
