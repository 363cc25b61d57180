"""Times that can be compared: all measured in one run, in turn, each round divided by its own baseline."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from .errors import BenchmarkError
from .stats import Spread, ratios, spread

Result = TypeVar("Result")
#: Fewer rounds give no median worth the name.
LEAST_ROUNDS = 5


def turns(names: list[str], round_index: int) -> list[str]:
    """The order of a round: rotated by one each round and reversed in every other, so that no place is anyone's own."""
    start = round_index // 2 % max(1, len(names))
    order = names[start:] + names[:start]
    return order[::-1] if round_index % 2 else order


@dataclass
class Timings:
    """Seconds per name, one entry a round."""

    baseline: str
    seconds: dict[str, list[float]] = field(default_factory=dict)

    def absolute(self, name: str) -> Spread:
        return spread(self.seconds[name])

    def relative(self, name: str) -> Spread:
        """To the baseline of the same round."""
        return ratios(self.seconds[name], self.seconds[self.baseline])


def alternate(
    jobs: Mapping[str, Callable[[int], Result]],
    rounds: int,
    baseline: str,
    timings: Timings,
    clock: Callable[[], float] = time.perf_counter,
) -> Iterator[tuple[int, str, Result]]:
    """Run every job once a round, after one run that is not counted; yields each result as it comes.

    A job takes the round's number (so that all jobs of a round do the same work). ``timings`` is filled on the way.

    Raises:
        BenchmarkError: fewer than five rounds, or an unknown baseline.
    """
    if rounds < LEAST_ROUNDS:
        raise BenchmarkError(f"at least {LEAST_ROUNDS} rounds are needed for a median with its spread, not {rounds}")
    if baseline not in jobs:
        raise BenchmarkError(f"the baseline {baseline!r} is not among what is measured")
    timings.baseline = baseline
    for job in jobs.values():
        job(0)
    for index in range(rounds):
        for name in turns(list(jobs), index):
            began = clock()
            result = jobs[name](index)
            timings.seconds.setdefault(name, []).append(clock() - began)
            yield index, name, result
