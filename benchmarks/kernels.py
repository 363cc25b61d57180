"""``obclip bench kernels``: what else a CPU offers for the cloud's graphs, and what the text phase costs.

Each graph is called with the same inputs as it is served and in other ways, in turn; every round is divided by the
served call's. The served call is the backend's own session, so that a change there shows here.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray

from cloud_engine.backends.onnxruntime.session import FORMAT, Session
from cloud_engine.backends.torch.backend import TorchBackend
from cloud_engine.engine import MAX_ROWS_PER_CALL
from cloud_engine.step_graphs.spec import StepGraphSpec
from export.verify.graphs import psnr_db
from obclip_contract import Bundle, GraphSpec

from .clouds import EngineCloud
from .sets import grids, set_cases
from .timing import Timings, alternate

__all__ = ["SERVED", "TEXT_CANDIDATES", "run", "table", "ticks"]

#: The baseline of a graph's calls.
SERVED: Final = "as served"
#: Of one turn.
_LEAST_SECONDS: Final = 0.1
#: N of the text phase's rows.
TEXT_CANDIDATES: Final = (6, 30, 60)
#: The plan and k of the request that the text phase is a share of.
_PLAN, _CLOUD_STEPS = "balanced", 10
_TEXT, _REQUEST, _ONE_BY_ONE = "text phase", "request", "one prompt a call"

Arrays = dict[str, NDArray[Any]]
Call = Callable[[], list[NDArray[Any]]]


@dataclass(frozen=True)
class _Way:
    """Another way of calling a graph: ``change`` of its session's options, its ``model`` file, or ``bound``."""

    change: Callable[[Any], None] = lambda _: None
    model: Callable[[Path, Path], Path] = lambda model, _: model
    bound: bool = False


def _set(name: str, value: Any) -> Callable[[Any], None]:
    return lambda options: setattr(options, name, value)


def _entry(name: str, value: str) -> Callable[[Any], None]:
    return lambda options: options.add_session_config_entry(name, value)


def _quantized(*operators: str) -> Callable[[Path, Path], Path]:
    def make(model: Path, work: Path) -> Path:
        from onnxruntime.quantization import QuantType, quantize_dynamic

        out = work / f"{model.stem}.{'-'.join(operators)}.onnx"
        logging.disable(logging.WARNING)  # advice of a pre-processing whose gain would be in the fusions as well
        try:
            quantize_dynamic(model, out, op_types_to_quantize=list(operators), weight_type=QuantType.QInt8)
        finally:
            logging.disable(logging.NOTSET)
        return out

    return make


def _bfloat16(model: Path, work: Path) -> Path:
    """All float32 tensors as bfloat16, those at the border cast."""
    from onnxruntime.transformers.float16 import convert_float_to_float16

    half = convert_float_to_float16(onnx.load(model), keep_io_types=True, disable_shape_infer=True)
    _retype(half.graph)
    out = work / f"{model.stem}.bf16.onnx"
    onnx.save(half, out)
    return out


def _retype(graph: Any) -> None:
    """float16 to bfloat16, in place."""
    half, brain = onnx.TensorProto.FLOAT16, onnx.TensorProto.BFLOAT16

    def tensor(t: Any) -> None:
        if t.data_type == half:
            values = torch.from_numpy(onnx.numpy_helper.to_array(t).copy()).to(torch.bfloat16)
            dims, name = list(t.dims), t.name
            t.Clear()
            t.name, t.data_type = name, brain
            t.dims.extend(dims)
            t.raw_data = values.view(torch.int16).numpy().tobytes()

    for initializer in graph.initializer:
        tensor(initializer)
    for info in (*graph.value_info, *graph.input, *graph.output):
        if info.type.tensor_type.elem_type == half:
            info.type.tensor_type.elem_type = brain
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.TENSOR:
                tensor(attribute.t)
            elif node.op_type == "Cast" and attribute.name == "to" and attribute.i == half:
                attribute.i = brain
            elif attribute.type == onnx.AttributeProto.GRAPH:
                _retype(attribute.g)


