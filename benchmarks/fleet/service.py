"""How long a request's work takes, by chance: from a workload's medians, or from times that were measured."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from cloud_engine.capacity import Kind, Workload

from .simulate import Service


def of_workload(workload: Workload) -> Service:
    """A kind by its share; its time from a log-normal of its median and deviation."""
    kinds = [kind for kind, _ in workload.shares]
    shares = [share for _, share in workload.shares]

    def draw(rng: random.Random) -> float:
        kind = rng.choices(kinds, shares)[0]
        return kind.ms / 1000.0 * math.exp(_sigma(kind) * rng.gauss(0.0, 1.0))

    return draw


def of_samples(seconds: Sequence[float]) -> Service:
    """One of the times that were measured."""
    measured = list(seconds)
    return lambda rng: rng.choice(measured)


def _sigma(kind: Kind) -> float:
    return math.sqrt(math.log1p((kind.deviation_ms / kind.ms) ** 2))
