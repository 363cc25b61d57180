"""One block of memory for all of a run's caches, given out before the run and zeroed after it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .errors import CacheShapeError
from .plans.plan import StepPlan
from .plans.slots import Slot, cache_use

__all__ = ["Arena", "ArenaMap", "arena_map"]

_FLOAT_BYTES = 4


@dataclass(frozen=True)
class ArenaMap:
    """Where each slot lies: offset in floats and shape, the batch first. Slots that are never alive together share
    memory."""

    places: Mapping[Slot, tuple[int, tuple[int, ...]]]
    floats: int

    @property
    def bytes(self) -> int:
        """Size of the arena."""
        return self.floats * _FLOAT_BYTES


def arena_map(plan: StepPlan, shape: Callable[[str, int], tuple[int, ...]]) -> ArenaMap:
    """Places for every slot that is read.

    Args:
        shape: (tensor, cut) -> its shape behind the batch.
    """
    use = cache_use(plan)
    places: dict[Slot, tuple[int, tuple[int, ...]]] = {}
    free: list[tuple[int, int]] = []  # offset, floats
    end = 0
    for step in range(len(plan.rows)):
        for slot, (tensor, rows, _) in use.tensor.items():
            if slot.step != step or slot not in use.last_read:
                continue
            full = (rows.count(plan.axes), *shape(tensor, plan.cut))
            floats = math.prod(full)
            fit = next((f for f in free if f[1] == floats), None)
            if fit is not None:
                free.remove(fit)
                places[slot] = (fit[0], full)
            else:
                places[slot] = (end, full)
                end += floats
        free += [(places[s][0], math.prod(places[s][1])) for s in use.ending(step)]
    return ArenaMap(places, end)


class Arena:
    """The caches of one run.

    Args:
        where: places of the slots.
        buffer: float32 ``[where.floats]``, numpy or torch; it is written in place.
    """

    def __init__(self, where: ArenaMap, buffer: Any) -> None:
        self._where = where
        self._buffer = buffer

    def store(self, slot: Slot, value: Any) -> None:
        """Copy a value into its place. A slot that nobody reads is dropped.

        Raises:
            CacheShapeError: the value has another shape than the plan gave it.
        """
        if slot not in self._where.places:
            return
        offset, shape = self._where.places[slot]
        if tuple(value.shape) != shape:
            raise CacheShapeError(f"the cache {slot.cache} has shape {list(shape)}; step {slot.step} wrote another")
        self._view(offset, shape)[...] = value

    def load(self, slot: Slot) -> Any:
        """A view of what was stored."""
        return self._view(*self._where.places[slot])

    def clear(self) -> None:
        """Overwrite everything with zeros."""
        self._buffer[...] = 0

    def _view(self, offset: int, shape: tuple[int, ...]) -> Any:
        return self._buffer[offset : offset + math.prod(shape)].reshape(shape)
