"""Mechanisms broken on purpose: their draw depends on the truth in a way that their guarantee denies."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from edge_sdk.mechanisms import Cells, Choice, Coins, Cover, Domain, KSubset, Mechanism, Neutral, View

__all__ = ["CHOOSERS"]


@dataclass(frozen=True)
class AlwaysIn(KSubset):
    """k-subset that never leaves the truth out."""

    def view(self, domain: Domain, truth: Choice, coins: Coins = lambda _: 0) -> View:
        others = [c for c in domain.choices() if c != truth]
        picked: set[Choice] = set()
        while len(picked) < self.k - 1:
            left = [c for c in others if c not in picked]
            picked.add(left[coins(len(left))])
        return tuple(sorted({truth, *picked}))


@dataclass(frozen=True)
class WrongCoin(KSubset):
    """k-subset with the probability of a single draw: the truth is in too often."""

    def inclusion(self, domain: Domain) -> Fraction:
        return Fraction(9, 10)


@dataclass(frozen=True)
class CoverWithTruth(Cover):
    """A cover that takes the truth in, in place of its last representative."""

    def view(self, domain: Domain, truth: Choice, coins: Coins = lambda _: 0) -> View:
        rows = super().view(domain, truth, coins)
        return rows if truth in rows else tuple(sorted({*rows[:-1], truth}))


@dataclass(frozen=True)
class CellsAroundTruth(Cells):
    """A cell that is centred on the truth instead of fixed."""

    def view(self, domain: Domain, truth: Choice, coins: Coins = lambda _: 0) -> View:
        at, size = domain.position(truth), min(self.cell_size, domain.size)
        first = min(max(0, at - size // 2), domain.size - size)
        return tuple(domain.at(i) for i in range(first, first + size))


@dataclass(frozen=True)
class NeutralButGender(Neutral):
    """Neutral on every axis but the first."""

    def view(self, domain: Domain, truth: Choice, coins: Coins = lambda _: 0) -> View:
        (row,) = super().view(domain, truth, coins)
        return ((truth[0], *row[1:]),)


#: Broken mechanisms, the mechanism whose guarantee they claim, and the fault in words.
CHOOSERS: Final[tuple[tuple[Mechanism, str], ...]] = (
    (AlwaysIn(Fraction(3), 2), "k-subset that always holds the truth"),
    (WrongCoin(Fraction(3), 2), "k-subset with a wrong coin"),
    (CoverWithTruth(8), "a cover that takes the truth in"),
    (CellsAroundTruth(8), "a cell around the truth"),
    (NeutralButGender(), "neutral, but for the gender"),
)
