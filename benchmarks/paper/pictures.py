"""The device's part as the phone does it: LiteRT int8, one picture at a time, from a latent at a noise level."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_sdk.device.finishing import finish
from edge_sdk.device.tokenizer import PromptTokenizer
from edge_sdk.runtimes.litert import LiteRtRuntime
from obclip_contract import SamplerTable, finish_table, open_bundle, unscale


class Device:
    """An edge bundle that finishes latents with their own prompts."""

    def __init__(self, bundle: Path, guidance: float, threads: int | None = None) -> None:
        self._bundle = open_bundle(bundle, "edge")
        self._runtime = LiteRtRuntime(self._bundle, threads)
        self._tokenize = PromptTokenizer(self._bundle)
        self._states: dict[str, NDArray[Any]] = {}
        self.guidance, self.manifest = guidance, self._bundle.manifest

    def identity(self) -> dict[str, str]:
        """sha256 of the bundle's graphs, by file."""
        return {f.path: f.sha256 for f in self.manifest.files if f.path.endswith(".tflite")}

    def table(self, sampler: str, steps: int, log_snr: float, previous: float | None = None) -> SamplerTable:
        """The device's rows from a noise level on; ``previous`` is that of a carried x0."""
        return finish_table(sampler, self.manifest.schedule, steps, log_snr, previous)

    def finish(
        self, latent: NDArray[Any], prompt: str, table: SamplerTable, x0: NDArray[Any] | None = None
    ) -> NDArray[Any]:
        """``[C, H, W]`` at the level of the table's first row -> the picture ``[3, S, S]`` in [-1, 1]."""
        latent = latent[None].astype(np.float32)
        before = None if x0 is None else x0[None].astype(np.float32)
        if table.steps:
            for done in finish(self._runtime, table, latent, self._encode(prompt), self.guidance, before):
                latent = done.latent
        return self.decode(latent)

    def decode(self, latent: NDArray[Any]) -> NDArray[Any]:
        """A clean latent ``[1, C, H, W]`` as a picture ``[3, S, S]``."""
        unscaled = unscale(latent.astype(np.float32), self.manifest.scaling_factor, self.manifest.shift_factor)
        return np.asarray(self._runtime.decode(unscaled)[0])

    def _encode(self, prompt: str) -> NDArray[Any]:
        if prompt not in self._states:
            self._states[prompt] = self._runtime.encode_text(self._tokenize([prompt, ""]))
        return self._states[prompt]
