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
        ConfigError: no number of engines is enough, since the work alone takes longer.
    """
    slowest = max(kind.ms for kind, _ in workload.shares)
    replicas = max(1, int(per_second * workload.mean_ms / 1000.0 / most_utilisation))
    while replicas <= MOST_REPLICAS:
        queue = Queue(workload, per_second, replicas)
        if queue.utilisation <= most_utilisation and queue.latency_ms(0.95) <= within_ms:
            return Sizing(queue, spare)
        if queue.utilisation < 0.01:
            break
        replicas += max(1, replicas // 200)
    raise ConfigError(
        f"no number of engines answers 95 % within {within_ms:g} ms: the slowest kind alone takes {slowest:.0f} ms; "
        "allow more time, a cheaper plan, fewer candidates or a faster machine"
    )
