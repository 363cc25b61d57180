"""What several k-subset draws spend together: the basic sum, and the exact loss distribution.

One draw with d choices, k rows and ratio r has, between any two truths x and y, the privacy loss ln Pr[S|x]/Pr[S|y]
with S drawn from x (C(n, m) are binomials, Z as in :mod:`edge_sdk.mechanisms.k_subset`):

    +ln r  with probability  u = C(d-2, k-1) r / Z      (x in S, y not)
    -ln r  with probability  u / r                      (y in S, x not)
     0     with the rest.

Theorem. Draws with independent coins have losses that add, so the distribution of the total is the convolution, and the
total is (ln t, δ(t))-differentially private exactly for δ(t) = Σ_{ratio > t} P(ratio) (1 - t / ratio). All pairs x, y
have the same distribution, so none is worse. The convolution and the smallest t for a given δ are rational here.
∎  Basic composition, (Σ ln r_i, 0), holds for any adaptive choice of the r_i; the budget counts that one.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from ..mechanisms.protocol import log_up

#: δ of the tight total: far below one over the number of anybody's pictures.
DELTA: Final = Fraction(1, 10**6)
#: Points of the loss distribution, and draws of one kind, above which only the basic total is told (time on a phone).
_MAX_POINTS: Final = 20_000
_MAX_DRAWS: Final = 300


@dataclass(frozen=True)
class Draw:
    """One k-subset draw: ``ratio`` e^ε, ``d`` choices, ``k`` < d rows."""

    ratio: Fraction
    d: int
    k: int

    def up(self) -> Fraction:
        """Probability of the loss +ln(ratio)."""
        z = math.comb(self.d - 1, self.k - 1) * self.ratio + math.comb(self.d - 1, self.k)
        return math.comb(self.d - 2, self.k - 1) * self.ratio / z


def basic(draws: Sequence[Draw]) -> float:
    """Σ ε_i, rounded up."""
    return log_up(math.prod((d.ratio for d in draws), start=Fraction(1)))


def losses(draws: Sequence[Draw]) -> dict[Fraction, Fraction] | None:
    """The exact distribution of e^loss over all draws, or ``None`` where it has too many points."""
    kinds = Counter(d for d in draws if d.ratio > 1)
    if math.prod(2 * n + 1 for n in kinds.values()) > _MAX_POINTS or max(kinds.values(), default=0) > _MAX_DRAWS:
        return None
    total = {Fraction(1): Fraction(1)}
    for kind, n in kinds.items():
        some = _repeated(kind, n)
        mixed: dict[Fraction, Fraction] = {}
        for ratio, p in total.items():
            for other, q in some.items():
                mixed[ratio * other] = mixed.get(ratio * other, Fraction(0)) + p * q
        total = mixed
    return total


def _repeated(kind: Draw, n: int) -> dict[Fraction, Fraction]:
    """``n`` draws of one kind: (u·x + s + v/x)^n with whole numbers over one denominator."""
    up = kind.up()
    down = up / kind.ratio
    rest = 1 - up - down
    denominator = math.lcm(up.denominator, down.denominator, rest.denominator)
    step = [int(p * denominator) for p in (down, rest, up)]
    row = [1]
    for _ in range(n):
        longer = [0] * (len(row) + 2)
        for i, value in enumerate(row):
            for j, p in enumerate(step):
                longer[i + j] += value * p
        row = longer
    scale = denominator**n
    return {kind.ratio ** (i - n): Fraction(value, scale) for i, value in enumerate(row)}


def tight(draws: Sequence[Draw], delta: Fraction = DELTA) -> float:
    """The smallest ε for which the total is (ε, ``delta``)-differentially private; never above :func:`basic`."""
    distribution = losses(draws)
    if distribution is None:
        return basic(draws)
    mass = weighted = Fraction(0)
    points = sorted(distribution.items(), reverse=True)
    for i, (ratio, p) in enumerate(points):
        if ratio <= 1:
            break
        mass += p
        weighted += p / ratio
        below = max(points[i + 1][0], Fraction(1)) if i + 1 < len(points) else Fraction(1)
        # δ(t) = mass - t · weighted between the points; it grows as t falls.
        if mass - below * weighted > delta:
            return log_up((mass - delta) / weighted)
    return 0.0
