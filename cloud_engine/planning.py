"""From a request's public numbers to the plan that runs for it."""

from __future__ import annotations

from typing import Final

from obclip_contract import PromptGrid

from .errors import UnknownPlanError
from .plans import PRESETS, PlanError, StepPlan, preset
from .plans.presets import is_preset

__all__ = ["MEMBER_AXIS", "NAIVE", "plan_axes", "plan_for"]

#: The plan that needs no step graph: the engine runs the whole UNet for it.
NAIVE: Final = "naive"
#: The one axis of a grid that lists its rows: nothing but N is used of it.
MEMBER_AXIS: Final = "member"


def plan_axes(grid: PromptGrid) -> tuple[tuple[str, int], ...]:
    """Names and sizes of the axes: all that a plan may know of a grid."""
    if grid.rows is not None:
        return ((MEMBER_AXIS, grid.count),)
    return tuple((a.name, len(a.values)) for a in grid.axes)


def plan_for(name: str, grid: PromptGrid, cloud_steps: int, steps: int, tuned: tuple[StepPlan, ...] = ()) -> StepPlan:
    """The plan of this name for a grid, k and T: a preset, or one of ``tuned`` that was made for these numbers.

    Raises:
        UnknownPlanError: there is none.
    """
    axes = plan_axes(grid)
    if is_preset(name):
        try:
            return preset(name, axes, cloud_steps, steps)
        except PlanError as error:
            raise UnknownPlanError(str(error)) from error
    for plan in tuned:
        if (plan.name, plan.axes, plan.cloud_steps, plan.steps) == (name, axes, cloud_steps, steps):
            return plan
    known = sorted({p.name for p in tuned})
    raise UnknownPlanError(
        f"this server has no such step plan for these numbers; it runs: {', '.join([*PRESETS, *known])}"
    )
