"""What a backend is: the two graphs of a picture's cloud part, numpy in and numpy out.

Latents and hidden states are small beside the work that is done on them, so arrays cross this border as numpy
and a backend keeps tensors of its own kind inside.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from .steps import StepExecutor

__all__ = ["Backend", "BackendOptions", "Float32Array", "Int64Array"]

Float32Array = NDArray[np.float32]
Int64Array = NDArray[np.int64]


@dataclass(frozen=True)
class BackendOptions:
    """What the operator chose: ``threads`` (0: the library's own choice) and ``device`` ("cpu" or "cuda")."""

    threads: int = 0
    device: str = "cpu"


class Backend(Protocol):
    """Runs one bundle's graphs. Rows are independent: a row's result does not depend on its neighbours
    (beyond the float noise of another batch size), and inputs are never changed.
    """

    @property
    def name(self) -> str:
        """As it is chosen on the command line, such as ``"onnxruntime"``."""

    def encode_text(self, input_ids: Int64Array) -> Float32Array:
        """``[B, L]`` int64 -> hidden states ``[B, L, D]`` float32."""

    def denoise(self, sample: Float32Array, timestep: float, hidden: Float32Array) -> Float32Array:
        """The whole UNet: ``[B, C, H, W]`` latents and ``[B, L, D]`` text -> model output ``[B, C, H, W]``."""

    def step_executor(self, max_rows: int) -> StepExecutor:
        """What runs step graphs, at most ``max_rows`` rows a call.

        Raises:
            PlanUnavailableError: this bundle or model has none.
        """
