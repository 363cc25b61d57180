"""Bundles that tests export once and share: between modules, sessions and processes that run at the same time.

A folder below ``build/test_bundles`` is named after everything that its content depends on, so a change of the export,
of a model or of a library makes another one.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

__all__ = ["CACHE", "SOURCES", "keep"]

ROOT: Final = Path(__file__).resolve().parents[1]
CACHE: Final = ROOT / "build" / "test_bundles"
#: Our code that an export runs through.
SOURCES: Final = (
    *("export", "cloud_engine/step_graphs", "cloud_engine/plans", "obclip_contract", "edge_sdk/device"),
    *("edge_sdk/cli/main.py", "edge_sdk/cli/commands.py", "edge_sdk/cli/hushing.py"),
    *("testing/random_pair.py", "testing/watching.py"),
)
_LIBRARIES: Final = (
    *("torch", "diffusers", "transformers", "onnx", "onnx-ir", "onnxscript", "onnxslim", "onnxruntime"),
    *("litert-torch", "litert-converter", "ai-edge-litert", "ai-edge-quantizer", "numpy", "safetensors", "tokenizers"),
)
#: Folders of one name that are kept: this one and the one before, for a branch that is switched back and forth.
_KEPT: Final = 2


def keep(
    name: str, make: Callable[[Path], object], more: Iterable[Path] = (), sources: Iterable[str] = SOURCES
) -> Path:
    """The folder that ``make`` fills, made now unless one of the same sources is there.

    Args:
        name: of the folder; it may hold anything.
        make: fills the empty folder it is given. A failure leaves nothing behind.
        more: files and folders, beside our code, that the content depends on.
        sources: our code that it depends on.
    """
    CACHE.mkdir(parents=True, exist_ok=True)
    folder = CACHE / f"{name}-{_digest([*(ROOT / s for s in sources), *more])}"
    with (CACHE / f".{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another session may be making the same
        if not folder.is_dir():
            part = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=CACHE))
            try:
                make(part)
                part.rename(folder)
            finally:
                shutil.rmtree(part, ignore_errors=True)
            _forget(name, folder)
        folder.touch()
    return folder


def _forget(name: str, folder: Path) -> None:
    others = sorted((p for p in CACHE.glob(f"{name}-*") if p != folder), key=lambda p: p.stat().st_mtime)
    for old in others[: max(0, len(others) + 1 - _KEPT)]:
        shutil.rmtree(old, ignore_errors=True)


def _digest(places: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for place in places:
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(f"{path.name}\0{path.stat().st_size}\0".encode())
                digest.update(path.read_bytes())
    for library in _LIBRARIES:
        try:
            digest.update(f"{library} {version(library)}\0".encode())
        except PackageNotFoundError:
            digest.update(f"{library} is not there\0".encode())
    return digest.hexdigest()[:16]
