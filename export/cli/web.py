"""``obclip export web``: the page that makes pictures in a browser, for a host of static files."""

from __future__ import annotations

import json
from pathlib import Path

import click

from obclip_contract.places import SHOWN, default_bundle


@click.command(
    name="web",
    short_help="The page that makes pictures in a browser, for a host of static files.",
    epilog="Examples: obclip export web --out site --cloud https://cloud.example; "
    "obclip export web --out site --cloud https://cloud.example --bundle build/bundles/stickers/edge --overwrite",
)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder to write.")
@click.option("--cloud", metavar="URL", required=True, help="The one cloud that the page may speak to.")
@click.option(
    "--bundle",
    type=click.Path(path_type=Path),
    envvar="OBCLIP_EDGE_BUNDLE",
    default=lambda: default_bundle("edge"),
    show_default=SHOWN,
    help="The edge bundle.",
)
@click.option(
    "--page",
    type=click.Path(path_type=Path),
    show_default="the one in this installation, else build/web of the checkout",
    help="Folder of the built page.",
)
@click.option("--overwrite", is_flag=True, help="Replace an exported page that is there.")
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON.")
def command(out: Path, cloud: str, bundle: Path, page: Path | None, overwrite: bool, as_json: bool) -> None:
    """Write the page, the edge bundle and its settings to a folder that any host can serve.

    The page holds its content policy and the hashes of all its files; HOSTING.md in the folder says what the host has
    to send with them. Who hosts it could change it: let that not be the cloud (docs/PRIVACY.md).
    """
    from ..web import export_web

    done = export_web(out, bundle, cloud, page, overwrite)
    size = sum(done.files.values())
    if as_json:
        told = {"path": str(done.path), "cloud": done.cloud, "bytes": size, "files": done.files, "sha256": done.hashes}
        click.echo(json.dumps(told, indent=1))
        return
    click.echo(f"{done.path}: {len(done.files)} files, {size / 1e6:.1f} MB, for the cloud at {done.cloud}")
    for folder in sorted({name.partition("/")[0] for name in done.files if "/" in name}):
        below = [b for name, b in done.files.items() if name.startswith(f"{folder}/")]
        click.echo(f"  {folder + '/':9} {sum(below) / 1e6:6.2f} MB in {len(below)} files")
    for name, sha256 in done.hashes.items():
        click.echo(f"  sha256 of {name} is {sha256}")
    click.echo("  the engine has to name the page's host: obclip serve --allow-origin https://YOUR.HOST")
