"""Step graphs on torch: eager modules over the loaded UNet, weights shared with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ...errors import PlanUnavailableError
from ...step_graphs import GraphFamily, StepGraphSpec, UnsupportedUNetError
from ..protocol import Float32Array
from ..steps import Buckets

__all__ = ["TorchSteps"]


class TorchSteps:
    """Every step graph of a UNet, built when first used.

    Raises:
        PlanUnavailableError: the UNet has a part that step graphs do not know.
    """

    def __init__(self, unet: Any, text_length: int, image_size: int, device: torch.device, max_rows: int) -> None:
        try:
            self._family = GraphFamily(unet, text_length, image_size)
        except UnsupportedUNetError as error:
            raise PlanUnavailableError(f"{error}; ask for the plan naive") from error
        self._device = device
        self.buckets = Buckets.up_to(max_rows)

    def serves(self, spec: StepGraphSpec) -> StepGraphSpec:
        """See `StepExecutor.serves`."""
        if spec.cut > self._family.max_cut:
            raise PlanUnavailableError(f"this UNet has cuts 0 to {self._family.max_cut}, the plan needs {spec.cut}")
        return spec

    def shape(self, spec: StepGraphSpec, tensor: str) -> tuple[int, ...]:
        """See `StepExecutor.shape`."""
        return self._family.layout.shape(tensor, spec.cut)

    @torch.inference_mode()
    def text(self, hidden: Float32Array) -> dict[str, Tensor]:
        """See `StepExecutor.text`."""
        out: dict[str, Tensor] = self._family.text(self.upload(hidden))
        return out

    @torch.inference_mode()
    def run(self, spec: StepGraphSpec, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """See `StepExecutor.run`."""
        out: dict[str, Tensor] = self._family.step(spec)(**inputs)
        return out

    def zeros(self, floats: int) -> Tensor:
        """See `StepExecutor.zeros`."""
        return torch.zeros(floats, dtype=torch.float32, device=self._device)

    def upload(self, array: Float32Array) -> Tensor:
        """See `StepExecutor.upload`."""
        return torch.from_numpy(np.ascontiguousarray(array)).to(self._device)

    def download(self, array: Tensor) -> Float32Array:
        """See `StepExecutor.download`."""
        result: Float32Array = array.cpu().numpy()
        return result

    def concat(self, arrays: list[Tensor]) -> Tensor:
        """See `StepExecutor.concat`."""
        return torch.cat(arrays)
