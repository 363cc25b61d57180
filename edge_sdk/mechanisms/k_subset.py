"""``k-subset``: the optimal subset mechanism, ε-local differential privacy on the choices.

Mechanism (Wang et al., arXiv 1607.08025; Ye and Barg, arXiv 1702.00610). With d choices, k < d rows and r = e^ε:

    Pr[S | x] = r / Z if x in S, else 1 / Z,        Z = C(d-1, k-1) r + C(d-1, k),        |S| = k.

Theorem. (a) This is a probability. (b) Pr[S | x] / Pr[S | y] <= r for all S, x, y, and some S reaches r: ε = ln r.
(c) Pr[x in S | x] = p = k r / (k r + d - k).
Proof. (a) C(d-1, k-1) subsets hold x and C(d-1, k) do not. (b) The two values of the numerator have the ratio r; it is
reached by any S with x in it and y outside, which exists as k < d. (c) p = C(d-1, k-1) r / Z, and
C(d-1, k) = C(d-1, k-1) (d-k)/k. ∎

Sampler. Heads with probability p: x and a uniform (k-1)-subset of the others; tails: a uniform k-subset of the others.
It has the law above: each S with x has probability p / C(d-1, k-1) = r / Z, each other S (1-p) / C(d-1, k) = 1 / Z. ∎
r and so p are rational, coins are whole numbers from the operating system: no floating-point leak (Mironov 2012).

Repeats. A draw is kept for its template (permanent response, as RAPPOR's) and sent again whatever the truth is then, so
all requests of one template together are a function of one draw and spend ε once. Draws of other templates add:
Σ ε_i basic, less by the exact loss distribution (:mod:`edge_sdk.ledger.composition`).
If the truth is not in S, the device begins from the nearest row at higher noise, or makes the picture alone; nothing
that leaves the device tells which. Exact test: tests/edge_sdk/mechanisms/test_k_subset.py enumerates all S, x, y.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, Final

from obclip_contract.limits import MAX_CANDIDATES

from ..errors import InputError
from .domain import Choice, Domain, View
from .protocol import SYSTEM_COINS, Coins, Guarantee, Nearest, log_up

#: Rows by default. The chance that the truth is among them grows with k, and so does the cloud's work.
DEFAULT_K: Final = 8
#: r is a multiple of one over this: ε is met to six digits and p has a small denominator.
_GRID: Final = 1 << 20
#: Above it the mechanism hides nothing that matters, and e^ε leaves the range where rounding down is sure.
MAX_EPSILON: Final = 16.0


def ratio_below(epsilon: float) -> Fraction:
    """The largest multiple of 2^-20 that is surely at most e^ε.

    Raises:
        InputError: ε is not above 0 and at most :data:`MAX_EPSILON`.
    """
    if not 0.0 < epsilon <= MAX_EPSILON:
        raise InputError(f"epsilon must be above 0 and at most {MAX_EPSILON:g}, not {epsilon:g}")
    # exp() is right to an ulp, and times a power of two is exact: one step down is at most the truth.
    units = math.floor(math.nextafter(math.exp(epsilon), 0.0) * _GRID)
    return Fraction(max(units, _GRID), _GRID)


@dataclass(frozen=True)
class KSubset(Nearest):
    """``k`` rows; ``ratio`` is e^ε, exact."""

    ratio: Fraction
    k: int = DEFAULT_K
    name: str = "k-subset"
    may_miss: ClassVar[bool] = True
    speaks: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.ratio < 1:
            raise InputError("the ratio e^epsilon is at least 1")
        if not 1 <= self.k <= MAX_CANDIDATES:
            raise InputError(f"k-subset sends 1 to {MAX_CANDIDATES} candidates, not {self.k}")

    @classmethod
    def of(cls, epsilon: float, k: int = DEFAULT_K) -> KSubset:
        """With ε rounded down to an exact ratio.

        Raises:
            InputError: ε or k out of range.
        """
        return cls(ratio_below(epsilon), k)

    def inclusion(self, domain: Domain) -> Fraction:
        """p: the probability that the truth is among the rows."""
        d, k = domain.size, self.k
        return Fraction(1) if k >= d else k * self.ratio / (k * self.ratio + d - k)

    def other_inclusion(self, domain: Domain) -> Fraction:
        """The probability that a given other choice is among the rows: (k - p) / (d - 1)."""
        d, k = domain.size, self.k
        return Fraction(1) if k >= d else (k - self.inclusion(domain)) / (d - 1)

    def guarantee(self, domain: Domain) -> Guarantee:
        """ε of one draw; 0 where k covers the whole domain."""
        if self.k >= domain.size:
            return Guarantee(says=f"all {domain.size} ways to fill the prompt are sent")
        return Guarantee(
            ratio=self.ratio,
            says=f"{self.k} of {domain.size} ways to fill the prompt are drawn at random and kept for this template: "
            f"epsilon {log_up(self.ratio):.4g}, and yours is among them with probability "
            f"{float(self.inclusion(domain)):.3f}",
        )

    def view(self, domain: Domain, truth: Choice, coins: Coins = SYSTEM_COINS) -> View:
        """A fresh draw. The caller keeps it for the template (:class:`edge_sdk.ledger.Ledger`)."""
        d, k = domain.size, self.k
        if k >= d:
            return tuple(domain.choices())
        p = self.inclusion(domain)
        own = domain.position(truth)
        heads = coins(p.denominator) < p.numerator
        others = _subset(d - 1, k - 1 if heads else k, coins)
        positions = {i + (i >= own) for i in others} | ({own} if heads else set())
        return tuple(domain.at(i) for i in sorted(positions))

    def law(self, domain: Domain, truth: Choice) -> Mapping[View, Fraction]:
        """Probability of each of the C(d, k) subsets. For small domains."""
        d, k = domain.size, self.k
        if k >= d:
            return {tuple(domain.choices()): Fraction(1)}
        z = math.comb(d - 1, k - 1) * self.ratio + math.comb(d - 1, k)
        rows = list(domain.choices())
        return {s: (self.ratio if truth in s else 1) / z for s in itertools.combinations(rows, k)}


def _subset(n: int, size: int, coins: Coins) -> set[int]:
    """A uniform subset of 0..n-1 (Floyd's algorithm: one coin for each element)."""
    chosen: set[int] = set()
    for top in range(n - size, n):
        pick = coins(top + 1)
        chosen.add(top if pick in chosen else pick)
    return chosen
