"""``neutral``: one candidate, with the attributes neutralised; the device adds them all.

Theorem. V(x) = (c(t),), one row computed from the public domain t alone: (ε, δ) = (0, 0) on X, as for ``cover``.
Proof. V does not take x as input. ∎
The row says "unspecified" on every axis that offers it (then no attribute value leaves the device at all), and on the
others the central value of the axis, which is public data and says nothing of the person.
Formula: N = 1, ε = 0, Pr[truth among the rows] <= 1/d under the uniform prior. The cheapest mode that uses the cloud.
Exact test: tests/edge_sdk/mechanisms/test_deterministic.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from .domain import Choice, Domain, View
from .protocol import SYSTEM_COINS, Coins, Guarantee, Nearest


@dataclass(frozen=True)
class Neutral(Nearest):
    """One fixed row."""

    name: str = "neutral"
    may_miss: ClassVar[bool] = True
    speaks: ClassVar[bool] = False

    def guarantee(self, domain: Domain) -> Guarantee:
        """ε = 0; says what stands for each axis."""
        rulers = zip(domain.axes, domain.rulers, strict=True)
        fixed = [f"{a.name} {a.values[r.central]!r}" for a, r in rulers if r.silent is None]
        rest = f"; {', '.join(fixed)} stand there whatever yours is" if fixed else ""
        return Guarantee(says=f"one neutral candidate is sent and this device adds the attributes itself{rest}")

    def view(self, domain: Domain, truth: Choice, coins: Coins = SYSTEM_COINS) -> View:
        """The neutral row."""
        return (tuple(r.central for r in domain.rulers),)

    def law(self, domain: Domain, truth: Choice) -> Mapping[View, Fraction]:
        """The one view, with probability 1."""
        return {self.view(domain, truth): Fraction(1)}
