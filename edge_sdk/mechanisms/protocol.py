"""What every mechanism offers: a view to send, its exact law, and what it guarantees."""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import ClassVar, Final, Protocol, TypeAlias

from .domain import Choice, Domain, View

#: ``coins(n)`` is uniform on 0..n-1.
Coins: TypeAlias = Callable[[int], int]
#: Whole numbers from the operating system's CSPRNG, by rejection: exactly uniform.
SYSTEM_COINS: Final[Coins] = secrets.randbelow


@dataclass(frozen=True)
class Guarantee:
    """What the cloud can learn about the slots' values from one view. A function of the domain alone.

    Attributes:
        ratio: the largest Pr[view | x] / Pr[view | y] over the views that both can give, exact; e^ε. 1 is ε = 0.
        bits: bits about the values that the view gives away at most (log2 of the number of cells). Above 0 there is
            no finite ε over the whole domain.
        bits_by_axis: the same by axis name, where a mechanism can tell.
        repeats_free: a repeat of the same template gives away nothing new.
        says: one sentence for the person.
    """

    ratio: Fraction = Fraction(1)
    bits: float = 0.0
    bits_by_axis: Mapping[str, float] = field(default_factory=dict)
    repeats_free: bool = True
    says: str = ""

    @property
    def epsilon(self) -> float | None:
        """ln(ratio), rounded up; ``None`` where some views tell some truths apart for certain (``bits`` > 0)."""
        return None if self.bits > 0 else log_up(self.ratio)


def log_up(ratio: Fraction) -> float:
    """The natural logarithm of a ratio >= 1 as a float that is not below it."""
    if ratio == 1:
        return 0.0
    # log of each part is within an ulp of the truth, and so is the difference's rounding.
    value = math.log(ratio.numerator) - math.log(ratio.denominator)
    slack = 4 * math.ulp(max(1.0, math.log(ratio.numerator), abs(math.log(ratio.denominator))))
    return value + slack


class Nearest:
    """Begins from the nearest row of all."""

    def start(self, domain: Domain, view: View, truth: Choice) -> int:
        """As :meth:`Mechanism.start`."""
        return domain.nearest(view, truth)[0]


class Mechanism(Protocol):
    """From the true choice to what the cloud sees.

    Attributes:
        name: as in ``--mechanism`` and in receipts.
        may_miss: its rows may lack the truth. Public: the device does the same number of steps for all of its rows.
        speaks: its rows say values; otherwise it is given a domain that can be silent on each axis, where there is one.
    """

    may_miss: ClassVar[bool]
    speaks: ClassVar[bool]

    @property
    def name(self) -> str: ...

    def guarantee(self, domain: Domain) -> Guarantee:
        """What a view of this domain gives away at most.

        Raises:
            InputError: the mechanism cannot serve this domain with its parameters.
        """
        ...

    def view(self, domain: Domain, truth: Choice, coins: Coins = SYSTEM_COINS) -> View:
        """The rows to send, rising. Deterministic mechanisms toss no coins.

        Raises:
            InputError: as :meth:`guarantee`; by the domain's size, never by ``truth``.
        """
        ...

    def start(self, domain: Domain, view: View, truth: Choice) -> int:
        """Position of the row that the device goes on from: the truth's, or a near one. It stays on the device."""
        ...

    def law(self, domain: Domain, truth: Choice) -> Mapping[View, Fraction]:
        """The exact probability of every view that ``truth`` can give; sums to 1. For proofs by enumeration."""
        ...
