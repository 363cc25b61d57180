"""The default backend on a CPU: the bundle's ONNX graphs on ONNX Runtime."""

from __future__ import annotations

from typing import Any

import numpy as np

from obclip_contract import Bundle

from ...errors import ConfigError, GraphError
from ..protocol import BackendOptions, Float32Array, Int64Array
from .session import FORMAT, Session
from .steps import OnnxRuntimeSteps

__all__ = ["OnnxRuntimeBackend"]

_INTEGER_TYPES = {"tensor(int32)": np.int32, "tensor(int64)": np.int64}


class OnnxRuntimeBackend:
    """One session a graph, on the CPU.

    Raises:
        ConfigError: another device than the CPU was asked for.
        GraphError: a graph cannot be loaded, or has other inputs or outputs than the manifest states.
        obclip_contract.BundleError: the bundle has no such graph.
    """

    name = "onnxruntime"

    def __init__(self, bundle: Bundle, options: BackendOptions) -> None:
        self.check(bundle, options)
        self._text_encoder = _Graph(bundle, "text_encoder", ("input_ids",), options.threads)
        self._bundle, self._threads = bundle, options.threads
        self._unet = _Graph(bundle, "unet", ("sample", "timestep", "encoder_hidden_states"), options.threads)

    @staticmethod
    def check(bundle: Bundle, options: BackendOptions) -> None:
        """See `check_backend`."""
        if options.device != "cpu":
            raise ConfigError(f"the onnxruntime backend runs on the CPU, not on {options.device}; use --backend torch")
        for role in ("text_encoder", "unet"):
            bundle.graph(role, format=FORMAT)

    def encode_text(self, input_ids: Int64Array) -> Float32Array:
        """See `Backend.encode_text`."""
        return self._text_encoder.run(input_ids=input_ids)

    def denoise(self, sample: Float32Array, timestep: float, hidden: Float32Array) -> Float32Array:
        """See `Backend.denoise`."""
        return self._unet.run(
            sample=sample, timestep=np.array([timestep], dtype=np.float32), encoder_hidden_states=hidden
        )

    def step_executor(self, max_rows: int) -> OnnxRuntimeSteps:
        """See `Backend.step_executor`."""
        return OnnxRuntimeSteps(self._bundle, self._threads, max_rows)


class _Graph:
    """A session with the inputs it must have, checked once when it is loaded."""

    def __init__(self, bundle: Bundle, role: str, inputs: tuple[str, ...], threads: int) -> None:
        spec = bundle.graph(role, format=FORMAT)
        self._session = Session(bundle, spec, threads)
        if set(inputs) != set(self._session.inputs):
            found = ", ".join(sorted(self._session.inputs))
            raise GraphError(f"{spec.file} takes the inputs {found}; expected {', '.join(inputs)}: export it again")

    def run(self, **inputs: Any) -> Float32Array:
        feeds = {name: self._cast(name, value) for name, value in inputs.items()}
        return self._session.run(self._session.outputs[:1], feeds)[0]

    def _cast(self, name: str, value: Any) -> Any:
        integer = _INTEGER_TYPES.get(self._session.inputs[name])
        return value.astype(integer, copy=False) if integer is not None else value
