"""ONNX Runtime, the default on a CPU."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime
from contract import Bundle
from numpy.typing import NDArray


class OnnxRuntimeBackend:
    """Runs ``*.onnx`` of a cloud bundle on the CPU provider."""

    name = "onnxruntime"

    def __init__(self, bundle: Bundle, threads: int | None = None) -> None:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        if threads:
            options.intra_op_num_threads = threads

        def session(role: str) -> onnxruntime.InferenceSession:
            file = bundle.path(bundle.graph(role, format="onnx").file)
            return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])

        self._text, self._unet = session("text_encoder"), session("unet")

    def encode_text(self, input_ids: NDArray[Any]) -> NDArray[Any]:
        """See :class:`~cloud_engine.backends.protocol.Backend`."""
        (out,) = self._text.run(["hidden_states"], {"input_ids": input_ids.astype(np.int32)})
        return np.asarray(out)

    def denoise(self, sample: NDArray[Any], timestep: float, states: NDArray[Any]) -> NDArray[Any]:
        """See :class:`~cloud_engine.backends.protocol.Backend`."""
        feed = {
            "sample": np.ascontiguousarray(sample, np.float32),
            "timestep": np.array([timestep], np.float32),
            "encoder_hidden_states": np.ascontiguousarray(states, np.float32),
        }
        (out,) = self._unet.run(["model_output"], feed)
        return np.asarray(out)
