"""TensorRT engines on disk: what an engine was built for, and why one is refused. No TensorRT is needed here.

An engine runs only where it was built for. Its key therefore holds the graph's SHA-256 (weights included), the GPUs'
architectures, the library and its version, the profile and the build options; the key names the file, lies beside it
as JSON, and is compared with this machine and this bundle before a byte is deserialised.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from hashlib import file_digest
from pathlib import Path
from typing import Any, Final

from obclip_contract import Bundle, BundleManifest, GraphSpec

from ...errors import ConfigError, GraphError
from .flavours import FLAVOURS, FULL, RTX, Flavour

__all__ = [
    "DEFAULT_CANDIDATES",
    "SETTINGS",
    "EngineKey",
    "EngineOptions",
    "ForeignEngineError",
    "Profile",
    "check_options",
    "engine_file",
    "engines_folder",
    "find_engine",
    "graph_sha256",
    "keys_for",
    "load_engine",
    "load_settings",
    "onnx_graphs",
    "profiles",
    "store_engine",
    "store_engine_file",
    "store_settings",
]

#: Candidate counts that get an engine of their own; larger sets run in pieces of the largest.
DEFAULT_CANDIDATES: Final = (1, 2, 6, 15)
#: A guided candidate is two rows: with and without its prompt.
_ROWS_PER_CANDIDATE: Final = 2
#: Oldest GPU architecture that a hardware-compatible engine ("ampere+") runs on.
_AMPERE: Final = 80
#: Names a folder of engines other than the bundle's own.
_FOLDER: Final = "OBCLIP_ENGINES"
#: In a key: between the architectures that one engine runs on.
_AND: Final = "+"
#: In an engines' folder: what it is to hold.
SETTINGS: Final = "settings.json"
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
    """What an engine is for.

    Args:
        gpu: such as ``sm_90``, or ``sm_86+sm_89`` for an engine that runs on either.
        tensorrt: the library's version, such as ``10.16.1.11``.
        flavour: the library's name.
    """

    role: str
    graph_sha256: str
    gpu: str
    tensorrt: str
    profile: Profile
    options: EngineOptions
    flavour: str = FULL.name

    @property
    def name(self) -> str:
        """File name without its ending; two keys never share one."""
        digest = hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()
        mark = FLAVOURS[self.flavour].mark
        return f"{self.role}-{self.profile.name}-{self.gpu}-{mark}{self.tensorrt}-{digest[:16]}"

    def refusal(self, built: EngineKey) -> str | None:
        """Why an engine that was built for ``built`` cannot serve this key, or ``None``."""
        if built.graph_sha256 != self.graph_sha256 or built.role != self.role:
            return "it was built from another graph (or other weights)"
        if built.profile != self.profile:
            p = built.profile
            return f"it was built for {p.least} to {p.most} rows, not {self.profile.least} to {self.profile.most}"
        if built.options != self.options:
            return "it was built with other options"
        ampere = built.options.hardware == "ampere+" and _architecture(self.gpu) >= _AMPERE
        if not (set(self.gpu.split(_AND)) <= set(built.gpu.split(_AND)) or ampere):
            return f"it was built for {built.gpu}, this GPU is {self.gpu}"
        title = FLAVOURS[built.flavour].title
        if built.flavour != self.flavour:
            return f"it was built by {title}, this is {FLAVOURS[self.flavour].title}"
        if built.tensorrt != self.tensorrt and not _runs(built, self.tensorrt):
            return f"it was built by {title} {built.tensorrt}, this is {self.tensorrt}"
        return None


def _architecture(gpu: str) -> int:
    digits = gpu.removeprefix("sm_")
    return int(digits) if digits.isdigit() else 0


def _runs(built: EngineKey, version: str) -> bool:
    """A version-compatible engine runs on its own and later versions of the same major one."""
    one, other = (tuple(int(p) for p in v.split(".") if p.isdigit()) for v in (built.tensorrt, version))
    return built.options.version_compatible and bool(one) and one[0] == other[0] and other >= one


def check_options(flavour: Flavour, options: EngineOptions) -> None:
    """Refuse what a library does not have before anything is exported or built.

    Raises:
        ConfigError: the option, and what to do instead.
    """
    for name, why in flavour.refused.items():
        if getattr(options, name) not in (False, HARDWARE_LEVELS[0]):
            raise ConfigError(f"{flavour.title} {why}")


def engines_folder(bundle: Path, flavour: Flavour = FULL) -> Path:
    """Where a bundle's engines lie: in it where they run on more machines than the one that built them, else beside."""
    if named := os.environ.get(_FOLDER):
        return Path(named)
    return (bundle if flavour is RTX else bundle.resolve().parent) / "engines"


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
    with _writing(folder):
        _replace(file, data)
        return store_engine_file(folder, key, file)


def store_engine_file(folder: Path, key: EngineKey, built: Path) -> Path:
    """Move an engine of the same file system into its place and write its key, without reading it into memory.

    Raises:
        ConfigError: the folder cannot be written.
    """
    file = engine_file(folder, key)
    with _writing(folder):
        with built.open("rb") as stream:
            digest = file_digest(stream, "sha256").hexdigest()
        note = {"key": asdict(key), "sha256": digest, "bytes": built.stat().st_size}
        os.replace(built, file)
        # The key goes last: an engine without one is not read.
        _replace(file.with_suffix(".json"), (json.dumps(note, indent=1, sort_keys=True) + "\n").encode())
    return file


