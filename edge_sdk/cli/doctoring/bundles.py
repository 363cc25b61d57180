"""The two bundles: found, whole, of one pair; and the device's graphs, run once."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Literal

from obclip_contract import Bundle, BundleError, open_bundle
from obclip_contract.bundle import UnverifiedBundleWarning
from obclip_contract.errors import ObclipError

from .findings import Finding, failed

__all__ = ["examine_cloud", "examine_edge"]

_GET = "make a pair's bundles with 'obclip export all', or: pip install 'obclip-stickers[cloud]'"


def examine_edge(folder: Path) -> tuple[Bundle | None, list[Finding]]:
    """The edge bundle, if it can be used; it is needed for every picture."""
    name = "edge bundle"
    try:
        bundle, unverified = _open(folder, "edge")
    except BundleError as error:
        return None, [failed(name, error, _GET)]
    found = [_unverified(name, unverified) if unverified else _found(name, bundle)]
    return bundle, [*found, _run(bundle)]


def examine_cloud(folder: Path, edge: Bundle | None, needed: bool) -> list[Finding]:
    """The cloud bundle. Without one, and without a cloud, pictures are made on this device alone."""
    name = "cloud bundle"
    if not folder.is_dir():
        remedy = f"{_GET}; or pass --cloud URL to 'obclip generate'" if needed else ""
        says = f"none at {folder}: no engine can be started on this machine"
        return [Finding(name, "warning" if needed else "absent", says, remedy)]
    try:
        bundle, unverified = _open(folder, "cloud")
    except BundleError as error:
        return [failed(name, error, _GET)]
    if edge is not None and edge.manifest.pair_sha256 != bundle.manifest.pair_sha256:
        says = f"{folder} is of another pair than {edge.root}"
        return [Finding(name, "error", says, "use the two bundles of one export", BundleError.exit_code)]
    return [_unverified(name, unverified) if unverified else _found(name, bundle)]


def _open(folder: Path, kind: Literal["edge", "cloud"]) -> tuple[Bundle, str]:
    """The bundle, every file hashed, and what it warns of."""
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always", UnverifiedBundleWarning)
        bundle = open_bundle(folder, kind)
    return bundle, "; ".join(str(w.message) for w in heard if issubclass(w.category, UnverifiedBundleWarning))


def _found(name: str, bundle: Bundle) -> Finding:
    manifest = bundle.manifest
    size = sum(f.bytes for f in manifest.files)
    formats = sorted({f"{g.format} {g.precision}" for g in manifest.graphs})
    says = (
        f"{bundle.root}: model {manifest.model}, {manifest.image_size}x{manifest.image_size}, {', '.join(formats)}, "
        f"{len(manifest.files)} files ({size / 1e6:.1f} MB) with the right sha256, pair {manifest.pair_sha256[:12]}"
    )
    more = {
        "path": str(bundle.root),
        "model": manifest.model,
        "formats": formats,
        "bytes": size,
        "pair_sha256": manifest.pair_sha256,
        "guidance": manifest.guidance_default,
    }
    return Finding(name, "ok", says, more=more)


def _unverified(name: str, says: str) -> Finding:
    return Finding(name, "warning", says, "export the pair again without --force")


def _run(bundle: Bundle) -> Finding:
    """Run the smallest graph, the text encoder, on an empty prompt: a runtime that loads may still not run it."""
    from ...device.tokenizer import PromptTokenizer
    from ...runtimes.choose import open_runtime

    name = "device runtime"
    try:
        runtime = open_runtime(bundle)
        states = runtime.encode_text(PromptTokenizer(bundle)(["", ""]))
        runtime.close()
    except ObclipError as error:
        return failed(name, error, "install obclip again, or export the edge bundle with another --format")
    except ImportError as error:
        return Finding(name, "error", f"it cannot be loaded: {error}", "pip install ai-edge-litert", 1)
    return Finding(
        name, "ok", f"{runtime.name} ran the text encoder: {list(states.shape)}", more={"name": runtime.name}
    )
