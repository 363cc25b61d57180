"""Measure an edge bundle's graphs on this machine, in the process that is called."""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import numpy as np

from edge_sdk.device.tokenizer import PromptTokenizer
from edge_sdk.runtimes import Runtime
from edge_sdk.runtimes.choose import open_runtime
from obclip_contract import Bundle, open_bundle, standard_normal, unscale

from ..machine import describe
from ..stats import spread
from .result import LEAST_COUNT, LEAST_SECONDS, PHASES, Accelerator, Device, Load, Pair, Result, Runner, Times

#: What is encoded; its words do not matter, its length does not either (texts are padded).
WORDS: Final = ("a sticker of a woman firefighter", "")
#: However quick a graph is.
MOST_CALLS: Final = 100_000
LOADS: Final = 5
#: Any timestep costs the same.
MIDDLE: Final = 500.0


def measure(call: Callable[[], Any], seconds: float, count: int, warmup: int) -> Times:
    """Call until both ``seconds`` and ``count`` are reached, after ``warmup`` calls."""
    for _ in range(warmup):
        call()
    taken: list[float] = []
    began = time.perf_counter()
    while len(taken) < MOST_CALLS and (len(taken) < count or time.perf_counter() - began < seconds):
        at = time.perf_counter()
        call()
        taken.append(1000 * (time.perf_counter() - at))
    return _times(taken, warmup, time.perf_counter() - began)


def run_device(
    path: Path,
    threads: int | None = None,
    precision: str | None = None,
    seconds: float = LEAST_SECONDS,
    count: int = LEAST_COUNT,
    warmup: int = 2,
    say: Callable[[str], None] = lambda _: None,
) -> Result:
    """Load and run every graph of the edge bundle at ``path``.

    Raises:
        ObclipError: the bundle or a graph cannot be used.
    """
    bundle = open_bundle(path, "edge")
    say("loading")
    cold = _timed_load(bundle, threads, precision)
    warm = [_timed_load(bundle, threads, precision) for _ in range(LOADS)]
    runtime = open_runtime(bundle, threads, precision)
    try:
        calls, phases = _calls(bundle, runtime), {}
        for name in PHASES:
            say(name)
            phases[name] = measure(calls[name], seconds, count, warmup)
    finally:
        runtime.close()
    machine = describe()
    return Result(
        device=Device(
            name=machine["cpu"] or platform.machine(),
            system=machine["system"],
            cores=machine["cores"],
            memory_mib=round(1024 * machine["memory_gib"], 1),
            emulated=_is_emulated(),
        ),
        runner=Runner(
            sdk="python", runtime=runtime.name, version=_version(runtime.name), threads=threads or os.cpu_count()
        ),
        accelerator=Accelerator(asked="cpu", used="cpu", whole=True),
        pair=Pair(
            model=bundle.manifest.model,
            pair_sha256=bundle.manifest.pair_sha256,
            precision=_precision(bundle, precision),
        ),
        load=Load(cold=cold, warm=_times(warm, 1, sum(warm) / 1000)),
        phases=phases,
        peak_memory_mib=_peak_memory(),
        taken_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )


def _calls(bundle: Bundle, runtime: Runtime) -> dict[str, Callable[[], Any]]:
    """One call of each graph, as a picture makes it."""
    manifest = bundle.manifest
    tokens = PromptTokenizer(bundle)(list(WORDS))
    states = runtime.encode_text(tokens)
    latent = standard_normal(0, manifest.latent_shape)[None]
    unscaled = unscale(latent, manifest.scaling_factor, manifest.shift_factor)
    rows = np.concatenate([latent, latent])
    return {
        "text": lambda: runtime.encode_text(tokens),
        "step": lambda: runtime.denoise(rows, MIDDLE, states),
        "decode": lambda: runtime.decode(unscaled),
    }


def _timed_load(bundle: Bundle, threads: int | None, precision: str | None) -> float:
    """Milliseconds until every graph has been called once: runtimes load when they are first asked."""
    began = time.perf_counter()
    runtime = open_runtime(bundle, threads, precision)
    try:
        for call in _calls(bundle, runtime).values():
            call()
        return 1000 * (time.perf_counter() - began)
    finally:
        runtime.close()


def _times(taken: list[float], warmup: int, seconds: float) -> Times:
    found = spread(taken)
    return Times(
        median=found.median,
        low_quartile=found.low_quartile,
        high_quartile=found.high_quartile,
        least=found.least,
        most=found.most,
        count=found.n,
        warmup=warmup,
        seconds=seconds,
    )


def _precision(bundle: Bundle, asked: str | None) -> str:
    """Of the graph that is called most."""
    return asked or next(g.precision for g in bundle.manifest.graphs if g.role == "unet")


def _version(runtime: str) -> str:
    for package in {"litert": ("ai-edge-litert", "tflite-runtime"), "coreml": ("coremltools",)}.get(runtime, ()):
        try:
            return version(package)
        except PackageNotFoundError:
            continue
    return ""


def _peak_memory() -> float | None:
    """MiB of the process so far, Python and its libraries included."""
    if sys.platform == "win32":
        return None
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (2**20 if sys.platform == "darwin" else 2**10), 1)


def _is_emulated() -> bool:
    """The instruction set is translated (qemu-user, Rosetta): the kernel's and the program's differ, or it says so."""
    if sys.platform == "darwin":
        import subprocess

        said = subprocess.run(["sysctl", "-n", "sysctl.proc_translated"], capture_output=True, text=True, check=False)
        return said.stdout.strip() == "1"
    info = Path("/proc/cpuinfo")
    text = info.read_text(encoding="utf-8", errors="replace").lower() if info.exists() else ""
    arm = platform.machine() in ("aarch64", "arm64")
    return "qemu" in text or (arm and "genuineintel" in text) or (arm and "authenticamd" in text)
