"""Graphs to CoreML (``.mlpackage``, ML Program, iOS 17) by coremltools, and smaller ones by palettizing weights."""

from __future__ import annotations

import contextlib
import gc
import json
import shutil
import traceback
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn

from ..errors import ConversionError
from ..graphs import Graph
from ..quiet import quiet
from ..tensors import MEANINGS
from .palette import palette

#: Key of our JSON in a package's user-defined metadata.
METADATA_KEY: Final = "obclip"
BITS: Final = {"pal8": 8, "pal6": 6}
_PACKAGE_ID: Final = uuid.UUID("b3b86b0c-6a1f-5e0e-9a35-8b54dd3a0c55")  # namespace of our deterministic item ids
_NO_OPERATIONS: Final = ("alias", "detach", "lift_fresh_copy")


class _Positional(nn.Module):
    """The graph with its inputs in order and one plain output: what torch.export and CoreML name best."""

    def __init__(self, graph: Graph) -> None:
        super().__init__()
        self.module, self.output = graph.module, graph.output
        self.names = list(graph.inputs)

    def forward(self, *inputs: Tensor) -> Tensor:
        out: Tensor = self.module(**dict(zip(self.names, inputs, strict=True)))[self.output]
        return out


def convert(graph: Graph, path: Path, metadata: str) -> None:
    """Write one float16 ``.mlpackage``; inputs and outputs float32 (int32 for token ids) by the graph's names.

    ``torch.export`` with decompositions, because ``torch.jit.trace`` fails on these models with this torch.

    Raises:
        ConversionError: the converter refused an operator; the message is its own first line.
    """
    with _quiet():
        _convert(graph, path, metadata)


def _convert(graph: Graph, path: Path, metadata: str) -> None:
    import coremltools as ct

    try:
        program = torch.export.export(_Positional(graph).eval(), tuple(graph.inputs.values()))
        program = _without_no_operations(program.run_decompositions({}))
        model = ct.convert(
            program,
            inputs=[
                ct.TensorType(n, tuple(t.shape), np.int32 if t.dtype == torch.int32 else np.float32)
                for n, t in graph.inputs.items()
            ],
            outputs=[ct.TensorType(graph.output, dtype=np.float32)],
            convert_to="mlprogram",
            minimum_deployment_target=ct.target.iOS17,
            compute_precision=ct.precision.FLOAT16,
            skip_model_load=True,
        )
    except OSError:
        raise
    except Exception as error:  # the converter raises many kinds; each means "not this graph"
        raise _refused(f"CoreML cannot convert {graph.role}", error) from error
    _describe(model, graph, metadata)
    _save(model, path)


def reduce(source: Path, precision: str, path: Path, metadata: str) -> None:
    """Write a package whose larger weights are indices into a table of 256 (``pal8``) or 64 (``pal6``) values.

    One table per tensor, its values by one-dimensional k-means (:mod:`export.coreml.palette`).

    Raises:
        ConversionError: coremltools refused the model.
    """
    with _quiet():
        _reduce(source, precision, path, metadata)


def _reduce(source: Path, precision: str, path: Path, metadata: str) -> None:
    import coremltools as ct
    from coremltools.optimize.coreml import OpPalettizerConfig, OptimizationConfig, palettize_weights

    config = OpPalettizerConfig(mode="custom", lut_function=lambda w: palette(w, BITS[precision]))
    try:
        model = ct.models.MLModel(str(source), skip_model_load=True)
        small = palettize_weights(model, OptimizationConfig(global_config=config))
    except OSError:
        raise
    except Exception as error:
        raise _refused(f"{source.name} cannot be made {precision}", error) from error
    small.user_defined_metadata[METADATA_KEY] = metadata
    _save(small, path)


def bisect(source: Path, folder: Path) -> list[str]:
    """Cut a package into two of about equal weight for devices that cannot load it whole; names of the pieces.

    The second takes what the first gives, by name, and the original inputs.

    Raises:
        ConversionError: coremltools found no place to cut.
    """
    with _quiet():
        return _bisect(source, folder)


def _bisect(source: Path, folder: Path) -> list[str]:
    import coremltools as ct

    folder.mkdir()
    try:
        ct.models.utils.bisect_model(str(source), str(folder), check_output_correctness=False)
    except OSError:
        raise
    except Exception as error:
        raise _refused(f"{source.name} cannot be cut in two", error) from error
    names = []
    for piece in sorted(folder.glob("*.mlpackage")):
        _save(ct.models.MLModel(str(piece), skip_model_load=True), piece)
        names.append(piece.name)
    return names


def _without_no_operations(program: Any) -> Any:
    """Drop nodes that compute nothing and that coremltools does not know."""
    graph = program.graph_module.graph
    for node in list(graph.nodes):
        name = str(node.target)
        if node.op == "call_function" and any(name == f"aten.{n}.default" for n in _NO_OPERATIONS):
            node.replace_all_uses_with(node.args[0])
            graph.erase_node(node)
        elif node.op == "call_function" and name.startswith("aten._assert"):
            graph.erase_node(node)
    program.graph_module.recompile()
    return program


def _describe(model: Any, graph: Graph, metadata: str) -> None:
    facts = json.loads(metadata)
    model.short_description = f"{facts['model']}: {graph.role}"
    model.author, model.license, model.version = facts["exporter"], "Apache-2.0", str(facts["metadata_version"])
    model.user_defined_metadata[METADATA_KEY] = metadata
    for name in graph.inputs:
        if name in MEANINGS:
            model.input_description[name] = MEANINGS[name].values
    if graph.output in MEANINGS:
        model.output_description[graph.output] = MEANINGS[graph.output].values


def _save(model: Any, path: Path) -> None:
    """Save so that the same model gives the same bytes: ids from the items' paths, maps sorted, nothing else kept."""
    part = path.with_name(f"{path.stem}.part.mlpackage")
    model.save(str(part))
    shutil.rmtree(path, ignore_errors=True)
    part.rename(path)
    for extra in path.glob("*.json"):
        if extra.name != "Manifest.json":
            extra.unlink()  # a debugger's map of converter to source nodes
    manifest = path / "Manifest.json"
    content = json.loads(manifest.read_text())
    ids = {old: str(uuid.uuid5(_PACKAGE_ID, entry["path"])) for old, entry in content["itemInfoEntries"].items()}
    entries = {ids[old]: entry for old, entry in content["itemInfoEntries"].items()}
    content.update(itemInfoEntries=entries, rootModelIdentifier=ids[content["rootModelIdentifier"]])
    manifest.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n")
    from coremltools.proto import Model_pb2

    spec_file = path / "Data" / "com.apple.CoreML" / "model.mlmodel"
    spec = Model_pb2.Model.FromString(spec_file.read_bytes())
    spec_file.write_bytes(spec.SerializeToString(deterministic=True))


def _refused(what: str, error: Exception) -> ConversionError:
    """The refusal; coremltools' frames hold temporary folders, which are let go of here."""
    traceback.clear_frames(error.__traceback__)
    return ConversionError(f"{what}: {_first_line(error)}")


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the converter's chatter and progress bars off the terminal; its errors still raise."""
    with quiet(bars=True):
        try:
            yield
        finally:
            gc.collect()  # coremltools' temporary folders warn when they are cleaned up
