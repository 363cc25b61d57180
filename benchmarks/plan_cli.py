"""``obclip bench cost``, ``kernels``, ``peers`` and ``gpu``, and what ``quality`` does about one step plan."""

from __future__ import annotations

import json
import os
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from obclip_contract import defaults

from .running import command_line, load_average, showing_progress, write_result

if TYPE_CHECKING:
    from .clouds import EngineCloud

_PAIR: Final = Path("models/stickers")
_CLOUD: Final = Path("build/bundles/stickers/cloud")
_BACKENDS: Final = ("onnxruntime", "torch")
_CLOUD_OPTION: Final = click.option(
    "--cloud-bundle", type=click.Path(path_type=Path), default=_CLOUD, show_default=True
)
_LARGE: Final = click.option(
    "--large", type=click.Path(path_type=Path), default=_PAIR / "large", show_default=True, help="Diffusers folder."
)
_SMALL: Final = click.option(
    "--small",
    type=click.Path(path_type=Path),
    default=_PAIR / "small",
    show_default=True,
    help="Diffusers folder that finishes.",
)
_THREADS: Final = click.option("--threads", type=click.IntRange(1), help="CPU threads (default: all cores).")
_STEPS: Final = click.option("--steps", default=defaults.STEPS, show_default=True, help="Denoising steps T.")
_SEED: Final = click.option("--seed", default=0, show_default=True)
_ROUNDS: Final = click.option(
    "--rounds", default=5, show_default=True, type=click.IntRange(5), help="Medians are over so many."
)
_JSON: Final = click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the result here too.")


def _threads(threads: int | None) -> int:
    """All cores, unless the option or ``OMP_NUM_THREADS`` says less: more threads than are free only wait."""
    import torch

    count = threads or int(os.environ.get("OMP_NUM_THREADS") or 0) or os.cpu_count() or 1
    torch.set_num_threads(count)
    return count


def _head(benchmark: str, cloud: EngineCloud, **more: Any) -> dict[str, Any]:
    """What results of one cloud bundle begin with; taken before the measuring, for the load's sake."""
    from . import machine

    return {
        "benchmark": benchmark,
        "command": command_line(),
        **more,
        "guidance_scale": cloud.guidance,
        "weights": cloud.weights_sha256(),
        "machine": machine.describe(),
        "load_average": load_average(),
    }


@click.command(epilog="Example: obclip bench cost --json benchmarks/results/cost.json")
@_CLOUD_OPTION
@click.option("--backend", type=click.Choice(_BACKENDS), default="onnxruntime", show_default=True)
@click.option("--plan", "plans", multiple=True, help="A step plan; repeatable (default: all presets).")
@click.option("--candidates", multiple=True, type=int, help="N; repeatable (default: 2, 6, 30).")
@click.option("--cloud-steps", multiple=True, type=click.IntRange(1), help="k; repeatable (default: 5, 10).")
@click.option("--flops-only", is_flag=True, help="Count, but run nothing.")
@_STEPS
@_ROUNDS
@_THREADS
@_SEED
@_JSON
def cost(
    cloud_bundle: Path,
    backend: str,
    plans: tuple[str, ...],
    candidates: tuple[int, ...],
    cloud_steps: tuple[int, ...],
    flops_only: bool,
    steps: int,
    rounds: int,
    threads: int | None,
    seed: int,
    json_file: Path | None,
) -> None:
    """Server work of each plan, N and k relative to one cloud-only picture: FLOPs and measured time."""
    from . import cost as bench
    from .clouds import EngineCloud

    count = _threads(threads)
    cloud = EngineCloud(cloud_bundle, backend, steps, threads=count)
    names, sizes, lengths = plans or bench.PLANS, candidates or bench.CANDIDATES, cloud_steps or bench.CLOUD_STEPS
    total = rounds * (1 + len(names) * len(sizes) * len(lengths))
    head = _head("cost", cloud, backend=backend, threads=count, steps=steps, rounds=rounds)
    began = time.monotonic()
    with showing_progress("cost", total) as tick:
        result = bench.run(
            cloud,
            bench.cost_model(cloud),
            plans=names,
            candidates=sizes,
            cloud_steps=lengths,
            rounds=rounds,
            timed=not flops_only,
            seed=seed,
            tick=tick,
        )
    head["seconds"] = round(time.monotonic() - began, 1)
    write_result({**head, **result}, json_file, bench.table(result))


