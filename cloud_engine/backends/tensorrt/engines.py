"""TensorRT engines on disk: what an engine was built for, and why one is refused. No TensorRT is needed here.

An engine runs only where it was built for. Its key therefore holds the graph's SHA-256 (weights included), the GPU's
architecture, TensorRT's version, the profile and the build options; the key names the file, lies beside it as JSON,
and is compared with this machine and this bundle before a byte is deserialised.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final

from obclip_contract import Bundle, BundleManifest, GraphSpec

from ...errors import ConfigError, GraphError

__all__ = [
    "DEFAULT_CANDIDATES",
    "EngineKey",
    "EngineOptions",
    "ForeignEngineError",
    "Profile",
    "engine_file",
    "graph_sha256",
    "keys_for",
    "load_engine",
    "load_settings",
    "onnx_graphs",
    "profiles",
    "store_engine",
    "store_settings",
]

#: Candidate counts that get an engine of their own; larger sets run in pieces of the largest.
DEFAULT_CANDIDATES: Final = (1, 2, 6, 15)
#: A guided candidate is two rows: with and without its prompt.
_ROWS_PER_CANDIDATE: Final = 2
#: Oldest GPU architecture that a hardware-compatible engine ("ampere+") runs on.
_AMPERE: Final = 80
#: In an engines' folder: what it is to hold.
_SETTINGS: Final = "settings.json"
HARDWARE_LEVELS: Final = ("same", "ampere+")


class ForeignEngineError(GraphError):
    """An engine that was built for another graph, GPU, TensorRT version, profile or option, or was altered."""

    code = "foreign_engine"


@dataclass(frozen=True)
class Profile:
    """Rows of a batch that one engine takes: ``least`` to ``most``, fastest at ``best``. ``n6`` serves 6 candidates."""

    candidates: int
    least: int
    best: int
    most: int

    @property
    def name(self) -> str:
        """``n`` and the number of candidates."""
        return f"n{self.candidates}"


def profiles(candidates: Sequence[int] = DEFAULT_CANDIDATES) -> tuple[Profile, ...]:
    """One profile per candidate count, side by side: together they take every batch from one row on.

    Raises:
        ConfigError: no count, or one below 1.
    """
    counts = sorted(set(candidates))
    if not counts or counts[0] < 1:
        raise ConfigError("engines need at least one candidate count, each 1 or more")
    out: list[Profile] = []
    for count in counts:
        most = _ROWS_PER_CANDIDATE * count
        out.append(Profile(count, out[-1].most + 1 if out else 1, most, most))
    return tuple(out)


@dataclass(frozen=True)
class EngineOptions:
    """How engines are built.

    Args:
        version_compatible: later TensorRT versions of the same major version can run the engine (it carries a lean
            runtime, which the loader must allow).
        hardware: ``same``: this GPU's architecture alone; ``ampere+``: any from Ampere on, some speed less.
        weight_streaming: weights may stay in host memory and stream to the GPU (models larger than it).
        refit: weights can be replaced without building again.
        workspace_mib: most scratch memory of a layer.
        level: builder optimisation level, 0 to 5.
    """

    version_compatible: bool = False
    hardware: str = "same"
    weight_streaming: bool = False
    refit: bool = False
    workspace_mib: int = 4096
    level: int = 3

    def __post_init__(self) -> None:
        if self.hardware not in HARDWARE_LEVELS:
            raise ConfigError(f"hardware compatibility is {' or '.join(HARDWARE_LEVELS)}, not {self.hardware!r}")
        if self.workspace_mib < 1 or not 0 <= self.level <= 5:
            raise ConfigError("an engine needs at least 1 MiB of workspace and an optimisation level from 0 to 5")


@dataclass(frozen=True)
class EngineKey:
    """What an engine is for. ``gpu`` is such as ``sm_90``; ``tensorrt`` such as ``10.16.1.11``."""

    role: str
    graph_sha256: str
    gpu: str
    tensorrt: str
    profile: Profile
    options: EngineOptions

    @property
    def name(self) -> str:
        """File name without its ending; two keys never share one."""
        digest = hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()
        return f"{self.role}-{self.profile.name}-{self.gpu}-trt{self.tensorrt}-{digest[:16]}"

    def refusal(self, built: EngineKey) -> str | None:
        """Why an engine that was built for ``built`` cannot serve this key, or ``None``."""
        if built.graph_sha256 != self.graph_sha256 or built.role != self.role:
            return "it was built from another graph (or other weights)"
        if built.profile != self.profile:
            p = built.profile
            return f"it was built for {p.least} to {p.most} rows, not {self.profile.least} to {self.profile.most}"
        if built.options != self.options:
            return "it was built with other options"
        if built.gpu != self.gpu and not (built.options.hardware == "ampere+" and _architecture(self.gpu) >= _AMPERE):
            return f"it was built for {built.gpu}, this GPU is {self.gpu}"
        if built.tensorrt != self.tensorrt and not _runs(built, self.tensorrt):
            return f"it was built by TensorRT {built.tensorrt}, this is {self.tensorrt}"
        return None


def _architecture(gpu: str) -> int:
    digits = gpu.removeprefix("sm_")
    return int(digits) if digits.isdigit() else 0


def _runs(built: EngineKey, version: str) -> bool:
    """A version-compatible engine runs on its own and later versions of the same major one."""
    one, other = (tuple(int(p) for p in v.split(".") if p.isdigit()) for v in (built.tensorrt, version))
    return built.options.version_compatible and bool(one) and one[0] == other[0] and other >= one


def onnx_graphs(manifest: BundleManifest) -> list[GraphSpec]:
    """The ONNX graph of every role, float16 where a bundle has both."""
    best: dict[str, GraphSpec] = {}
    for graph in manifest.graphs:
        if graph.format == "onnx" and (graph.role not in best or graph.precision == "fp16"):
            best[graph.role] = graph
    return list(best.values())


def graph_sha256(manifest: BundleManifest, graph: GraphSpec) -> str:
    """One hash over a graph's file and the weights beside it, from the hashes in the manifest."""
    parts = sorted((f.path, f.sha256) for f in manifest.files if f.path in (graph.file, graph.file + ".data"))
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def engine_file(folder: Path, key: EngineKey) -> Path:
    """Where an engine of this key lies."""
    return folder / f"{key.name}.engine"


