"""What the device needs from a runtime: three small graphs, numpy in and out."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

__all__ = ["Float32", "Int32", "Runtime"]

Float32 = npt.NDArray[np.float32]
Int32 = npt.NDArray[np.int32]


@runtime_checkable
class Runtime(Protocol):
    """Runs the three graphs of an edge bundle. Graphs load at first use; ``close`` frees them.

    All raise ``contract.BundleError`` for a graph that cannot be loaded or does not fit its manifest.
    """

    def encode_text(self, input_ids: Int32) -> Float32:
        """Token ids ``[B, L]`` to hidden states ``[B, L, D]``."""
        ...

    def denoise(self, sample: Float32, timestep: float, hidden: Float32) -> Float32:
        """One pass of the small UNet: latents ``[B, C, H, W]`` and states ``[B, L, D]`` to ``[B, C, H, W]``."""
        ...

    def decode(self, latents: Float32) -> Float32:
        """Latents ``[1, C, H, W]`` (scaling factor already divided out) to a picture ``[1, 3, h, w]`` in [-1, 1]."""
        ...

    def close(self) -> None:
        """Free every loaded graph; the next call loads again."""
        ...
