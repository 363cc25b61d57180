"""How far apart the values of one axis lie, and how common they are. Numbers only: what they mean is the caller's.

Distances decide which sent row the device begins from when its own choice was not sent, and which rows a cover
sends. They are whole numbers, so that every machine agrees; ties go to the lower position.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final, TypeAlias

from obclip_contract import Axis
from obclip_contract.limits import MAX_CANDIDATES

__all__ = ["Metric", "Ruler", "plain"]

#: Axes up to this size get their best representatives by trying all subsets.
_TRY_ALL: Final = 12
#: Mean distances are kept as whole numbers of this many parts of one.
_PARTS: Final = 1 << 10


@dataclass(frozen=True)
class Ruler:
    """Public data on one axis of n values, the same for every prompt and person.

    Attributes:
        apart: distance of every two values, n by n: symmetric, 0 on the diagonal alone.
        prior: how common each value is; whole numbers, at least 1.
        first: values that stand for others before the rest do.
        silent: the value that says nothing of the person ("unspecified"), if the axis has one.
    """

    apart: tuple[tuple[int, ...], ...]
    prior: tuple[int, ...]
    first: frozenset[int] = frozenset()
    silent: int | None = None

    @property
    def size(self) -> int:
        """n."""
        return len(self.prior)

    @property
    def central(self) -> int:
        """The silent value, else the one with the smallest greatest distance; then the commonest, then the first."""
        if self.silent is not None:
            return self.silent
        return min(range(self.size), key=lambda i: (max(self.apart[i]), -self.prior[i], i))

    @cached_property
    def representatives(self) -> tuple[tuple[int, ...], ...]:
        """``[c - 1]``: c values, rising, that leave no value far away; for c = 1, 2, … to n or a request's most.

        Small axes: the least greatest distance, then the least mean one, of all subsets. Larger ones: ``first``
        before the rest, farthest first from the commonest on (Gonzalez 1985: within twice the best).
        """
        most = min(self.size, MAX_CANDIDATES)
        if self.size <= _TRY_ALL:
            return tuple(self._best(c) for c in range(1, most + 1))
        return tuple(itertools.islice(self._farthest_first(), most))

    @cached_property
    def costs(self) -> tuple[int, ...]:
        """``[c - 1]``: mean distance of a value to the nearest of c representatives, in parts of 1/1024, rounded down.

        The mean is over the prior, so that what many ask for weighs more.
        """
        total = sum(self.prior)
        return tuple(self._away(chosen) * _PARTS // total for chosen in self.representatives)

    def nearest(self, kept: tuple[int, ...], value: int) -> int:
        """The value among ``kept`` that is nearest to ``value``; the first of several."""
        return min(kept, key=lambda k: (self.apart[value][k], k))

    def _away(self, chosen: tuple[int, ...]) -> int:
        """Distances to the nearest of ``chosen``, weighted by the prior, in all."""
        return sum(w * min(row[c] for c in chosen) for w, row in zip(self.prior, self.apart, strict=True))

    def _best(self, count: int) -> tuple[int, ...]:
        def cost(chosen: tuple[int, ...]) -> tuple[int, int, tuple[int, ...]]:
            return max(min(row[c] for c in chosen) for row in self.apart), self._away(chosen), chosen

        return min(itertools.combinations(range(self.size), count), key=cost)

    def _farthest_first(self) -> Iterator[tuple[int, ...]]:
        rank = [(v in self.first, w) for v, w in enumerate(self.prior)]
        chosen = [max(range(self.size), key=lambda i: (rank[i], -i))]
        away = list(self.apart[chosen[0]])
        left = set(range(self.size)) - set(chosen)
        while True:
            yield tuple(sorted(chosen))
            if not left:
                return
            chosen.append(max(left, key=lambda i: (rank[i][0], away[i], rank[i][1], -i)))
            left.discard(chosen[-1])
            away = [min(a, b) for a, b in zip(away, self.apart[chosen[-1]], strict=True)]


#: The ruler of an axis.
Metric: TypeAlias = Callable[[Axis], Ruler]


def plain(axis: Axis) -> Ruler:
    """All values equally far apart and equally common."""
    n = len(axis.values)
    return Ruler(tuple(tuple(int(i != j) for j in range(n)) for i in range(n)), (1,) * n)
