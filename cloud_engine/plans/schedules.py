"""A family of plans by four lists of steps: where the full graph runs, where axes branch, where guidance is shared.

All presets but the paper's, and the tuner's search space, are members of this family.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal

from .plan import CacheRead, Evaluation, StepPlan, StepRow

__all__ = ["Branching", "Schedule", "scheduled"]


@dataclass(frozen=True)
class Branching:
    """``order[j]`` is told apart from step ``at[j]`` on (a step of 0: from the start)."""

    order: tuple[str, ...] = ()
    at: Collection[int] = ()

    def axes(self, step: int, names: tuple[str, ...]) -> tuple[str, ...]:
        """Axes told apart at a step; those not in ``order`` from the start."""
        late = {name for name, start in zip(self.order, self.at, strict=True) if step < start}
        return tuple(n for n in names if n not in late)


@dataclass(frozen=True)
class Schedule:
    """What :func:`scheduled` makes rows of.

    Args:
        k: cloud steps.
        full: steps of the full graph (0 must be one); the others are shallow, on the last deep feature.
        shared: steps with one unconditional row for all.
        held: steps whose unconditional output is the last one computed.
        branching: when axes are told apart.
        cut: see :class:`StepPlan`.
        forecast: shallow steps read the deep feature extended in time where two writes on equal rows exist.
    """

    k: int
    full: Collection[int]
    shared: Collection[int] = ()
    held: Collection[int] = ()
    branching: Branching = field(default_factory=Branching)
    cut: int = 0
    forecast: bool = False


def scheduled(name: str, axes: tuple[tuple[str, int], ...], steps: int, schedule: Schedule) -> StepPlan:
    """The plan of a schedule. Caches are written only where a later step reads them."""
    names = tuple(n for n, _ in axes)
    told = [schedule.branching.axes(i, names) for i in range(schedule.k)]
    uncond_axes = [() if i in schedule.shared else told[i] for i in range(schedule.k)]
    uncond_steps = [i for i in range(schedule.k) if i not in schedule.held]
    rows = []
    for i in range(schedule.k):
        evaluations = []
        if i not in schedule.held:
            evaluations.append(_evaluation("uncond", i, uncond_steps, uncond_axes, schedule))
        evaluations.append(_evaluation("cond", i, list(range(schedule.k)), told, schedule))
        guidance: Literal["each", "shared", "held"] = "held" if i in schedule.held else "each"
        if guidance == "each" and uncond_axes[i] != told[i]:
            guidance = "shared"
        held = CacheRead("output", "uncond.output") if guidance == "held" else None
        rows.append(StepRow(told[i], guidance, tuple(evaluations), held))
    return StepPlan(name, axes, steps, schedule.cut, tuple(rows))


def _evaluation(
    branch: Literal["cond", "uncond"],
    i: int,
    run: list[int],
    axes: list[tuple[str, ...]],
    schedule: Schedule,
) -> Evaluation:
    """Step i of a branch that is evaluated in the steps ``run``."""
    later = run[run.index(i) + 1 :]
    full = i in schedule.full
    writes: list[tuple[str, str]] = []
    if full and later and later[0] not in schedule.full:
        writes.append(("deep", f"{branch}.deep"))
    if branch == "uncond" and i + 1 in schedule.held:
        writes.append(("output", "uncond.output"))
    reads: tuple[CacheRead, ...] = ()
    if not full:
        past = [j for j in run[: run.index(i)] if j in schedule.full][-2:]
        both_kept = len(past) == 2 and past[1] - past[0] > 1 and axes[past[0]] == axes[past[1]]
        reads = (CacheRead("deep", f"{branch}.deep", "forecast" if schedule.forecast and both_kept else "hold"),)
    return Evaluation(branch, "full" if full else "shallow", axes[i], reads, tuple(writes))
