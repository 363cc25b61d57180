"""``obclip export``: a pair of diffusers folders to verified bundles."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import click


@click.command(
    name="export",
    short_help="Turn two diffusers folders into a cloud and an edge bundle.",
    epilog="Example: obclip export all --large models/stickers/large --small models/stickers/small "
    "--out build/bundles/stickers",
)
@click.argument("what", type=click.Choice(["cloud", "edge", "all"]))
@click.option("--large", type=click.Path(path_type=Path), required=True, help="Diffusers folder of the large model.")
@click.option("--small", type=click.Path(path_type=Path), help="Diffusers folder of the small model (edge, all).")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Writes OUT/cloud and OUT/edge.")
@click.option("--name", default="stickers", show_default=True, help="Identifier that device and cloud compare.")
@click.option("--guidance", default=3.5, show_default=True, help="Guidance scale that devices use by default.")
@click.option("--force", is_flag=True, help="Replace bundles that are there.")
@click.option("--json", "as_json", is_flag=True, help="Print a summary as JSON.")
def command(
    what: str, large: Path, small: Path | None, out: Path, name: str, guidance: float, force: bool, as_json: bool
) -> None:
    """Compile a large and a small model into bundles, each graph checked against torch first."""
    if what != "cloud" and small is None:
        raise click.UsageError("--small is needed for the edge bundle")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # the converters' own chatter
    from rich.console import Console

    from .bundles import Exported, export_cloud, export_edge

    console = Console(stderr=True)
    done: list[tuple[str, Exported, float]] = []
    with console.status("loading") as status:

        def report(text: str) -> None:
            status.update(text)
            if not console.is_terminal:
                console.print(text)

        if what in ("cloud", "all"):
            began = time.monotonic()
            exported = export_cloud(large, out / "cloud", name=name, guidance=guidance, force=force, report=report)
            done.append(("cloud", exported, time.monotonic() - began))
        if what in ("edge", "all"):
            assert small is not None
            began = time.monotonic()
            exported = export_edge(large, small, out / "edge", name=name, guidance=guidance, force=force, report=report)
            done.append(("edge", exported, time.monotonic() - began))
    if as_json:
        click.echo(json.dumps({kind: _summary(e, s) for kind, e, s in done}, indent=1))
        return
    for kind, e, seconds in done:
        size = sum(f.bytes for f in e.manifest.files)
        click.echo(f"{kind}: {e.path} ({size / 1e6:.1f} MB, {seconds:.0f} s)")
        for check in e.checks:
            click.echo(f"  {check.file} {check.signature}: largest difference to torch {check.max_error:.1e}")


def _summary(exported: object, seconds: float) -> dict[str, object]:
    from .bundles import Exported

    assert isinstance(exported, Exported)
    return {
        "path": str(exported.path),
        "seconds": round(seconds, 1),
        "files": {f.path: f.bytes for f in exported.manifest.files},
        "checks": [vars(c) for c in exported.checks],
    }
