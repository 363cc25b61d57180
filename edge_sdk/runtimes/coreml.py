"""CoreML on a Mac, through ``coremltools``; phones use the Swift package instead.

Written against coremltools' documented interface and checked for errors everywhere; it has not been run, because
CoreML predicts on Apple's systems only.
"""

from __future__ import annotations

import platform
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from obclip_contract import Bundle, BundleError, GraphSpec

from ..errors import DeviceError
from .guarding import Guard

__all__ = ["CoreMlRuntime"]

_FORMAT: Final = "mlpackage"


@dataclass
class CoreMlRuntime:
    """Runs an edge bundle's ``.mlpackage`` graphs; see :class:`~edge_sdk.runtimes.protocol.Runtime`.

    ``precision`` ("fp16", "pal8", "pal6") defaults to the first that the bundle lists for each graph;
    ``compute_units`` is the name of one of CoreML's choices. A graph is loaded at its first use.
    """

    bundle: Bundle
    precision: str | None = None
    compute_units: str = "ALL"
    name: str = field(default="coreml", init=False)
    _models: dict[str, list[Any]] = field(default_factory=dict, init=False, repr=False)
    _guard: Guard = field(default_factory=Guard, init=False, repr=False)

    def encode_text(self, input_ids: NDArray[Any]) -> NDArray[Any]:
        """Token ids ``[2, L]`` to hidden states ``[2, L, D]``."""
        return self._run("text_encoder", {"input_ids": np.asarray(input_ids, np.int32)})

    def denoise(self, latent: NDArray[Any], timestep: float, states: NDArray[Any]) -> NDArray[Any]:
        """Latents ``[B, C, H, W]`` (B 1 or 2) at one timestep to the model output; a single row is doubled."""
        rows = len(latent)
        pair = [0, rows - 1]
        when = np.array([timestep], np.float32)
        inputs = {"sample": latent[pair], "timestep": when, "encoder_hidden_states": states[pair]}
        return self._run("unet", inputs)[:rows]

    def decode(self, latent: NDArray[Any]) -> NDArray[Any]:
        """Latents ``[1, C, H, W]`` (unscaled) to a picture ``[1, 3, h, w]`` in [-1, 1]."""
        return self._run("vae_decoder", {"latents": latent})

    def close(self) -> None:
        """Free every loaded graph, after the call in progress; later calls raise ``ClosedError``."""
        self._guard.close(self._models.clear)

    def _run(self, role: str, inputs: dict[str, NDArray[Any]]) -> NDArray[Any]:
        spec = self.bundle.graph(role, _FORMAT, self.precision)
        with self._guard.calling():
            if role not in self._models:
                self._models[role] = [self._load(p) for p in _pieces(spec)]
            known = dict(inputs)
            for model in self._models[role]:
                wanted = {i.name for i in model.get_spec().description.input}
                known.update(model.predict({name: known[name] for name in wanted}))
            return np.array(known[spec.outputs[0].name], np.float32)

    def _load(self, file: str) -> Any:
        if platform.system() != "Darwin":
            raise DeviceError("CoreML runs on Apple's systems only; export the edge bundle with --format litert")
        try:
            import coremltools as ct
        except ModuleNotFoundError:
            raise DeviceError("the CoreML runtime needs coremltools: pip install coremltools") from None
        try:
            return ct.models.MLModel(str(self.bundle.path(file)), compute_units=ct.ComputeUnit[self.compute_units])
        except (RuntimeError, ValueError, OSError, KeyError) as error:
            first = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise BundleError(f"CoreML cannot load {file}: {first}; export it again") from None


def _pieces(spec: GraphSpec) -> list[str]:
    return list(spec.chunks) or [spec.file]
