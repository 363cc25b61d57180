"""``cells``: a fixed public partition of a large product; the cell that holds the truth is sent whole.

Theorem. Let C be a partition of X computed from the public axes alone, cells of at most m choices, and V(x) the cell
of x. Then (a) Pr[view | x] = Pr[view | y] for x, y in one cell: ε = 0 within the cell, for any prior and any number
of repeats; (b) the view is a function of the cell's number, so for any prior the mutual information between truth and
view is H(cell) <= log2(#cells) bits, whatever the cloud does and however often a template is repeated.
Proof. (a) V is constant on a cell, as ``closed`` on that cell. (b) x -> cell -> view is a Markov chain with a
deterministic, injective last step; I(x; view) = H(cell) - H(cell | x) = H(cell) <= log2(#cells). Repeats give
the same view. ∎  Across cells ε is infinite: the cell itself is disclosed. So
:attr:`Guarantee.epsilon` is ``None``, the bits are told instead, and nothing chooses this mechanism but its name.

The cells are products of blocks: each axis is cut into blocks so that a cell holds at most m and there are as few
cells as can be (with many axes: nearly), earlier axes whole where there is a choice. So
the leak is told by axis (log2 of its number of blocks) and small axes stay whole. Blocks of an axis are filled to
balance its public prior (largest first, into the lightest block with room), so that no block tells more than another.
They depend on the axes' names and values and on m, not on the rest of the template.
Exact test: tests/edge_sdk/mechanisms/test_deterministic.py.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import ClassVar, Final

from obclip_contract.limits import MAX_CANDIDATES

from ..errors import InputError
from .domain import Choice, Domain, View
from .protocol import SYSTEM_COINS, Coins, Guarantee, Nearest
from .ruler import Ruler

#: Choices in a cell by default.
DEFAULT_CELL: Final = 24
#: Ways to cut the axes that are all tried; beyond it the widest axis gives way first.
_MAX_TRIED: Final = 20_000


@dataclass(frozen=True)
class Cells(Nearest):
    """The cell of the truth; at most ``cell_size`` choices."""

    cell_size: int = DEFAULT_CELL
    name: str = "cells"
    may_miss: ClassVar[bool] = False
    speaks: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not 1 <= self.cell_size <= MAX_CANDIDATES:
            raise InputError(f"a cell holds 1 to {MAX_CANDIDATES} candidates, not {self.cell_size}")

    def guarantee(self, domain: Domain) -> Guarantee:
        """ε = 0 within the cell; the bits that the cell's number leaks at most, by axis and in all."""
        counts = {a.name: len(b) for a, b in zip(domain.axes, self.partition(domain), strict=True)}
        cells = math.prod(counts.values())
        split = {name: math.log2(n) for name, n in counts.items() if n > 1}
        told = ", ".join(f"{name} {bits:.2f}" for name, bits in split.items()) or "none"
        return Guarantee(
            bits=math.log2(cells),
            bits_by_axis=split,
            says=f"one of {cells} fixed public cells is sent: within it nothing tells yours from the others, but which "
            f"cell it is gives away at most {math.log2(cells):.2f} bits ({told})",
        )

    def view(self, domain: Domain, truth: Choice, coins: Coins = SYSTEM_COINS) -> View:
        """The truth's cell, row-major."""
        blocks = self.partition(domain)
        own = [next(b for b in axis if value in b) for axis, value in zip(blocks, truth, strict=True)]
        return tuple(itertools.product(*own))

    def law(self, domain: Domain, truth: Choice) -> Mapping[View, Fraction]:
        """The one view, with probability 1."""
        return {self.view(domain, truth): Fraction(1)}

    def partition(self, domain: Domain) -> tuple[tuple[tuple[int, ...], ...], ...]:
        """By axis, its blocks of value indices. A cell is one block of each axis."""
        counts = _counts(domain.sizes, self.cell_size)
        return tuple(balanced(ruler, n) for ruler, n in zip(domain.rulers, counts, strict=True))


@cache
def _counts(sizes: tuple[int, ...], limit: int) -> tuple[int, ...]:
    """Blocks of each axis such that the widest blocks' product is at most ``limit``, with few cells."""
    ways = [_splits(n) for n in sizes]
    if math.prod(map(len, ways)) <= _MAX_TRIED:
        fitting = (c for c in itertools.product(*ways) if math.prod(map(_width, sizes, c)) <= limit)
        return min(fitting, key=lambda c: (math.prod(c), c))
    counts = [1] * len(sizes)
    while math.prod(map(_width, sizes, counts)) > limit:
        widest = max(range(len(sizes)), key=lambda i: (_width(sizes[i], counts[i]), i))
        counts[widest] = next(n for n in ways[widest] if n > counts[widest])
    return tuple(counts)


def _splits(size: int) -> list[int]:
    """Numbers of blocks worth trying: the smallest one for each width."""
    by_width = {_width(size, n): n for n in range(size, 0, -1)}
    return sorted(by_width.values())


def _width(size: int, blocks: int) -> int:
    return -(-size // blocks)


def balanced(ruler: Ruler, blocks: int) -> tuple[tuple[int, ...], ...]:
    """An axis's values in ``blocks`` blocks of equal size (give or take one) and prior weights as equal as may be."""
    n, weights = len(ruler.prior), ruler.prior
    room = [n // blocks + (i < n % blocks) for i in range(blocks)]
    filled: list[list[int]] = [[] for _ in range(blocks)]
    mass = [0] * blocks
    for value in sorted(range(n), key=lambda v: (-weights[v], v)):
        block = min((b for b in range(blocks) if len(filled[b]) < room[b]), key=lambda b: (mass[b], b))
        filled[block].append(value)
        mass[block] += weights[value]
    return tuple(sorted(tuple(sorted(b)) for b in filled))
