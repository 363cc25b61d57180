"""Arithmetic on latents that every side does alike, on numpy arrays and on torch tensors."""

from __future__ import annotations

from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["MAX_PSNR", "guide", "is_guided", "psnr", "unscale"]

#: What equal arrays get, so that every PSNR is a number that can be averaged.
MAX_PSNR: Final = 150.0

_Array = TypeVar("_Array", bound=Any)
#: At this scale and below there is no guidance, as in diffusers: the model runs on the prompt alone, and what it gives
#: is taken as it is. A scale of 0 is what models without guidance (SD-Turbo) are published with.
_NO_GUIDANCE: Final = 1.0


def is_guided(scale: float) -> bool:
    """Whether a guidance scale asks for the negative prompt at all: one row of the model, or two."""
    return scale > _NO_GUIDANCE


def guide(wanted: _Array, plain: _Array, scale: float) -> _Array:
    """Classifier-free guidance (Ho and Salimans, arXiv 2207.12598), float32 ``[B, C, H, W]`` in and out.

    Args:
        wanted: the model's output with the prompt. ``plain``: with the negative prompt.
        scale: one that :func:`is_guided` says yes to.
    """
    guided: _Array = plain + scale * (wanted - plain)
    return guided


def unscale(latents: _Array, scaling_factor: float, shift_factor: float = 0.0) -> _Array:
    """Latents of the sampler, float32 ``[B, C, H, W]``, as the autoencoder's decoder takes them (diffusers' order)."""
    unscaled: _Array = latents / scaling_factor + shift_factor
    return unscaled


def psnr(value: NDArray[Any], reference: NDArray[Any], peak: float | None = None) -> NDArray[np.float64]:
    """Peak signal-to-noise ratio in dB of each row of ``[n, …]`` against ``reference``, at most :data:`MAX_PSNR`.

    Args:
        peak: the range of the signal; the reference's own over all rows if ``None``, one number for a set, so that
            rows compare. Where it is 0, equal rows get the most and others 0.
    """
    wanted = reference.astype(np.float64)
    error = np.square(value.astype(np.float64) - wanted).reshape(len(wanted), -1).mean(1)
    power = (float(np.ptp(wanted)) if peak is None else peak) ** 2
    if power == 0:
        return np.where(error == 0, MAX_PSNR, 0.0)
    decibels: NDArray[np.float64] = 10 * np.log10(power / np.maximum(error, power * 10 ** (-MAX_PSNR / 10)))
    return decibels
