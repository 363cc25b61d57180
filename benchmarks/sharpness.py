"""How sharp a picture is, and how near it is to the one that the cloud alone would have drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def gradient(picture: NDArray[Any]) -> float:
    """Mean difference of neighbouring pixels of ``[3, H, W]`` in [-1, 1], across and down: what blur takes away."""
    across, down = np.abs(np.diff(picture, axis=-1)).mean(), np.abs(np.diff(picture, axis=-2)).mean()
    return float(across + down) / 2


def psnr(one: NDArray[Any], other: NDArray[Any]) -> float:
    """PSNR in dB between two pictures in [-1, 1]; infinite for equal ones."""
    error = float(np.square((one.astype(np.float64) - other) / 2).mean())
    return float("inf") if error == 0 else float(-10 * np.log10(error))
