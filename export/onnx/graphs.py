"""Graphs to ONNX: ``torch.export``, then onnxslim, then one file or a file with its weights beside it.

Weights never pass through the simplifier: they are taken out (as inputs of the same name), the small graph is
simplified, and they are put back. So a UNet of several gigabytes needs the memory of its weights once, and no
protobuf of more than 2 GB is ever made.
"""

from __future__ import annotations

import copy
import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import torch
from torch import Tensor, nn

from ..errors import ConversionError, OptionError
from ..graphs import Graph
from ..quiet import quiet

if TYPE_CHECKING:
    import onnx_ir

    from cloud_engine.step_graphs import GraphFamily, StepGraphSpec

__all__ = [
    "OPSET",
    "OnnxGraph",
    "convert",
    "half_family",
    "halved",
    "inputs_read",
    "of_graph",
    "precision_of",
    "step_graph",
    "text_graph",
]

#: Opset that ONNX Runtime 1.22+ and TensorRT 10.1+ both read (TensorRT 10 stops at 20; GroupNormalization-21, which
#: the exporter would use above, is not among them).
OPSET: Final = 18
#: Most rows of a batch that the exported graph promises to take.
MAX_BATCH: Final = 4096
#: protobuf's own limit is 2 GiB for a message; weights of more lie in a file beside the graph.
EXTERNAL_BYTES: Final = 1_800_000_000
#: Elements from which an initializer counts as a weight: smaller ones are shapes and scalars that slimming folds.
_WEIGHT_ELEMENTS: Final = 1024
#: Weights from which the exporter's own folding (it stores transposed copies) costs more memory than it is worth.
_FOLD_BYTES: Final = 1_000_000_000


@dataclass(frozen=True)
class OnnxGraph:
    """One graph to convert: ``module(**inputs)`` returns a dict with the ``outputs``. All tensors but ``fixed`` have
    the batch first, and it is dynamic."""

    role: str
    module: nn.Module
    inputs: dict[str, Tensor]
    outputs: tuple[str, ...]
    fixed: tuple[str, ...] = field(default=("timestep",))

    def reference(self) -> dict[str, Tensor]:
        """What torch computes on the sample inputs."""
        with torch.no_grad():
            result = self.module(**self.inputs)
        return {name: result[name] for name in self.outputs}


def of_graph(graph: Graph) -> OnnxGraph:
    """A bundle's graph (text encoder, UNet) as one to convert."""
    return OnnxGraph(graph.role, graph.module, graph.inputs, (graph.output,))


def step_graph(family: GraphFamily, spec: StepGraphSpec, batch: int = 2) -> OnnxGraph:
    """A step graph on random samples, in the family's own precision."""
    return _typed(OnnxGraph(spec.role, family.step(spec), family.samples(spec, batch), spec.outputs))


def text_graph(family: GraphFamily, batch: int = 2) -> OnnxGraph:
    """The graph that turns text states into ``text_kv`` and ``text_emb``, once per run."""
    return _typed(OnnxGraph("step.text", family.text, family.text_samples(batch), family.text.outputs))


def half_family(family: GraphFamily) -> GraphFamily:
    """The same step graphs on float16 weights (a UNet that is float16 already is not copied)."""
    from cloud_engine.step_graphs import GraphFamily

    unet = family.text.unet
    size = None if family.packing is None else family.packing.size
    return GraphFamily(copy.deepcopy(unet).half(), family.layout.text_kv[0], size)


def halved(graph: OnnxGraph) -> OnnxGraph:
    """A text encoder's or a whole UNet's graph in float16. Step graphs come from a `half_family` instead."""
    if hasattr(graph.module, "anatomy"):
        raise OptionError(f"{graph.role} is bound to its UNet: make it from half_family()")
    return _typed(OnnxGraph(graph.role, copy.deepcopy(graph.module).half(), graph.inputs, graph.outputs, graph.fixed))


def _typed(graph: OnnxGraph) -> OnnxGraph:
    """Inputs in the weights' precision; ``timestep`` stays float32 (its sinusoids need it)."""
    if precision_of(graph) == "fp32":
        return graph
    inputs = {n: t.half() if t.is_floating_point() and n != "timestep" else t for n, t in graph.inputs.items()}
    return OnnxGraph(graph.role, graph.module, inputs, graph.outputs, graph.fixed)


def precision_of(graph: OnnxGraph) -> str:
    """``fp32`` or ``fp16``: the weights' type, which is the type of the whole graph (TensorRT: strongly typed)."""
    return "fp16" if any(p.dtype == torch.float16 for p in graph.module.parameters()) else "fp32"


