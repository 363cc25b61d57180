"""Waiting times where requests come at random and any free engine takes the next one.

Erlang's C gives the share that waits, and the Allen-Cunneen approximation the mean wait for times that are not
exponential (exact for one engine: Pollaczek and Khinchine). Waits of those that wait are taken as exponential. Not in
it: engines that fail, a bounded queue, clients that come back; ``obclip bench fleet`` simulates those.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from .load import Workload

__all__ = ["Queue", "erlang_c"]

_PRECISION: Final = 1e-4


def erlang_c(servers: int, offered: float) -> float:
    """The share of requests that wait, for an ``offered`` load in engines; 1 at and above their number."""
    if offered >= servers:
        return 1.0
    blocked = 1.0  # Erlang's B, which can be worked out without large numbers
    for n in range(1, servers + 1):
        blocked = offered * blocked / (n + offered * blocked)
    return blocked / (1.0 - (offered / servers) * (1.0 - blocked))


@dataclass(frozen=True)
class Queue:
    """``replicas`` engines, one queue, ``per_second`` requests on average."""

    workload: Workload
    per_second: float
    replicas: int

    @property
    def offered(self) -> float:
        """Engines' worth of work."""
        return self.per_second * self.workload.mean_ms / 1000.0

    @property
    def utilisation(self) -> float:
        return self.offered / self.replicas

    @cached_property
    def waiting_share(self) -> float:
        return erlang_c(self.replicas, self.offered)

    @property
    def mean_wait_ms(self) -> float:
        """``inf`` when more is asked than can be done."""
        return math.inf if self.utilisation >= 1 else self.waiting_share / self._rate

    def latency_ms(self, share: float) -> float:
        """The time that ``share`` of the requests is done in, wait included; ``inf`` when it grows without end."""
        if self.utilisation >= 1:
            return math.inf
        low, high = 0.0, max(kind.ms for kind, _ in self.workload.shares)
        while self._done_within(high) < share:
            low, high = high, 2 * high
        while high - low > _PRECISION * high:
            middle = (low + high) / 2
            low, high = (middle, high) if self._done_within(middle) < share else (low, middle)
        return high

    @property
    def _rate(self) -> float:
        """Of the exponential wait of those that wait, by the millisecond; arrivals are Poisson's (variation 1)."""
        free = (self.replicas - self.offered) / self.workload.mean_ms
        return 2.0 * free / (1.0 + self.workload.variation)

    def _done_within(self, ms: float) -> float:
        waits, rate = self.waiting_share, self._rate
        return sum(
            share * (1.0 - waits * math.exp(-rate * (ms - kind.ms)))
            for kind, share in self.workload.shares
            if ms >= kind.ms
        )
