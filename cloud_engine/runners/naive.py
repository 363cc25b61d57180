"""Naive oblivious (arXiv 2510.04153, section 3): every candidate is denoised by the full UNet at every step."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from obclip_contract import SamplerTable, apply_step, guide

from ..backends import Backend
from ..backends.protocol import Float32Array
from .steps import Job, RunnerStep, require_finite

__all__ = ["NaiveRunner"]


class NaiveRunner:
    """The whole UNet on all rows, in calls of fixed size; it needs no step graph.

    Args:
        max_rows: rows of one UNet call; a guided candidate is two.
    """

    def __init__(self, backend: Backend, max_rows: int) -> None:
        self._backend = backend
        self._candidates_per_call = max_rows // 2

    def steps(self, job: Job, table: SamplerTable) -> Iterator[RunnerStep]:
        """As :class:`~cloud_engine.runners.steps.Runner`."""
        latents: Float32Array = np.repeat(job.noise[None], len(job.members), axis=0)
        x0: Float32Array | None = None
        for index, step in enumerate(table.steps):
            output = self._guided(latents, step.timestep, job)
            with np.errstate(over="ignore", invalid="ignore"):  # judged right below, for all members alike
                latents, x0 = apply_step(step, latents, output, x0)
            require_finite(latents, x0)
            yield RunnerStep(index, latents, x0)

    def _guided(self, latents: Float32Array, timestep: float, job: Job) -> Float32Array:
        """The guided model output ``[N, C, H, W]``."""
        size = self._candidates_per_call
        parts = []
        for start in range(0, len(latents), size):
            rows, members = latents[start : start + size], job.members[start : start + size]
            if job.negative is None:
                parts.append(self._backend.denoise(rows, timestep, members))
                continue
            negative = np.repeat(job.negative, len(rows), axis=0)
            text = np.concatenate([negative, members])
            both = self._backend.denoise(np.concatenate([rows, rows]), timestep, text)
            with np.errstate(over="ignore", invalid="ignore"):  # judged by the caller, for all members alike
                parts.append(guide(both[len(rows) :], both[: len(rows)], job.scale))
        return np.concatenate(parts)
