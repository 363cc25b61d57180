"""The cloud's part for the benchmarks: the engine in this process, asked for plans by their names."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cloud_engine.backends import BackendOptions
from cloud_engine.engine import MAX_ROWS_PER_CALL, Engine
from cloud_engine.planning import plan_for
from cloud_engine.plans import StepPlan
from cloud_engine.plans.store import load
from edge_sdk.attributes import LEXICON_VERSION
from obclip_contract import GenerateRequest, PromptGrid

from .sets import SetCase


class EngineCloud:
    """An engine on a cloud bundle; what it returns went through the response's fp16."""

    def __init__(
        self,
        bundle: Path,
        backend: str,
        steps: int,
        guidance: float | None = None,
        threads: int = 0,
        max_rows: int = MAX_ROWS_PER_CALL,
    ) -> None:
        self.engine = Engine.from_bundle(bundle, backend, options=BackendOptions(threads=threads), max_rows=max_rows)
        manifest = self.engine.manifest
        self.steps = steps
        self.guidance = manifest.guidance_default if guidance is None else guidance

    def with_steps(self, steps: int) -> EngineCloud:
        """The same engine, asked for another T."""
        other = copy.copy(self)
        other.steps = steps
        return other

    def request(self, grid: PromptGrid, seed: int, plan: str, cloud_steps: int) -> GenerateRequest:
        """A request with these public numbers."""
        return GenerateRequest(
            model=self.engine.manifest.model,
            lexicon=LEXICON_VERSION,
            grid=grid,
            seed=seed,
            guidance_scale=self.guidance,
            steps=self.steps,
            cloud_steps=cloud_steps,
            plan=plan,
        )

    def plan(self, grid: PromptGrid, plan: str, cloud_steps: int) -> StepPlan:
        """The plan that a request with these numbers runs: a preset, or one that was tuned into the bundle."""
        return plan_for(plan, grid, cloud_steps, self.steps, load(self.engine.bundle))

    def latents(self, case: SetCase, plan: str, cloud_steps: int) -> tuple[NDArray[Any], float]:
        """All members' latents float32 ``[N, C, H, W]`` and their log-SNR."""
        response = self.engine.run(self.request(case.grid, case.seed, plan, cloud_steps))
        return response.latents.astype(np.float32), response.log_snr

    def weights_sha256(self) -> dict[str, str]:
        """sha256 of the bundle's large UNet, as its manifest states it (and opening it has checked)."""
        name = "unet/diffusion_pytorch_model.safetensors"
        return {"large": next(f.sha256 for f in self.engine.manifest.files if f.path == name)}
