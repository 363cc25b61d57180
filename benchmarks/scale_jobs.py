"""What a job of ``obclip bench scale`` does, in processes of its own: convert a UNet, then hold its files to torch."""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from .export_scale import JOBS, Job

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from export.graphs import Graph
    from export.onnx.graphs import OnnxGraph

__all__ = ["check", "convert"]

_PRECISION: Final = {"float16": "fp16", "float32": "fp32"}
_THREADS: Final = 2

Run = Callable[[], "NDArray[Any]"]


def convert(job: Job, folder: Path) -> dict[str, Any]:
    """Make the UNet with random weights and write its files into ``folder``."""
    unet, tokens, made = _unet(job)
    parameters = unet.num_parameters()  # now: a converter may take the weights
    began, used = time.monotonic(), time.process_time()
    makers = {"onnx": _to_onnx, "litert": _to_litert, "coreml": _to_coreml, "tensorrt-rtx": _to_engines}
    found = makers[job.target](unet, tokens, folder)
    files = {str(p.relative_to(folder)): p.stat().st_size for p in sorted(folder.rglob("*")) if p.is_file()}
    return {
        "parameters": parameters,
        "seconds_weights": round(made, 1),
        "seconds_convert": round(time.monotonic() - began, 1),
        "cpu_seconds": round(time.process_time() - used, 1),
        "bytes": files,
        **found,
    }


def check(job: Job, folder: Path) -> dict[str, Any]:
    """Run every file on one input and compare with torch in float32 on the same weights.

    Per file: ``psnr_db`` against the range of torch's output, ``max_error``, ``seconds`` of the second run, and
    whether the precision's bound is kept (:data:`export.verify.precision.BOUNDS`).
    """
    import numpy as np

    from export.verify.graphs import psnr_db
    from export.verify.precision import BOUNDS

    unet, tokens, _ = _unet(job)
    reference = {"onnx": _onnx_reference, "litert": _edge_reference, "coreml": _edge_reference}[job.target]
    inputs, want = reference(unet.float(), tokens)
    del unet
    gc.collect()
    files = {"onnx": _onnx_files, "litert": _litert_files, "coreml": _coreml_files}[job.target](job, folder)
    checks = {}
    for name, (precision, load) in files.items():
        run = load(inputs)
        run()  # the first call also prepares weights
        began = time.monotonic()
        got = run()
        seconds = time.monotonic() - began
        del run
        gc.collect()
        error, decibel = float(np.abs(got - want).max()), psnr_db(got, want)
        bound = BOUNDS[precision]
        kept = (bound.max_error is None or error <= bound.max_error) and decibel >= (bound.psnr_db or 0.0)
        checks[name] = {
            "psnr_db": round(decibel, 1),
            "max_error": float(f"{error:.2g}"),
            "seconds": float(f"{seconds:.3g}"),
            "kept": kept,
        }
    return {"rows": len(want), "checks": checks}


def _config(job: Job) -> Mapping[str, Mapping[str, Any]]:
    from export.families import architecture

    return architecture(job.architecture).configs


def _unet(job: Job) -> tuple[Any, int, float]:
    """The same UNet each time, the length of its text, and the seconds that drawing the weights took."""
    import torch

    from export.families.random_models import random_unet

    config, began = _config(job), time.monotonic()
    unet = random_unet(config["unet"], getattr(torch, job.dtype))
    return unet, int(config["text_encoder"]["max_position_embeddings"]), time.monotonic() - began


# -- ONNX: the step graph ``full`` with text K, V as inputs ------------------------------------------------------------


def _step_graph(unet: Any, tokens: int, batch: int) -> OnnxGraph:
    from cloud_engine.step_graphs import GraphFamily, StepGraphSpec
    from export.onnx import graphs as onnx_graphs

    return onnx_graphs.step_graph(GraphFamily(unet, tokens), StepGraphSpec("full"), batch)


def _to_onnx(unet: Any, tokens: int, folder: Path) -> dict[str, Any]:
    from export.onnx import graphs as onnx_graphs
    from export.tensorrt.support import check_support

    path = folder / "step.full.onnx"
    onnx_graphs.convert(_step_graph(unet, tokens, 2), path)
    return {"nodes": check_support(path), "tensorrt_static_check": "passed"}


def _to_engines(unet: Any, tokens: int, folder: Path) -> dict[str, Any]:
    """The step graphs of the default plan, weights beside them, and their engines for 1 to 30 rows.

    What cannot be built is recorded with its reason, and the next graph is tried.
    """
    from cloud_engine.backends.tensorrt.engines import EngineOptions, profiles
    from cloud_engine.backends.tensorrt.flavours import RTX
    from cloud_engine.step_graphs import GraphFamily
    from export.onnx import graphs as onnx_graphs
    from export.onnx.steps import needed_graphs
    from export.tensorrt.build import BuildError, build_engine
    from export.tensorrt.support import check_support

    family = GraphFamily(unet, tokens)
    jobs = [onnx_graphs.text_graph(family), *(onnx_graphs.step_graph(family, s) for s in needed_graphs(["balanced"]))]
    for graph in jobs:
        onnx_graphs.convert(graph, folder / f"{graph.role}.onnx", external=True)
    files = [folder / f"{graph.role}.onnx" for graph in jobs]
    for parameter in unet.parameters():  # the weights are in the files now
        parameter.data = parameter.data[:0]
    del family, jobs, graph
    gc.collect()
    engines: dict[str, Any] = {}
    for file in files:
        check_support(file, RTX.targets)
        out, began = file.with_suffix(".engine"), time.monotonic()
        try:
            build_engine(file, out, profiles((15,))[0], EngineOptions(), RTX.targets, RTX)
            made: dict[str, Any] = {"bytes": out.stat().st_size}
        except BuildError as error:
            made = {"failed": str(error)[:500]}
        engines[file.stem] = {**made, "seconds": round(time.monotonic() - began, 1)}
    return {"engines": engines, "rows": "1 to 30", "targets": list(RTX.targets)}