@click.command(epilog="Example: obclip bench kernels --json benchmarks/results/kernels.json")
@_CLOUD_OPTION
@_STEPS
@_ROUNDS
@_THREADS
@_SEED
@_JSON
def kernels(
    cloud_bundle: Path, steps: int, rounds: int, threads: int | None, seed: int, json_file: Path | None
) -> None:
    """Other ways to run the cloud's graphs on a CPU, beside the served one, and what the text phase costs."""
    import tempfile

    from . import kernels as bench
    from .clouds import EngineCloud

    count = _threads(threads)
    cloud = EngineCloud(cloud_bundle, "onnxruntime", steps, threads=count)
    head = _head("kernels", cloud, threads=count, steps=steps, rounds=rounds)
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory() as work,
        showing_progress("kernels", bench.ticks(cloud.engine.bundle)) as tick,
    ):
        result = bench.run(cloud, count, rounds, Path(work), seed, tick)
    head["seconds"] = round(time.monotonic() - began, 1)
    write_result({**head, **result}, json_file, bench.table(result))


@click.command(
    epilog="Examples: obclip bench tune --json benchmarks/results/plan_tune.json; obclip bench tune --candidates 6 "
    "--cloud-steps 10 --evaluations 200"
)
@_CLOUD_OPTION
@click.option("--backend", type=click.Choice(_BACKENDS), default="onnxruntime", show_default=True)
@click.option("--candidates", "sizes", multiple=True, type=int, help="N, on its first grid; repeatable (default: all).")
@click.option("--cloud-steps", "lengths", multiple=True, type=click.IntRange(1), help="k; repeatable (default: 5, 10).")
@_STEPS
@click.option("--sets", default=4, show_default=True, type=click.IntRange(1), help="Calibration sets of each grid.")
@click.option("--evaluations", default=60, show_default=True, type=click.IntRange(1), help="Plans to try for each.")
@_SEED
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1), help="Processes.")
@click.option("--journals", type=click.Path(path_type=Path), help="Folder where a stopped run goes on.")
@_JSON
def tune(
    cloud_bundle: Path,
    backend: str,
    sizes: tuple[int, ...],
    lengths: tuple[int, ...],
    steps: int,
    sets: int,
    evaluations: int,
    seed: int,
    workers: int,
    journals: Path | None,
    json_file: Path | None,
) -> None:
    """What a search of plans finds for the price of `balanced`, beside the presets on the same calibration sets."""
    from . import searching as bench
    from .clouds import EngineCloud
    from .spreading import share_of_cores

    sizes, lengths = sizes or bench.SIZES, lengths or bench.CLOUD_STEPS
    head = _head(
        "plan_tune",
        EngineCloud(cloud_bundle, backend, steps),
        backend=backend,
        steps=steps,
        sets=sets,
        evaluations=evaluations,
        seed=seed,
    )
    began = time.monotonic()
    search = bench.Search(cloud_bundle, backend, steps, sets, evaluations, seed, share_of_cores(workers), journals)
    with showing_progress("tune", bench.ticks(evaluations, sizes, lengths)) as tick:
        fronts = bench.run(search, sizes, lengths, tick, workers)
    head["seconds"] = round(time.monotonic() - began, 1)
    write_result({**head, "fronts": fronts}, json_file, bench.table(fronts))


@click.command(
    epilog="Examples: obclip bench peers --json benchmarks/results/peers.json --plot docs/peers.png; "
    "obclip bench peers --from benchmarks/results/peers.json --plot docs/peers.png"
)
@_CLOUD_OPTION
@_LARGE
@_SMALL
@click.option("--plan", "plans", multiple=True, help="Our plans; repeatable (default: a selection).")
@click.option("--backend", "backends", multiple=True, type=click.Choice(_BACKENDS), help="Of ours (default: both).")
@click.option("--candidates", type=int, help="N, on its first grid (default: 6, gender-tone).")
@click.option("--grid", help="A grid by its name instead: gender-age, …")
@click.option("--cloud-steps", default=defaults.CLOUD_STEPS, show_default=True, type=click.IntRange(1))
@click.option("--guidance", type=float, help="Guidance scale (default: the bundle's).")
@_STEPS
@_ROUNDS
@_THREADS
@_SEED
@_JSON
@click.option("--plot", "plot_file", type=click.Path(path_type=Path), help="PNG of time against PSNR.")
@click.option(
    "--from",
    "from_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Measure nothing: table and plot of a result.",
)
def peers(
    cloud_bundle: Path,
    large: Path,
    small: Path,
    plans: tuple[str, ...],
    backends: tuple[str, ...],
    candidates: int | None,
    grid: str | None,
    cloud_steps: int,
    guidance: float | None,
    steps: int,
    rounds: int,
    threads: int | None,
    seed: int,
    json_file: Path | None,
    plot_file: Path | None,
    from_file: Path | None,
) -> None:
    """Published ways to save work, diffusers' loop and our plans, on the same candidate sets."""
    from obclip_contract import open_bundle

    from . import peers as bench
    from .sets import grid as grid_named
    from .sets import grids

    if from_file is not None:
        result = json.loads(from_file.read_text(encoding="utf-8"))
    else:
        if grid and candidates:
            raise click.UsageError("--candidates chooses a grid, --grid names one: give one of them")
        kind, count = grid_named(grid) if grid else grids(candidates or 6)[0], _threads(threads)
        scale = open_bundle(cloud_bundle, "cloud").manifest.guidance_default if guidance is None else guidance
        head = {"benchmark": "peers", "command": command_line(), "load_average": load_average()}
        began = time.monotonic()
        with showing_progress("peers", None) as tick:
            found = bench.measure(
                bench.Pair(large, small, cloud_bundle),
                kind,
                bench.Run(steps, cloud_steps, scale),
                plans=plans or bench.OURS,
                backends=backends or bench.BACKENDS,
                rounds=rounds,
                threads=count,
                seed=seed,
                tick=tick,
            )
        result = {**head, "seconds": round(time.monotonic() - began, 1), **found}
    if plot_file is not None:
        bench.plot(result, plot_file)
    write_result(result, json_file, bench.table(result))


