"""Real-size conversions with random weights: seconds, peak memory and sizes, each in a process of its own.

    obclip bench scale --json benchmarks/results/export_scale.json

A job that this machine has no memory or disk for is refused before it starts, with the number needed; one that grows
over the limit is stopped. Finished jobs are in the JSON file and are not run again (``--again`` does).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import psutil

from .errors import BenchmarkError
from .machine import describe

__all__ = ["JOBS", "Job", "needed", "run", "table"]

_GIB: Final = 2**30
#: What Python, torch and a converter take before any weight.
_BASE_GIB: Final = 1.5
_POLL_SECONDS: Final = 0.5
_PACKAGES: Final = ("torch", "diffusers", "onnx", "onnxscript", "onnxslim", "litert-torch", "coremltools")


@dataclass(frozen=True)
class Job:
    """One conversion of one architecture's UNet.

    Args:
        memory: peak as a multiple of the weights' bytes: decides before a start. Measured for BK-SDM-Small to ONNX
            (4.9, with the exporter's folding of weights, which larger ones go without); estimates for the others.
        disk: written bytes as a multiple of the weights' bytes, intermediate files included.
    """

    name: str
    architecture: str
    target: str
    dtype: str
    memory: float
    disk: float


#: Smaller ones first. The exporter keeps the weights once; LiteRT and CoreML convert copies.
JOBS: Final = (
    Job("bk-sdm-small unet to onnx fp16", "bk-sdm-small", "onnx", "float16", 5.0, 1.1),
    Job("sd-1.4 unet to onnx fp16", "sd-1.4", "onnx", "float16", 2.5, 1.1),
    Job("sd-1.4 unet to onnx fp32", "sd-1.4", "onnx", "float32", 2.0, 1.1),
    Job("bk-sdm-small unet to mlpackage fp16", "bk-sdm-small", "coreml", "float32", 4.5, 1.0),
    Job("bk-sdm-small unet to tflite fp16, int8", "bk-sdm-small", "litert", "float32", 5.5, 2.0),
    Job("koala-700m unet to onnx fp16", "koala-700m", "onnx", "float16", 2.5, 1.1),
    Job("sdxl unet to onnx fp16", "sdxl", "onnx", "float16", 2.2, 1.1),
)


def needed(job: Job) -> tuple[float, float]:
    """GiB of memory and of disk that a job needs."""
    from export.families import architecture

    weights = architecture(job.architecture).parameters["unet"] * (2 if job.dtype == "float16" else 4) / _GIB
    return _BASE_GIB + job.memory * weights, job.disk * weights


def run(
    names: Sequence[str],
    file: Path | None,
    scratch: Path | None,
    limit_gib: float,
    again: bool,
    report: Callable[[str], None],
) -> dict[str, Any]:
    """Run jobs one after another; the file is written after each.

    Raises:
        BenchmarkError: an unknown job.
    """
    chosen = [job for job in JOBS if not names or job.name in names or job.architecture in names]
    if not chosen or any(n not in {x for j in JOBS for x in (j.name, j.architecture)} for n in names):
        raise BenchmarkError(f"unknown job; there are: {'; '.join(job.name for job in JOBS)}")
    result = _previous(file)
    for job in chosen:
        before = result["jobs"].get(job.name, {})
        if before.get("status") == "done" and not again:
            report(f"{job.name}: there already")
            continue
        report(job.name)
        with tempfile.TemporaryDirectory(prefix="obclip-scale-", dir=scratch) as folder:
            result["jobs"][job.name] = _guarded(job, Path(folder), limit_gib)
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(result, indent=1) + "\n")
    return result


def _previous(file: Path | None) -> dict[str, Any]:
    fresh: dict[str, Any] = {"machine": {**describe(), "packages": _versions()}, "jobs": {}}
    if file is not None and file.is_file():
        try:
            fresh["jobs"] = dict(json.loads(file.read_text(encoding="utf-8"))["jobs"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BenchmarkError(f"{file} is not a result of this benchmark: choose another file") from error
    return fresh


def _versions() -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError, version

    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "absent"
    return found


def _guarded(job: Job, folder: Path, limit_gib: float) -> dict[str, Any]:
    """Refuse what does not fit; run the rest."""
    memory, disk = needed(job)
    free = min(limit_gib, psutil.virtual_memory().available / _GIB)
    space = shutil.disk_usage(folder).free / _GIB
    entry = {**asdict(job), "needs_memory_gib": round(memory, 1), "needs_disk_gib": round(disk, 1)}
    if memory > free:
        return {**entry, "status": "refused", "why": f"needs {memory:.1f} GiB of memory, {free:.1f} are free"}
    if disk > space:
        return {**entry, "status": "refused", "why": f"needs {disk:.1f} GiB of disk, {space:.1f} are free"}
    return {**entry, **_measured(job, folder, limit_gib)}


def _measured(job: Job, folder: Path, limit_gib: float) -> dict[str, Any]:
    load = os.getloadavg()[0]
    began = time.monotonic()
    command = [sys.executable, "-m", "benchmarks.export_scale", job.name, str(folder)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    peak = _Peak(child, limit_gib)
    out, err = child.communicate()
    done = {
        "seconds": round(time.monotonic() - began, 1),
        "peak_memory_gib": round(peak.stop(), 2),
        "load_before": round(load, 1),
    }
    if peak.over:
        return {**done, "status": "stopped", "why": f"grew over {limit_gib:.1f} GiB of memory"}
    if child.returncode != 0:
        lines = err.strip().splitlines()
        return {**done, "status": "failed", "why": (lines or [f"exit code {child.returncode}"])[-1][:500]}
    report: dict[str, Any] = json.loads(out.strip().splitlines()[-1])
    return {**done, "status": "done", **report}


class _Peak:
    """Watches a child and what it starts: the largest resident memory (shared file pages counted), and the limit."""

    def __init__(self, child: subprocess.Popen[str], limit_gib: float) -> None:
        self.over = False
        self._child, self._limit, self._most = child, limit_gib, 0.0
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while self._child.poll() is None:
            try:
                process = psutil.Process(self._child.pid)
                family = [process, *process.children(recursive=True)]
                used = sum(p.memory_info().rss for p in family) / _GIB
            except psutil.Error:
                return
            self._most = max(self._most, used)
            if used > self._limit:
                self.over = True
                for p in reversed(family):
                    p.kill()
                return
            time.sleep(_POLL_SECONDS)

    def stop(self) -> float:
        """The peak in GiB."""
        self._thread.join()
        return self._most


def _child(name: str, folder: Path) -> dict[str, Any]:
    """What a child process does: make the UNet, convert it, say what came out."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import torch

    from export.families import architecture
    from export.families.random_models import random_unet

    job = next(j for j in JOBS if j.name == name)
    config = architecture(job.architecture).configs
    began, used = time.monotonic(), time.process_time()
    unet = random_unet(config["unet"], getattr(torch, job.dtype))
    made = time.monotonic() - began
    convert = {"onnx": _to_onnx, "litert": _to_litert, "coreml": _to_coreml}[job.target]
    checks = convert(unet, int(config["text_encoder"]["max_position_embeddings"]), folder)
    files = {str(p.relative_to(folder)): p.stat().st_size for p in sorted(folder.rglob("*")) if p.is_file()}
    return {
        "parameters": sum(p.numel() for p in unet.parameters()),
        "seconds_weights": round(made, 1),
        "seconds_convert": round(time.monotonic() - began - made, 1),
        "cpu_seconds": round(time.process_time() - used, 1),
        "bytes": files,
        **checks,
    }


def _to_onnx(unet: Any, tokens: int, folder: Path) -> dict[str, Any]:
    """The step graph ``full`` with text K, V as inputs."""
    from cloud_engine.step_graphs import GraphFamily, StepGraphSpec
    from export import onnx_graphs
    from export.trt.support import check_support

    family = GraphFamily(unet, tokens)
    path = folder / "step.full.onnx"
    onnx_graphs.convert(onnx_graphs.step_graph(family, StepGraphSpec("full")), path)
    return {"nodes": check_support(path), "tensorrt_static_check": "passed"}


def _graph(unet: Any, tokens: int) -> Any:
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


def _to_litert(unet: Any, tokens: int, folder: Path) -> dict[str, Any]:
    from export import litert

    whole = folder / "unet.fp32.tflite"
    litert.convert({"guided": _graph(unet, tokens)}, whole)
    for parameter in unet.parameters():  # the weights are in the file now
        parameter.data = parameter.data[:0]
    for precision in ("fp16", "int8"):
        litert.reduce(whole, precision, folder / f"unet.{precision}.tflite")
    return {}


def _to_coreml(unet: Any, tokens: int, folder: Path) -> dict[str, Any]:
    from export import coreml
    from export.tensors import METADATA_VERSION

    facts = {"model": "random weights", "exporter": "obclip bench scale", "metadata_version": METADATA_VERSION}
    coreml.convert(_graph(unet, tokens), folder / "unet.fp16.mlpackage", json.dumps(facts))
    return {}


def table(result: dict[str, Any]) -> str:
    """One line per job."""
    lines = ["| job | state | seconds | peak GiB | written MB |", "|---|---|---|---|---|"]
    for name, entry in result["jobs"].items():
        size = sum(entry.get("bytes", {}).values()) / 1e6
        state = entry["status"] if entry["status"] == "done" else f"{entry['status']}: {entry['why']}"
        seconds, peak = entry.get("seconds", "–"), entry.get("peak_memory_gib", "–")
        lines.append(f"| {name} | {state} | {seconds} | {peak} | {size:.0f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(json.dumps(_child(sys.argv[1], Path(sys.argv[2]))))
