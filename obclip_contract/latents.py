"""Arithmetic on latents that every side does alike, on numpy arrays and on torch tensors."""

from __future__ import annotations

from typing import Any, TypeVar

__all__ = ["guide", "unscale"]

_Array = TypeVar("_Array", bound=Any)


def guide(wanted: _Array, plain: _Array, scale: float) -> _Array:
    """Classifier-free guidance (Ho and Salimans, arXiv 2207.12598), float32 ``[B, C, H, W]`` in and out.

    Args:
        wanted: the model's output with the prompt. ``plain``: with the negative prompt.
    """
    guided: _Array = plain + scale * (wanted - plain)
    return guided


def unscale(latents: _Array, scaling_factor: float, shift_factor: float = 0.0) -> _Array:
    """Latents of the sampler, float32 ``[B, C, H, W]``, as the autoencoder's decoder takes them (diffusers' order)."""
    unscaled: _Array = latents / scaling_factor + shift_factor
    return unscaled
