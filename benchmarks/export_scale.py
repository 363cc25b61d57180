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

__all__ = ["JOBS", "Job", "Peak", "needed", "run", "table"]

_GIB: Final = 2**30
#: What Python, torch and a converter take before any weight.
_BASE_GIB: Final = 1.5
_POLL_SECONDS: Final = 0.5
_PACKAGES: Final = (
    "torch",
    "diffusers",
    "onnx",
    "onnxscript",
    "onnxslim",
    "litert-torch",
    "coremltools",
    "tensorrt-rtx-cu13",
)


@dataclass(frozen=True)
class Job:
    """One conversion of one architecture's UNet.

    Args:
        memory: peak as a multiple of the weights' bytes: decides before a start. Measured, and rounded up: a graph in
            one file is copied several times, one with its weights beside it (over 1.8 GB) is not.
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
    Job("sd-1.4 unet to onnx fp16", "sd-1.4", "onnx", "float16", 5.5, 1.1),
    Job("sd-1.4 unet to onnx fp32", "sd-1.4", "onnx", "float32", 1.0, 1.1),
    Job("bk-sdm-small unet to mlpackage fp16", "bk-sdm-small", "coreml", "float32", 1.7, 1.0),
    Job("bk-sdm-small unet to tflite fp16, int8", "bk-sdm-small", "litert", "float32", 3.0, 2.0),
    Job("koala-700m unet to onnx fp16", "koala-700m", "onnx", "float16", 5.5, 1.1),
    Job("sdxl unet to onnx fp16", "sdxl", "onnx", "float16", 1.1, 1.1),
    Job("bk-sdm-small step graphs to tensorrt-rtx fp16", "bk-sdm-small", "tensorrt-rtx", "float16", 4.0, 4.0),
    Job("sd-1.4 step graphs to tensorrt-rtx fp16", "sd-1.4", "tensorrt-rtx", "float16", 4.0, 4.0),
    Job("sdxl step graphs to tensorrt-rtx fp16", "sdxl", "tensorrt-rtx", "float16", 4.0, 4.0),
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
    """Convert in one process, then check what came out in another, so that each has a peak of its own."""
    load = os.getloadavg()[0]
    done = {**_process("convert", job, folder, limit_gib), "load_before": round(load, 1)}
    if done["status"] == "done" and job.target != "tensorrt-rtx":  # an engine runs on a GPU alone
        done["check"] = _process("check", job, folder, limit_gib)
    return done


def _process(what: str, job: Job, folder: Path, limit_gib: float) -> dict[str, Any]:
    """One part of a job: seconds, peak memory, how it ended, and what it said."""
    began = time.monotonic()
    command = [sys.executable, "-m", "benchmarks.scale_jobs", what, job.name, str(folder)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    peak = Peak(child, limit_gib)
    out, err = child.communicate()
    done = {"seconds": round(time.monotonic() - began, 1), "peak_memory_gib": round(peak.stop(), 2)}
    if peak.over:
        return {**done, "status": "stopped", "why": f"grew over {limit_gib:.1f} GiB of memory"}
    if child.returncode != 0:
        lines = err.strip().splitlines()
        return {**done, "status": "failed", "why": (lines or [f"exit code {child.returncode}"])[-1][:500]}
    report: dict[str, Any] = json.loads(out.strip().splitlines()[-1])
    return {**done, "status": "done", **report}


class Peak:
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


def table(result: dict[str, Any]) -> str:
    """One line per job, with each file's PSNR against torch."""
    lines = ["| job | state | seconds | peak GiB | written MB | against torch |", "|---|---|---|---|---|---|"]
    for name, entry in result["jobs"].items():
        size = sum(entry.get("bytes", {}).values()) / 1e6
        state = entry["status"] if entry["status"] == "done" else f"{entry['status']}: {entry['why']}"
        seconds, peak = entry.get("seconds", "–"), entry.get("peak_memory_gib", "–")
        lines.append(f"| {name} | {state} | {seconds} | {peak} | {size:.0f} | {_against_torch(entry)} |")
    return "\n".join(lines)


def _against_torch(entry: dict[str, Any]) -> str:
    found = entry.get("check")
    if found is None:
        return "–"
    if found["status"] != "done":
        return f"{found['status']}: {found['why']}"
    parts = []
    for name, result in found["checks"].items():
        parts.append(f"{name} {result['psnr_db']} dB" + ("" if result["kept"] else " (under its bound)"))
    return ", ".join(parts)
