"""What a backend offers the engine; numpy in and out, whatever runs inside."""

from __future__ import annotations

from typing import Any, Protocol

from numpy.typing import NDArray


class Backend(Protocol):
    """The graphs of one bundle, ready to run."""

    name: str

    def encode_text(self, input_ids: NDArray[Any]) -> NDArray[Any]:
        """int32 ``[B, L]`` -> float32 ``[B, L, D]``."""

    def denoise(self, sample: NDArray[Any], timestep: float, states: NDArray[Any]) -> NDArray[Any]:
        """float32 ``[B, C, H, W]``, one timestep, float32 ``[B, L, D]`` -> model output float32 ``[B, C, H, W]``."""
