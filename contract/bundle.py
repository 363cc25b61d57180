"""Bundles: a folder with ``bundle.json`` and the files it names, each with its size and sha256.

A runtime loads nothing else: no pickle, no file outside the folder, nothing whose hash differs.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from . import limits
from .errors import BundleError
from .schedule import NoiseSchedule

MANIFEST: Final = "bundle.json"
FORMAT_VERSION: Final = 1
Kind = Literal["cloud", "edge"]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TensorSpec(_Model):
    """One input or output; a string in ``shape`` names a free dimension ("batch")."""

    name: str
    shape: list[int | str]
    dtype: str


class GraphSpec(_Model):
    """One compiled graph, or a diffusers folder (``format`` "diffusers"; ``file`` is its prefix)."""

    role: str
    format: str
    precision: str = "fp32"
    file: str
    inputs: list[TensorSpec] = Field(default_factory=list)
    outputs: list[TensorSpec] = Field(default_factory=list)


class FileEntry(_Model):
    """One file: POSIX path inside the bundle, hex SHA-256, size in bytes."""

    path: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    bytes: int = Field(ge=0)


class TokenizerSpec(_Model):
    """The tokenizer's file (``tokenizers`` JSON) and what batching needs."""

    file: str
    max_length: int
    bos_id: int
    eos_id: int
    pad_id: int


class BundleManifest(_Model):
    """``bundle.json``. ``pair_sha256`` is over the shared text encoder, tokenizer and VAE of a pair."""

    format_version: Literal[1] = 1
    kind: Kind
    model: str
    graphs: list[GraphSpec]
    files: list[FileEntry] = Field(default_factory=list)
    latent_shape: tuple[int, int, int]
    image_size: int
    scaling_factor: float
    shift_factor: float = 0.0
    noise_schedule: dict[str, Any]
    guidance_default: float = 5.0
    tokenizer: TokenizerSpec
    lexicon: str
    licences: dict[str, str] = Field(default_factory=dict)
    tools: dict[str, str] = Field(default_factory=dict)
    verified: bool = True
    pair_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")

    @property
    def schedule(self) -> NoiseSchedule:
        """The model's noise schedule."""
        return NoiseSchedule(**self.noise_schedule)


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

    def path(self, file: str) -> Path:
        """Absolute path of a file or folder of the bundle."""
        return self.root / file


def sha256_file(path: Path) -> str:
    """Hex SHA-256 of a file's bytes."""
    with path.open("rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def _listing(root: Path) -> list[Path]:
    out: list[Path] = []
    for folder, names, files in os.walk(root):
        for name in [*names, *files]:
            if (Path(folder) / name).is_symlink():
                raise BundleError(f"{Path(folder) / name} is a link; a bundle holds plain files only")
        out += [Path(folder) / f for f in files]
    return sorted(out, key=lambda p: p.relative_to(root).as_posix())


def write_bundle(root: Path, manifest: BundleManifest) -> BundleManifest:
    """Hash every file below ``root`` and write ``bundle.json`` last; returns the completed manifest."""
    entries = [
        FileEntry(path=p.relative_to(root).as_posix(), sha256=sha256_file(p), bytes=p.stat().st_size)
        for p in _listing(root)
        if p.relative_to(root).as_posix() != MANIFEST
    ]
    done = manifest.model_copy(update={"files": entries})
    text = json.dumps(done.model_dump(mode="json"), indent=1, sort_keys=True) + "\n"
    (root / MANIFEST).write_text(text, encoding="utf-8")
    return done


def read_manifest(root: Path) -> BundleManifest:
    """``bundle.json`` of a folder, checked against the schema; files are not read.

    Raises:
        BundleError: no such folder or manifest, not JSON, another format version, or another schema.
    """
    path = root / MANIFEST
    if not root.is_dir():
        raise BundleError(f"there is no bundle at {root}: make one with 'obclip export all', or pass its folder")
    if not path.is_file() or path.is_symlink():
        raise BundleError(f"{root} is not a bundle: {MANIFEST} is missing")
    if path.stat().st_size > limits.MAX_MANIFEST_BYTES:
        raise BundleError(f"{path} is over {limits.MAX_MANIFEST_BYTES} bytes")
    try:
        raw = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        raise BundleError(f"{path} is not JSON") from None
    version = raw.get("format_version") if isinstance(raw, dict) else None
    if version != FORMAT_VERSION:
        raise BundleError(f"{path} has format version {version!r}; this version reads {FORMAT_VERSION}: export again")
    try:
        return BundleManifest.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise BundleError(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None


def _safe(path: str) -> bool:
    pure = PurePosixPath(path)
    return bool(path) and not pure.is_absolute() and ".." not in pure.parts and "\\" not in path


def open_bundle(path: Path | str, kind: Kind | None = None) -> Bundle:
    """Open a bundle and check every file's size and sha256 (``kind`` None takes either kind).

    Raises:
        BundleError: as :func:`read_manifest`; or another kind, a path that leaves the folder, a link, a
            missing or extra file, or a size or hash that differs.
    """
    root = Path(path)
    manifest = read_manifest(root)
    if kind is not None and manifest.kind != kind:
        raise BundleError(f"{root} is the {manifest.kind} bundle; the {kind} bundle is needed here")
    named = {f.path: f for f in manifest.files}
    references = [manifest.tokenizer.file, *(g.file for g in manifest.graphs)]
    if not all(_safe(p) for p in [*named, *references]):
        raise BundleError(f"{root / MANIFEST} names a path outside the bundle")
    present = {p.relative_to(root).as_posix() for p in _listing(root)} - {MANIFEST}
    if missing := sorted(set(named) - present):
        raise BundleError(f"{root} lacks {missing[0]}: the bundle is incomplete, fetch or export it again")
    if extra := sorted(present - set(named)):
        raise BundleError(f"{root} holds {extra[0]}, which its manifest does not name")
    for reference in references:
        if reference not in named and not any(n.startswith(reference.rstrip("/") + "/") for n in named):
            raise BundleError(f"{root / MANIFEST} refers to {reference}, which is not among its files")
    for entry in manifest.files:
        file = root / entry.path
        if file.stat().st_size != entry.bytes or sha256_file(file) != entry.sha256:
            raise BundleError(f"{file} was altered: its sha256 is not the manifest's; fetch or export the bundle again")
    return Bundle(root, manifest)
