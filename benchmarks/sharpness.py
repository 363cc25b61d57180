"""How sharp a picture is, and how near it is to the one that the cloud alone would have drawn."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

#: Range of a picture in [-1, 1].
PICTURE_PEAK: Final = 2.0


def gradient(picture: NDArray[Any]) -> float:
    """Mean difference of neighbouring pixels of ``[3, H, W]`` in [-1, 1], across and down: what blur takes away."""
    across, down = np.abs(np.diff(picture, axis=-1)).mean(), np.abs(np.diff(picture, axis=-2)).mean()
    return float(across + down) / 2
