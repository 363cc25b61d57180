"""Build the engines of a cloud bundle's ONNX graphs: one per graph and profile, kept by their key.

Each engine is built in a process of its own (:mod:`export.tensorrt.job`): its memory goes back when it is done, Ctrl-C
ends it at once, and a fault inside the library ends that process alone. Engines that are there already are kept, so a
build that was interrupted goes on where it was.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from cloud_engine.backends.tensorrt.engines import (
    EngineKey,
    EngineOptions,
    ForeignEngineError,
    Profile,
    check_options,
    find_engine,
    keys_for,
    onnx_graphs,
    store_engine_file,
    store_settings,
)
from cloud_engine.backends.tensorrt.flavours import FULL, Flavour, module_of
from cloud_engine.backends.tensorrt.library import gpu_architecture, library
from obclip_contract import Bundle

from ..errors import OutputError
from ..staging import need_room
from .job import REFUSED, BuildError, Order
from .support import check_support

__all__ = ["BuildError", "Built", "build_all", "build_engine", "expected_bytes", "refit"]

#: An engine over its graph's weights: megabytes of kernels for a UNet, and what they were measured to add.
_KERNELS: Final = 12_000_000
_WEIGHTS: Final = 1.15


@dataclass(frozen=True)
class Built:
    """One engine: its key, its size, the seconds it took, and whether it was there already."""

    key: EngineKey
    bytes: int
    seconds: float
    kept: bool


def expected_bytes(bundle: Bundle, candidates: Sequence[int]) -> int:
    """About what a bundle's engines will take on the disk."""
    sizes = {f.path: f.bytes for f in bundle.manifest.files}
    weights = [sizes[g.file] + sizes.get(g.file + ".data", 0) for g in onnx_graphs(bundle.manifest)]
    return len(set(candidates)) * sum(int(w * _WEIGHTS) + _KERNELS for w in weights)


def build_all(
    bundle: Bundle,
    folder: Path,
    candidates: Sequence[int],
    options: EngineOptions,
    report: Callable[[str], None] = lambda _: None,
    flavour: Flavour = FULL,
    targets: Sequence[str] = (),
) -> list[Built]:
    """Every engine of a bundle; those that are in ``folder`` are kept.

    Args:
        targets: what engines are built for; none: this machine's GPU.

    Raises:
        TensorRTUnavailableError: no library, or no GPU where one is needed (exit code 5).
        ConfigError: an option that the library does not have.
        GraphTypeError, UnsupportedGraphError, BuildError: a graph that TensorRT does not take.
        OutputError: the disk is full.
    """
    trt = module_of(flavour) if targets else library(flavour)
    check_options(flavour, options)
    gpus = tuple(targets) or (gpu_architecture(flavour),)
    wanted = keys_for(bundle, gpus, str(trt.__version__), candidates, options, flavour)
    need_room(folder, expected_bytes(bundle, candidates))
    for graph in onnx_graphs(bundle.manifest):
        check_support(bundle.path(graph), gpus)
    store_settings(folder, candidates, options, flavour)
    done = []
    for number, (graph, key) in enumerate(wanted, 1):
        name = f"engine {number} of {len(wanted)}: {graph.role}, {key.profile.least} to {key.profile.most} rows"
        file = _found(folder, key)
        report(f"{name}{' is there' if file else ''}")
        began = time.monotonic()
        built = file or _build(bundle.path(graph), folder, key, gpus, flavour)
        done.append(Built(key, built.stat().st_size, round(time.monotonic() - began, 2), file is not None))
    return done


def _found(folder: Path, key: EngineKey) -> Path | None:
    try:
        return find_engine(folder, key)
    except ForeignEngineError:
        return None


def _build(graph: Path, folder: Path, key: EngineKey, gpus: Sequence[str], flavour: Flavour) -> Path:
    with tempfile.TemporaryDirectory(prefix=".building-", dir=folder) as scratch:
        out = Path(scratch) / "engine"
        timing = folder / f"timing-{key.gpu}-{flavour.mark}{key.tensorrt}.cache" if flavour.timing_cache else None
        build_engine(graph, out, key.profile, key.options, gpus, flavour, timing)
        return store_engine_file(folder, key, out)


def build_engine(
    graph: Path,
    out: Path,
    profile: Profile,
    options: EngineOptions,
    targets: Sequence[str],
    flavour: Flavour,
    timing: Path | None = None,
) -> None:
    """Write the engine of one ONNX file to ``out``, in a process of its own.

    Raises:
        BuildError: the parser or the builder refused, or the process ended otherwise.
        OutputError: a file cannot be written.
    """
    order = Order(
        flavour=flavour.name,
        graph=str(graph.resolve()),
        out=str(out.resolve()),
        profile=asdict(profile),
        options=asdict(options),
        targets=list(targets),
        timing=str(timing.resolve()) if timing else None,
    )
    done = subprocess.run(
        [sys.executable, "-m", "export.tensorrt.job"],
        input=json.dumps(asdict(order)),
        capture_output=True,
        text=True,
        start_new_session=True,  # Ctrl-C reaches this process alone, which ends the other
        cwd=Path(__file__).resolve().parents[2],
    )
    if done.returncode != 0:
        raise _failure(done, f"{graph.name} for {profile.name} on {', '.join(targets)}")


def _failure(done: subprocess.CompletedProcess[str], what: str) -> Exception:
    said = done.stdout.strip().splitlines()
    if done.returncode == REFUSED and said:
        return BuildError(f"TensorRT cannot build {what}: {said[-1]}")
    if done.returncode == OutputError.exit_code and said:
        return OutputError(said[-1])
    how = f"signal {-done.returncode}" if done.returncode < 0 else f"exit code {done.returncode}"
    log = done.stderr.strip().splitlines()
    last = f": {log[-1]}" if log else "; signal 9 is the system's, out of memory" if done.returncode == -9 else ""
    return BuildError(f"TensorRT's process for {what} ended with {how}{last}")


def refit(trt: Any, engine: Any, path: Path) -> None:
    """Replace a refittable engine's weights by those of an ONNX file of the same graph.

    Raises:
        BuildError: the engine is not refittable, or the file's weights do not fit.
    """
    if not engine.refittable:
        raise BuildError("this engine was built without refit: build it again with --refit")
    logger = trt.Logger(trt.Logger.WARNING)
    refitter = trt.Refitter(engine, logger)
    parser = trt.OnnxParserRefitter(refitter, logger)
    if not parser.refit_from_file(str(path)) or not refitter.refit_cuda_engine():
        raise BuildError(f"the weights of {path.name} do not fit this engine: {', '.join(_missing(refitter))}")


def _missing(refitter: Any) -> Iterator[str]:
    yield from (str(name) for name in refitter.get_missing_weights())
