"""The device's part of the denoising: a generator over the sampler's rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from contract import SamplerTable, apply_step

from .errors import DeviceError
from .runtimes.protocol import Float32, Runtime

__all__ = ["FinishStep", "finish"]


@dataclass(frozen=True)
class FinishStep:
    """State after one device step: ``index`` of ``count`` (0-based), latents and x0 float32 ``[C, H, W]``."""

    index: int
    count: int
    timestep: float
    latent: Float32
    x0: Float32


def finish(
    runtime: Runtime,
    table: SamplerTable,
    latent: Float32,
    hidden: Float32,
    guidance_scale: float,
    previous_x0: Float32 | None = None,
) -> Iterator[FinishStep]:
    """Denoise ``latent`` through ``table``'s rows with the small UNet; yields after each row.

    Args:
        latent: float32 ``[C, H, W]``, at the noise level of the first row.
        hidden: text states ``[2, L, D]``, the negative prompt's first and the prompt's second. Classifier-free
            guidance (Ho and Salimans, arXiv 2207.12598) runs both rows in one call; at scale 1 the negative
            prompt has no weight and only the second row runs.
        previous_x0: the cloud's last x0 ``[C, H, W]`` for the hand-over "carry".

    Raises:
        DeviceError: the latent stopped being finite.
    """
    count = len(table.steps)
    for index, step in enumerate(table.steps):
        output = _guided(runtime, latent, step.timestep, hidden, guidance_scale)
        following, x0 = apply_step(step, latent, output, previous_x0)
        latent, previous_x0 = following.astype(np.float32), x0.astype(np.float32)
        if not bool(np.isfinite(latent).all()):
            raise DeviceError(
                f"the small model gave values that are not finite at device step {index + 1} of {count}; the edge "
                "bundle does not suit this device, try another precision or export it again"
            )
        yield FinishStep(index, count, step.timestep, latent, previous_x0)


def _guided(runtime: Runtime, latent: Float32, timestep: float, hidden: Float32, scale: float) -> Float32:
    if scale == 1.0:
        return runtime.denoise(latent[None], timestep, hidden[1:])[0]
    plain, wanted = runtime.denoise(np.stack([latent, latent]), timestep, hidden)
    guided: Float32 = plain + np.float32(scale) * (wanted - plain)
    return guided
