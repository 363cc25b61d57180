"""When devices ask: a day's rhythm with bursts, as a Poisson stream whose rate follows the clock."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

DAY: Final = 86_400.0


@dataclass(frozen=True)
class Burst:
    """From ``start`` for ``length`` seconds there are ``factor`` times as many requests."""

    start: float
    length: float
    factor: float


@dataclass(frozen=True)
class Load:
    """Devices that each ask for ``pictures`` a day.

    Attributes:
        swing: how far the rate goes up and down over a day, 0 to 1; highest at ``peak_hour``.
        begins: hour of the day at which the simulation starts.
    """

    devices: int
    pictures: float
    swing: float = 0.6
    peak_hour: float = 20.0
    begins: float = 19.0
    bursts: tuple[Burst, ...] = ()

    @property
    def mean_rate(self) -> float:
        """Requests a second over a whole day."""
        return self.devices * self.pictures / DAY

    def rate(self, at: float) -> float:
        """Requests a second, ``at`` seconds after the start."""
        turn = 2 * math.pi * (self.begins + at / 3600.0 - self.peak_hour) / 24.0
        rate = self.mean_rate * (1.0 + self.swing * math.cos(turn))
        for burst in self.bursts:
            if burst.start <= at < burst.start + burst.length:
                rate *= burst.factor
        return rate

    def count(self, seconds: float) -> float:
        """Requests that are to be expected, summed over a hundred parts."""
        part = seconds / 100
        return part * sum(self.rate((i + 0.5) * part) for i in range(100))

    def arrivals(self, seconds: float, rng: random.Random, /) -> Iterator[float]:
        """Times of the requests: a stream at the highest rate, thinned (Lewis and Shedler 1979)."""
        # Bursts may overlap.
        highest = self.mean_rate * (1.0 + self.swing) * math.prod(max(1.0, burst.factor) for burst in self.bursts)
        at = 0.0
        while highest > 0:
            at += rng.expovariate(highest)
            if at >= seconds:
                return
            if rng.random() * highest < self.rate(at):
                yield at
