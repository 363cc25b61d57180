"""The smallest number of engines that keeps a promise, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ..errors import ConfigError
from .load import Workload
from .queueing import Queue

__all__ = ["Sizing", "size"]

#: Beyond this, a list of engines is no plan of one service.
MOST_REPLICAS: Final = 100_000


@dataclass(frozen=True)
class Sizing:
    """``needed`` engines keep the promise; ``replicas`` are these and the spare ones. Times are with ``needed``."""

    queue: Queue
    spare: int

    @property
    def needed(self) -> int:
        return self.queue.replicas

    @property
    def replicas(self) -> int:
        return self.needed + self.spare


def size(
    workload: Workload, per_second: float, within_ms: float, most_utilisation: float = 0.8, spare: int = 1
) -> Sizing:
    """The fewest engines with 95 % of the requests done ``within_ms`` and none busier than ``most_utilisation``.

    Raises:
        ConfigError: no number of engines is enough, since the work alone takes longer; or it is beyond any list.
    """

    def keeps(replicas: int) -> bool:
        queue = Queue(workload, per_second, replicas)
        return queue.utilisation <= most_utilisation and queue.latency_ms(0.95) <= within_ms

    # More engines never make it worse, so the fewest can be searched for by halves.
    enough = 1
    while not keeps(enough):
        if enough >= MOST_REPLICAS:
            raise _none(Queue(workload, per_second, enough), within_ms, most_utilisation)
        enough = min(2 * enough, MOST_REPLICAS)
    too_few = enough // 2
    while enough - too_few > 1:
        middle = (enough + too_few) // 2
        enough, too_few = (middle, too_few) if keeps(middle) else (enough, middle)
    return Sizing(Queue(workload, per_second, enough), spare)


def _none(most: Queue, within_ms: float, most_utilisation: float) -> ConfigError:
    if most.utilisation > most_utilisation:
        return ConfigError(
            f"{most.per_second:g} requests a second need more than {MOST_REPLICAS:,} engines of "
            f"{most.workload.mean_ms:.0f} ms; size the regions of such a service one by one"
        )
    slowest = max(kind.ms for kind, _ in most.workload.shares)
    return ConfigError(
        f"no number of engines answers 95 % within {within_ms:g} ms: the slowest kind alone takes {slowest:.0f} ms; "
        "allow more time, a cheaper plan, fewer candidates or a faster machine"
    )
