"""The step graphs that a cloud bundle holds for ONNX Runtime, each held against torch before it is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime

from cloud_engine.plans import preset
from cloud_engine.step_graphs import GraphFamily, StepGraphSpec
from obclip_contract import GraphSpec, TensorSpec

from ..errors import VerificationError
from ..pair import SourceModel
from ..verify.graphs import Check, psnr_db
from . import graphs as onnx_graphs

__all__ = ["DEFAULT_PLANS", "needed_graphs", "write_step_graphs"]

#: Plans whose graphs a bundle holds unless others are asked for.
DEFAULT_PLANS: Final = ("balanced", "fast", "tree")
#: Step graphs in fp32 follow torch this closely (their outputs are of the latents' size).
MAX_ERROR: Final = 1e-4
#: Public numbers that plans are made for when their graphs are collected; no other k or N needs other graphs.
_AXES: Final = (("gender", 2), ("age", 3), ("skin_tone", 5))
_CLOUD_STEPS: Final = (2, 5, 10, 25)


def needed_graphs(plans: Iterable[str]) -> list[StepGraphSpec]:
    """The graphs of these plans, without those that another one serves for."""
    wanted = dict.fromkeys(
        spec for name in plans for k in _CLOUD_STEPS for spec in preset(name, _AXES, k, max(_CLOUD_STEPS)).specs()
    )

    def served(spec: StepGraphSpec) -> bool:
        return any(
            o.kind == spec.kind and set(spec.emits) < set(o.emits) and ("deep" not in spec.emits or o.cut == spec.cut)
            for o in wanted
        )

    return [spec for spec in wanted if not served(spec)]


def write_step_graphs(
    source: SourceModel, part: Path, plans: Sequence[str], report: Callable[[str], None]
) -> tuple[list[GraphSpec], list[Check]]:
    """Write ``step.*.onnx`` below ``part``; returns their manifest entries and how they compare to torch.

    Raises:
        cloud_engine.step_graphs.UnsupportedUNetError: the UNet has no step graphs.
        ExportError: a graph cannot be converted, or differs from torch.
    """
    family = GraphFamily(source.unet, source.max_tokens, source.image_size)
    jobs = [onnx_graphs.text_graph(family)]
    jobs += [onnx_graphs.step_graph(family, spec) for spec in needed_graphs(plans)]
    specs, checks = [], []
    for job in jobs:
        report(f"{job.role} to ONNX")
        file = part / f"{job.role}.onnx"
        onnx_graphs.convert(job, file)
        checks.append(_check(job, file))
        reference = job.reference()
        read = onnx_graphs.inputs_read(job, file)
        ins = [_spec(n, list(t.shape), n in job.fixed) for n, t in read.items()]
        outs = [_spec(n, list(t.shape), False) for n, t in reference.items()]
        specs.append(GraphSpec(role=job.role, format="onnx", file=file.name, inputs=ins, outputs=outs))
    return specs, checks


def _spec(name: str, shape: list[int | str], fixed: bool) -> TensorSpec:
    return TensorSpec(name=name, shape=shape if fixed else ["batch", *shape[1:]], dtype="float32")


def _check(job: onnx_graphs.OnnxGraph, path: Path) -> Check:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    got = session.run(list(job.outputs), {n: t.numpy() for n, t in onnx_graphs.inputs_read(job, path).items()})
    worst, least = 0.0, 999.0
    for (name, want), value in zip(job.reference().items(), got, strict=True):
        reference = want.numpy()
        if value.shape != reference.shape or not np.isfinite(value).all():
            raise VerificationError(f"{path.name}: {name} is not finite, or its shape is not torch's")
        worst = max(worst, float(np.abs(value - reference).max()))
        least = min(least, psnr_db(value, reference))
    if worst > MAX_ERROR:
        raise VerificationError(f"{path.name} differs from torch by {worst:.2e}; at most {MAX_ERROR:.0e} is rounding")
    return Check(job.role, "step", path.name, worst, "fp32", least)
