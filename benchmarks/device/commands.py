"""``obclip bench device`` and ``obclip bench report``."""

from __future__ import annotations

from pathlib import Path

import click

from cloud_engine.cli.options import FiniteRange

from . import result as results

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(
    epilog="Examples: obclip bench device --json device.json; obclip bench device --seconds 60 --threads 2; "
    "obclip bench device --schema > device.schema.json   (for a runner in another language)"
)
@click.option(
    "--bundle", type=click.Path(path_type=Path), default=Path("build/bundles/stickers/edge"), show_default=True
)
@click.option("--threads", type=click.IntRange(1, 64), help="CPU threads (default: all cores).")
@click.option("--precision", type=click.Choice(["fp32", "fp16", "int8", "pal8", "pal6"]), help="Default: the bundle's.")
@click.option(
    "--seconds",
    default=results.LEAST_SECONDS,
    show_default=True,
    type=FiniteRange(0),
    help="Each phase goes on for at least so long; less than the default does not count.",
)
@click.option(
    "--count", default=results.LEAST_COUNT, show_default=True, type=click.IntRange(1), help="And for so many calls."
)
@click.option("--warmup", default=2, show_default=True, type=click.IntRange(0), help="Calls that are not counted.")
@click.option("--json", "json_file", type=_FILE, help="Write the result here too.")
@click.option("--schema", is_flag=True, help="Print the result's JSON Schema and measure nothing.")
def device(
    bundle: Path,
    threads: int | None,
    precision: str | None,
    seconds: float,
    count: int,
    warmup: int,
    json_file: Path | None,
    schema: bool,
) -> None:
    """Load and run the device's graphs on this machine: milliseconds of each phase, memory, and whether it counts."""
    if schema:
        click.echo(results.schema(), nl=False)
        return
    from rich.console import Console

    from .report import table
    from .run import run_device

    with Console(stderr=True).status("device") as status:
        made = run_device(bundle, threads, precision, seconds, count, warmup, status.update)
    if json_file is not None:
        json_file.parent.mkdir(parents=True, exist_ok=True)
        json_file.write_text(made.to_json(), encoding="utf-8")
    click.echo(table([made]))


@click.command(
    epilog="Example: obclip bench report phone.json browser.json python.json --plot devices.png --markdown devices.md"
)
@click.argument("files", nargs=-1, required=True, type=_FILE)
@click.option("--plot", "plot_file", type=_FILE, help="PNG to write.")
@click.option("--markdown", "markdown_file", type=_FILE, help="Write the table here too.")
def report(files: tuple[Path, ...], plot_file: Path | None, markdown_file: Path | None) -> None:
    """Put results of `bench device`, of the phones' apps and of the web page side by side."""
    from .report import plot, table

    outputs = [file for file in (plot_file, markdown_file) if file is not None]
    if plot_file is not None and plot_file.suffix.lower() != ".png":
        raise click.UsageError(f"--plot writes a PNG: {plot_file} has to end with .png")
    if {file.resolve() for file in files} & {file.resolve() for file in outputs}:
        raise click.UsageError("an output is one of the results that are read; it would be lost")
    read = [results.read_result(file) for file in files]
    text = table(read)
    for file in outputs:
        file.parent.mkdir(parents=True, exist_ok=True)
    if markdown_file is not None:
        markdown_file.write_text(text + "\n", encoding="utf-8")
    if plot_file is not None:
        plot(read, plot_file)
    click.echo(text)
