"""The tuner over grids and k: what a search finds for the price of a preset, beside the presets on the same sets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from cloud_engine.backends import BackendOptions
from cloud_engine.engine import Engine
from cloud_engine.plans import preset
from cloud_engine.tuner.journal import Journal
from cloud_engine.tuner.measuring import model_digest, problem_of, runs_of
from cloud_engine.tuner.search import FINALISTS, tune
from obclip_contract import defaults, sampler_table

from .sets import grids
from .spreading import Tick, spread
from .tuning import calibration

#: A search may spend what this one costs.
BUDGET: Final = "balanced"
PRESETS: Final = ("close", "dense", "balanced", "fast")
SIZES: Final = (2, 6, 10, 30, 60)
CLOUD_STEPS: Final = (5, 10)
_NAME: Final = "tuned"


@dataclass(frozen=True)
class Search:
    """Numbers of all searches; each process opens its own engine.

    Args:
        sets: calibration sets of each grid.
        evaluations: plans that are tried.
        threads: of each graph's call; 0 leaves it to the library.
        journals: folder of what was measured, so that a stopped run goes on; None keeps nothing.
    """

    bundle: Path
    backend: str
    steps: int
    sets: int
    evaluations: int
    seed: int
    threads: int = 0
    journals: Path | None = None

    def __call__(self, job: tuple[int, int], tick: Tick) -> Iterator[dict[str, Any]]:
        """Yield the front of N members and k cloud steps."""
        candidates, cloud_steps = job
        engine = _open(self.bundle, self.backend, self.threads)
        level = sampler_table(defaults.SAMPLER, engine.manifest.schedule, self.steps).head(cloud_steps).end_log_snr
        guidance = engine.manifest.guidance_default
        group = calibration(
            candidates,
            self.sets,
            self.seed,
            steps=self.steps,
            guidance=guidance,
            log_snr=level,
            kinds=grids(candidates)[:1],
        )[0]
        name = f"{group.name} k={cloud_steps}"
        plans = {p: preset(p, group.axes, cloud_steps, self.steps) for p in PRESETS}
        budget = problem_of(engine, group.axes, _NAME, cloud_steps, self.steps, 1.0).cost(plans[BUDGET])
        problem = problem_of(engine, group.axes, _NAME, cloud_steps, self.steps, budget)
        runs = runs_of(engine, group, problem)
        journal = self._journal(engine, name, budget)
        front = tune(
            problem,
            runs,
            journal,
            seed=self.seed,
            evaluations=self.evaluations,
            tick=lambda what: tick(f"{name}: {what}"),
        )
        beside = {}
        for preset_name, plan in plans.items():
            figures = journal.figures("final", plan, lambda plan=plan: runs.thorough(plan))  # type: ignore[misc]
            beside[preset_name] = _rounded({"cost": problem.cost(plan), **figures})
            tick(f"{name}: {preset_name}")
        yield {
            "grid": group.name,
            "candidates": candidates,
            "axes": [list(axis) for axis in problem.axes],
            "cloud_steps": cloud_steps,
            "budget": round(budget, 4),
            "searched": front.searched,
            "uncached": _rounded(front.uncached),
            "chosen": front.chosen.row(),
            "front": [trial.row() for trial in front.trials],
            "presets": beside,
        }

    def _journal(self, engine: Engine, name: str, budget: float) -> Journal:
        public = {
            **{"model": model_digest(engine), "backend": self.backend, "threads": self.threads, "seed": self.seed},
            **{"sets": self.sets, "steps": self.steps, "budget": budget},
        }
        path = None if self.journals is None else self.journals / f"{name.replace(' ', '-')}.jsonl"
        return Journal(path, public)


@lru_cache(maxsize=1)
def _open(bundle: Path, backend: str, threads: int) -> Engine:
    if threads:
        import torch

        torch.set_num_threads(threads)
    return Engine.from_bundle(bundle, backend, options=BackendOptions(threads=threads))


def _rounded(figures: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in figures.items()}


def run(
    search: Search, sizes: tuple[int, ...], cloud_steps: tuple[int, ...], tick: Tick, workers: int = 1
) -> list[dict[str, Any]]:
    """All fronts, in the order of N and k.

    Raises:
        BenchmarkError: no grid has so many members, or a process failed.
    """
    for n in sizes:
        grids(n)
    jobs = [(n, k) for n in sorted(sizes, reverse=True) for k in sorted(cloud_steps, reverse=True)]  # the longest first
    fronts = spread(jobs, search, workers, tick)
    return sorted(fronts, key=lambda front: (front["candidates"], front["cloud_steps"]))


def ticks(evaluations: int, sizes: tuple[int, ...], cloud_steps: tuple[int, ...]) -> int:
    """Steps of the progress bar."""
    return len(sizes) * len(cloud_steps) * (evaluations + FINALISTS + len(PRESETS))


def table(fronts: list[dict[str, Any]]) -> str:
    """As Markdown: for each grid and k the search's choice, its front and the presets."""
    out = [
        "| N, k | plan | FLOPs | latents, dB | worst, dB | best - worst, dB | protected, % |",
        "|---|---|---|---|---|---|---|",
    ]
    for front in fronts:
        rows = [("chosen " if row == front["chosen"] else "") + f"`{row['description']}`" for row in front["front"]]
        for name, row in [*zip(rows, front["front"], strict=True), *front["presets"].items()]:
            numbers = (row["latent_psnr"], row["latent_psnr_worst_member"], row["latent_psnr_spread"], row["protected"])
            cells = " | ".join(f"{value:.1f}" for value in numbers)
            out.append(f"| {front['candidates']}, {front['cloud_steps']} | {name} | {row['cost']:.3f} | {cells} |")
    return "\n".join(out)
