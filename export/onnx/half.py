"""The float16 graphs that a cloud bundle holds for TensorRT, each held against torch in float32."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import onnxruntime
import torch

from cloud_engine.step_graphs import GraphFamily
from obclip_contract import MAX_PSNR, GraphSpec, TensorSpec

from .. import graphs
from ..errors import VerificationError
from ..pair import SourceModel
from ..tensorrt.support import check_support
from ..verify.graphs import Check, psnr_db
from ..verify.precision import BOUNDS
from . import graphs as onnx_graphs
from .steps import needed_graphs

__all__ = ["write_half_graphs"]


def write_half_graphs(
    source: SourceModel, part: Path, plans: Sequence[str], report: Callable[[str], None]
) -> tuple[list[GraphSpec], list[Check]]:
    """Write ``*.fp16.onnx`` below ``part``: text encoder, whole UNet, and the plans' step graphs.

    Returns:
        Manifest entries, and how the graphs compare to torch in float32.

    Raises:
        cloud_engine.step_graphs.UnsupportedUNetError: the UNet has no step graphs.
        ExportError: a graph cannot be converted, TensorRT would not take it, or it differs too much.
    """
    specs, checks = [], []
    for whole, half in _jobs(source, plans):
        report(f"{half.role} to ONNX in float16")
        file = part / f"{half.role}.fp16.onnx"
        onnx_graphs.convert(half, file)
        check_support(file)
        checks.append(_check(whole, half, file))
        outputs = half.reference()
        specs.append(
            GraphSpec(
                role=half.role,
                format="onnx",
                precision="fp16",
                file=file.name,
                inputs=[_spec(n, t, n in half.fixed) for n, t in onnx_graphs.inputs_read(half, file).items()],
                outputs=[_spec(n, t, False) for n, t in outputs.items()],
            )
        )
    return specs, checks


def _jobs(source: SourceModel, plans: Sequence[str]) -> Iterator[tuple[onnx_graphs.OnnxGraph, onnx_graphs.OnnxGraph]]:
    """Each graph in float32 and in float16."""
    for whole in (onnx_graphs.of_graph(g) for g in (graphs.text_encoder(source, 2), graphs.unet(source, 2))):
        yield whole, onnx_graphs.halved(whole)
    if not plans:
        return
    family = GraphFamily(source.unet, source.max_tokens, source.image_size)
    half = onnx_graphs.half_family(family)
    yield onnx_graphs.text_graph(family), onnx_graphs.text_graph(half)
    for spec in needed_graphs(plans):
        yield onnx_graphs.step_graph(family, spec), onnx_graphs.step_graph(half, spec)


def _spec(name: str, tensor: torch.Tensor, fixed: bool) -> TensorSpec:
    shape: list[int | str] = list(tensor.shape)
    return TensorSpec(
        name=name, shape=shape if fixed else ["batch", *shape[1:]], dtype=str(tensor.dtype).removeprefix("torch.")
    )


def _check(whole: onnx_graphs.OnnxGraph, half: onnx_graphs.OnnxGraph, path: Path) -> Check:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    got = session.run(list(half.outputs), {n: t.numpy() for n, t in onnx_graphs.inputs_read(half, path).items()})
    # The same values in float32: what rounding the inputs costs is the caches' own, not the graph's.
    inputs = {n: half.inputs[n].to(t.dtype) for n, t in whole.inputs.items()}
    with torch.no_grad():
        reference = whole.module(**inputs)
    worst, least = 0.0, MAX_PSNR
    for name, value in zip(half.outputs, got, strict=True):
        want = reference[name].numpy()
        if value.shape != want.shape or not np.isfinite(value).all():
            raise VerificationError(f"{path.name}: {name} is not finite in float16, or its shape is not torch's")
        worst = max(worst, float(np.abs(value.astype(np.float32) - want).max()))
        if np.ptp(want) > 0:  # a constant (a text embedding of zeros) has no range to hold a PSNR against
            least = min(least, psnr_db(value, want))
    bound = BOUNDS["fp16"].psnr_db
    if bound is not None and least < bound:
        raise VerificationError(f"{path.name} has a PSNR of {least:.1f} dB against torch; {bound:.0f} dB are needed")
    return Check(half.role, "fp16", path.name, worst, "fp16", least)