_LEVELS: Final = onnxruntime.GraphOptimizationLevel
#: By name; all but what is named is as it is served.
WAYS: Final[Mapping[str, _Way]] = {
    "outputs bound to arrays (IO binding)": _Way(bound=True),
    "threads that spin between calls": _Way(_entry("session.force_spinning_stop", "0")),
    "no arena": _Way(_set("enable_cpu_mem_arena", False)),
    "no memory pattern": _Way(_set("enable_mem_pattern", False)),
    "denormals as zero": _Way(_entry("session.set_denormal_as_zero", "1")),
    "no blocked layout (extended fusions alone)": _Way(_set("graph_optimization_level", _LEVELS.ORT_ENABLE_EXTENDED)),
    "no fusions": _Way(_set("graph_optimization_level", _LEVELS.ORT_DISABLE_ALL)),
    "int8 matrix products": _Way(model=_quantized("MatMul", "Gemm")),
    "int8 matrix products and convolutions": _Way(model=_quantized("MatMul", "Gemm", "Conv")),
    "bfloat16": _Way(model=_bfloat16),
}


def _calls(bundle: Bundle) -> Iterator[tuple[GraphSpec, int]]:
    """The graphs of a request at the rows that they are called with: a picture's and a set's."""
    graphs = [g for g in bundle.manifest.graphs if g.format == FORMAT and g.precision == "fp32"]
    for graph in graphs:
        if graph.role == "unet":
            continue  # the plan naive's alone; step.full holds it
        yield from ((graph, rows) for rows in (2, MAX_ROWS_PER_CALL))


def _inputs(cloud: EngineCloud, graph: GraphSpec, rows: int, seed: int) -> Arrays:
    """What a request would give it in kind: token ids of real prompts, else normal values."""
    rng = np.random.default_rng(seed)
    if graph.role == "text_encoder":
        case = set_cases(grids(30)[0], 1, seed)[0]
        run = cloud.engine.prepare(cloud.request(case.grid, case.seed, _PLAN, _CLOUD_STEPS))
        return {graph.inputs[0].name: run.members[:rows]}
    found: Arrays = {}
    for tensor in graph.inputs:
        if tensor.name == "timestep":
            found["timestep"] = np.array([500.0], dtype=np.float32)
            continue
        shape = (rows, *(int(d) for d in tensor.shape[1:]))
        found[tensor.name] = rng.standard_normal(shape, dtype=np.float32)
    return found


def _fit(session: Any, inputs: Arrays) -> Arrays:
    """Integers as the graph takes them."""
    kinds = {"tensor(int32)": np.int32, "tensor(int64)": np.int64}
    types = {node.name: node.type for node in session.get_inputs()}
    return {n: v.astype(kinds.get(types[n], v.dtype), copy=False) for n, v in inputs.items()}


def _served(bundle: Bundle, graph: GraphSpec, threads: int, inputs: Arrays) -> Call:
    session = Session(bundle, graph, threads)
    feeds = _fit(session._session, inputs)
    return lambda: session.run(session.outputs, feeds)