def convert(graph: Graph | OnnxGraph, path: Path, external: bool | None = None) -> None:
    """Write ``path``; weights go to ``path.name + ".data"`` beside it where they exceed 2 GB, or as told.

    Raises:
        ConversionError: an exporter refused the graph; the message is its own first line.
    """
    job = of_graph(graph) if isinstance(graph, Graph) else graph
    weight_bytes = sum(p.numel() * p.element_size() for p in job.module.parameters())
    with quiet(logging.ERROR):
        model = _slim(job.role, _export(job, fold=weight_bytes < _FOLD_BYTES))
        _write(model, path, external)


def inputs_read(job: OnnxGraph, path: Path) -> dict[str, Tensor]:
    """The samples of those inputs that the written graph has: what this UNet does not read was dropped."""
    import onnx

    names = {value.name for value in onnx.load(str(path), load_external_data=False).graph.input}
    return {name: tensor for name, tensor in job.inputs.items() if name in names}


def _refused(role: str, error: BaseException) -> ConversionError:
    """The first line of what started it: the exporters wrap errors several times."""
    while error.__cause__ is not None:
        error = error.__cause__
    lines = str(error).strip().splitlines()
    return ConversionError(f"ONNX export of {role} failed: {lines[0] if lines else type(error).__name__}")


def _export(job: OnnxGraph, fold: bool) -> onnx_ir.Model:
    batch = torch.export.Dim("batch", min=1, max=MAX_BATCH)
    shapes: dict[str, Any] = {n: ({} if n in job.fixed else {0: batch}) for n in job.inputs}
    try:
        program = torch.onnx.export(
            job.module,
            (),
            kwargs=job.inputs,
            input_names=list(job.inputs),
            output_names=list(job.outputs),
            dynamic_shapes=shapes,
            opset_version=OPSET,
            dynamo=True,
            optimize=fold,
            verbose=False,
        )
    except Exception as error:  # the exporter raises many kinds; each means "not this graph"
        raise _refused(job.role, error) from error
    assert program is not None
    if not fold:
        _fold_small(program.model)
    return program.model


def _fold_small(model: onnx_ir.Model) -> None:
    """Fold shapes and scalars only: typed "like" a tensor they come as double, which TensorRT does not take."""
    from onnxscript import optimizer

    optimizer.optimize_ir(
        model, onnx_shape_inference=False, input_size_limit=_WEIGHT_ELEMENTS, output_size_limit=_WEIGHT_ELEMENTS
    )


def _slim(role: str, model: onnx_ir.Model) -> onnx_ir.Model:
    """onnxslim on the graph without its weights."""
    import onnx_ir
    import onnxslim

    names = [str(value.name) for value in model.graph.inputs]
    stored = {name: value.const_value for name, value in model.graph.initializers.items()}
    tensors = {name: t for name, t in stored.items() if t is not None and t.size >= _WEIGHT_ELEMENTS}
    for name in tensors:
        value = model.graph.initializers.pop(name)
        value.const_value = None
        model.graph.inputs.append(value)
    proto = onnx_ir.serde.serialize_model(model)
    try:
        slim = onnx_ir.serde.deserialize_model(onnxslim.slim(proto))
    except Exception as error:  # as above
        raise _refused(role, error) from error
    for value in [v for v in slim.graph.inputs if v.name in tensors]:
        slim.graph.inputs.remove(value)
        value.const_value = tensors[str(value.name)]
        if value.uses():
            slim.graph.register_initializer(value)
    kept = {str(v.name): v for v in slim.graph.inputs}
    slim.graph.inputs.clear()
    # What this UNet does not read goes: a shallow graph may have no cross-attention, and no use for the text.
    slim.graph.inputs.extend([kept[name] for name in names if name in kept and kept[name].uses()])
    for node in slim.graph:  # where in torch's source it came from: no use in a bundle, and it names folders
        node.metadata_props.clear()
        node.doc_string = None
    for value in [*slim.graph.inputs, *slim.graph.outputs, *slim.graph.initializers.values()]:
        value.metadata_props.clear()
    slim.metadata_props.clear()
    slim.graph.metadata_props.clear()
    return slim


def _write(model: onnx_ir.Model, path: Path, external: bool | None) -> None:
    import onnx_ir

    size = sum(v.const_value.nbytes for v in model.graph.initializers.values() if v.const_value is not None)
    outside = size > EXTERNAL_BYTES if external is None else external
    path.unlink(missing_ok=True)
    path.with_name(path.name + ".data").unlink(missing_ok=True)
    onnx_ir.save(model, path, external_data=path.name + ".data" if outside else None)