def store_engine(folder: Path, key: EngineKey, data: bytes) -> Path:
    """Write an engine and its key; either both are there or none.

    Raises:
        ConfigError: the folder cannot be written.
    """
    file = engine_file(folder, key)
    note = {"key": asdict(key), "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # The key goes last: an engine without one is not read.
        _replace(file, data)
        _replace(file.with_suffix(".json"), (json.dumps(note, indent=1, sort_keys=True) + "\n").encode())
    except OSError as error:
        raise ConfigError(f"cannot write engines to {folder}: {error.strerror}") from error
    return file


def store_settings(folder: Path, candidates: Sequence[int], options: EngineOptions) -> None:
    """Remember which engines a folder is to hold, so that a server asks for the same ones.

    Raises:
        ConfigError: the folder cannot be written.
    """
    text = json.dumps({"candidates": sorted(set(candidates)), "options": asdict(options)}, indent=1, sort_keys=True)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _replace(folder / _SETTINGS, (text + "\n").encode())
    except OSError as error:
        raise ConfigError(f"cannot write engines to {folder}: {error.strerror}") from error


def load_settings(folder: Path) -> tuple[tuple[int, ...], EngineOptions]:
    """Candidate counts and options that the folder's engines were built with.

    Raises:
        ForeignEngineError: no such folder, or its settings cannot be read.
    """
    file = folder / _SETTINGS
    try:
        raw = json.loads(file.read_text(encoding="utf-8"))
        return tuple(int(n) for n in raw["candidates"]), EngineOptions(**raw["options"])
    except FileNotFoundError as error:
        raise ForeignEngineError(
            f"{folder} holds no TensorRT engines: build them with 'obclip export cloud --backend tensorrt'"
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ForeignEngineError(f"{file} cannot be read: build the engines again") from error


def _replace(file: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=".engine-", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
        os.replace(name, file)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def load_engine(folder: Path, key: EngineKey) -> bytes:
    """The engine for a key: the one of exactly this key, or a compatible one of the folder.

    Raises:
        ForeignEngineError: there is none; the message says what the nearest one was built for.
    """
    candidates = [engine_file(folder, key).with_suffix(".json"), *sorted(folder.glob(f"{key.role}-n*.json"))]
    refusals: list[str] = []
    for note in dict.fromkeys(candidates):
        if not note.is_file():
            continue
        built, digest = _read_note(note)
        reason = key.refusal(built)
        if reason is None:
            return _read(note.with_suffix(".engine"), digest)
        refusals.append(f"{note.with_suffix('.engine').name}: {reason}")
    why = f" ({'; '.join(refusals[-2:])})" if refusals else ""
    raise ForeignEngineError(
        f"no TensorRT engine for {key.role} with {key.profile.name} on {key.gpu} and TensorRT {key.tensorrt} "
        f"in {folder}{why}: build it with 'obclip export cloud --backend tensorrt'"
    )


def _read(file: Path, digest: str) -> bytes:
    try:
        data = file.read_bytes()
    except OSError as error:
        raise ForeignEngineError(f"{file} cannot be read: {error.strerror}") from error
    if hashlib.sha256(data).hexdigest() != digest:
        raise ForeignEngineError(f"{file} was altered: its sha256 is not its key's; build it again")
    return data


def _read_note(note: Path) -> tuple[EngineKey, str]:
    try:
        raw: dict[str, Any] = json.loads(note.read_text(encoding="utf-8"))
        key = dict(raw["key"])
        profile, options = Profile(**key.pop("profile")), EngineOptions(**key.pop("options"))
        if set(key) != {f.name for f in fields(EngineKey)} - {"profile", "options"}:
            raise ValueError("other fields")
        return EngineKey(**key, profile=profile, options=options), str(raw["sha256"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ForeignEngineError(f"{note} is not an engine's key: remove it and build the engine again") from error


def keys_for(
    bundle: Bundle, gpu: str, version: str, candidates: Sequence[int], options: EngineOptions
) -> list[tuple[GraphSpec, EngineKey]]:
    """Every engine that a bundle needs here: one per ONNX graph and profile."""
    return [
        (graph, EngineKey(graph.role, graph_sha256(bundle.manifest, graph), gpu, version, profile, options))
        for graph in onnx_graphs(bundle.manifest)
        for profile in profiles(candidates)
    ]
