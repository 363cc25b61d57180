"""A search on an engine's own model: what a plan costs there, whether it can run, and what it gives."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from obclip_contract import defaults, sampler_table, standard_normal

from ..cost import CostModel
from ..engine import MAX_ROWS_PER_CALL, Engine
from ..errors import BucketError, PlanUnavailableError
from ..plans import StepPlan, preset
from ..plans.store import FOLDER
from ..runners.planned import PlanRunner
from ..runners.steps import Job
from ..tokenizer import PromptTokenizer
from .search import Calibration, Problem, Runs

__all__ = ["model_digest", "problem_of", "runs_of"]


def model_digest(engine: Engine) -> str:
    """sha256 over what figures depend on: the bundle's files but its tuned plans, as the manifest states them."""
    files = [(f.path, f.sha256) for f in engine.manifest.files if not f.path.startswith(FOLDER + "/")]
    return hashlib.sha256(json.dumps(sorted(files)).encode()).hexdigest()


def problem_of(
    engine: Engine, axes: tuple[tuple[str, int], ...], name: str, cloud_steps: int, steps: int, budget: float
) -> Problem:
    """The search for a plan of that name: costs are FLOPs relative to one cloud-only picture of ``steps`` steps."""
    model = CostModel.of_bundle(engine.bundle)
    executor = engine.backend.step_executor(MAX_ROWS_PER_CALL)

    def available(plan: StepPlan) -> bool:
        try:
            PlanRunner(plan, executor)
        except (BucketError, PlanUnavailableError):
            return False
        return True

    def cost(plan: StepPlan) -> float:
        return model.cost(plan).relative_flops

    return Problem(name, axes, cloud_steps, steps, budget, model.max_cut, cost, available)


def runs_of(engine: Engine, calibration: Calibration, problem: Problem) -> Runs:
    """Runs of any plan on the calibration's sets; latents as a device gets them (fp16, float32 ``[N, C, H, W]``)."""
    naive = preset("naive", problem.axes, problem.cloud_steps, problem.steps)
    return Runs(_run(engine, calibration, problem), naive, len(calibration.sets), calibration.scorer)


def _run(engine: Engine, calibration: Calibration, problem: Problem) -> Callable[[StepPlan, int], NDArray[Any]]:
    manifest = engine.manifest
    executor = engine.backend.step_executor(MAX_ROWS_PER_CALL)
    tokenizer = PromptTokenizer(engine.bundle.path(manifest.tokenizer.file), manifest.tokenizer)
    table = sampler_table(defaults.SAMPLER, manifest.schedule, problem.steps).head(problem.cloud_steps)
    guided = manifest.guidance_default != 1.0
    negative = engine.backend.encode_text(tokenizer.encode([""], "negative_prompt")) if guided else None
    jobs: dict[int, Job] = {}

    def job(index: int) -> Job:
        if index not in jobs:
            grid, seed = calibration.sets[index]
            members = engine.backend.encode_text(tokenizer.encode(grid.expand(), "grid"))
            noise = standard_normal(seed, manifest.latent_shape)
            jobs[index] = Job(noise, members, negative, manifest.guidance_default)
        return jobs[index]

    def run(plan: StepPlan, index: int) -> NDArray[Any]:
        *_, last = PlanRunner(plan, executor).steps(job(index), table)
        # What the wire carries is fp16, and what is judged is what a device would get.
        return last.latents.astype(np.float16).astype(np.float32)

    return run