def _onnx_reference(unet: Any, tokens: int) -> tuple[dict[str, NDArray[Any]], NDArray[Any]]:
    """One row: a second one would double the minutes and show nothing new."""
    graph = _step_graph(unet, tokens, 1)
    return {n: t.numpy() for n, t in graph.inputs.items()}, graph.reference()[graph.outputs[0]].numpy()


def _onnx_files(job: Job, folder: Path) -> dict[str, tuple[str, Callable[[dict[str, Any]], Run]]]:
    import numpy as np
    import onnxruntime

    types = {"tensor(float16)": np.float16, "tensor(float)": np.float32}

    def load(inputs: dict[str, Any]) -> Run:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = _THREADS
        options.log_severity_level = 3
        # A CPU computes float16 in float32: optimised, the session would hold a copy of every weight in both.
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.enable_cpu_mem_arena = options.enable_mem_pattern = False  # they keep what a cast weight took
        session = onnxruntime.InferenceSession(
            str(folder / "step.full.onnx"), sess_options=options, providers=["CPUExecutionProvider"]
        )
        feeds = {node.name: inputs[node.name].astype(types[node.type]) for node in session.get_inputs()}
        output = session.get_outputs()[0].name
        return lambda: session.run([output], feeds)[0].astype(np.float32)

    return {"step.full.onnx": (_PRECISION[job.dtype], load)}


# -- LiteRT and CoreML: the whole UNet, two rows -----------------------------------------------------------------------


def _edge_graph(unet: Any, tokens: int) -> Graph:
    """The whole UNet as the edge converters take it: two rows, fixed size."""
    import torch

    from export.graphs import Graph, UNetGraph

    generator = torch.Generator().manual_seed(2)
    size, width = int(unet.config.sample_size), int(unet.config.cross_attention_dim)
    inputs = {
        "sample": torch.randn(2, int(unet.config.in_channels), size, size, generator=generator),
        "timestep": torch.tensor([501.0]),
        "encoder_hidden_states": torch.randn(2, tokens, width, generator=generator),
    }
    return Graph("unet", UNetGraph(unet).eval(), inputs, "model_output")


def _edge_reference(unet: Any, tokens: int) -> tuple[dict[str, NDArray[Any]], NDArray[Any]]:
    import torch

    graph = _edge_graph(unet, tokens)
    with torch.no_grad():
        want = graph.module(**graph.inputs)[graph.output].numpy()
    return {n: t.numpy() for n, t in graph.inputs.items()}, want


def _to_litert(unet: Any, tokens: int, folder: Path) -> dict[str, Any]:
    from export.litert import convert as litert

    whole = folder / "unet.fp32.tflite"
    litert.convert({"guided": _edge_graph(unet, tokens)}, whole)
    for parameter in unet.parameters():  # the weights are in the file now
        parameter.data = parameter.data[:0]
    for precision in ("fp16", "int8"):
        litert.reduce(whole, precision, folder / f"unet.{precision}.tflite")
    return {}


def _litert_files(job: Job, folder: Path) -> dict[str, tuple[str, Callable[[dict[str, Any]], Run]]]:
    from export.verify.interpreters import litert_interpreter

    def loader(path: Path) -> Callable[[dict[str, Any]], Run]:
        def load(inputs: dict[str, Any]) -> Run:
            runner = litert_interpreter(path, _THREADS).get_signature_runner("guided")
            return lambda: runner(**inputs)["model_output"]

        return load

    return {f"unet.{p}.tflite": (p, loader(folder / f"unet.{p}.tflite")) for p in ("fp32", "fp16", "int8")}


def _to_coreml(unet: Any, tokens: int, folder: Path) -> dict[str, Any]:
    from export.coreml import convert as coreml
    from export.tensors import METADATA_VERSION

    facts = {"model": "random weights", "exporter": "obclip bench scale", "metadata_version": METADATA_VERSION}
    coreml.convert(_edge_graph(unet, tokens), folder / "unet.fp16.mlpackage", json.dumps(facts))
    return {}


def _coreml_files(job: Job, folder: Path) -> dict[str, tuple[str, Callable[[dict[str, Any]], Run]]]:
    from export.verify.interpreters import coreml_program

    def load(inputs: dict[str, Any]) -> Run:
        program = coreml_program([folder / "unet.fp16.mlpackage"])
        return lambda: program(inputs)["model_output"]

    return {"unet.fp16.mlpackage": ("fp16", load)}


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    work = {"convert": convert, "check": check}[sys.argv[1]]
    print(json.dumps(work(next(j for j in JOBS if j.name == sys.argv[2]), Path(sys.argv[3]))))