@click.command(
    epilog="Examples: obclip bench gpu --shape sdxl --mode cuda_graph --json gpu.json; obclip bench gpu --device cpu "
    "--shape sd-1.4 --plan balanced --repeats 5"
)
@_LARGE
@click.option("--shape", "shapes", multiple=True, help="stickers, sd-1.4 or sdxl; repeatable (default: all).")
@click.option("--mode", "modes", multiple=True, help="eager, cuda_graph or compile; repeatable (default: all).")
@click.option("--candidates", default=6, show_default=True, type=int)
@click.option("--cloud-steps", default=defaults.CLOUD_STEPS, show_default=True, type=click.IntRange(1))
@_STEPS
@click.option("--repeats", default=20, show_default=True, type=click.IntRange(5))
@click.option("--device", type=click.Choice(["cuda", "cpu"]), default="cuda", show_default=True)
@click.option("--plan", "plans", multiple=True, help="Repeatable (default: all).")
@_JSON
def gpu(
    large: Path,
    shapes: tuple[str, ...],
    modes: tuple[str, ...],
    candidates: int,
    cloud_steps: int,
    steps: int,
    repeats: int,
    device: str,
    plans: tuple[str, ...],
    json_file: Path | None,
) -> None:
    """Time and memory of step graphs on an NVIDIA GPU (never run by the project: it has none), or time on the CPU."""
    from . import gpu as bench

    if device == "cuda":
        bench.require_gpu()
    head = {"command": command_line(), "load_average": load_average()}
    with showing_progress("gpu", None) as tick:
        result = bench.run(
            shapes or bench.SHAPES,
            modes or bench.MODES,
            large,
            candidates=candidates,
            cloud_steps=cloud_steps,
            steps=steps,
            repeats=repeats,
            device=device,
            names=plans or bench.PLANS,
            tick=tick,
        )
    write_result({**head, **result}, json_file, bench.table(result))


def plan_quality(
    plan: str,
    *,
    cloud_bundle: Path,
    small: Path,
    backend: str,
    candidates: int,
    cloud_steps: int,
    steps: int,
    guidance: float | None,
    sets: int | None,
    seed: int,
    json_file: Path | None,
) -> None:
    """``obclip bench quality --plan``: one plan beside the uncached run, on every grid of that size."""
    from models.stickers.recipe.judge import Judge

    from . import machine
    from . import plan_quality as bench
    from .clouds import EngineCloud
    from .finishing import Finisher
    from .prompts import STICKERS
    from .quality import reference_moments
    from .sets import grids

    kinds, count = grids(candidates), _threads(None)
    cloud = EngineCloud(cloud_bundle, backend, steps, guidance, count)
    finisher = Finisher(small, cloud.guidance, steps)
    judge, reference = Judge.load(STICKERS / "judge"), reference_moments()
    each = sets or bench.SETS[candidates]
    load, began = load_average(), time.monotonic()
    found = []
    with showing_progress("quality", each * len(kinds)) as tick:
        for kind in kinds:
            ticked = partial(tick, kind.name)
            found.append(bench.measure(cloud, finisher, judge, kind, plan, cloud_steps, each, seed, ticked, reference))
    result = {
        "benchmark": "quality of a plan",
        "command": command_line(),
        "plan": plan,
        "candidates": candidates,
        "cloud_steps": cloud_steps,
        "steps": steps,
        "guidance_scale": cloud.guidance,
        "backend": backend,
        "seed": seed,
        "weights": {**cloud.weights_sha256(), "small": finisher.unet_sha256},
        "machine": machine.describe(),
        "load_average": load,
        "seconds": round(time.monotonic() - began, 1),
        "grids": found,
    }
    write_result(result, json_file, bench.table(result))