def _call(model: Path, way: _Way, threads: int, inputs: Arrays, like: list[NDArray[Any]]) -> Call:
    """Raises whatever ONNX Runtime raises for a graph that it cannot run."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 4
    if way.change is not WAYS["threads that spin between calls"].change:
        options.add_session_config_entry("session.force_spinning_stop", "1")
    way.change(options)
    session = onnxruntime.InferenceSession(str(model), sess_options=options, providers=["CPUExecutionProvider"])
    names, feeds = [node.name for node in session.get_outputs()], _fit(session, inputs)
    if not way.bound:
        return lambda: session.run(names, feeds)
    outputs = [np.empty(a.shape, a.dtype) for a in like]
    binding = session.io_binding()
    for name, array in zip(names, outputs, strict=True):
        binding.bind_output(name, "cpu", 0, array.dtype, array.shape, array.ctypes.data)

    def bound() -> list[NDArray[Any]]:
        for name, value in feeds.items():  # a request's arrays are new each time
            binding.bind_cpu_input(name, value)
        session.run_with_iobinding(binding)
        return outputs

    return bound


def _compare(
    cloud: EngineCloud, graph: GraphSpec, rows: int, threads: int, rounds: int, work: Path, seed: int
) -> Iterator[dict[str, Any]]:
    """The rows of one graph at one batch."""
    bundle = cloud.engine.bundle
    inputs = _inputs(cloud, graph, rows, seed)
    served = _served(bundle, graph, threads, inputs)
    right = served()
    calls: dict[str, Call] = {SERVED: served}
    refused: dict[str, str] = {}
    for name, way in WAYS.items():
        try:
            call = _call(way.model(bundle.path(graph), work), way, threads, inputs, right)
            call()
            calls[name] = call
        except Exception as error:  # onnxruntime's exceptions share no root
            refused[name] = str(error).splitlines()[0][:160].replace(str(work) + "/", "")
    head = {"graph": graph.role.removeprefix("step."), "rows": rows}
    yield from ({**head, **row} for row in _time(calls, right, rounds))
    for name, why in refused.items():
        yield {**head, "way": name, "refused": why}


def _time(calls: Mapping[str, Call], right: list[NDArray[Any]], rounds: int) -> Iterator[dict[str, Any]]:
    """In turn; a call of a few milliseconds is repeated, or the machine's ticks would be what is measured."""
    began = time.perf_counter()
    calls[SERVED]()
    repeats = max(1, round(_LEAST_SECONDS / (time.perf_counter() - began)))

    def job(call: Call) -> Callable[[int], list[NDArray[Any]]]:
        return lambda _: [call() for _ in range(repeats)][-1]

    timings, near = Timings(SERVED), {}
    for _, name, outputs in alternate({n: job(c) for n, c in calls.items()}, rounds, SERVED, timings):
        near[name] = min(psnr_db(o, r) for r, o in zip(right, outputs, strict=True))
    for name in calls:
        yield {
            "way": name,
            "relative_ms": timings.relative(name).to_dict(),
            "ms": 1000 * timings.absolute(name).median / repeats,
            "psnr_db": near[name],
        }


def _torch(cloud: EngineCloud, threads: int, rounds: int, seed: int) -> Iterator[dict[str, Any]]:
    """The torch backend's whole UNet in float32 and, by autocast, in bfloat16."""
    backend = EngineCloud(cloud.engine.bundle.root, "torch", cloud.steps, threads=threads).engine.backend
    assert isinstance(backend, TorchBackend)
    executor = backend.step_executor(MAX_ROWS_PER_CALL)
    graph = next(g for g in cloud.engine.bundle.manifest.graphs if g.role.startswith("step.full"))
    spec = StepGraphSpec.parse(graph.role.removeprefix("step."))
    for rows in (2, MAX_ROWS_PER_CALL):
        inputs = _inputs(cloud, graph, rows, seed)

        def plain(inputs: Arrays = inputs) -> list[NDArray[Any]]:
            given = {n: executor.upload(v) for n, v in inputs.items()}
            return [executor.download(v.float()) for v in executor.run(spec, given).values()]

        def brain(plain: Call = plain) -> list[NDArray[Any]]:
            with torch.autocast("cpu", dtype=torch.bfloat16):
                return plain()

        head = {"graph": f"{spec.name} on torch", "rows": rows}
        yield from ({**head, **row} for row in _time({SERVED: plain, "bfloat16": brain}, plain(), rounds))


