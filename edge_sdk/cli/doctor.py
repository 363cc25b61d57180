"""``obclip doctor``: is everything here that a picture needs, and what to do where it is not."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from .options import bundle_option
from .telling import json_option


@click.command(
    short_help="Is everything here that a picture needs?",
    epilog="Examples: obclip doctor; obclip doctor --cloud https://cloud.example; obclip doctor --json",
)
@click.option("--cloud", metavar="URL", help="Also look whether this cloud answers and serves the same pair.")
@bundle_option("--bundle", "edge", "The edge bundle.")
@bundle_option("--cloud-bundle", "cloud", "The cloud bundle for an engine on this machine.")
@json_option("Print the findings as JSON.")
def command(cloud: str | None, bundle: Path, cloud_bundle: Path, as_json: bool) -> None:
    """Look at the bundles, the runtimes and accelerators, the cloud, TLS, outbound connections and the ledger.

    Nothing is written. Nothing is sent but one health request to --cloud, if it is given. The exit code is 0 if
    nothing that is needed is wrong; else that of the first error: 1 this installation, 2 the ledger or an address,
    3 the cloud, 4 a bundle.
    """
    from .doctoring import examine

    findings = examine(cloud, bundle, cloud_bundle)
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
