"""``obclip bench cost``, ``kernels``, ``peers`` and ``gpu``, and what ``quality`` does about one step plan."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import click

from obclip_contract import defaults

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


@contextmanager
def _progress(what: str, total: int | None) -> Iterator[Callable[[str], None]]:
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda name: bar.update(task, advance=1, description=name)


def _threads(threads: int | None) -> int:
    """All cores, unless the option or ``OMP_NUM_THREADS`` says less: more threads than are free only wait."""
    import torch

    count = threads or int(os.environ.get("OMP_NUM_THREADS") or 0) or os.cpu_count() or 1
    torch.set_num_threads(count)
    return count


def _finish(result: dict[str, Any], json_file: Path | None, table: str) -> None:
    if json_file is not None:
        json_file.parent.mkdir(parents=True, exist_ok=True)
        json_file.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    click.echo(table)


def _load() -> list[float]:
    """Load averages over 1, 5 and 15 minutes: whether the machine had other work."""
    return [round(value, 2) for value in os.getloadavg()]


def _command() -> str:
    """The command line as it was given, for the result."""
    parts = []
    context = click.get_current_context()
    for name, value in context.params.items():
        if value in (None, (), False):
            continue
        option = next(p for p in context.command.params if p.name == name).opts[0]
        values = value if isinstance(value, tuple) else (value,)
        parts += [f"{option}" if value is True else f"{option} {v}" for v in values]
    return " ".join(["obclip bench", context.info_name or "", *parts])


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
    from . import machine
    from .clouds import EngineCloud

    count = _threads(threads)
    cloud = EngineCloud(cloud_bundle, backend, steps, threads=count)
    names, sizes, lengths = plans or bench.PLANS, candidates or bench.CANDIDATES, cloud_steps or bench.CLOUD_STEPS
    total = rounds * (1 + len(names) * len(sizes) * len(lengths))
    load, began = _load(), time.monotonic()
    with _progress("cost", total) as tick:
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
    head = {
        "benchmark": "cost",
        "command": _command(),
        "backend": backend,
        "threads": count,
        "steps": steps,
        "rounds": rounds,
        "guidance_scale": cloud.guidance,
        "weights": cloud.weights_sha256(),
        "machine": machine.describe(),
        "load_average": load,
        "seconds": round(time.monotonic() - began, 1),
    }
    _finish({**head, **result}, json_file, bench.table(result))


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
    from . import machine
    from .clouds import EngineCloud

    count = _threads(threads)
    cloud = EngineCloud(cloud_bundle, "onnxruntime", steps, threads=count)
    load, began = _load(), time.monotonic()
    with tempfile.TemporaryDirectory() as work, _progress("kernels", bench.ticks(cloud.engine.bundle)) as tick:
        result = bench.run(cloud, count, rounds, Path(work), seed, tick)
    head = {
        "benchmark": "kernels",
        "command": _command(),
        "threads": count,
        "steps": steps,
        "rounds": rounds,
        "guidance_scale": cloud.guidance,
        "weights": cloud.weights_sha256(),
        "machine": machine.describe(),
        "load_average": load,
        "seconds": round(time.monotonic() - began, 1),
    }
    _finish({**head, **result}, json_file, bench.table(result))


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
        head = {"benchmark": "peers", "command": _command(), "load_average": _load()}
        began = time.monotonic()
        with _progress("peers", None) as tick:
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
    _finish(result, json_file, bench.table(result))


@click.command(epilog="Example: obclip bench gpu --shape sdxl --mode cuda_graph --json gpu.json")
@_LARGE
@click.option("--shape", "shapes", multiple=True, help="stickers, sd-1.4 or sdxl; repeatable (default: all).")
@click.option("--mode", "modes", multiple=True, help="eager, cuda_graph or compile; repeatable (default: all).")
@click.option("--candidates", default=6, show_default=True, type=int)
@click.option("--cloud-steps", default=defaults.CLOUD_STEPS, show_default=True, type=click.IntRange(1))
@_STEPS
@click.option("--repeats", default=20, show_default=True, type=click.IntRange(5))
@_JSON
def gpu(
    large: Path,
    shapes: tuple[str, ...],
    modes: tuple[str, ...],
    candidates: int,
    cloud_steps: int,
    steps: int,
    repeats: int,
    json_file: Path | None,
) -> None:
    """Time and memory of step graphs on an NVIDIA GPU (never run by the project: it has none)."""
    from . import gpu as bench

    bench.require_gpu()
    with _progress("gpu", None) as tick:
        result = bench.run(
            shapes or bench.SHAPES,
            modes or bench.MODES,
            large,
            candidates=candidates,
            cloud_steps=cloud_steps,
            steps=steps,
            repeats=repeats,
            tick=tick,
        )
    _finish({"command": _command(), **result}, json_file, bench.table(result))


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
    load, began = _load(), time.monotonic()
    found = []
    with _progress("quality", each * len(kinds)) as tick:
        for kind in kinds:
            ticked = partial(tick, kind.name)
            found.append(bench.measure(cloud, finisher, judge, kind, plan, cloud_steps, each, seed, ticked, reference))
    result = {
        "benchmark": "quality of a plan",
        "command": _command(),
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
    _finish(result, json_file, bench.table(result))
