"""``python -m benchmarks.quotes``: what is quoted without a source; ``--propose`` prints entries to fill in."""

from __future__ import annotations

import click

from .check import RESULTS, ROOT, check_documents
from .ledger import read_ledger
from .propose import propose


@click.command(epilog="Examples: python -m benchmarks.quotes; python -m benchmarks.quotes --propose docs/WEB.md")
@click.option("--propose", "document", metavar="DOCUMENT", help="Print ledger entries for what has no source there.")
def command(document: str | None) -> None:
    """Hold quoted numbers against the result files and benchmarks/quoted.toml; exit code 1 if one has no source."""
    if document is not None:
        click.echo(propose(document, (ROOT / document).read_text(encoding="utf-8"), read_ledger(), ROOT / RESULTS))
        return
    problems = check_documents()
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        raise SystemExit(1)
    click.echo("every quoted number has a source")


if __name__ == "__main__":
    command()
