"""Graph × format × precision: size, PSNR against torch and milliseconds on this machine."""

from __future__ import annotations

import json
import os
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from export import graphs
from export.onnx import graphs as onnx_graphs
from export.pair import SourceModel, load_source
from export.verify import graphs as verify
from export.verify.interpreters import coreml_program, litert_interpreter
from obclip_contract import MAX_PSNR, Bundle, GraphSpec, open_bundle

from . import machine
from .errors import BenchmarkError

#: LiteRT may take this many times what ONNX Runtime takes on the small UNet.
LITERT_OVER_ONNX: Final = 1.3
_TOOLS: Final = ("ai-edge-quantizer", "litert-torch", "coremltools", "onnx")
Inputs = dict[str, NDArray[Any]]
Call = Callable[[Inputs], NDArray[Any]]


@dataclass(frozen=True)
class Entry:
    """One way to compute one graph; ``call`` is ``None`` where only its size is known here."""

    graph: str
    runtime: str
    precision: str
    size: int
    call: Call | None
    timed: bool = True


def run(
    large: Path,
    small: Path,
    bundle_dir: Path,
    work: Path,
    rounds: int = 15,
    threads: int = 2,
    tick: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Measure the small model's graphs: torch and ONNX Runtime from ``small``, LiteRT and CoreML from a bundle.

    Every round runs each way once, in turn, so that a busy moment of the machine meets all of them; the result
    is the median. CoreML's packages are evaluated by the MIL reference off macOS: PSNR, but no milliseconds.

    Raises:
        BenchmarkError: the bundle is of another pair than ``small``.
    """
    source, bundle = load_source(small), open_bundle(bundle_dir, "edge")
    if bundle.manifest.pair_sha256 != source.shared_sha256:
        raise BenchmarkError(f"{bundle_dir} is of another pair than {small}; export it again")
    torch.set_num_threads(threads)
    rows = []
    for graph in _graphs(source):
        entries = list(_entries(graph, source, bundle, work, threads))
        rows += _measure(graph, entries, rounds, tick)
    return {
        "benchmark": "export",
        "pair": {"large": large.name, "small": small.name, "pair_sha256": source.shared_sha256},
        "batch": {"text_encoder": 2, "unet": 2, "vae_decoder": 1},
        "threads": threads,
        "rounds": rounds,
        "statistic": "median milliseconds of alternating runs; lowest PSNR over a fixed and two random inputs",
        "machine": machine.describe(),
        "load_average": [round(v, 1) for v in os.getloadavg()],  # above the cores: others ran, compare ratios only
        "tools": {t: version(t) for t in _TOOLS},
        "litert_over_onnxruntime_unet": _ratio(rows),
        "edge_bytes": _bundle_bytes(bundle),
        "rows": rows,
    }


def _graphs(source: SourceModel) -> list[graphs.Graph]:
    return [graphs.text_encoder(source, 2), graphs.unet(source, 2), graphs.vae_decoder(source)]


def _entries(graph: graphs.Graph, source: SourceModel, bundle: Bundle, work: Path, threads: int) -> Iterator[Entry]:
    weights = sum(p.numel() * 4 for p in graph.module.parameters())
    yield Entry(graph.role, "torch", "fp32", weights, _torch(graph))
    file = work / f"{graph.role}.onnx"
    onnx_graphs.convert(graph, file)
    yield Entry(graph.role, "onnxruntime", "fp32", _size(file), _onnx(graph, file, threads))
    for spec in bundle.manifest.graphs:
        if spec.role != graph.role:
            continue
        path = bundle.path(spec)
        if spec.format == "tflite":
            yield Entry(graph.role, "litert", spec.precision, _size(path), _litert(graph, path, spec, threads))
        elif spec.format == "mlpackage":
            pieces = [bundle.path(c) for c in spec.chunks or [spec.file]]
            yield Entry(graph.role, "coreml", spec.precision, _size(path), _coreml(graph, pieces), timed=False)


def _torch(graph: graphs.Graph) -> Call:
    def call(inputs: Inputs) -> NDArray[Any]:
        with torch.no_grad():
            return np.asarray(graph.module(**{k: torch.from_numpy(v) for k, v in inputs.items()})[graph.output])

    return call


def _onnx(graph: graphs.Graph, file: Path, threads: int) -> Call:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    return lambda inputs: np.asarray(session.run([graph.output], inputs)[0])


def _litert(graph: graphs.Graph, path: Path, spec: GraphSpec, threads: int) -> Call:
    runner = litert_interpreter(path, threads).get_signature_runner(spec.signatures[0].name)
    return lambda inputs: np.asarray(runner(**inputs)[graph.output])


def _coreml(graph: graphs.Graph, pieces: list[Path]) -> Call:
    program = coreml_program(pieces)
    return lambda inputs: program(inputs)[graph.output]


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else sum(f.stat().st_size for f in path.rglob("*") if f.is_file())


def _bundle_bytes(bundle: Bundle) -> dict[str, int]:
    """What a bundle with one format and precision weighs: its graphs and the files they share."""
    graphs_of: dict[str, int] = {}
    for spec in bundle.manifest.graphs:
        name = f"{spec.format} {spec.precision}"
        graphs_of[name] = graphs_of.get(name, 0) + _size(bundle.path(spec))
    shared = bundle.path(bundle.manifest.tokenizer.file).stat().st_size
    return {name: size + shared for name, size in graphs_of.items()}


def _measure(
    graph: graphs.Graph, entries: list[Entry], rounds: int, tick: Callable[[str], None]
) -> list[dict[str, Any]]:
    inputs = {k: v.numpy() for k, v in graph.inputs.items()}
    times: dict[int, list[float]] = {i: [] for i, e in enumerate(entries) if e.timed and e.call}
    for i in times:
        _once(entries[i], inputs)  # the first run lays out memory
    for _ in range(rounds):
        for i in times:
            times[i].append(_once(entries[i], inputs))
    rows = []
    for i, entry in enumerate(entries):
        tick(f"{entry.graph} {entry.runtime} {entry.precision}")
        rows.append(
            {
                "graph": entry.graph,
                "runtime": entry.runtime,
                "precision": entry.precision,
                "bytes": entry.size,
                "psnr_db": None if entry.runtime == "torch" or entry.call is None else _psnr(graph, entry.call),
                "ms": round(1000 * statistics.median(times[i]), 2) if i in times else None,
            }
        )
    return rows


def _once(entry: Entry, inputs: Inputs) -> float:
    assert entry.call is not None
    began = time.perf_counter()
    entry.call(inputs)
    return time.perf_counter() - began


def _psnr(graph: graphs.Graph, call: Call) -> float:
    least = MAX_PSNR
    for inputs in verify.samples(graph):
        with torch.no_grad():
            want = graph.module(**inputs)[graph.output].numpy()
        least = min(least, verify.psnr_db(call({k: v.numpy() for k, v in inputs.items()}), want))
    return round(least, 1)


def _ratio(rows: list[dict[str, Any]]) -> dict[str, float]:
    unet = [r for r in rows if r["graph"] == "unet" and r["ms"] is not None]
    base = next(r["ms"] for r in unet if r["runtime"] == "onnxruntime")
    return {r["precision"]: round(r["ms"] / base, 2) for r in unet if r["runtime"] == "litert"}


def table(result: dict[str, Any]) -> str:
    """The result as a Markdown table."""
    lines = ["| graph | runtime | precision | MB | PSNR, dB | ms |", "|---|---|---|---|---|---|"]
    for row in result["rows"]:
        noise = "" if row["psnr_db"] is None else f"{row['psnr_db']:.1f}"
        took = "not run" if row["ms"] is None else f"{row['ms']:.1f}"
        lines.append(
            f"| {row['graph']} | {row['runtime']} | {row['precision']} | {row['bytes'] / 1e6:.2f} | {noise} | {took} |"
        )
    return "\n".join(lines)


def write(result: dict[str, Any], file: Path) -> None:
    """Write the result; what else the file says (how an export went) stays."""
    kept = json.loads(file.read_text()) if file.exists() else {}
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({**kept, **result}, indent=1) + "\n")
