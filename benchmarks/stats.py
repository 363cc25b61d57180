"""The arithmetic of the benchmarks: medians with spread, PSNR, and whether a position in the grid is favoured.

The positions of one candidate set are compared inside the set, as they share prompt, noise and background. A set is
one block; the test permutes a block's values over its positions (a permutation test for a randomised block design,
as Friedman's with the values themselves instead of ranks), so it is exact for any distribution of values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

#: Level of the intervals, and of all tests of one table together (Holm's correction).
LEVEL: Final = 0.05
#: Permutations and bootstrap draws; the smallest p-value that can come out is 1 / (this + 1).
DRAWS: Final = 4999
#: Draws held in memory at a time.
_CHUNK: Final = 500

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Spread:
    """Median, quartiles and extremes of repeated measurements, in the unit of the values."""

    median: float
    low_quartile: float
    high_quartile: float
    least: float
    most: float
    n: int

    def to_dict(self) -> dict[str, float]:
        return asdict(self)


def spread(values: Sequence[float]) -> Spread:
    """Summarise at least one value.

    Raises:
        ValueError: no value.
    """
    if not len(values):
        raise ValueError("no value to summarise")
    low, middle, high = np.percentile(np.asarray(values, np.float64), (25, 50, 75))
    return Spread(float(middle), float(low), float(high), float(min(values)), float(max(values)), len(values))


def ratios(values: Sequence[float], base: Sequence[float]) -> Spread:
    """Spread of ``values[i] / base[i]``: measurements of one round are divided by each other."""
    return spread([v / b for v, b in zip(values, base, strict=True)])


@dataclass(frozen=True)
class Flatness:
    """Whether positions differ: ``deviation[i]`` is position i's mean minus the mean of all positions.

    ``half_width``: all deviations together lie within ± this of their estimates with 95 % confidence.
    ``p_value``: probability of deviations as large when no position is favoured.
    """

    deviation: tuple[float, ...]
    half_width: float
    p_value: float
    sets: int

    @property
    def largest(self) -> float:
        return max(abs(d) for d in self.deviation)

    def to_dict(self) -> dict[str, Any]:
        return {
            "deviation": [round(d, 4) for d in self.deviation],
            "largest_deviation": round(self.largest, 4),
            "half_width_95": round(self.half_width, 4),
            "p_value": round(self.p_value, 5),
            "sets": self.sets,
        }


def flatness(values: NDArray[Any], seed: int = 0, draws: int = DRAWS) -> Flatness:
    """Test ``[sets, positions]`` for a favoured position.

    Raises:
        ValueError: fewer than two sets or positions.
    """
    v = np.asarray(values, np.float64)
    if v.ndim != 2 or min(v.shape) < 2:
        raise ValueError("at least two sets and two positions are needed")
    centred = v - v.mean(1, keepdims=True)
    deviation = centred.mean(0)
    rng = np.random.default_rng(seed)
    statistic = float(np.square(deviation).sum())
    # Rounding alone must not make an equal arrangement look smaller than the observed one.
    slack = 1e-9 * max(statistic, 1e-300)
    reached, largest = 0, []
    for start in range(0, draws, _CHUNK):
        n = min(_CHUNK, draws - start)
        shuffled = rng.permuted(np.broadcast_to(centred, (n, *v.shape)), axis=2).mean(1)
        reached += int((np.square(shuffled).sum(1) >= statistic - slack).sum())
        again = centred[rng.integers(len(v), size=(n, len(v)))].mean(1)
        largest.append(np.abs(again - deviation).max(1))
    return Flatness(
        tuple(float(d) for d in deviation),
        float(np.quantile(np.concatenate(largest), 1 - LEVEL)),
        (reached + 1) / (draws + 1),
        len(v),
    )


def holm(p_values: dict[str, float], level: float = LEVEL) -> dict[str, bool]:
    """Which of the tests are rejected when all of them together may err at ``level`` (Holm 1979)."""
    rejected = dict.fromkeys(p_values, False)
    for rank, name in enumerate(sorted(p_values, key=lambda n: p_values[n])):
        if p_values[name] > level / (len(p_values) - rank):
            break
        rejected[name] = True
    return rejected


@dataclass(frozen=True)
class Difference:
    """A mean of paired differences with its 95 % bootstrap interval over sets."""

    mean: float
    low: float
    high: float

    def to_dict(self) -> dict[str, float]:
        return {k: round(v, 4) for k, v in asdict(self).items()}


def difference(values: NDArray[Any], seed: int = 0, draws: int = DRAWS) -> Difference:
    """Mean of ``[sets, …]`` differences; whole sets are drawn again, since members of one set are not independent.

    Raises:
        ValueError: no set.
    """
    v = np.asarray(values, np.float64)
    if not len(v):
        raise ValueError("no set to compare")
    per_set = v.reshape(len(v), -1).mean(1)
    rng = np.random.default_rng(seed)
    again = per_set[rng.integers(len(v), size=(draws, len(v)))].mean(1)
    low, high = np.quantile(again, (LEVEL / 2, 1 - LEVEL / 2))
    return Difference(float(per_set.mean()), float(low), float(high))
