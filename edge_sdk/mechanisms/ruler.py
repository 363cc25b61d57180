"""How far apart the values of one axis lie, and how common they are. Numbers only: what they mean is the caller's.

Distances decide which sent row the device begins from when its own choice was not sent, and which rows a cover
sends. They are whole numbers, so that every machine agrees; ties go to the lower position.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from contract import Axis

__all__ = ["Metric", "Ruler", "plain"]


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
    def table(self) -> NDArray[np.int64]:
        """:attr:`apart` as an array ``[n, n]``."""
        return np.array(self.apart, np.int64)

    @property
    def central(self) -> int:
        """The silent value, else the one with the smallest greatest distance; then the commonest, then the first."""
        if self.silent is not None:
            return self.silent
        return min(range(len(self.prior)), key=lambda i: (max(self.apart[i]), -self.prior[i], i))


#: The ruler of an axis.
Metric: TypeAlias = Callable[[Axis], Ruler]


def plain(axis: Axis) -> Ruler:
    """All values equally far apart and equally common."""
    n = len(axis.values)
    return Ruler(tuple(tuple(int(i != j) for j in range(n)) for i in range(n)), (1,) * n)
