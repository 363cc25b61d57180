"""One engine, in a process of its own: ``python -m export.tensorrt.job`` reads an `Order` as JSON from standard input.

Networks are strongly typed (the types are the graph's own), profiles explicit, plugins not used. What TensorRT says is
kept, so that a refusal names the library's reason. Standard output ends with that reason, and the exit code is
`REFUSED`; 0 means that the engine lies where the order says.
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cloud_engine.backends.tensorrt.engines import EngineOptions, Profile
from cloud_engine.backends.tensorrt.flavours import (
    FLAVOURS,
    Flavour,
    TensorRTUnavailableError,
    full_attach_timing,
    full_timing_bytes,
    module_of,
    rtx_set_targets,
)

from ..errors import ConversionError, OutputError

__all__ = ["REFUSED", "BuildError", "Order", "ask_parser", "build_one", "keeping_logger", "parse"]

_MIB: Final = 2**20


class BuildError(ConversionError):
    """TensorRT refused a graph or an option."""


REFUSED: Final = BuildError.exit_code


@dataclass(frozen=True)
class Order:
    """What is built: plain data. ``timing``: file of the timing cache, read if it fits and written afterwards."""

    flavour: str
    graph: str
    out: str
    profile: Mapping[str, int]
    options: Mapping[str, Any]
    targets: Sequence[str]
    timing: str | None


def build_one(order: Order) -> None:
    """Write one engine.

    Raises:
        BuildError: the parser or the builder refused.
        OutputError: a file cannot be written.
    """
    flavour = FLAVOURS[order.flavour]
    trt = module_of(flavour)
    log: list[str] = []
    logger = keeping_logger(trt, log)
    builder = trt.Builder(logger)
    network = builder.create_network(1 << int(trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED))
    if (refusal := parse(trt, network, logger, Path(order.graph))) is not None:
        raise BuildError(f"its parser says: {refusal}")
    config = _config(trt, builder, EngineOptions(**order.options))
    config.add_optimization_profile(_profile(builder, network, Profile(**order.profile)))
    if flavour.targets:
        rtx_set_targets(trt, config, order.targets)
    timing = Path(order.timing) if order.timing else None
    if timing is not None:
        full_attach_timing(config, _bytes_of(timing))
    serialized = builder.build_serialized_network(network, config)
    if serialized is None:
        raise BuildError(log[-1] if log else "it gave no reason")
    _write(Path(order.out), serialized)
    if timing is not None and (data := full_timing_bytes(config)):
        _write(timing, data)


def parse(trt: Any, network: Any, logger: Any, graph: Path | bytes) -> str | None:
    """Fill ``network`` from an ONNX file, or its bytes; why the parser refuses it, or ``None``."""
    parser = trt.OnnxParser(network, logger)
    parser.set_flag(trt.OnnxParserFlag.NATIVE_INSTANCENORM)  # else it would be a plugin
    if parser.parse(graph) if isinstance(graph, bytes) else parser.parse_from_file(str(graph)):
        return None
    errors = [str(parser.get_error(index).desc()) for index in range(parser.num_errors)]
    return "; ".join(errors) or "no reason given"


def ask_parser(path: Path) -> str | None:
    """Why the real parser refuses a file, or ``None``: it does not, or no library is installed. It needs no GPU."""
    for flavour in FLAVOURS.values():
        with contextlib.suppress(TensorRTUnavailableError):
            return _ask(flavour, path)
    return None


def _ask(flavour: Flavour, path: Path) -> str | None:
    trt = module_of(flavour)
    logger = keeping_logger(trt, [])
    builder = trt.Builder(logger)
    network = builder.create_network(1 << int(trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED))
    return parse(trt, network, logger, path)


def keeping_logger(trt: Any, log: list[str]) -> Any:
    """An ``ILogger`` that keeps errors in a list, and prints nothing."""

    class Keeping(trt.ILogger):
        def __init__(self) -> None:
            super().__init__()

        def log(self, severity: Any, text: str) -> None:
            if severity in (trt.ILogger.ERROR, trt.ILogger.INTERNAL_ERROR):
                log.append(" ".join(text.split()))

    return Keeping()


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


def _bytes_of(file: Path) -> bytes:
    with contextlib.suppress(OSError):
        return file.read_bytes()
    return b""


def _write(file: Path, data: Any) -> None:
    try:
        part = file.with_name(f"{file.name}.part")
        with part.open("wb") as out:
            out.write(data)
        part.replace(file)
    except OSError as error:
        raise OutputError(f"cannot write {file}: {error.strerror}") from None


def main() -> None:
    """Build the order on standard input."""
    order = Order(**json.load(sys.stdin))
    try:
        build_one(order)
    except (BuildError, OutputError) as error:
        print(error)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
