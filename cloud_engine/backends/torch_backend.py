"""torch, the reference: diffusers' own modules on the CPU or a GPU."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from contract import Bundle
from diffusers import UNet2DConditionModel
from numpy.typing import NDArray
from transformers import CLIPTextModel


class TorchBackend:
    """Runs the diffusers folders of a cloud bundle in fp32."""

    name = "torch"

    def __init__(self, bundle: Bundle, threads: int | None = None) -> None:
        if threads:
            torch.set_num_threads(threads)
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._text = self._load(CLIPTextModel, bundle, "text_encoder")
        self._unet = self._load(UNet2DConditionModel, bundle, "unet")

    def _load(self, cls: Any, bundle: Bundle, role: str) -> Any:
        folder = bundle.path(bundle.graph(role, format="diffusers").file)
        model = cls.from_pretrained(str(folder), use_safetensors=True, local_files_only=True)
        return model.to(device=self.device, dtype=torch.float32).eval().requires_grad_(False)

    def encode_text(self, input_ids: NDArray[Any]) -> NDArray[Any]:
        """See :class:`~cloud_engine.backends.protocol.Backend`."""
        with torch.inference_mode():
            ids = torch.from_numpy(input_ids.astype(np.int64)).to(self.device)
            return np.asarray(self._text(input_ids=ids).last_hidden_state.cpu().numpy())

    def denoise(self, sample: NDArray[Any], timestep: float, states: NDArray[Any]) -> NDArray[Any]:
        """See :class:`~cloud_engine.backends.protocol.Backend`."""
        with torch.inference_mode():
            x = torch.from_numpy(np.ascontiguousarray(sample, np.float32)).to(self.device)
            t = torch.tensor([timestep], dtype=torch.float32, device=self.device)
            h = torch.from_numpy(np.ascontiguousarray(states, np.float32)).to(self.device)
            return np.asarray(self._unet(x, t, h, return_dict=False)[0].cpu().numpy())
