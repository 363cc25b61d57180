"""A family of plans by a few lists of steps: where the full graph runs and on which rows, where axes branch, where
guidance is shared.

All presets but the paper's, and the tuner's search space, are members of this family.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

from .plan import CacheRead, Evaluation, StepPlan, StepRow

__all__ = ["Branching", "Schedule", "scheduled"]

_Branch = Literal["cond", "uncond"]
_Axes = tuple[str, ...]


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
        uncond_axes: from a step on, the axes that unconditional outputs tell apart (the latest such step counts;
            it goes before ``shared``).
        one_uncond_deep: the unconditional deep feature is computed on one mean row, and rows are shallow on it.
        deep_axes: for full steps, the axes that the conditional deep feature tells apart, if not all of the step's;
            the step's own rows are then shallow on it.
    """

    k: int
    full: Collection[int]
    shared: Collection[int] = ()
    held: Collection[int] = ()
    branching: Branching = field(default_factory=Branching)
    cut: int = 0
    forecast: bool = False
    uncond_axes: Mapping[int, _Axes] = field(default_factory=dict)
    one_uncond_deep: bool = False
    deep_axes: Mapping[int, _Axes] = field(default_factory=dict)


@dataclass(frozen=True)
class _BranchRows:
    """One branch: the steps in which it runs; by step, the rows of its outputs and of its deep features."""

    branch: _Branch
    run: list[int]
    out: list[_Axes]
    deep: list[_Axes]


def scheduled(name: str, axes: tuple[tuple[str, int], ...], steps: int, schedule: Schedule) -> StepPlan:
    """The plan of a schedule. Caches are written only where a later step reads them."""
    names = tuple(n for n, _ in axes)
    every = range(schedule.k)
    told = [schedule.branching.axes(i, names) for i in every]
    out = [_uncond_axes(schedule, i, told[i]) for i in every]
    uncond = _BranchRows(
        "uncond",
        [i for i in every if i not in schedule.held],
        out,
        [() if schedule.one_uncond_deep else a for a in out],
    )
    deep = [_within(schedule.deep_axes.get(i, told[i]), told[i]) for i in every]
    cond = _BranchRows("cond", list(every), told, deep)
    rows = []
    for i in every:
        held = i in schedule.held
        evaluations = [] if held else _evaluations(uncond, i, schedule)
        evaluations += _evaluations(cond, i, schedule)
        guidance: Literal["each", "shared", "held"] = "held" if held else "each" if out[i] == told[i] else "shared"
        rows.append(StepRow(told[i], guidance, tuple(evaluations), CacheRead("output", _OUTPUT) if held else None))
    return StepPlan(name, axes, steps, schedule.cut, tuple(rows))


_OUTPUT = "uncond.output"


def _within(wanted: _Axes, told: _Axes) -> _Axes:
    return tuple(n for n in told if n in wanted)


def _uncond_axes(schedule: Schedule, step: int, told: _Axes) -> _Axes:
    stages = [s for s in schedule.uncond_axes if s <= step]
    if stages:
        return _within(schedule.uncond_axes[max(stages)], told)
    return () if step in schedule.shared else told


def _evaluations(rows: _BranchRows, i: int, schedule: Schedule) -> list[Evaluation]:
    """Step i of a branch: one call; two where a full one on fewer rows only makes the deep feature."""
    cache = f"{rows.branch}.deep"
    kept = ((("output", _OUTPUT),)) if rows.branch == "uncond" and i + 1 in schedule.held else ()
    later = rows.run[rows.run.index(i) + 1 :]
    if i not in schedule.full:
        reads = (CacheRead("deep", cache, "forecast" if _can_forecast(rows, i, schedule) else "hold"),)
        return [Evaluation(rows.branch, "shallow", rows.out[i], reads, kept)]
    if rows.deep[i] != rows.out[i]:
        maker = Evaluation(rows.branch, "full", rows.deep[i], (), (("deep", cache),), is_output=False)
        return [maker, Evaluation(rows.branch, "shallow", rows.out[i], (CacheRead("deep", cache),), kept)]
    needed = bool(later) and later[0] not in schedule.full
    return [Evaluation(rows.branch, "full", rows.out[i], (), ((("deep", cache),) if needed else ()) + kept)]


def _can_forecast(rows: _BranchRows, i: int, schedule: Schedule) -> bool:
    past = [j for j in rows.run[: rows.run.index(i)] if j in schedule.full]
    # Writes that no later step reads are not made; only those are counted that are.
    kept = [j for j in past if rows.deep[j] != rows.out[j] or rows.run[rows.run.index(j) + 1] not in schedule.full][-2:]
    return schedule.forecast and len(kept) == 2 and rows.deep[kept[0]] == rows.deep[kept[1]]
