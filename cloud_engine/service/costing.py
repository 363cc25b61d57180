"""What a request costs, in UNet evaluations: one is one row through the whole UNet.

The number is a function of the request's public numbers (sizes of the axes, k, T, guidance, plan), so that a client
can know it beforehand and the server counts it without torch. Cheaper graphs count as the share below: at least what
they take of the whole UNet's operations, on the default pair and on one of Stable Diffusion 1's shape
(``cloud_engine/cost.py`` counts those exactly; a test compares).
"""

from __future__ import annotations

import math
from typing import Final

from obclip_contract import GenerateRequest, is_guided

from ..plans.plan import Evaluation, StepPlan
from ..runners.planned import PlanRunner
from ..runners.steps import Runner

__all__ = ["SHARES", "TEXT_SHARE", "count_evaluations", "naive_evaluations"]

#: Shares of a full evaluation by graph; ``shallow`` by its cut, deeper ones count in full.
SHARES: Final = {"full": 1.0, "reuse": 1.0, "attn_cached": 0.95, "decoder": 0.7, "decoder_cached": 0.7}
SHALLOW_SHARES: Final = (0.1, 0.25, 0.4, 0.6)
#: One prompt's text encoder and text graph. Large beside the default pair's small UNet, little beside SD-1's.
TEXT_SHARE: Final = 0.15


def count_evaluations(request: GenerateRequest, runner: Runner) -> int:
    """UNet evaluations of a planned request, rounded up; at least 1."""
    if not isinstance(runner, PlanRunner):
        return naive_evaluations(request)
    guided = is_guided(request.guidance_scale)
    work = sum(_share(runner.plan, e) for row in runner.plan.rows for e in row.evaluations if guided or _is_cond(e))
    return math.ceil(work + TEXT_SHARE * (request.grid.count + guided))


def naive_evaluations(request: GenerateRequest) -> int:
    """Every member at every step, twice with guidance: also more than any other plan takes."""
    guided = is_guided(request.guidance_scale)
    rows = request.grid.count * request.cloud_steps * (1 + guided)
    return math.ceil(rows + TEXT_SHARE * (request.grid.count + guided))


def _is_cond(evaluation: Evaluation) -> bool:
    return evaluation.branch == "cond"


def _share(plan: StepPlan, evaluation: Evaluation) -> float:
    rows = plan.batch(evaluation)
    if evaluation.graph == "shallow":
        return rows * (SHALLOW_SHARES[plan.cut] if plan.cut < len(SHALLOW_SHARES) else 1.0)
    return rows * SHARES[evaluation.graph]
