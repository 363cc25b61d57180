"""``obclip bundle``: look at a bundle, or check it."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.group(name="bundle", short_help="Inspect or verify a bundle.")
def command() -> None:
    """Inspect or verify a bundle folder."""


@command.command(epilog="Example: obclip bundle inspect build/bundles/stickers/edge --json")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the whole manifest.")
def inspect(folder: Path, as_json: bool) -> None:
    """Print what a bundle says about itself (files are not hashed)."""
    from contract import read_manifest

    manifest = read_manifest(folder)
    if as_json:
        click.echo(json.dumps(manifest.model_dump(mode="json"), indent=1))
        return
    click.echo(f"{manifest.kind} bundle of {manifest.model}, {manifest.image_size} px, latents {manifest.latent_shape}")
    sizes = {f.path: f.bytes for f in manifest.files}
    for graph in manifest.graphs:
        size = sum(b for p, b in sizes.items() if p == graph.file or p.startswith(graph.file + "/"))
        click.echo(f"  {graph.role:14} {graph.format:10} {graph.precision:5} {size / 1e6:7.2f} MB  {graph.file}")


@command.command(epilog="Example: obclip bundle verify build/bundles/stickers/cloud")
@click.argument("folder", type=click.Path(path_type=Path))
def verify(folder: Path) -> None:
    """Check every file's size and sha256; exit code 4 when the bundle is not as its manifest says."""
    from contract import open_bundle

    bundle = open_bundle(folder)
    state = "" if bundle.manifest.verified else " (its graphs were never verified against torch)"
    click.echo(f"{folder}: {len(bundle.manifest.files)} files match{state}")
