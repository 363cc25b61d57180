"""What a plan must satisfy before anything runs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ..step_graphs.spec import KINDS
from .partitions import Rows
from .plan import CacheRead, Evaluation, PlanError, StepPlan, StepRow

__all__ = ["validate"]

#: Outputs that a skipped step is extended from.
_EXTENDED: Final = 2
_Written = dict[str, list[tuple[int, str, Rows]]]


def validate(plan: StepPlan) -> None:
    """Refuse a plan that could not run, would mix branches, or would favour a member.

    Checked: every cache is written before it is read, with the tensor that is expected and on rows that can be
    spread over the reader's; conditional and unconditional caches stay apart; the latents only ever branch, and all
    members have their own at the end; guidance is what its evaluations give; a pivot is ``rotate`` or ``neutral``;
    effects are disjoint groups of the evaluation's axes; a skipped step has two before it that were not.

    Raises:
        PlanError: says which row and why.
    """
    names = plan.axis_names
    if not plan.rows or not 1 <= len(plan.rows) <= plan.steps:
        raise PlanError(f"a plan has 1 to T rows; this one has {len(plan.rows)} of T = {plan.steps}")
    if len(set(names)) != len(names) or any(size < 1 for _, size in plan.axes):
        raise PlanError("a plan's axes have different names and at least one value each")
    written: _Written = {}
    before: tuple[str, ...] = ()
    evaluated = 0
    for index, row in enumerate(plan.rows):
        _check_axes(index, row.axes, names)
        if not set(before) <= set(row.axes):
            raise _fault(index, "latents that were branched cannot be merged again")
        before = row.axes
        for evaluation in row.evaluations:
            _check_evaluation(index, evaluation, row, names, plan.cut)
            for read in evaluation.reads:
                _check_read(index, read, evaluation.branch, evaluation.rows, written)
            for tensor, cache in evaluation.writes:
                _check_write(index, tensor, cache, evaluation, written)
        if row.guidance == "skipped":
            _check_skipped(index, row, evaluated)
            continue
        _check_guidance(index, row, written)
        evaluated += 1
    if plan.count(before) != plan.candidates:
        raise PlanError("at the last step every member must have a latent of its own: branch on all axes before")


def _check_skipped(index: int, row: StepRow, evaluated: int) -> None:
    if row.evaluations or row.uncond is not None:
        raise _fault(index, "a skipped step evaluates and reads nothing")
    if evaluated < _EXTENDED:
        raise _fault(index, f"a skipped step needs {_EXTENDED} steps before it that were evaluated")


def _fault(index: int, message: str) -> PlanError:
    return PlanError(f"step {index} of the plan: {message}")


def _check_axes(index: int, axes: Iterable[str], names: tuple[str, ...]) -> None:
    axes = tuple(axes)
    if axes != tuple(n for n in names if n in axes):
        raise _fault(index, f"its axes ({', '.join(axes)}) are not among the grid's, or in another order")


def _check_evaluation(index: int, e: Evaluation, row: StepRow, names: tuple[str, ...], cut: int) -> None:
    _check_axes(index, e.axes, names)
    _check_effects(index, e)
    if e.branch not in ("cond", "uncond") or e.graph not in KINDS:
        raise _fault(index, f"unknown branch or graph: {e.branch} {e.graph}")
    if cut < 0:
        raise PlanError("the cut is not negative")
    reads, may_write = KINDS[e.graph]
    if sorted(r.tensor for r in e.reads) != sorted(reads):
        raise _fault(index, f"{e.graph} reads {', '.join(reads) or 'no cache'}")
    tensors = [t for t, _ in e.writes]
    if len(set(tensors)) != len(tensors) or not set(tensors) <= {*may_write, "output"}:
        raise _fault(index, f"{e.graph} writes each of {', '.join((*may_write, 'output'))} at most once")
    if not set(e.axes) <= set(row.axes):
        raise _fault(index, "an evaluation cannot tell members apart that share a latent")
    if (e.pivot != "none") != (e.graph == "reuse") or e.pivot not in ("none", "rotate", "neutral"):
        raise _fault(index, "reuse, and reuse alone, needs a pivot: 'rotate' or 'neutral'")


def _check_effects(index: int, e: Evaluation) -> None:
    if not e.effects:
        return
    told = [name for group in e.effects for name in group]
    ordered = all(group and group == tuple(n for n in e.axes if n in group) for group in e.effects)
    if len(e.effects) < 2 or not ordered or len(told) != len(set(told)) or set(told) != set(e.axes):
        raise _fault(index, "effects are two or more groups that share no axis and have all of the evaluation's")
    if e.pivot != "none":
        raise _fault(index, "rows of effects have no pivot: none of them is a member")


def _check_read(index: int, read: CacheRead, branch: str, rows: Rows, written: _Written) -> None:
    _own_branch(index, read.cache, branch)
    history = written.get(read.cache, [])
    if not history:
        raise _fault(index, f"reads the cache {read.cache}, which nobody wrote")
    _, tensor, stored = history[-1]
    if tensor != read.tensor:
        raise _fault(index, f"reads {read.cache} as {read.tensor}, but it holds {tensor}")
    if not _can_spread(stored, rows):
        raise _fault(index, f"reads {read.cache}, which tells members apart that this evaluation does not")
    if read.how == "forecast" and (len(history) < 2 or history[-2][2] != stored or history[-2][0] == history[-1][0]):
        raise _fault(index, f"a forecast of {read.cache} needs two earlier writes on the same rows")
    if read.how == "corrected":
        _own_branch(index, read.base, branch)
        base = written.get(read.base, [])
        steps = {step for step, what, over in base if what == tensor and _can_spread(over, stored)}
        if history[-1][0] not in steps or not any(s > history[-1][0] for s in steps):
            raise _fault(index, f"{read.cache} can be corrected by {read.base} only if both were written together")
        if len({over for _, _, over in base}) != 1:
            raise _fault(index, f"{read.base} must keep its rows")
    elif read.how not in ("hold", "forecast") or read.base:
        raise _fault(index, f"a cache is read by hold, forecast or corrected (with a base), not {read.how}")


def _can_spread(stored: Rows, wanted: Rows) -> bool:
    """Whether each wanted row has its own among the stored ones, or is a sum of them."""
    if stored == wanted:
        return True
    if len(wanted.groups) > 1 and len(stored.groups) > 1:
        return False
    return all(stored.axes <= set(group) for group in wanted.groups)


def _own_branch(index: int, cache: str, branch: str) -> None:
    if cache.split(".")[0] != branch or "." not in cache:
        raise _fault(index, f"{branch} rows cannot use the cache {cache!r}: its name must begin with '{branch}.'")


def _check_write(index: int, tensor: str, cache: str, evaluation: Evaluation, written: _Written) -> None:
    _own_branch(index, cache, evaluation.branch)
    history = written.setdefault(cache, [])
    if history and history[-1][0] == index:
        raise _fault(index, f"writes {cache} twice")
    history.append((index, tensor, evaluation.rows))


def _check_guidance(index: int, row: StepRow, written: _Written) -> None:
    cond = [e for e in row.evaluations if e.branch == "cond" and e.is_output]
    uncond = [e for e in row.evaluations if e.branch == "uncond" and e.is_output]
    if len(cond) != 1 or cond[0].axes != row.axes:
        raise _fault(index, "needs exactly one conditional output, with a row for each latent")
    if row.guidance == "held":
        if uncond or row.uncond is None or row.uncond.tensor != "output":
            raise _fault(index, "held guidance reads one cached output and runs no unconditional row")
        _check_read(index, row.uncond, "uncond", Rows((row.axes,)), written)
        return
    if row.guidance not in ("each", "shared") or len(uncond) != 1 or row.uncond is not None:
        raise _fault(index, "guidance is each or shared (one unconditional output), held, or skipped")
    if (uncond[0].rows == Rows((row.axes,))) != (row.guidance == "each"):
        raise _fault(index, "guidance 'each' has an unconditional row per latent, 'shared' has fewer")
