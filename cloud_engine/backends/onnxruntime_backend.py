"""The default backend on a CPU: the bundle's ONNX graphs on ONNX Runtime."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime

from contract import Bundle, GraphSpec

from ..errors import ConfigError, GraphError
from .onnxruntime_steps import OnnxRuntimeSteps
from .protocol import BackendOptions, Float32Array, Int64Array

__all__ = ["OnnxRuntimeBackend"]

_FORMAT = "onnx"
_INTEGER_TYPES = {"tensor(int32)": np.int32, "tensor(int64)": np.int64}
#: Errors only: ONNX Runtime's warnings name initialisers of the graph and help no operator.
_LOG_SEVERITY = 3


class OnnxRuntimeBackend:
    """One session a graph, on the CPU.

    Raises:
        ConfigError: another device than the CPU was asked for.
        GraphError: a graph cannot be loaded, or has other inputs or outputs than the manifest states.
        contract.BundleError: the bundle has no such graph.
    """

    name = "onnxruntime"

    def __init__(self, bundle: Bundle, options: BackendOptions) -> None:
        if options.device != "cpu":
            raise ConfigError(f"the onnxruntime backend runs on the CPU, not on {options.device}; use --backend torch")
        self._text_encoder = _Graph(bundle, "text_encoder", ("input_ids",), options.threads)
        self._bundle, self._threads = bundle, options.threads
        self._unet = _Graph(bundle, "unet", ("sample", "timestep", "encoder_hidden_states"), options.threads)

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
    """A session with the names it must have, checked once when it is loaded."""

    def __init__(self, bundle: Bundle, role: str, inputs: tuple[str, ...], threads: int) -> None:
        spec: GraphSpec = bundle.graph(role, format=_FORMAT)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = _LOG_SEVERITY
        try:
            self._session = onnxruntime.InferenceSession(
                str(bundle.path(spec)), sess_options=options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime's exceptions share no root
            raise GraphError(f"{spec.file} cannot be loaded by ONNX Runtime: {error}") from error
        self._types = {node.name: node.type for node in self._session.get_inputs()}
        self._output = self._session.get_outputs()[0].name
        stated = {tensor.name for tensor in spec.inputs}
        if not set(inputs) == stated == set(self._types):
            found = ", ".join(sorted(self._types))
            raise GraphError(f"{spec.file} takes the inputs {found}; expected {', '.join(inputs)}: export it again")

    def run(self, **inputs: Any) -> Float32Array:
        feeds = {name: self._cast(name, value) for name, value in inputs.items()}
        result: Float32Array = self._session.run([self._output], feeds)[0]
        return result

    def _cast(self, name: str, value: Any) -> Any:
        integer = _INTEGER_TYPES.get(self._types[name])
        return value.astype(integer, copy=False) if integer is not None else value
