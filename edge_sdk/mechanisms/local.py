"""``local``: nothing is sent, the device makes the whole picture.

Theorem. V(x) is empty for every x, so there is no view: (ε, δ) = (0, 0) for the whole prompt, its words included. ∎
Formula: N = 0, nothing up, nothing down. Exact test: tests/edge_sdk/mechanisms/test_deterministic.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from .domain import Choice, Domain, View
from .protocol import SYSTEM_COINS, Coins, Guarantee, Nearest


@dataclass(frozen=True)
class Local(Nearest):
    """No rows."""

    name: str = "local"
    may_miss: ClassVar[bool] = False
    speaks: ClassVar[bool] = True

    def guarantee(self, domain: Domain) -> Guarantee:
        """Nothing leaves the device."""
        return Guarantee(says="nothing is sent: this device makes the whole picture")

    def view(self, domain: Domain, truth: Choice, coins: Coins = SYSTEM_COINS) -> View:
        """Empty."""
        return ()

    def law(self, domain: Domain, truth: Choice) -> Mapping[View, Fraction]:
        """The empty view, with probability 1."""
        return {(): Fraction(1)}
