"""``obclip doctor``: is everything here that a picture needs, and what to do where it is not."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from .login import token_option
from .options import bundle_option
from .telling import Voice, json_option


@click.command(
    short_help="Is everything here that a picture needs?",
    epilog="Examples: obclip doctor; obclip doctor --cloud https://cloud.example; obclip doctor --json",
)
@click.option("--cloud", metavar="URL", help="Also look whether this cloud answers and serves the same pair.")
@token_option
@bundle_option("--bundle", "edge", "The edge bundle.")
@bundle_option("--cloud-bundle", "cloud", "The cloud bundle for an engine on this machine.")
@json_option("Print the findings as JSON.")
def command(cloud: str | None, token_file: Path | None, bundle: Path, cloud_bundle: Path, as_json: bool) -> None:
    """Look at the bundles, the runtimes and accelerators, the cloud, TLS, outbound connections and the ledger.

    Nothing is written. Nothing is sent but a health request to --cloud, if it is given, and an empty one by which it
    tells whether it lets the token in. The exit code is 0 if nothing that is needed is wrong; else that of the first
    error: 1 this installation, 2 the ledger, an address or a token's file, 3 the cloud, 4 a bundle.
    """
    from .doctoring import examine

    if cloud is None and token_file is not None:
        raise click.UsageError("--token-file goes with --cloud URL")
    findings = examine(cloud, token_file, bundle, cloud_bundle, Voice(as_json))
    code = next((f.code for f in findings if f.status == "error"), 0)
    if as_json:
        click.echo(json.dumps({"ok": code == 0, "exit_code": code, "findings": [f.told() for f in findings]}))
        sys.exit(code)
    width = max(len(f.name) for f in findings)
    for finding in findings:
        click.echo(f"{finding.status:<7} {finding.name:<{width}}  {finding.says}")
        if finding.remedy:
            click.echo(f"{'':<7} {'':<{width}}  -> {finding.remedy}")
    errors = sum(f.status == "error" for f in findings)
    wrong = "1 error: see the arrow" if errors == 1 else f"{errors} errors: see the arrows"
    click.echo(wrong if errors else "everything that a picture needs is here")
    sys.exit(code)
