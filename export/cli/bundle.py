"""``obclip bundle``: look at a bundle, check it, or compare two."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import click


@click.group(
    name="bundle",
    short_help="Inspect, verify or compare bundles.",
    epilog="Examples: obclip bundle verify build/bundles/stickers/edge; "
    "obclip bundle inspect build/bundles/stickers/cloud --json",
)
def command() -> None:
    """Inspect, verify or compare bundle folders."""


@command.command(
    epilog="Examples: obclip bundle inspect build/bundles/stickers/edge; "
    "obclip bundle inspect build/bundles/stickers/edge --operators --json"
)
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--operators", is_flag=True, help="Count each .tflite's operators, and those no GPU delegate takes.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole manifest.")
def inspect(folder: Path, operators: bool, as_json: bool) -> None:
    """Print what a bundle says about itself (files are not hashed)."""
    from obclip_contract import read_manifest

    manifest = read_manifest(folder)
    counted = {g.file: _operators(folder / g.file) for g in manifest.graphs if operators and g.format == "tflite"}
    if as_json:
        extra = {"operators": counted} if operators else {}
        click.echo(json.dumps({**manifest.model_dump(mode="json"), **extra}, indent=1))
        return
    state = "verified" if manifest.verified else f"NOT VERIFIED: {', '.join(manifest.unverified) or 'never compared'}"
    click.echo(f"{manifest.kind} bundle of {manifest.model}, {manifest.image_size} px, {state}")
    sizes = {f.path: f.bytes for f in manifest.files}
    for graph in manifest.graphs:
        size = sum(b for p, b in sizes.items() if p == graph.file or p.startswith(graph.file + "/"))
        ways = ", ".join(s.name for s in graph.signatures)
        click.echo(
            f"  {graph.role:14} {graph.format:10} {graph.precision:5} {size / 1e6:7.2f} MB  {graph.file}  {ways}"
        )
        if graph.file in counted:
            _print_operators(counted[graph.file])
    schedule = manifest.schedule
    rows = len(manifest.sampler.rows) if manifest.sampler else 0
    plan = f"{manifest.sampler.kind}, {rows} steps" if manifest.sampler else "no sampler table"
    click.echo(f"  {schedule.prediction_type}, {plan}; lexicon {manifest.lexicon}; pair {manifest.pair_sha256[:12]}")
    click.echo(f"  made with {', '.join(f'{k} {v}' for k, v in sorted(manifest.tools.items()))}")
    click.echo(f"  {sum(sizes.values()) / 1e6:.2f} MB in {len(sizes)} files")


def _operators(file: Path) -> dict[str, Any]:
    from ..litert.file import delegate_report

    found = delegate_report(file)
    return {"by_type": found.operators, "outside_gpu_delegate": found.outside_gpu, "gpu_share": found.gpu_share}


def _print_operators(found: dict[str, Any]) -> None:
    names = ", ".join(f"{name} {n}" for name, n in found["by_type"].items())
    click.echo(f"      operators: {names}")
    outside = ", ".join(found["outside_gpu_delegate"]) or "none"
    click.echo(f"      outside the GPU delegate's list: {outside}")


@command.command(
    epilog="Examples: obclip bundle verify build/bundles/stickers/cloud; "
    "obclip bundle verify build/bundles/stickers/edge --json"
)
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def verify(folder: Path, as_json: bool) -> None:
    """Check every file's size and sha256; exit code 4 when the bundle is not as its manifest says."""
    from obclip_contract import UnverifiedBundleWarning, open_bundle, sha256_file

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnverifiedBundleWarning)  # said below
        manifest = open_bundle(folder).manifest
    own = sha256_file(folder / "bundle.json")
    if as_json:
        facts = {"folder": str(folder), "files": len(manifest.files), "verified": manifest.verified}
        click.echo(json.dumps({**facts, "unverified": manifest.unverified, "manifest_sha256": own}))
        return
    which = ", ".join(manifest.unverified) or "never compared with torch"
    state = "" if manifest.verified else f" (its graphs are NOT VERIFIED: {which})"
    click.echo(f"{folder}: {len(manifest.files)} files match{state}; bundle.json is sha256 {own}")


@command.command(
    epilog="Examples: obclip bundle diff build/bundles/stickers/edge build/again/edge; "
    "obclip bundle diff OLD NEW --json   (exit code 0 equal, 4 different)"
)
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def diff(old: Path, new: Path, as_json: bool) -> int:
    """Name what differs between two bundles: files, and fields of the manifest; exit code 4 when anything does."""
    from .diff import compare

    found = compare(old, new)
    if as_json:
        click.echo(json.dumps(found.to_dict(), indent=1))
        return 0 if found.equal else 4
    for line in found.lines():
        click.echo(line)
    return 0 if found.equal else 4
