"""Build TensorRT engines from a cloud bundle's ONNX graphs: one per graph and profile, kept by their key.

Networks are strongly typed (the types are the graph's own), profiles explicit, plugins not used. A timing cache per
GPU and version makes a second build short.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cloud_engine.backends.tensorrt.engines import (
    EngineKey,
    EngineOptions,
    ForeignEngineError,
    Profile,
    keys_for,
    load_engine,
    store_engine,
    store_settings,
)
from cloud_engine.backends.tensorrt.library import gpu_architecture, library
from obclip_contract import Bundle

from ..errors import ConversionError, OutputError
from .support import check_support

__all__ = ["BuildError", "Built", "build_all", "build_one", "refit"]

_MIB: Final = 2**20


class BuildError(ConversionError):
    """TensorRT refused a graph or an option."""


@dataclass(frozen=True)
class Built:
    """One engine: its key, its size, and whether it was there already."""

    key: EngineKey
    bytes: int
    kept: bool


def build_all(
    bundle: Bundle,
    folder: Path,
    candidates: Sequence[int],
    options: EngineOptions,
    report: Callable[[str], None] = lambda _: None,
) -> list[Built]:
    """Every engine of a bundle for this GPU; those that are there are kept.

    Raises:
        TensorRTUnavailableError: no library or no GPU (exit code 5).
        UnsupportedGraphError, BuildError: a graph that TensorRT does not take.
    """
    trt = library()
    gpu, version = gpu_architecture(), str(trt.__version__)
    store_settings(folder, candidates, options)
    done = []
    for graph, key in keys_for(bundle, gpu, version, candidates, options):
        report(f"{graph.role} for {key.profile.name}")
        try:
            done.append(Built(key, len(load_engine(folder, key)), True))
            continue
        except ForeignEngineError:
            pass
        path = bundle.path(graph)
        check_support(path)
        cache = folder / f"timing-{gpu}-trt{version}.cache"
        data = build_one(trt, path, key.profile, options, cache)
        store_engine(folder, key, data)
        done.append(Built(key, len(data), False))
    return done


def build_one(trt: Any, path: Path, profile: Profile, options: EngineOptions, timing: Path) -> bytes:
    """One engine's bytes.

    Args:
        timing: file of the timing cache; read if it is there and fits, written afterwards.

    Raises:
        BuildError: the parser or the builder refused.
    """
    logger = trt.Logger(trt.Logger.WARNING)
    builder = trt.Builder(logger)
    network = builder.create_network(1 << int(trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED))
    parser = trt.OnnxParser(network, logger)
    parser.set_flag(trt.OnnxParserFlag.NATIVE_INSTANCENORM)  # else it would be a plugin
    if not parser.parse_from_file(str(path)):
        errors = "; ".join(str(parser.get_error(i).desc()) for i in range(parser.num_errors))
        raise BuildError(f"TensorRT's parser refuses {path.name}: {errors or 'no reason given'}")
    config = _config(trt, builder, options)
    config.add_optimization_profile(_profile(builder, network, profile))
    _attach_timing(config, timing)
    serialized = builder.build_serialized_network(network, config)
    if serialized is None:
        raise BuildError(f"TensorRT cannot build {path.name} for {profile.name}; its log on standard error says why")
    _save_timing(config, timing)
    return bytes(serialized)


def _config(trt: Any, builder: Any, options: EngineOptions) -> Any:
    config = builder.create_builder_config()
    config.set_memory_pool_limit(trt.MemoryPoolType.WORKSPACE, options.workspace_mib * _MIB)
    config.builder_optimization_level = options.level
    config.clear_flag(trt.BuilderFlag.TF32)  # an fp32 graph is checked as fp32
    config.profiling_verbosity = trt.ProfilingVerbosity.LAYER_NAMES_ONLY
    if options.version_compatible:
        config.set_flag(trt.BuilderFlag.VERSION_COMPATIBLE)
    if options.hardware == "ampere+":
        config.hardware_compatibility_level = trt.HardwareCompatibilityLevel.AMPERE_PLUS
    if options.weight_streaming:
        config.set_flag(trt.BuilderFlag.WEIGHT_STREAMING)
    if options.refit:
        config.set_flag(trt.BuilderFlag.REFIT)
    return config


def _profile(builder: Any, network: Any, rows: Profile) -> Any:
    profile = builder.create_optimization_profile()
    for index in range(network.num_inputs):
        tensor = network.get_input(index)
        shape = tuple(tensor.shape)
        if -1 in shape:
            least, best, most = (
                tuple(n if size == -1 else size for size in shape) for n in (rows.least, rows.best, rows.most)
            )
            profile.set_shape(tensor.name, least, best, most)
    return profile


def _attach_timing(config: Any, file: Path) -> None:
    """An unreadable or foreign cache costs time, not the build."""
    known = b""
    with contextlib.suppress(OSError):
        known = file.read_bytes()
    if not (known and config.set_timing_cache(config.create_timing_cache(known), False)):
        config.set_timing_cache(config.create_timing_cache(b""), False)


def _save_timing(config: Any, file: Path) -> None:
    cache = config.get_timing_cache()
    if cache is None:
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(".part")
        part.write_bytes(bytes(cache.serialize()))
        part.replace(file)
    except OSError as error:
        raise OutputError(f"cannot write {file}: {error.strerror}") from None


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
