"""Hold every compiled graph against torch, on a fixed and on random inputs, before a bundle is written."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from obclip_contract import MAX_PSNR, psnr

from ..errors import VerificationError
from ..graphs import Graph
from .precision import BOUNDS

#: fp32 graphs reorder sums; a larger difference is a wrong conversion, not rounding.
MAX_ERROR_FP32: Final = BOUNDS["fp32"].max_error
#: Random inputs beside the fixed one; their seeds are fixed too, so that an export can be repeated.
RANDOM_INPUTS: Final = 2

Run = Callable[[dict[str, NDArray[Any]]], NDArray[Any]]


@dataclass(frozen=True)
class Check:
    """How far one compiled graph is from torch over all its inputs.

    ``max_error`` is the largest absolute difference, ``psnr_db`` the lowest PSNR against the range of torch's
    output, ``failure`` what is wrong with it (empty: nothing).
    """

    role: str
    signature: str
    file: str
    max_error: float
    precision: str = "fp32"
    psnr_db: float = MAX_PSNR
    failure: str = ""


def psnr_db(got: NDArray[Any], want: NDArray[Any], peak: float | None = None) -> float:
    """PSNR in dB over the whole of two arrays of one shape."""
    return float(psnr(got[None], want[None], peak)[0])


def samples(graph: Graph) -> list[dict[str, Tensor]]:
    """The graph's own fixed inputs, and random ones of the same kind."""
    out = [graph.inputs]
    for seed in range(RANDOM_INPUTS):
        generator = torch.Generator().manual_seed(1000 + seed)
        out.append({name: _like(name, tensor, generator) for name, tensor in graph.inputs.items()})
    return out


def _like(name: str, tensor: Tensor, generator: torch.Generator) -> Tensor:
    if not tensor.is_floating_point():
        return torch.randint(0, int(tensor.max()) + 1, tensor.shape, generator=generator, dtype=tensor.dtype)
    if name == "timestep":
        return torch.rand(tensor.shape, generator=generator) * 999.0
    spread = float(tensor.std()) if tensor.numel() > 1 else 1.0
    return torch.randn(tensor.shape, generator=generator) * spread


def check(graph: Graph, signature: str, file: str, precision: str, run: Run) -> Check:
    """Compare ``run`` (a compiled graph) with torch; the result says what is wrong, nothing is raised."""
    worst, least, failure = 0.0, MAX_PSNR, ""
    bound = BOUNDS[precision]
    for inputs in samples(graph):
        with torch.no_grad():
            want = np.asarray(graph.module(**inputs)[graph.output].float().numpy())
        got = run({k: v.numpy() for k, v in inputs.items()})
        if got.shape != want.shape or not np.isfinite(got).all():
            failure = f"a value is not finite, or its shape {got.shape} is not torch's {want.shape}"
            worst, least = math.inf, -MAX_PSNR
            break
        worst = max(worst, float(np.abs(got - want).max()))
        least = min(least, psnr_db(got, want))
    if not failure and bound.max_error is not None and worst > bound.max_error:
        failure = f"differs from torch by {worst:.2e}; at most {bound.max_error:.0e} is rounding"
    if not failure and bound.psnr_db is not None and least < bound.psnr_db:
        failure = f"differs from torch: PSNR {least:.1f} dB, at least {bound.psnr_db:.0f} dB is asked of {precision}"
    return Check(graph.role, signature, file, worst, precision, least, failure)


def settle(checks: Sequence[Check], force: bool = False) -> list[str]:
    """What failed, one line each, for the manifest (no measured numbers: they differ between machines).

    Raises:
        VerificationError: a check failed and ``force`` is not set.
    """
    failed = [c for c in checks if c.failure]
    if failed and not force:
        first = failed[0]
        raise VerificationError(
            f"{first.file} ({first.signature}) {first.failure}; nothing was written "
            "(--force writes the bundle and marks it unverified)"
        )
    return [f"{c.file} ({c.signature})" for c in failed]


def check_litert(graphs: dict[str, Graph], path: Path, precision: str = "fp32", strict: bool = True) -> list[Check]:
    """Run each signature of a ``.tflite``.

    Raises:
        VerificationError: ``strict``, and shape, a non-finite value, or an error over the bound.
    """
    from .interpreters import litert_interpreter

    interpreter = litert_interpreter(path)
    out = []
    for name, graph in graphs.items():
        runner = interpreter.get_signature_runner(name)
        output = graph.output
        out.append(check(graph, name, path.name, precision, lambda x, r=runner, o=output: r(**x)[o]))  # type: ignore[misc]
    if strict:
        settle(out)
    return out


def check_onnx(graph: Graph, path: Path) -> Check:
    """Run an ``.onnx`` on ONNX Runtime's CPU provider. Raises as :func:`check_litert`."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    done = check(graph, "full", path.name, "fp32", lambda x: session.run([graph.output], x)[0])
    settle([done])
    return done


def check_coreml(graph: Graph, packages: Sequence[Path], precision: str) -> Check:
    """Run a ``.mlpackage`` (or its pieces in order): by CoreML on macOS, elsewhere by our reference."""
    from .interpreters import coreml_program

    run = coreml_program(packages)
    return check(graph, "main", packages[0].name, precision, lambda x: run(x)[graph.output])
