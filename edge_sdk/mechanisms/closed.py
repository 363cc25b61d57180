"""``closed``: the whole product is sent.

Theorem. Let X be the domain's choices and V(x) = X in canonical order for every x in X. Then for any prior π, any
number n of repeats and any (also malicious, unbounded) cloud, the posterior given the n views is π, and
Pr[view | x] = Pr[view | y] for all x, y in X: (ε, δ) = (0, 0) within the domain.
Proof. V does not take x as input; so the joint law of n views, and of whatever the cloud computes from them and its own
coins, is the same for all x. Bayes' rule then returns the prior. ∎
Which domain it is (the template, which axes occur, their value lists) is public and not covered.

Formula: N = d = ∏ n_i, ε = 0, Pr[truth among the rows] = 1.
Exact test: tests/edge_sdk/mechanisms/test_deterministic.py enumerates every pair of choices.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from obclip_contract.limits import MAX_CANDIDATES

from ..errors import InputError
from .domain import Choice, Domain, View
from .protocol import SYSTEM_COINS, Coins, Guarantee, Nearest


@dataclass(frozen=True)
class Closed(Nearest):
    """All d choices, if there are at most ``max_candidates``."""

    max_candidates: int = MAX_CANDIDATES
    name: str = "closed"
    may_miss: ClassVar[bool] = False
    speaks: ClassVar[bool] = True

    def guarantee(self, domain: Domain) -> Guarantee:
        """ε = 0.

        Raises:
            InputError: the product is over ``max_candidates``.
        """
        self._check(domain)
        return Guarantee(
            says=f"all {domain.size} ways to fill the prompt are sent: the cloud learns nothing about yours"
        )

    def view(self, domain: Domain, truth: Choice, coins: Coins = SYSTEM_COINS) -> View:
        """Every choice, row-major.

        Raises:
            InputError: the product is over ``max_candidates``.
        """
        self._check(domain)
        return tuple(domain.choices())

    def law(self, domain: Domain, truth: Choice) -> Mapping[View, Fraction]:
        """The one view, with probability 1."""
        return {self.view(domain, truth): Fraction(1)}

    def _check(self, domain: Domain) -> None:
        if domain.size > self.max_candidates:
            raise InputError(
                f"the closed set would have {domain.size} candidates and the limit is {self.max_candidates}: "
                "describe fewer persons, use --mechanism cover (epsilon 0, a nearby start), raise "
                "--max-candidates, or narrow an axis with --domain"
            )
