"""A cloud bundle's graphs as a model repository of Triton Inference Server: one model a graph, as it is.

Triton runs graphs; which of them a request needs, in which order and at how many rows is the plan's, so that a program
before Triton does what ``cloud_engine/runners`` does, tokenises, draws the noise and steps the sampler. Such a program
must send every member of a set in one request's order and share nothing between requests: Triton's dynamic batching
and response cache stay off.

Source of the format: ``protobuf/model_config.proto`` of triton-inference-server/common; a test parses what is written
here with it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from obclip_contract import Bundle, open_bundle
from obclip_contract.manifest import GraphSpec, TensorSpec

from .errors import OptionError, OutputError
from .staging import need_room, staged

__all__ = ["INDEX", "Accelerator", "TritonModel", "export_triton"]

#: Lies beside the models and says what they are of; Triton looks at folders alone.
INDEX: Final = "obclip.json"
Accelerator = Literal["cpu", "cuda", "tensorrt"]
_FORMAT: Final = "onnx"
_FILE: Final = "model.onnx"
_VERSION: Final = "1"
#: Weights beside a graph of more than 2 GB; the graph names this file, so that it keeps its name.
_WEIGHTS: Final = ".data"
_PLAIN: Final = "fp32"
_TYPES: Final = {"float32": "TYPE_FP32", "float16": "TYPE_FP16", "int32": "TYPE_INT32", "int64": "TYPE_INT64"}
_ROWS: Final = 1024


@dataclass(frozen=True)
class TritonModel:
    """One model of the repository. ``rows``: the batch sizes it is warmed up at."""

    name: str
    role: str
    file: str
    rows: tuple[int, ...]


def export_triton(
    out: Path, bundle: Path, rows: Sequence[int], accelerator: Accelerator = "cpu", overwrite: bool = False
) -> list[TritonModel]:
    """Write the repository; it is there as a whole or not at all.

    Args:
        rows: batch sizes that each model runs once at when it is loaded, the largest being the most it takes.
        accelerator: where Triton's onnxruntime backend computes.

    Raises:
        OptionError: ``rows`` are none, or out of bounds. BundleError: the bundle is damaged or of another kind.
        OutputError: ``out`` is there already, or a graph has a type that Triton does not know.
    """
    if not rows or any(not 1 <= n <= _ROWS for n in rows):
        raise OptionError(f"--rows takes numbers from 1 to {_ROWS}, such as 1,2,4,8,16")
    opened = open_bundle(bundle, "cloud")
    graphs = [g for g in opened.manifest.graphs if g.format == _FORMAT]
    if not graphs:
        raise OptionError(f"{bundle} holds no ONNX graphs; export it with: obclip export cloud")
    sizes = tuple(sorted(set(rows)))
    models = [TritonModel(_name(opened, g), g.role, g.file, sizes) for g in graphs]
    need_room(out, sum(source.stat().st_size for g in graphs for source in _sources(opened, g)))
    with staged(out, overwrite, mark=INDEX, kind="an exported Triton repository") as part:
        for model, graph in zip(models, graphs, strict=True):
            _write(part / model.name, opened, graph, model, accelerator)
        (part / INDEX).write_text(_index(opened, models), encoding="utf-8")
    return models


def _name(bundle: Bundle, graph: GraphSpec) -> str:
    precision = "" if graph.precision == _PLAIN else f"-{graph.precision}"
    return f"{bundle.manifest.model}-{graph.role}{precision}"


def _sources(bundle: Bundle, graph: GraphSpec) -> list[Path]:
    file = bundle.path(graph)
    weights = file.with_name(file.name + _WEIGHTS)
    return [file, weights] if weights.exists() else [file]


def _write(folder: Path, bundle: Bundle, graph: GraphSpec, model: TritonModel, accelerator: Accelerator) -> None:
    version = folder / _VERSION
    version.mkdir(parents=True)
    file, *weights = _sources(bundle, graph)
    shutil.copyfile(file, version / _FILE)
    for source in weights:
        shutil.copyfile(source, version / source.name)
    (folder / "config.pbtxt").write_text(_config(graph, model, accelerator), encoding="utf-8")


def _config(graph: GraphSpec, model: TritonModel, accelerator: Accelerator) -> str:
    # Triton's own batch dimension is one that all tensors have; the UNet's time step has none.
    batched = all(_leads_with_batch(t) for t in (*graph.inputs, *graph.outputs))
    most = model.rows[-1] if batched else 0
    value: dict[str, Any] = {
        "name": model.name,
        "backend": "onnxruntime",
        "default_model_filename": _FILE,
        "max_batch_size": most,
        "input": [_tensor(t, batched) for t in graph.inputs],
        "output": [_tensor(t, batched) for t in graph.outputs],
        "instance_group": {"kind": _Word("KIND_CPU" if accelerator == "cpu" else "KIND_GPU"), "count": 1},
        "response_cache": {"enable": False},
        "model_warmup": [_warmup(graph, rows, batched) for rows in model.rows],
        "parameters": [
            {"key": key, "value": {"string_value": text}}
            for key, text in (("obclip_role", graph.role), ("obclip_rows", ",".join(map(str, model.rows))))
        ],
    }
    if accelerator == "tensorrt":
        value["optimization"] = {"execution_accelerators": {"gpu_execution_accelerator": [{"name": "tensorrt"}]}}
    return "\n".join(_lines(value)) + "\n"


def _leads_with_batch(tensor: TensorSpec) -> bool:
    return bool(tensor.shape) and isinstance(tensor.shape[0], str)


def _dims(tensor: TensorSpec, batched: bool, rows: int = -1) -> list[int]:
    return [n if isinstance(n, int) else rows for n in tensor.shape[1 if batched else 0 :]]


def _type(tensor: TensorSpec) -> _Word:
    if tensor.dtype not in _TYPES:
        raise OutputError(f"{tensor.name} is of type {tensor.dtype}, which has no name here for Triton")
    return _Word(_TYPES[tensor.dtype])


def _tensor(tensor: TensorSpec, batched: bool) -> dict[str, Any]:
    return {"name": tensor.name, "data_type": _type(tensor), "dims": _dims(tensor, batched)}


def _warmup(graph: GraphSpec, rows: int, batched: bool) -> dict[str, Any]:
    inputs = [
        {"key": t.name, "value": {"data_type": _type(t), "dims": _dims(t, batched, rows), "zero_data": True}}
        for t in graph.inputs
    ]
    return {"name": f"rows_{rows}", "batch_size": rows if batched else 0, "inputs": inputs}


class _Word(str):
    """A value of an enumeration, which stands without quotes."""


def _lines(message: dict[str, Any], indent: str = "") -> list[str]:
    """Protobuf's text format; lists are repeated fields, pairs of ``key`` and ``value`` entries of a map."""
    out: list[str] = []
    for name, value in message.items():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                out += [f"{indent}{name} {{", *_lines(one, indent + "  "), f"{indent}}}"]
            elif isinstance(one, _Word):
                out.append(f"{indent}{name}: {one}")
            else:
                out.append(f"{indent}{name}: {json.dumps(one)}")
    return out


def _index(bundle: Bundle, models: list[TritonModel]) -> str:
    facts = {
        "model": bundle.manifest.model,
        "pair_sha256": bundle.manifest.pair_sha256,
        "models": [{"name": m.name, "role": m.role, "file": m.file, "rows": list(m.rows)} for m in models],
    }
    return json.dumps(facts, indent=1) + "\n"
