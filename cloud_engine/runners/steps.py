"""What every runner takes and gives, and the one rule on what they give."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from obclip_contract import SamplerTable

from ..backends.protocol import Float32Array
from ..errors import NonFiniteError

__all__ = ["Job", "Runner", "RunnerStep", "require_finite"]


@dataclass(frozen=True)
class Job:
    """One request's own numbers.

    Args:
        noise: ``[C, H, W]`` float32, shared by all members.
        members: text states ``[N, L, D]``.
        negative: ``[1, L, D]``, or ``None`` without guidance, at 1 and less (then no unconditional row runs).
        scale: guidance.
    """

    noise: Float32Array
    members: Float32Array
    negative: Float32Array | None
    scale: float


@dataclass(frozen=True)
class RunnerStep:
    """State of one job after a step: ``latents`` and ``x0`` float32 ``[N, C, H, W]``, in the grid's order."""

    index: int
    latents: Float32Array
    x0: Float32Array


class Runner(Protocol):
    """Runs the cloud steps of a job by one plan."""

    def steps(self, job: Job, table: SamplerTable) -> Iterator[RunnerStep]:
        """Yields after each step of ``table``; closing the generator ends the work.

        Raises:
            NonFiniteError: an output overflowed; nothing is yielded for that step.
        """


def require_finite(*arrays: Float32Array) -> None:
    """One rule for all members, and no word on which one broke it.

    Raises:
        NonFiniteError: a number is not finite.
    """
    if not all(np.isfinite(array).all() for array in arrays):
        raise NonFiniteError("the latents are not finite; try a lower guidance scale or another seed")
