"""The device's part of the denoising: a generator over the sampler's rows."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from obclip_contract import SamplerTable, apply_step, guide

from ..errors import DeviceError
from ..runtimes.protocol import Runtime

__all__ = ["FinishStep", "finish"]


@dataclass(frozen=True)
class FinishStep:
    """State after one device step: ``index`` of ``count`` (0-based), latents and x0 float32 ``[1, C, H, W]``."""

    index: int
    count: int
    timestep: float
    latent: NDArray[Any]
    x0: NDArray[Any]


def finish(
    runtime: Runtime,
    table: SamplerTable,
    latent: NDArray[Any],
    states: NDArray[Any],
    guidance_scale: float,
    previous_x0: NDArray[Any] | None = None,
) -> Generator[FinishStep, NDArray[Any] | None, None]:
    """Denoise ``latent`` through ``table``'s rows with the small UNet; yields after each row.

    An array that is sent in takes the place of the row's latent, as a callback of diffusers may do.

    Args:
        latent: float32 ``[1, C, H, W]``, at the noise level of the first row.
        states: text states ``[2, L, D]``, the prompt's first and the negative prompt's second. Classifier-free
            guidance (Ho and Salimans, arXiv 2207.12598) runs both rows in one call; at scale 1 the negative
            prompt has no weight and only the first row runs.
        previous_x0: the cloud's last x0 ``[1, C, H, W]`` for the hand-over "carry".

    Raises:
        DeviceError: the latent stopped being finite.
    """
    count = len(table.steps)
    for index, step in enumerate(table.steps):
        output = _evaluate(runtime, latent, step.timestep, states, guidance_scale)
        following, x0 = apply_step(step, latent, output, previous_x0)
        latent, previous_x0 = following.astype(np.float32), x0.astype(np.float32)
        if not bool(np.isfinite(latent).all()):
            raise DeviceError(
                f"the small model gave values that are not finite at device step {index + 1} of {count}; the edge "
                "bundle does not suit this device, try another precision or export it again"
            )
        changed = yield FinishStep(index, count, step.timestep, latent, previous_x0)
        latent = latent if changed is None else changed


def _evaluate(
    runtime: Runtime, latent: NDArray[Any], timestep: float, states: NDArray[Any], scale: float
) -> NDArray[Any]:
    if scale == 1.0:
        return runtime.denoise(latent, timestep, states[:1])
    both = runtime.denoise(np.concatenate([latent, latent]), timestep, states)
    return guide(both[:1], both[1:], scale)
