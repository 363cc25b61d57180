"""Bundles: a folder with ``bundle.json`` and the files it names, each with its size and sha256.

A runtime loads nothing else: no pickle, no file outside the folder, nothing whose hash differs. The hashes
find damage and mix-ups; against someone who can rewrite ``bundle.json`` too, compare its own sha256 with
one from a trusted place.
"""

from __future__ import annotations

import os
import stat
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from hashlib import file_digest
from pathlib import Path, PurePosixPath
from typing import Final, ParamSpec, TypeVar

from . import limits
from .errors import BundleError
from .manifest import BundleManifest, FileEntry, GraphSpec, Kind, parse_manifest

MANIFEST: Final = "bundle.json"
#: How one is had, where there is none.
_GET: Final = "make one with 'obclip export all', or get the default pair's: pip install 'obclip-stickers[cloud]'"
_P = ParamSpec("_P")
_T = TypeVar("_T")


def _os_errors(function: Callable[_P, _T]) -> Callable[_P, _T]:
    """The file system's refusals (permissions, a file that vanishes) as :class:`BundleError`."""

    @wraps(function)
    def wrapped(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        try:
            return function(*args, **kwargs)
        except OSError as error:
            raise BundleError(f"the bundle cannot be used: {error.strerror}: {error.filename}") from error

    return wrapped


class UnverifiedBundleWarning(UserWarning):
    """A bundle was opened whose graphs were never compared with their source, or failed that."""


@dataclass(frozen=True)
class Bundle:
    """An opened bundle: every file was hashed and matched."""

    root: Path
    manifest: BundleManifest

    def graph(self, role: str, format: str | None = None, precision: str | None = None) -> GraphSpec:
        """The first graph with that role (and format, precision).

        Raises:
            BundleError: the bundle has none.
        """
        for g in self.manifest.graphs:
            if g.role == role and format in (None, g.format) and precision in (None, g.precision):
                return g
        wanted = " ".join(filter(None, (precision, format, role)))
        raise BundleError(f"the bundle {self.root} has no {wanted} graph; export it again with that format")

    def path(self, file: str | GraphSpec) -> Path:
        """Path of a file or folder of the bundle, or of a graph's."""
        return self.root / (file.file if isinstance(file, GraphSpec) else file)


def sha256_file(path: Path) -> str:
    """Hex SHA-256 of a file's bytes."""
    with path.open("rb") as f:
        return file_digest(f, "sha256").hexdigest()


def _fail(error: OSError) -> None:
    raise error


def _listing(root: Path) -> dict[str, Path]:
    """Every file below ``root`` but the manifest, by its POSIX path, sorted; plain files only."""
    out: dict[str, Path] = {}
    for folder, names, files in os.walk(root, onerror=_fail):
        for name in [*names, *files]:
            path = Path(folder) / name
            mode = path.lstat().st_mode
            if stat.S_ISLNK(mode):
                raise BundleError(f"{path} is a link; a bundle holds plain files only")
            if not stat.S_ISDIR(mode) and not stat.S_ISREG(mode):
                raise BundleError(f"{path} is not a plain file")
            if stat.S_ISREG(mode):
                out[path.relative_to(root).as_posix()] = path
    out.pop(MANIFEST, None)
    return dict(sorted(out.items()))


def _is_inside(path: str) -> bool:
    """A relative POSIX path in its one spelling: no "..", ".", "//", backslash, colon or control character."""
    pure = PurePosixPath(path)
    odd = any(c in '\\:*?"<>|' or ord(c) < 0x20 or ord(c) == 0x7F for c in path)
    return bool(path) and not odd and not pure.is_absolute() and ".." not in pure.parts and pure.as_posix() == path


def _check_paths(root: Path, manifest: BundleManifest) -> None:
    named = [f.path for f in manifest.files]
    references = [
        manifest.tokenizer.file,
        *(g.file.rstrip("/") for g in manifest.graphs),
        *(chunk.rstrip("/") for g in manifest.graphs for chunk in g.chunks),
    ]
    for path in [*named, *references]:
        if not _is_inside(path) or path == MANIFEST:
            raise BundleError(f"{root / MANIFEST} names a path outside the bundle, or not a plain one: {path!r}")
    if len({p.lower() for p in named}) != len(named):
        # Lower case: on some file systems two spellings are one file.
        raise BundleError(f"{root / MANIFEST} names a file twice")
    for reference in references:
        if reference not in named and not any(n.startswith(reference + "/") for n in named):
            raise BundleError(f"{root / MANIFEST} refers to {reference}, which is not among its files")


@_os_errors
def write_bundle(root: Path, manifest: BundleManifest) -> BundleManifest:
    """Hash every file below ``root`` and write ``bundle.json`` last; equal files give equal bytes.

    ``root`` is a staging folder: the caller renames it into place when it is complete.

    Returns:
        The manifest with ``files`` filled in.

    Raises:
        BundleError: a link or special file, or a graph or tokenizer that is not there.
    """
    entries = [
        FileEntry(path=name, sha256=sha256_file(path), bytes=path.stat().st_size)
        for name, path in _listing(root).items()
    ]
    done = manifest.model_copy(update={"files": entries})
    _check_paths(root, done)
    (root / MANIFEST).write_bytes(done.to_bytes())
    return done


@_os_errors
def read_manifest(root: Path | str) -> BundleManifest:
    """``bundle.json`` of a folder, checked against the schema; files are not read.

    Raises:
        BundleError: no such folder or manifest, not JSON, another format version, or another schema.
    """
    root = Path(root)
    path = root / MANIFEST
    if not root.is_dir():
        file = ", which is a file" if root.is_file() else ""
        raise BundleError(f"there is no bundle at {root}{file}: pass the folder of one, {_GET}")
    if path.is_symlink() or not path.is_file():
        raise BundleError(f"{root} is not a bundle: {MANIFEST} is missing or not a plain file; {_beside(root)}")
    if path.stat().st_size > limits.MAX_MANIFEST_BYTES:
        raise BundleError(f"{path} is over {limits.MAX_MANIFEST_BYTES} bytes")
    try:
        return parse_manifest(path.read_bytes())
    except BundleError as error:
        raise BundleError(f"{path}: {error}") from None


def _beside(root: Path) -> str:
    """What to do where a folder is no bundle: often it is the one around the bundles, or one of theirs."""
    near = [folder for folder in (root / "edge", root / "cloud", root.parent) if os.path.isfile(folder / MANIFEST)]
    if near:
        return f"did you mean {' or '.join(map(str, near))}?"
    return f"pass the folder that holds it, {_GET}"


@_os_errors
def open_bundle(path: Path | str, kind: Kind | None = None) -> Bundle:
    """Open a bundle and check every file's size and sha256 (``kind`` None takes either kind).

    Raises:
        BundleError: as :func:`read_manifest`; or another kind, a path that leaves the folder, a link, a
            missing or extra file, or a size or hash that differs.

    Warns:
        UnverifiedBundleWarning: it was exported with ``--force`` although its graphs failed their check.
    """
    root = Path(path)
    manifest = read_manifest(root)
    if kind is not None and manifest.kind != kind:
        raise BundleError(f"{root} is the {manifest.kind} bundle; the {kind} bundle is needed here")
    _check_paths(root, manifest)
    named = {f.path for f in manifest.files}
    present = _listing(root)
    if missing := sorted(named - set(present)):
        raise BundleError(f"{root} lacks {missing[0]}: the bundle is incomplete, fetch or export it again")
    if extra := sorted(set(present) - named):
        raise BundleError(f"{root} holds {extra[0]}, which its manifest does not name; remove it")
    for entry in manifest.files:
        file = present[entry.path]
        if file.stat().st_size != entry.bytes or sha256_file(file) != entry.sha256:
            raise BundleError(f"{file} was altered: its sha256 is not the manifest's; fetch or export the bundle again")
    if not manifest.verified:
        which = f" ({', '.join(manifest.unverified)})" if manifest.unverified else ""
        warnings.warn(
            f"the bundle {root} is not verified against its source{which}: its pictures may be wrong; export it again",
            UnverifiedBundleWarning,
            stacklevel=3,
        )
    return Bundle(root, manifest)