@contextlib.contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise ConfigError(f"cannot write engines to {folder}: {error.strerror}") from error


def store_settings(folder: Path, candidates: Sequence[int], options: EngineOptions, flavour: Flavour = FULL) -> None:
    """Remember which engines a folder is to hold, so that a server asks for the same ones.

    Raises:
        ConfigError: the folder cannot be written.
    """
    settings = {"candidates": sorted(set(candidates)), "flavour": flavour.name, "options": asdict(options)}
    with _writing(folder):
        _replace(folder / SETTINGS, (json.dumps(settings, indent=1, sort_keys=True) + "\n").encode())


def load_settings(folder: Path, flavour: Flavour = FULL) -> tuple[tuple[int, ...], EngineOptions]:
    """Candidate counts and options that the folder's engines were built with.

    Raises:
        ForeignEngineError: no such folder, engines of the other library, or its settings cannot be read.
    """
    file = folder / SETTINGS
    again = f"build them with 'obclip export cloud --backend {flavour.name}'"
    try:
        raw = json.loads(file.read_text(encoding="utf-8"))
        if raw["flavour"] != flavour.name:
            raise ForeignEngineError(f"the engines in {folder} are for the backend {raw['flavour']}: {again}")
        return tuple(int(n) for n in raw["candidates"]), EngineOptions(**raw["options"])
    except FileNotFoundError as error:
        raise ForeignEngineError(f"{folder} holds no {flavour.title} engines: {again}") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ForeignEngineError(f"{file} cannot be read: build the engines again") from error


def _replace(file: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=".engine-", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            os.fchmod(handle, 0o644)
        os.replace(name, file)
    except BaseException:  # an interrupt too
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def load_engine(folder: Path, key: EngineKey) -> bytes:
    """The engine's bytes for a key: of exactly this key, or a compatible one of the folder.

    Raises:
        ForeignEngineError: see `find_engine`.
    """
    file = find_engine(folder, key)
    try:
        return file.read_bytes()
    except OSError as error:
        raise ForeignEngineError(f"{file} cannot be read: {error.strerror}") from error


def find_engine(folder: Path, key: EngineKey) -> Path:
    """The engine's file for a key, after its hash was compared.

    Raises:
        ForeignEngineError: there is none; the message says what the nearest one was built for.
    """
    candidates = [engine_file(folder, key).with_suffix(".json"), *sorted(folder.glob(f"{key.role}-n*.json"))]
    refusals: list[tuple[bool, str]] = []
    for note in dict.fromkeys(candidates):
        if not note.is_file():
            continue
        built, digest = _read_note(note)
        reason = key.refusal(built)
        if reason is None:
            return _checked(note.with_suffix(".engine"), digest)
        refusals.append((built.profile != key.profile, f"{note.with_suffix('.engine').name}: {reason}"))
    nearest = [text for _, text in sorted(refusals, key=lambda refusal: refusal[0])[:2]]
    why = f" ({'; '.join(nearest)})" if nearest else ""
    raise ForeignEngineError(
        f"no TensorRT engine for {key.role} with {key.profile.name} on {key.gpu} and {FLAVOURS[key.flavour].title} "
        f"{key.tensorrt} in {folder}{why}: build it with 'obclip export cloud --backend {key.flavour}'"
    )


def _checked(file: Path, digest: str) -> Path:
    try:
        with file.open("rb") as stream:
            found = file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise ForeignEngineError(f"{file} cannot be read: {error.strerror}") from error
    if found != digest:
        raise ForeignEngineError(f"{file} was altered: its sha256 is not its key's; build it again")
    return file


def _read_note(note: Path) -> tuple[EngineKey, str]:
    try:
        raw: dict[str, Any] = json.loads(note.read_text(encoding="utf-8"))
        key = dict(raw["key"])
        profile, options = Profile(**key.pop("profile")), EngineOptions(**key.pop("options"))
        if set(key) != {f.name for f in fields(EngineKey)} - {"profile", "options"}:
            raise ValueError("other fields")
        if key["flavour"] not in FLAVOURS:
            raise ValueError("another library")
        return EngineKey(**key, profile=profile, options=options), str(raw["sha256"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ForeignEngineError(f"{note} is not an engine's key: remove it and build the engine again") from error


def keys_for(
    bundle: Bundle,
    gpu: str | Sequence[str],
    version: str,
    candidates: Sequence[int],
    options: EngineOptions,
    flavour: Flavour = FULL,
) -> list[tuple[GraphSpec, EngineKey]]:
    """Every engine that a bundle needs: one per ONNX graph and profile, for one GPU or for several."""
    gpus = gpu if isinstance(gpu, str) else _AND.join(gpu)
    return [
        (graph, EngineKey(graph.role, digest, gpus, version, profile, options, flavour.name))
        for graph in onnx_graphs(bundle.manifest)
        for digest in [graph_sha256(bundle.manifest, graph)]
        for profile in profiles(candidates)
    ]
