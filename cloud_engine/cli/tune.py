"""``obclip plan tune``: search step plans on this machine's model and keep the best in the cloud bundle."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from obclip_contract import defaults

from ..errors import ConfigError
from .options import FiniteRange, bundle_option

if TYPE_CHECKING:
    from ..engine import Engine
    from ..tuner.search import Calibration, Front, Problem

__all__ = ["command"]

#: The default pair's prompts and judge. A name, not an import: the engine runs without them.
DEFAULT_CALIBRATION: Final = "benchmarks.tuning:calibration"


@click.command(
    name="tune",
    short_help="Search a plan under a budget.",
    epilog="Example: obclip plan tune --budget 0.75 --candidates 6 --cloud-steps 10",
)
@bundle_option("The cloud bundle; the plan is saved in it.")
@click.option("--backend", type=click.Choice(["onnxruntime", "torch"]), default="onnxruntime", show_default=True)
@click.option(
    "--budget",
    default=0.75,
    show_default=True,
    type=FiniteRange(0, min_open=True),
    help="Largest cost, by one cloud-only picture's FLOPs.",
)
@click.option("--candidates", default=6, show_default=True, type=click.IntRange(2, 64), help="N.")
@click.option("--cloud-steps", default=defaults.CLOUD_STEPS, show_default=True, type=click.IntRange(1, 200), help="k.")
@click.option("--steps", default=defaults.STEPS, show_default=True, type=click.IntRange(1, 200), help="T.")
@click.option("--name", default="tuned", show_default=True, help="Name of the plan, as requests say it.")
@click.option(
    "--calibration",
    default=DEFAULT_CALIBRATION,
    show_default=True,
    help="module:function that gives prompts and a judge, or a file with one request (JSON) a line: latent PSNR alone.",
)
@click.option("--sets", default=12, show_default=True, type=click.IntRange(1), help="Calibration sets per grid.")
@click.option("--evaluations", default=60, show_default=True, type=click.IntRange(1), help="Plans to try.")
@click.option("--seed", default=0, show_default=True)
@click.option("--threads", type=click.IntRange(1), help="CPU threads (default: the backend's choice).")
@click.option("--journal", type=click.Path(path_type=Path), help="Where measurements are kept (default: build/tune).")
@click.option("--no-save", is_flag=True, help="Leave the bundle as it is.")
@click.option("--json", "as_json", is_flag=True, help="Print the fronts as JSON.")
def command(
    bundle: Path,
    backend: str,
    budget: float,
    candidates: int,
    cloud_steps: int,
    steps: int,
    name: str,
    calibration: str,
    sets: int,
    evaluations: int,
    seed: int,
    threads: int | None,
    journal: Path | None,
    no_save: bool,
    as_json: bool,
) -> None:
    """Try plans against the uncached oblivious run on calibration sets, one front per grid of N members.

    A stopped search goes on where it was; the same seed gives the same plan.
    """
    from ..backends import BackendOptions
    from ..engine import Engine
    from ..plans import store
    from ..tuner.journal import Journal
    from ..tuner.measuring import model_digest, problem_of

    store.check_name(name)
    if cloud_steps > steps:
        raise ConfigError(f"cloud steps are at most the picture's {steps} steps, not {cloud_steps}")
    engine = Engine.from_bundle(bundle, backend, options=BackendOptions(threads=threads or 0))
    search = {
        "bundle": model_digest(engine),
        "backend": backend,
        "budget": budget,
        "calibration": calibration,
        "sets": sets,
        "evaluations": evaluations,
        "seed": seed,
        "threads": threads,
    }
    done: list[dict[str, Any]] = []
    for group in _calibrations(calibration, engine, candidates, cloud_steps, steps, sets, seed):
        problem = problem_of(engine, group.axes, name, cloud_steps, steps, budget)
        public = {"axes": [list(a) for a in problem.axes], "cloud_steps": cloud_steps, "steps": steps}
        place = journal or Path("build/tune")
        log = Journal(place / f"{name}-{group.name}-k{cloud_steps}-s{seed}.jsonl", {**search, **public})
        front = _tune(engine, problem, group, log, seed, evaluations)
        saved = None if no_save else store.save(bundle, problem.name, front.entry(problem, search))
        done.append({"grid": group.name, **public, **_summary(front), "saved": None if saved is None else str(saved)})
        if not as_json:
            click.echo(_table(group.name, front) + (f"\nsaved in {saved}" if saved else ""))
    if as_json:
        click.echo(json.dumps(done, indent=1))


def _calibrations(
    where: str, engine: Engine, candidates: int, cloud_steps: int, steps: int, sets: int, seed: int
) -> Sequence[Calibration]:
    from obclip_contract import sampler_table

    module, colon, function = where.partition(":")
    if not colon or Path(where).exists():
        return _from_file(Path(where), candidates, sets)
    try:
        make: Callable[..., Sequence[Calibration]] = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError) as error:
        raise ConfigError(
            f"the calibration {where} cannot be loaded ({error}): in a checkout, pip install 'obclip[dev]'; "
            "or pass a file of requests"
        ) from None
    level = sampler_table(defaults.SAMPLER, engine.manifest.schedule, steps).head(cloud_steps).end_log_snr
    return make(candidates, sets, seed, steps=steps, guidance=engine.manifest.guidance_default, log_snr=level)


def _from_file(path: Path, candidates: int, sets: int) -> list[Calibration]:
    """Requests of any shape, one a line; those with N members, by their axes."""
    from obclip_contract import ContractError, GenerateRequest

    from ..tuner.search import Calibration

    groups: dict[tuple[tuple[str, int], ...], list[Any]] = {}
    try:
        for line in path.read_bytes().splitlines():
            request = GenerateRequest.from_bytes(line)
            if request.grid.count == candidates and request.grid.rows is None:
                axes = tuple((a.name, len(a.values)) for a in request.grid.axes)
                groups.setdefault(axes, []).append((request.grid, request.seed))
    except (OSError, ContractError) as error:
        raise ConfigError(f"{path} is no file of requests: {error}") from None
    if not groups:
        raise ConfigError(f"{path} has no request of {candidates} members")
    return [Calibration("-".join(n for n, _ in axes), tuple(g[:sets])) for axes, g in groups.items()]


def _tune(engine: Engine, problem: Problem, group: Calibration, log: Any, seed: int, evaluations: int) -> Front:
    from rich.console import Console
    from rich.progress import Progress

    from ..tuner.measuring import runs_of
    from ..tuner.search import FINALISTS, tune

    runs = runs_of(engine, group, problem)
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(group.name, total=evaluations + FINALISTS)

        def tick(text: str) -> None:
            bar.update(task, advance=1, description=f"{group.name}: {text}")

        return tune(problem, runs, log, seed=seed, evaluations=evaluations, tick=tick)


def _summary(front: Front) -> dict[str, Any]:
    return {
        "chosen": {**front.chosen.row(), "plan": json.loads(front.chosen.plan.to_json())},
        "uncached": dict(front.uncached),
        "searched": front.searched,
        "front": [t.row() for t in front.trials],
    }


def _table(grid: str, front: Front) -> str:
    """The front as Markdown, cheapest first; the chosen plan is marked."""
    keys = [k for k in front.chosen.figures if k != "cost"]
    heads = [k.replace("_", " ") for k in keys]
    lines = [
        f"{grid}: {front.searched} plans tried",
        f"| plan | cost | {' | '.join(heads)} |",
        "|---" * (len(keys) + 2) + "|",
    ]
    for t in front.trials:
        mark = " *" if t is front.chosen else ""
        figures = " | ".join(f"{t.figures[k]:.2f}" for k in keys)
        lines.append(f"| {t.genome.name}{mark} | {t.figures['cost']:.3f} | {figures} |")
    if front.uncached:
        lines.append(
            f"| uncached | | {' | '.join(f'{front.uncached[k]:.2f}' if k in front.uncached else '' for k in keys)} |"
        )
    return "\n".join(lines)
