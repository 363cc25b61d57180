"""Hold every compiled graph against torch on fixed inputs before a bundle is written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from .errors import VerificationError
from .graphs import Graph

#: fp32 graphs reorder sums; a larger difference is a wrong conversion, not rounding.
MAX_ERROR_FP32: Final = 2e-3


@dataclass(frozen=True)
class Check:
    """How far one compiled graph is from torch: largest absolute difference over the fixed input."""

    role: str
    signature: str
    file: str
    max_error: float


def _reference(graph: Graph) -> np.ndarray[Any, Any]:
    with torch.no_grad():
        return np.asarray(graph.module(**graph.inputs)[graph.output].numpy())


def _judge(graph: Graph, signature: str, path: Path, got: np.ndarray[Any, Any]) -> Check:
    want = _reference(graph)
    if got.shape != want.shape or not np.isfinite(got).all():
        raise VerificationError(
            f"{path.name} ({signature}): a value is not finite, or its shape {got.shape} is not torch's {want.shape}"
        )
    error = float(np.abs(got - want).max())
    if error > MAX_ERROR_FP32:
        raise VerificationError(
            f"{path.name} ({signature}) differs from torch by {error:.2e}; at most {MAX_ERROR_FP32:.0e} is rounding"
        )
    return Check(graph.role, signature, path.name, error)


def check_litert(graphs: dict[str, Graph], path: Path) -> list[Check]:
    """Run each signature of a ``.tflite``.

    Raises:
        VerificationError: shape, a non-finite value, or an error over the bound.
    """
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=str(path), num_threads=2)
    out = []
    for name, graph in graphs.items():
        runner = interpreter.get_signature_runner(name)
        result = runner(**{k: v.numpy() for k, v in graph.inputs.items()})
        out.append(_judge(graph, name, path, result[graph.output]))
    return out


def check_onnx(graph: Graph, path: Path) -> Check:
    """Run an ``.onnx`` on ONNX Runtime's CPU provider. Raises as :func:`check_litert`."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (got,) = session.run([graph.output], {k: v.numpy() for k, v in graph.inputs.items()})
    return _judge(graph, "full", path, got)