def _text(cloud: EngineCloud, n: int, rounds: int, seed: int) -> dict[str, Any]:
    """What the prompts of a set cost beside its whole request."""
    cases = set_cases(grids(n)[0], rounds, seed)
    engine = cloud.engine
    executor = engine.backend.step_executor(MAX_ROWS_PER_CALL)

    def phase(index: int) -> None:
        job = engine.prepare(cloud.request(cases[index].grid, cases[index].seed, _PLAN, _CLOUD_STEPS)).job()
        executor.text(job.members)
        if job.negative is not None:
            executor.text(job.negative)

    def singly(index: int) -> None:
        run = engine.prepare(cloud.request(cases[index].grid, cases[index].seed, _PLAN, _CLOUD_STEPS))
        for row in (*run.members, *run.negative):
            executor.text(engine.backend.encode_text(row[None]))

    jobs = {
        _REQUEST: lambda index: cloud.latents(cases[index], _PLAN, _CLOUD_STEPS),
        _TEXT: phase,
        _ONE_BY_ONE: singly,
    }
    timings = Timings(_REQUEST)
    for _ in alternate(jobs, rounds, _REQUEST, timings):
        pass
    return {
        "candidates": n,
        "plan": _PLAN,
        "cloud_steps": _CLOUD_STEPS,
        **{
            key: {"ms": 1000 * timings.absolute(name).median, "relative_ms": timings.relative(name).to_dict()}
            for key, name in (("request", _REQUEST), ("text", _TEXT), ("one_by_one", _ONE_BY_ONE))
        },
    }


def fusions(model: Path, work: Path) -> dict[str, dict[str, int]]:
    """Operators of a graph as it is exported, and as ONNX Runtime runs it."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.optimized_model_filepath = str(work / f"optimized-{model.name}")
    onnxruntime.InferenceSession(str(model), sess_options=options, providers=["CPUExecutionProvider"])

    def count(path: Path) -> dict[str, int]:
        return dict(Counter(n.op_type for n in onnx.load(path, load_external_data=False).graph.node).most_common())

    return {"exported": count(model), "run": count(Path(options.optimized_model_filepath))}


def ticks(bundle: Bundle) -> int:
    """Steps of the progress bar."""
    return len(list(_calls(bundle))) + 1 + len(TEXT_CANDIDATES)


def run(
    cloud: EngineCloud,
    threads: int,
    rounds: int,
    work: Path,
    seed: int = 0,
    tick: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """All rows. ``work``: a folder for changed graphs.

    Raises:
        BenchmarkError: fewer than five rounds.
    """
    bundle = cloud.engine.bundle
    rows: list[dict[str, Any]] = []
    for graph, size in _calls(bundle):
        rows += _compare(cloud, graph, size, threads, rounds, work, seed)
        tick(f"{graph.role}, {size} rows")
    rows += _torch(cloud, threads, rounds, seed)
    tick("torch")
    text = []
    for n in TEXT_CANDIDATES:
        text.append(_text(cloud, n, rounds, seed))
        tick(f"text of {n}")
    graphs = {g.role: bundle.path(g) for g, _ in _calls(bundle)}
    return {"rows": rows, "text": text, "operators": {role: fusions(path, work) for role, path in graphs.items()}}


def table(result: Mapping[str, Any]) -> str:
    """The result as Markdown."""
    lines = [
        "| graph | rows | way | time / as served (quartiles) | ms | PSNR to as served |",
        "|---|---|---|---|---|---|",
    ]
    for r in result["rows"]:
        head = f"| {r['graph']} | {r['rows']} | {r['way']} |"
        if "refused" in r:
            lines.append(f"{head} refused: {r['refused'].replace('|', '/')} | | |")
            continue
        t = r["relative_ms"]
        lines.append(
            f"{head} {t['median']:.2f} ({t['low_quartile']:.2f} to {t['high_quartile']:.2f}) "
            f"| {r['ms']:.1f} | {r['psnr_db']:.1f} dB |"
        )
    lines += ["", "| N | request ms | text phase ms | share | one prompt a call |", "|---|---|---|---|---|"]
    for r in result["text"]:
        lines.append(
            f"| {r['candidates']} | {r['request']['ms']:.0f} | {r['text']['ms']:.1f} "
            f"| {100 * r['text']['relative_ms']['median']:.1f} % | {r['one_by_one']['ms']:.1f} |"
        )
    return "\n".join(lines)
