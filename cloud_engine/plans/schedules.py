"""A family of plans by a few lists of steps: where the full graph runs and on which rows, where axes branch, where
guidance is shared, which steps are skipped.

All presets but the paper's, and the tuner's search space, are members of this family.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .partitions import Rows
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
        uncond_rows: from a step on, the rows of unconditional outputs (the latest such step counts; it goes before
            ``shared``).
        one_uncond_deep: the unconditional deep feature is computed on one mean row, and rows are shallow on it.
        deep_rows: for full steps, the rows of the conditional deep feature, if not the step's own, which are then
            shallow on it.
        skipped: steps that are not evaluated; two before each must be.
    """

    k: int
    full: Collection[int]
    shared: Collection[int] = ()
    held: Collection[int] = ()
    branching: Branching = field(default_factory=Branching)
    cut: int = 0
    forecast: bool = False
    uncond_rows: Mapping[int, Rows] = field(default_factory=dict)
    one_uncond_deep: bool = False
    deep_rows: Mapping[int, Rows] = field(default_factory=dict)
    skipped: Collection[int] = ()


@dataclass(frozen=True)
class _BranchRows:
    """One branch: the steps in which it runs; by step, the rows of its outputs and of its deep features."""

    branch: _Branch
    run: list[int]
    out: list[Rows]
    deep: list[Rows]


def scheduled(name: str, axes: tuple[tuple[str, int], ...], steps: int, schedule: Schedule) -> StepPlan:
    """The plan of a schedule. Caches are written only where a later step reads them."""
    names = tuple(n for n, _ in axes)
    every = range(schedule.k)
    told = [schedule.branching.axes(i, names) for i in every]
    own = [Rows((axes,)) for axes in told]
    out = [_uncond_rows(schedule, i, told[i]) for i in every]
    run = [i for i in every if i not in schedule.skipped]
    uncond = _BranchRows(
        "uncond",
        [i for i in run if i not in schedule.held],
        out,
        [Rows(((),)) if schedule.one_uncond_deep else rows for rows in out],
    )
    deep = [_within(schedule.deep_rows.get(i, own[i]), told[i]) for i in every]
    cond = _BranchRows("cond", run, own, deep)
    rows = []
    for i in every:
        if i in schedule.skipped:
            rows.append(StepRow(told[i], "skipped", ()))
            continue
        held = i in schedule.held
        evaluations = [] if held else _evaluations(uncond, i, schedule, names)
        evaluations += _evaluations(cond, i, schedule, names)
        guidance: Literal["each", "shared", "held"] = "held" if held else "each" if out[i] == own[i] else "shared"
        rows.append(StepRow(told[i], guidance, tuple(evaluations), CacheRead("output", _OUTPUT) if held else None))
    return StepPlan(name, axes, steps, schedule.cut, tuple(rows))


_OUTPUT = "uncond.output"


def _within(wanted: Rows, told: _Axes) -> Rows:
    """``wanted`` without the axes that are not told apart yet."""
    groups = tuple(tuple(n for n in told if n in group) for group in wanted.groups)
    return Rows(tuple(group for group in groups if group) or ((),))


def _uncond_rows(schedule: Schedule, step: int, told: _Axes) -> Rows:
    stages = [s for s in schedule.uncond_rows if s <= step]
    if stages:
        return _within(schedule.uncond_rows[max(stages)], told)
    return Rows(((),)) if step in schedule.shared else Rows((told,))


def _evaluation(branch: _Branch, graph: str, rows: Rows, order: _Axes, **more: Any) -> Evaluation:
    axes = tuple(n for n in order if n in rows.axes)
    return Evaluation(branch, graph, axes, effects=rows.groups if len(rows.groups) > 1 else (), **more)


def _evaluations(rows: _BranchRows, i: int, schedule: Schedule, order: _Axes) -> list[Evaluation]:
    """Step i of a branch: one call; two where a full one on fewer rows only makes the deep feature."""
    cache, branch = f"{rows.branch}.deep", rows.branch
    following = next((j for j in range(i + 1, schedule.k) if j not in schedule.skipped), schedule.k)
    kept = ((("output", _OUTPUT),)) if branch == "uncond" and following in schedule.held else ()
    later = rows.run[rows.run.index(i) + 1 :]
    if i not in schedule.full:
        reads = (CacheRead("deep", cache, "forecast" if _can_forecast(rows, i, schedule) else "hold"),)
        return [_evaluation(branch, "shallow", rows.out[i], order, reads=reads, writes=kept)]
    if rows.deep[i] != rows.out[i]:
        maker = _evaluation(branch, "full", rows.deep[i], order, writes=(("deep", cache),), is_output=False)
        reads = (CacheRead("deep", cache),)
        return [maker, _evaluation(branch, "shallow", rows.out[i], order, reads=reads, writes=kept)]
    needed = bool(later) and later[0] not in schedule.full
    writes = ((("deep", cache),) if needed else ()) + kept
    return [_evaluation(branch, "full", rows.out[i], order, writes=writes)]


def _can_forecast(rows: _BranchRows, i: int, schedule: Schedule) -> bool:
    past = [j for j in rows.run[: rows.run.index(i)] if j in schedule.full]
    # Writes that no later step reads are not made; only those are counted that are.
    kept = [j for j in past if rows.deep[j] != rows.out[j] or rows.run[rows.run.index(j) + 1] not in schedule.full][-2:]
    return schedule.forecast and len(kept) == 2 and rows.deep[kept[0]] == rows.deep[kept[1]]
