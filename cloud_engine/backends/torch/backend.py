"""The reference backend: diffusers' UNet and transformers' CLIP text model, in fp32."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from diffusers import UNet2DConditionModel
from transformers import CLIPTextModel, CLIPTextModelWithProjection
from transformers.utils import logging as transformers_logging

from obclip_contract import Bundle

from ...errors import DeviceMissingError, GraphError
from ...step_graphs import Packing, SdxlText, packing_of
from ..protocol import BackendOptions, Float32Array, Int64Array
from .steps import TorchSteps

__all__ = ["TorchBackend"]

_FORMAT = "diffusers"
_SECOND = "text_encoder_2"
#: In the second encoder's folder: what pads its rows, and whether an empty text is zeros.
_FACTS = "obclip.json"
_ROLES = ("text_encoder", "unet")


class TorchBackend:
    """Loads the bundle's ``diffusers`` folders (safetensors only) and runs them eagerly.

    Raises:
        DeviceMissingError: the device is not there.
        GraphError: a folder cannot be loaded.
        obclip_contract.BundleError: the bundle has no such graph.
    """

    name = "torch"

    def __init__(self, bundle: Bundle, options: BackendOptions) -> None:
        self._device = _device(options.device)
        if options.threads:
            torch.set_num_threads(options.threads)
        self._text_encoder = self._load(CLIPTextModel, bundle, "text_encoder")
        self._unet = self._load(UNet2DConditionModel, bundle, "unet")
        self._text_length = bundle.manifest.tokenizer.max_length
        self._image_size = bundle.manifest.image_size
        self._packing = packing_of(self._unet, self._text_length, self._image_size)
        self._sdxl_text = None if self._packing is None else self._load_sdxl(bundle, self._packing)

    @staticmethod
    def check(bundle: Bundle, options: BackendOptions) -> None:
        """See `check_backend`."""
        _device(options.device)
        for role in _ROLES:
            bundle.graph(role, format=_FORMAT)

    def _load_sdxl(self, bundle: Bundle, packing: Packing) -> SdxlText:
        """Both encoders as one, with what ``obclip.json`` beside the second says of its tokenizer."""
        second = self._load(CLIPTextModelWithProjection, bundle, _SECOND)
        file = bundle.path(bundle.graph(_SECOND, format=_FORMAT)) / _FACTS
        try:
            facts = json.loads(file.read_text(encoding="utf-8"))
            pad, zeros = int(facts["pad_id"]), bool(facts["zeros_when_empty"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise GraphError(f"the bundle's {_SECOND}/{_FACTS} cannot be read; export it again") from error
        spec = bundle.manifest.tokenizer
        return SdxlText(self._text_encoder, second, packing, spec.eos_id, spec.pad_id, pad, zeros).eval()

    def _load(self, model: Any, bundle: Bundle, role: str) -> Any:
        folder = bundle.path(bundle.graph(role, format=_FORMAT))
        try:
            # Never a pickle and never the network, whatever the folder holds.
            with _quiet():
                loaded = model.from_pretrained(folder, use_safetensors=True, local_files_only=True)
        except Exception as error:  # the two libraries raise OSError, ValueError, SafetensorError, …
            raise GraphError(f"the bundle's {role} folder cannot be loaded by torch ({error})") from error
        return loaded.float().to(self._device).eval().requires_grad_(False)

    @torch.inference_mode()
    def encode_text(self, input_ids: Int64Array) -> Float32Array:
        """See `Backend.encode_text`."""
        ids = torch.from_numpy(input_ids).to(self._device)
        if self._sdxl_text is not None:
            return _array(self._sdxl_text(ids))
        return _array(self._text_encoder(input_ids=ids).last_hidden_state)

    @torch.inference_mode()
    def denoise(self, sample: Float32Array, timestep: float, hidden: Float32Array) -> Float32Array:
        """See `Backend.denoise`."""
        states, added = torch.from_numpy(hidden).to(self._device), None
        if self._packing is not None:
            states, added = self._packing.unpack(states)
        output = self._unet(
            torch.from_numpy(sample).to(self._device),
            torch.tensor([timestep], dtype=torch.float32, device=self._device),
            encoder_hidden_states=states,
            added_cond_kwargs=added,
            return_dict=False,
        )
        return _array(output[0])

    def step_executor(self, max_rows: int) -> TorchSteps:
        """See `Backend.step_executor`."""
        return TorchSteps(self._unet, self._text_length, self._image_size, self._device, max_rows)


@contextmanager
def _quiet() -> Iterator[None]:
    """No progress bar of transformers on a server's standard error."""
    shown = transformers_logging.is_progress_bar_enabled()
    transformers_logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            transformers_logging.enable_progress_bar()


def _device(name: str) -> torch.device:
    if name == "cuda" and not torch.cuda.is_available():
        raise DeviceMissingError("torch sees no CUDA device on this machine; use --device cpu")
    return torch.device(name)


def _array(tensor: torch.Tensor) -> Float32Array:
    result: Float32Array = tensor.cpu().numpy().astype(np.float32, copy=False)
    return result
