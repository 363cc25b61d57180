"""Picking one's own latent, after all of them were judged alike."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from contract import ResponseError

from .errors import InputError
from .runtimes.protocol import Float32

__all__ = ["select", "validate_all"]


def validate_all(latents: npt.NDArray[np.generic], candidates: int) -> None:
    """One rule for every member: right count and finite throughout.

    Raises ``contract.ResponseError`` without naming the member: what the device does next is the same
    whichever was spoilt (PRIVACY.md, condition C8).
    """
    if latents.ndim != 4 or latents.shape[0] != candidates:
        raise ResponseError(f"the cloud answered with shape {latents.shape} for {candidates} candidates")
    if not bool(np.isfinite(latents).all()):
        raise ResponseError("the cloud answered with latents that are not finite; nothing was used")


def select(latents: npt.NDArray[np.generic], index: int, candidates: int) -> Float32:
    """The device's own latent ``[C, H, W]`` float32 out of ``[N, C, H, W]``, all N validated first."""
    validate_all(latents, candidates)
    if not 0 <= index < candidates:
        raise InputError(f"candidate {index} is outside the set of {candidates}")
    return np.array(latents[index], dtype=np.float32)
