"""``obclip bench``: the benchmarks as commands."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from cloud_engine.cli.options import FiniteRange
from obclip_contract import defaults

from . import clients as clients_cli
from . import plan_cli
from .device import commands as device_cli
from .everything import commands as everything_cli
from .fleet import commands as fleet_cli
from .paper import cli as paper_cli

BUNDLES = Path("build/bundles/stickers")


def _bundle_options(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("--cloud-bundle", type=click.Path(path_type=Path), default=BUNDLES / "cloud", show_default=True),
        click.option("--bundle", type=click.Path(path_type=Path), default=BUNDLES / "edge", show_default=True),
        click.option("--guidance", type=float, help="Guidance scale (default: the bundle's)."),
        click.option("--steps", default=defaults.STEPS, show_default=True, help="Denoising steps T."),
    ):
        function = option(function)
    return function


@click.group(
    name="bench",
    short_help="Measure quality and cost.",
    epilog="Examples: obclip bench quality --prompts 30; obclip bench cost --backend torch --flops-only; "
    "obclip bench sheet --help",
)
def command() -> None:
    """Measure quality and cost on this machine."""


for _subcommand in (
    *(
        plan_cli.cost,
        plan_cli.tune,
        plan_cli.kernels,
        plan_cli.peers,
        plan_cli.gpu,
        device_cli.device,
        device_cli.report,
    ),
    *(fleet_cli.fleet, clients_cli.clients, everything_cli.run_everything, paper_cli.paper),
):
    command.add_command(_subcommand)


@command.command(
    epilog="Examples: obclip bench quality --prompts 300 --json benchmarks/results/quality.json; "
    "obclip bench quality --plan balanced --candidates 6 --cloud-steps 10 --json balanced.json"
)
@_bundle_options
@click.option("--prompts", default=300, show_default=True, type=click.IntRange(6), help="Prompts; a third is held out.")
@click.option("--seed", default=0, show_default=True)
@click.option(
    "--mode",
    "modes",
    multiple=True,
    help="cloud, device, hybrid:K, oblivious:K; repeatable (default: all, K 5 and 10).",
)
@click.option("--plan", help="A step plan: judge every member of whole sets, beside the uncached run.")
@click.option(
    "--candidates", type=click.Choice(["2", "6", "30"]), default="6", show_default=True, help="With --plan: N."
)
@click.option(
    "--cloud-steps", default=defaults.CLOUD_STEPS, show_default=True, type=click.IntRange(1), help="With --plan: k."
)
@click.option("--sets", type=click.IntRange(2), help="With --plan: sets per grid (default: 150, 100 or 20).")
@click.option("--backend", type=click.Choice(["onnxruntime", "torch"]), default="onnxruntime", show_default=True)
@click.option("--small", type=click.Path(path_type=Path), default=Path("models/stickers/small"), help="With --plan.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the result here too.")
def quality(
    cloud_bundle: Path,
    bundle: Path,
    guidance: float | None,
    steps: int,
    prompts: int,
    seed: int,
    modes: tuple[str, ...],
    plan: str | None,
    candidates: str,
    cloud_steps: int,
    sets: int | None,
    backend: str,
    small: Path,
    json_file: Path | None,
) -> None:
    """Judge accuracy per axis and Fréchet distance for cloud-only, device-only, hybrid and oblivious.

    With --plan: for one step plan, mean and per member of the set, with a test that no member is favoured.
    """
    if plan is not None:
        if modes:
            raise click.UsageError("--mode and --plan are two benchmarks; give one of them")
        plan_cli.plan_quality(
            plan,
            cloud_bundle=cloud_bundle,
            small=small,
            backend=backend,
            candidates=int(candidates),
            cloud_steps=cloud_steps,
            steps=steps,
            guidance=guidance,
            sets=sets,
            seed=seed,
            json_file=json_file,
        )
        return
    from rich.console import Console
    from rich.progress import Progress

    from . import quality as bench
    from .modes import Studio, parse

    chosen = [parse(m) for m in (modes or bench.DEFAULT_MODES)]
    studio = Studio(cloud_bundle, bundle, guidance, steps)
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("quality", total=prompts)
        result = bench.run(studio, chosen, prompts, seed, lambda name: bar.update(task, advance=1, description=name))
    if json_file is not None:
        json_file.parent.mkdir(parents=True, exist_ok=True)
        json_file.write_text(json.dumps(result, indent=1) + "\n")
    click.echo(bench.table(result))


@command.command(epilog="Example: obclip bench cover --prompts 60 --json benchmarks/results/cover.json")
@_bundle_options
@click.option("--prompts", default=60, show_default=True, type=click.IntRange(1), help="Prompts of seen triples.")
@click.option("--cover", "covers", multiple=True, type=int, default=(2, 4), show_default=True, help="N; repeatable.")
@click.option("--epsilon", "epsilons", multiple=True, type=float, default=(1.0, 3.0), show_default=True)
@click.option("--k", default=4, show_default=True, help="Rows of k-subset.")
@click.option("--cloud-steps", default=defaults.CLOUD_STEPS, show_default=True, type=click.IntRange(1))
@click.option("--seed", default=0, show_default=True)
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the result here too.")
def cover(
    cloud_bundle: Path,
    bundle: Path,
    guidance: float | None,
    steps: int,
    prompts: int,
    covers: tuple[int, ...],
    epsilons: tuple[float, ...],
    k: int,
    cloud_steps: int,
    seed: int,
    json_file: Path | None,
) -> None:
    """Fidelity of cover, k-subset and neutral beside closed: all pictures, hits and misses apart."""
    from rich.console import Console
    from rich.progress import Progress

    from . import cover as bench
    from .modes import Studio

    studio = Studio(cloud_bundle, bundle, guidance, steps)
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("cover", total=prompts)
        chosen = bench.ways(covers, epsilons, k)
        result = bench.run(studio, chosen, prompts, cloud_steps, seed, lambda: bar.update(task, advance=1))
    if json_file is not None:
        json_file.parent.mkdir(parents=True, exist_ok=True)
        json_file.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    click.echo(bench.table(result))


@command.command(epilog="Example: obclip bench sheet --out docs/contact_sheet.png")
@_bundle_options
@click.option("--out", type=click.Path(path_type=Path), required=True, help="PNG to write.")
def sheet(cloud_bundle: Path, bundle: Path, guidance: float | None, steps: int, out: Path) -> None:
    """Draw the contact sheet: twelve prompts, cloud-only, device-only, hybrid and oblivious."""
    from .modes import Studio
    from .sheet import draw

    draw(Studio(cloud_bundle, bundle, guidance, steps, "balanced")).save(out, optimize=True)
    click.echo(f"wrote {out}")


@command.command(
    name="export",
    epilog="Examples: obclip bench export --json benchmarks/results/export.json   (exports, then measures); "
    "obclip bench export --bundle build/table/edge --rounds 5",
)
@click.option("--large", type=click.Path(path_type=Path), default=Path("models/stickers/large"), show_default=True)
@click.option("--small", type=click.Path(path_type=Path), default=Path("models/stickers/small"), show_default=True)
@click.option("--bundle", type=click.Path(path_type=Path), help="Edge bundle to measure (default: export one).")
@click.option("--rounds", default=15, show_default=True, type=click.IntRange(5), help="Alternating runs of each graph.")
@click.option("--threads", default=2, show_default=True, type=click.IntRange(1))
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the result here too.")
def export_table(
    large: Path, small: Path, bundle: Path | None, rounds: int, threads: int, json_file: Path | None
) -> None:
    """Graph x format x precision: size, PSNR and milliseconds; without --bundle also how long exporting takes."""
    import tempfile

    from rich.console import Console

    from . import export_run, export_table

    console = Console(stderr=True)
    with tempfile.TemporaryDirectory() as work, console.status("exporting") as status:
        exports = {}
        if bundle is None:
            exports["default"] = export_run.export(large, small, Path(work) / "default")
            every = ("--format", "litert,coreml", "--precision", "fp32,fp16,int8,pal8,pal6")
            exports["every format"] = export_run.export(large, small, Path(work) / "every", *every, what="edge")
            bundle = Path(work) / "every" / "edge"
        result = export_table.run(large, small, bundle, Path(work), rounds, threads, status.update)
    if exports:
        result["exports"] = exports
    if json_file is not None:
        export_table.write(result, json_file)
    click.echo(export_table.table(result))
    click.echo(f"LiteRT over ONNX Runtime on the small UNet: {result['litert_over_onnxruntime_unet']}")


@command.command(epilog="Example: obclip bench scale --json benchmarks/results/export_scale.json --limit 14")
@click.option("--job", "jobs", multiple=True, help="Name or architecture; repeatable (default: all, smaller first).")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Written after each job; done ones stay.")
@click.option("--scratch", type=click.Path(path_type=Path, exists=True), help="Folder for the converted files.")
@click.option("--limit", default=20.0, show_default=True, type=FiniteRange(1), help="GiB of memory of one job.")
@click.option("--again", is_flag=True, help="Run jobs again that are done.")
def scale(jobs: tuple[str, ...], json_file: Path | None, scratch: Path | None, limit: float, again: bool) -> None:
    """Convert real-size UNets with random weights: seconds, peak memory, sizes."""
    from . import export_scale

    result = export_scale.run(jobs, json_file, scratch, limit, again, lambda text: click.echo(text, err=True))
    click.echo(export_scale.table(result))
