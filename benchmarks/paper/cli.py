"""``obclip bench paper``."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Final

import click

from obclip_contract import defaults, open_bundle

_BUNDLES: Final = Path("build/bundles/stickers")


@click.command(
    epilog="Examples: obclip bench paper --workers 2 --json benchmarks/results/paper.json   (hours on two cores; a "
    "run that was stopped goes on); obclip bench paper --pictures 60 --size 6; obclip bench paper --workers 2 --json "
    "benchmarks/results/paper.json --again 'N=6/balanced k=5'"
)
@click.option(
    "--cloud-bundle",
    type=click.Path(path_type=Path),
    default=Path("build/bundles/paper/cloud"),
    show_default=True,
    help="With the paper's step graphs too; exported from --large where there is none.",
)
@click.option(
    "--large",
    type=click.Path(path_type=Path),
    default=Path("models/stickers/large"),
    show_default=True,
    help="Diffusers folder.",
)
@click.option(
    "--few-bundle",
    type=click.Path(path_type=Path, exists=True),
    help="Cloud bundle of the eight-step UNet ('python -m models.stickers.recipe merge-few-steps', then 'obclip export "
    "cloud'): its part is left out without.",
)
@click.option("--bundle", type=click.Path(path_type=Path), default=_BUNDLES / "edge", show_default=True)
@click.option(
    "--pictures", default=1000, show_default=True, type=click.IntRange(4), help="Prompts of each row, at least."
)
@click.option("--size", "sizes", multiple=True, type=int, help="N: 2, 6, 30; repeatable (default: all).")
@click.option("--guidance", type=float, help="Guidance scale (default: the bundle's).")
@click.option("--steps", default=defaults.STEPS, show_default=True, help="Denoising steps T.")
@click.option("--seed", default=0, show_default=True)
@click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(1),
    help="Processes, each on its share of cores.",
)
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the result here, row by row.")
@click.option("--plot", "plot_file", type=click.Path(path_type=Path), help="PNG of the hand-over's parts.")
@click.option(
    "--from",
    "from_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Measure nothing: tables and plot of a result.",
)
@click.option(
    "--again",
    multiple=True,
    metavar="PART/ROW",
    help="Measure this row of a whole result (--json) anew and keep the others; repeatable. A run of it that was "
    "stopped goes on without this option.",
)
def paper(
    cloud_bundle: Path,
    large: Path,
    few_bundle: Path | None,
    bundle: Path,
    pictures: int,
    sizes: tuple[int, ...],
    guidance: float | None,
    steps: int,
    seed: int,
    workers: int,
    json_file: Path | None,
    plot_file: Path | None,
    from_file: Path | None,
    again: tuple[str, ...],
) -> None:
    """The paper's tables on this pair: cloud-only, device-only, and every plan for N and k; the hand-over's parts."""
    from export.bundles import export_cloud

    from .. import machine, spreading
    from ..errors import BenchmarkError
    from ..running import command_line, load_average, showing_progress
    from . import run as bench
    from .show import plot
    from .sides import Sides, open_sides
    from .tables import KINDS, PLANS

    if from_file is not None:
        told = json.loads(from_file.read_text(encoding="utf-8"))
        if plot_file is not None:
            plot(told, plot_file)
        click.echo(bench.table(told))
        return
    if again and (json_file is None or not json_file.exists()):
        raise BenchmarkError("--again measures rows of a result: name its file with --json")
    chosen = tuple(sorted(sizes)) or tuple(sorted(KINDS, reverse=True))
    if unknown := [n for n in chosen if n not in KINDS]:
        raise BenchmarkError(f"there is no table of N = {unknown[0]}; there are: {', '.join(map(str, KINDS))}")
    if not cloud_bundle.exists():
        click.echo(f"exporting {cloud_bundle}", err=True)
        export_cloud(large, cloud_bundle, plans=(*PLANS, "tree"))
    scale = open_bundle(bundle, "edge").manifest.guidance_default if guidance is None else guidance
    sides = Sides(
        cloud_bundle, few_bundle, bundle, steps, scale, max(2, *chosen), seed, spreading.share_of_cores(workers)
    )
    opened, few = open_sides(sides)
    head = {
        "benchmark": "paper",
        "command": command_line(),
        "pictures": pictures,
        "sizes": list(chosen),
        "seed": seed,
        "steps": steps,
        "guidance_scale": scale,
        "sampler": defaults.SAMPLER,
        "weights": opened.cloud.weights_sha256(),
        "few_steps_weights": None if few is None else few.weights_sha256(),
        "edge": opened.device.identity(),
        "machine": machine.describe(),
        "load_average": load_average(),
    }
    began = time.monotonic()
    total = None if again else bench.ticks(pictures, chosen, few is not None)
    with showing_progress("paper", total) as tick:
        result = bench.run(sides, head, pictures, chosen, json_file, tick, workers, again)
    (result["again"][-1] if "again" in result else result)["seconds"] = round(time.monotonic() - began, 1)
    bench.write(json_file, result)
    if plot_file is not None:
        plot(result, plot_file)
    click.echo(bench.table(result))
