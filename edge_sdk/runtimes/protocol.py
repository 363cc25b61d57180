"""What a device runtime offers: the small model's three graphs, numpy in and out."""

from __future__ import annotations

from typing import Any, Protocol

from numpy.typing import NDArray


class Runtime(Protocol):
    """The graphs of one edge bundle. Threads share it: a call runs as one, and what it returns is the caller's own."""

    name: str

    def encode_text(self, input_ids: NDArray[Any]) -> NDArray[Any]:
        """int32 ``[2, L]`` -> float32 ``[2, L, D]`` (prompt, negative prompt)."""

    def denoise(self, latent: NDArray[Any], timestep: float, states: NDArray[Any]) -> NDArray[Any]:
        """float32 ``[B, C, H, W]``, float32 ``[B, L, D]`` with B 1 or 2 -> model output ``[B, C, H, W]``."""

    def decode(self, latent: NDArray[Any]) -> NDArray[Any]:
        """float32 ``[1, C, H, W]`` divided by the scaling factor -> float32 ``[1, 3, S, S]`` in [-1, 1]."""

    def close(self) -> None:
        """Free the graphs; calls from then on raise :class:`edge_sdk.errors.ClosedError`."""
