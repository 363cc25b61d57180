"""The ``trtexec`` lines that build a bundle's engines elsewhere, and taking over what they built."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from cloud_engine.backends.tensorrt.engines import (
    EngineKey,
    EngineOptions,
    Profile,
    engine_file,
    keys_for,
    store_engine,
    store_settings,
)
from obclip_contract import Bundle, GraphSpec

from ..errors import OutputError

__all__ = ["adopt", "command_line", "lines"]


def lines(
    bundle: Bundle, folder: Path, gpu: str, version: str, candidates: Sequence[int], options: EngineOptions
) -> list[str]:
    """One line per graph and profile, for TensorRT ``version`` on ``gpu`` (both only name the files)."""
    return [
        command_line(bundle, graph, key, folder) for graph, key in keys_for(bundle, gpu, version, candidates, options)
    ]


def command_line(bundle: Bundle, graph: GraphSpec, key: EngineKey, folder: Path) -> str:
    """The line for one engine."""
    p, o = key.profile, key.options
    words = [
        "trtexec",
        f"--onnx={bundle.path(graph)}",
        f"--saveEngine={engine_file(folder, key)}",
        "--stronglyTyped",
        *(f"--{which}Shapes={_shapes(graph, rows)}" for which, rows in _rows(p)),
        "--noTF32",
        f"--memPoolSize=workspace:{o.workspace_mib}M",
        f"--builderOptimizationLevel={o.level}",
        f"--timingCacheFile={folder / f'timing-{key.gpu}-trt{key.tensorrt}.cache'}",
        "--profilingVerbosity=layer_names_only",
        "--skipInference",
    ]
    if o.version_compatible:
        words.append("--versionCompatible")
    if o.hardware == "ampere+":
        words.append("--hardwareCompatibilityLevel=ampere+")
    if o.weight_streaming:
        words.append("--allowWeightStreaming")
    if o.refit:
        words.append("--refit")
    return shlex.join(words)


def _rows(profile: Profile) -> tuple[tuple[str, int], ...]:
    return ("min", profile.least), ("opt", profile.best), ("max", profile.most)


def _shapes(graph: GraphSpec, rows: int) -> str:
    """``name:1x4x16x16,…`` of the inputs that have a free dimension."""
    dynamic = [t for t in graph.inputs if any(isinstance(size, str) for size in t.shape)]
    return ",".join(
        f"{t.name}:{'x'.join(str(rows if isinstance(size, str) else size) for size in t.shape)}" for t in dynamic
    )


def adopt(
    bundle: Bundle, folder: Path, gpu: str, version: str, candidates: Sequence[int], options: EngineOptions
) -> list[Path]:
    """Write the key beside every engine that `lines` named and that now lies in ``folder``.

    TensorRT itself still refuses an engine of another version or GPU when it is loaded.

    Raises:
        OutputError: none of them is there.
    """
    taken = []
    for _, key in keys_for(bundle, gpu, version, candidates, options):
        file = engine_file(folder, key)
        if file.is_file():
            taken.append(store_engine(folder, key, file.read_bytes()))
    if not taken:
        raise OutputError(f"{folder} holds none of the engines that --print-trtexec names for {gpu} and {version}")
    store_settings(folder, candidates, options)
    return taken
