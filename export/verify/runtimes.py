"""Device runtimes that the exporter compares with each other: torch, and the compiled graphs of a bundle."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from edge_sdk.runtimes.litert import LiteRtRuntime
from obclip_contract import Bundle

from .. import graphs
from ..pair import SourceModel
from .interpreters import Program, coreml_program
from .precision import LITERT, MANIFEST_FORMAT


@dataclass
class TorchRuntime:
    """The source model behind the device's runtime protocol; any batch."""

    source: SourceModel
    name: str = "torch"

    def encode_text(self, input_ids: NDArray[Any]) -> NDArray[Any]:
        """Token ids ``[B, L]`` to hidden states ``[B, L, D]``."""
        return self._run(graphs.text_encoder(self.source, 1), {"input_ids": input_ids.astype(np.int32)})

    def denoise(self, latent: NDArray[Any], timestep: float, states: NDArray[Any]) -> NDArray[Any]:
        """Latents ``[B, C, H, W]`` at one timestep to the model output."""
        when = np.array([timestep], np.float32)
        inputs = {"sample": latent, "timestep": when, "encoder_hidden_states": states}
        return self._run(graphs.unet(self.source, 1), inputs)

    def decode(self, latent: NDArray[Any]) -> NDArray[Any]:
        """Unscaled latents ``[1, C, H, W]`` to a picture ``[1, 3, S, S]``."""
        return self._run(graphs.vae_decoder(self.source), {"latents": latent})

    def close(self) -> None:
        """Nothing is held."""

    def _run(self, graph: graphs.Graph, inputs: dict[str, NDArray[Any]]) -> NDArray[Any]:
        with torch.no_grad():
            out = graph.module(**{k: torch.from_numpy(np.ascontiguousarray(v)) for k, v in inputs.items()})
        return np.asarray(out[graph.output].numpy())


@dataclass
class PackageRuntime:
    """A bundle's CoreML packages, run as :mod:`export.verify.interpreters` says; batch 2, or 1 through it."""

    bundle: Bundle
    precision: str
    name: str = "coreml"
    _programs: dict[str, Program] = field(default_factory=dict)

    def encode_text(self, input_ids: NDArray[Any]) -> NDArray[Any]:
        """Token ids ``[2, L]`` to hidden states ``[2, L, D]``."""
        return self._run("text_encoder", {"input_ids": input_ids.astype(np.int32)})

    def denoise(self, latent: NDArray[Any], timestep: float, states: NDArray[Any]) -> NDArray[Any]:
        """Latents ``[B, C, H, W]`` with B 1 or 2 at one timestep to the model output."""
        rows = len(latent)
        pair = [0, rows - 1]
        when = np.array([timestep], np.float32)
        inputs = {"sample": latent[pair], "timestep": when, "encoder_hidden_states": states[pair]}
        return self._run("unet", inputs)[:rows]

    def decode(self, latent: NDArray[Any]) -> NDArray[Any]:
        """Unscaled latents ``[1, C, H, W]`` to a picture ``[1, 3, S, S]``."""
        return self._run("vae_decoder", {"latents": latent})

    def close(self) -> None:
        """Free the programs."""
        self._programs.clear()

    def _run(self, role: str, inputs: dict[str, NDArray[Any]]) -> NDArray[Any]:
        spec = self.bundle.graph(role, "mlpackage", self.precision)
        if role not in self._programs:
            self._programs[role] = coreml_program([self.bundle.path(c) for c in spec.chunks or [spec.file]])
        return self._programs[role](inputs)[spec.outputs[0].name]


def runtime_for(bundle: Bundle, form: str, precision: str) -> LiteRtRuntime | PackageRuntime:
    """The runtime of one format and precision of a bundle (which may still lie in its staging folder)."""
    if form == LITERT:
        return LiteRtRuntime(bundle, 2, precision)
    assert MANIFEST_FORMAT[form] == "mlpackage", form
    return PackageRuntime(bundle, precision)
