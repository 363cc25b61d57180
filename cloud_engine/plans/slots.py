"""Which write each read means, and how long it must be kept: worked out once per plan, before anything runs."""

from __future__ import annotations

from dataclasses import dataclass, field

from .partitions import Rows
from .plan import CacheRead, StepPlan

__all__ = ["CacheUse", "Slot", "cache_use"]


@dataclass(frozen=True)
class Slot:
    """One write of one cache: its name and the step that wrote it."""

    cache: str
    step: int


@dataclass
class CacheUse:
    """A plan's caches over time.

    Args:
        tensor: what a slot holds ("deep", ...), and the rows and graph's name that made it.
        last_read: the last step that reads a slot; slots that nobody reads are absent, and are not stored.
    """

    tensor: dict[Slot, tuple[str, Rows, str]] = field(default_factory=dict)
    last_read: dict[Slot, int] = field(default_factory=dict)
    _reads: dict[tuple[int, CacheRead], tuple[Slot, ...]] = field(default_factory=dict)

    def slots(self, step: int, read: CacheRead) -> tuple[Slot, ...]:
        """What a read of a step takes: hold (latest); forecast (latest, the one before); corrected (own, base now,
        base when own was written)."""
        return self._reads[step, read]

    def ending(self, step: int) -> list[Slot]:
        """Slots that no later step reads."""
        return [s for s, last in self.last_read.items() if last == step]


def cache_use(plan: StepPlan) -> CacheUse:
    """The caches of a valid plan."""
    use = CacheUse()
    history: dict[str, list[int]] = {}

    def resolve(step: int, read: CacheRead) -> None:
        own = history[read.cache]
        taken = [Slot(read.cache, own[-1])]
        if read.how == "forecast":
            taken.append(Slot(read.cache, own[-2]))
        if read.how == "corrected":
            taken += [Slot(read.base, history[read.base][-1]), Slot(read.base, own[-1])]
        use._reads[step, read] = tuple(taken)
        for slot in taken:
            use.last_read[slot] = step

    for step, row in enumerate(plan.rows):
        for e in row.evaluations:
            for read in e.reads:
                resolve(step, read)
            for tensor, cache in e.writes:
                history.setdefault(cache, []).append(step)
                use.tensor[Slot(cache, step)] = (tensor, e.rows, e.spec(plan.cut).name)
        if row.uncond is not None:
            resolve(step, row.uncond)
    return use
