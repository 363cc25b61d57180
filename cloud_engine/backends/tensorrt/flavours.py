"""NVIDIA's two TensorRT libraries, and everything in which they differ: one table, and the calls that one alone has.

``tensorrt`` is for data-centre and any other GPU: an engine is built on the GPU that it runs on. ``tensorrt-rtx``
(TensorRT for RTX) builds on any machine for a list of targets, and compiles the last step where the engine runs, which
is kept in a *runtime cache*. Functions named ``rtx_…`` and ``full_…`` use what the other library does not have.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ...errors import ConfigError, DeviceMissingError

__all__ = [
    "FLAVOURS",
    "FULL",
    "RTX",
    "Flavour",
    "RuntimeCache",
    "TensorRTUnavailableError",
    "full_attach_timing",
    "full_timing_bytes",
    "module_of",
    "rtx_context",
    "rtx_set_targets",
    "targets_of",
    "version_of",
]

#: Names the file of the runtime cache; empty: none is kept.
RUNTIME_CACHE: Final = "OBCLIP_RUNTIME_CACHE"
_TARGET: Final = re.compile(r"(?:sm)?_?(\d{2,3})")


class TensorRTUnavailableError(DeviceMissingError):
    """This machine has no TensorRT library, an old one, or no NVIDIA GPU."""

    code = "no_tensorrt"


@dataclass(frozen=True)
class Flavour:
    """One of the two libraries.

    Args:
        name: as the backend is called.
        module: Python's.
        title: NVIDIA's name.
        mark: in the names of engines, before the version.
        oldest: first version that our code runs with.
        targets: GPU architectures that engines can be built for without a GPU; none: this machine's GPU alone.
        timing_cache: what the builder measured is kept for the next build.
        runtime_config: contexts are made from one, which holds the runtime cache and captures CUDA graphs itself.
        refused: options of an engine that it does not have, with the reason.
    """

    name: str
    module: str
    title: str
    mark: str
    oldest: tuple[int, ...]
    targets: tuple[str, ...] = ()
    timing_cache: bool = False
    runtime_config: bool = False
    refused: dict[str, str] = field(default_factory=dict)

    @property
    def extra(self) -> str:
        """What is installed: ``obclip[…]``."""
        return self.name


#: 10.1 is the first with ``set_device_memory`` and ``device_memory_size_v2``; 11.4 the newest that was looked at.
FULL: Final = Flavour("tensorrt", "tensorrt", "TensorRT", "trt", (10, 1), timing_cache=True)
RTX: Final = Flavour(
    "tensorrt-rtx",
    "tensorrt_rtx",
    "TensorRT for RTX",
    "rtx",
    (1, 5),
    targets=("sm_75", "sm_80", "sm_86", "sm_89", "sm_120", "sm_121"),
    runtime_config=True,
    refused={
        "version_compatible": "has no version-compatible engines: leave --version-compatible out, and build the "
        "engines again for another version",
        "refit": "refits for one GPU that is there: leave --refit out, and build again for other weights",
        "hardware": "takes a list of GPUs: name them with --target instead of --hardware-compatible",
    },
)
FLAVOURS: Final = {flavour.name: flavour for flavour in (FULL, RTX)}


def module_of(flavour: Flavour) -> Any:
    """The library's module; no GPU is needed to import it.

    Raises:
        TensorRTUnavailableError: it is not installed, or too old.
    """
    try:
        trt: Any = importlib.import_module(flavour.module)
        version = str(trt.__version__)
    except (ImportError, OSError, AttributeError) as error:
        where = "" if flavour.targets else " on a machine with an NVIDIA GPU"
        raise TensorRTUnavailableError(
            f"{flavour.title} cannot be loaded here ({_first_line(error)}): pip install 'obclip[{flavour.extra}]'"
            f"{where}, or use --backend onnxruntime"
        ) from error
    if version_of(version) < flavour.oldest:
        oldest = ".".join(map(str, flavour.oldest))
        raise TensorRTUnavailableError(f"{flavour.title} {version} is too old: {oldest} or newer is needed")
    return trt


def version_of(text: str) -> tuple[int, ...]:
    """``10.16.1.11`` as numbers."""
    return tuple(int(part) for part in re.findall(r"\d+", text))


def targets_of(flavour: Flavour, text: str) -> tuple[str, ...]:
    """``sm86,sm89`` as ``("sm_86", "sm_89")``, in order of age; all that there are where the text is empty.

    Raises:
        ConfigError: an architecture that the library does not build for.
    """
    if not text:
        return flavour.targets
    if not flavour.targets:
        raise ConfigError(f"{flavour.title} builds for this machine's GPU alone: --target is for --backend {RTX.name}")
    wanted = []
    for word in (part.strip().lower() for part in text.split(",")):
        found = _TARGET.fullmatch(word)
        name = f"sm_{found.group(1)}" if found else word
        if name not in flavour.targets:
            known = ", ".join(t.replace("_", "") for t in flavour.targets)
            raise ConfigError(
                f"{flavour.title} has no target {word!r}; there are {known} (data-centre GPUs: --backend {FULL.name})"
            )
        wanted.append(name)
    return tuple(target for target in flavour.targets if target in wanted)


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def rtx_set_targets(trt: Any, config: Any, targets: Sequence[str]) -> None:
    """What an ``IBuilderConfig`` builds for.

    Raises:
        ConfigError: this version of the library does not know a target.
    """
    config.num_compute_capabilities = len(targets)
    for index, target in enumerate(targets):
        name = target.replace("_", "").upper()
        capability = getattr(trt.ComputeCapability, name, None)
        if capability is None or not config.set_compute_capability(capability, index):
            raise ConfigError(f"this version of {RTX.title} does not build for {name}: leave it out of --target")


def full_attach_timing(config: Any, known: bytes) -> None:
    """Give the builder what earlier builds measured; an unreadable or foreign cache costs time, not the build."""
    if not (known and config.set_timing_cache(config.create_timing_cache(known), False)):
        config.set_timing_cache(config.create_timing_cache(b""), False)


def full_timing_bytes(config: Any) -> bytes:
    """What the builder has measured so far."""
    cache = config.get_timing_cache()
    return b"" if cache is None else bytes(cache.serialize())


def rtx_context(trt: Any, engine: Any, cache: RuntimeCache) -> Any:
    """An ``IExecutionContext`` on the caller's memory, that captures the whole graph as a CUDA graph.

    Kernels for a new batch size are compiled at its first run, not beside it: a server's batch sizes are few.
    """
    runtime_config = engine.create_runtime_config()
    runtime_config.set_execution_context_allocation_strategy(trt.ExecutionContextAllocationStrategy.USER_MANAGED)
    runtime_config.dynamic_shapes_kernel_specialization_strategy = trt.DynamicShapesKernelSpecializationStrategy.EAGER
    captures = engine.streamable_weights_size == 0
    strategies = trt.CudaGraphStrategy
    runtime_config.cuda_graph_strategy = strategies.WHOLE_GRAPH_CAPTURE if captures else strategies.DISABLED
    runtime_config.set_runtime_cache(cache.rtx_of(runtime_config))
    return engine.create_execution_context(runtime_config)


class RuntimeCache:
    """Kernels that TensorRT for RTX compiled on this machine, for all engines; kept in a file that is the user's own.

    The library refuses a cache of another GPU, driver or version by itself. It is code: the folder is made for its
    owner alone, and a file of someone else is not read.
    """

    def __init__(self, file: Path | None) -> None:
        self._file, self._cache, self._saved = file, None, b""

    @classmethod
    def of_machine(cls, gpu: str, version: str) -> RuntimeCache:
        """The one in the user's cache folder, or where ``OBCLIP_RUNTIME_CACHE`` says."""
        named = os.environ.get(RUNTIME_CACHE)
        if named is not None:
            return cls(Path(named) if named else None)
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        return cls(base / "obclip" / f"tensorrt-rtx-{version}-{gpu}.cache")

    def rtx_of(self, runtime_config: Any) -> Any:
        """The one ``IRuntimeCache`` of all contexts, with what the file holds."""
        if self._cache is None:
            cache = runtime_config.create_runtime_cache()
            self._saved = self._read()
            if self._saved:
                cache.deserialize(self._saved)
            self._cache = cache
        return self._cache

    def save(self) -> None:
        """Write what was compiled since; a file that cannot be written costs the next start some seconds."""
        if self._cache is None or self._file is None:
            return
        data = bytes(self._cache.serialize())
        if data == self._saved:
            return
        with contextlib.suppress(OSError):
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=".cache-", dir=self._file.parent)
            with os.fdopen(handle, "wb") as out:
                out.write(data)
            os.replace(name, self._file)
            self._saved = data

    def _read(self) -> bytes:
        with contextlib.suppress(OSError):
            if self._file is not None and self._file.stat().st_uid == os.getuid():
                return self._file.read_bytes()
        return b""
