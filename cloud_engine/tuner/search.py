"""The tuner: searches step plans under a budget and returns the front of cost against quality.

Two stages. The search runs many plans on a few calibration sets and looks at the latents alone: PSNR against the
uncached oblivious run (plan ``naive``) of the same noise. What is on its front is then run on all sets and, where a
scorer is given, finished and judged. Everything follows from the seed: the order of the search depends on costs
(counted) and PSNRs (the same on one machine with the same threads), never on time.

Whatever the tuner finds is a plan, so a function of public numbers: the calibration prompts shape the plan that
is stored, and no request's prompt shapes anything.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from obclip_contract import PromptGrid, psnr

from ..errors import ConfigError
from ..plans.plan import StepPlan
from ..plans.presets import CUT
from .journal import Journal
from .space import Genome, mutate, plan_of, starts

__all__ = ["Calibration", "Front", "Problem", "Runs", "Scorer", "Trial", "tune"]

#: Sets of the first stage: the mean over members of two sets ranks plans well enough to thin them out.
SEARCH_SETS: Final = 2
#: Plans that the second stage runs at most; spread over the costs of the first stage's front.
FINALISTS: Final = 8
#: A plan whose worst member is judged more points below the uncached run's is not chosen.
WORST_POINTS: Final = 2.0
#: A plan whose best position is this much nearer to the uncached run than its worst is not chosen.
FLAT_DB: Final = 3.0
#: What the front weighs against each other, and whether more (+1) or less (-1) of it is better.
OBJECTIVES: Final = {"cost": -1.0, "latent_psnr": 1.0, "worst_member": 1.0, "frechet": -1.0}
#: The search gives up after this many draws in a row that gave nothing new within the budget.
_PATIENCE: Final = 400


@dataclass(frozen=True)
class Problem:
    """What is searched, by public numbers.

    Args:
        axes: (name, number of values) of the grid.
        budget: largest cost allowed, relative to one cloud-only picture.
        max_cut: deepest skip level of the UNet.
        cost: a plan's cost.
        available: whether the backend has all graphs of a plan.
    """

    name: str
    axes: tuple[tuple[str, int], ...]
    cloud_steps: int
    steps: int
    budget: float
    max_cut: int
    cost: Callable[[StepPlan], float]
    available: Callable[[StepPlan], bool]

    def plan(self, genome: Genome) -> StepPlan | None:
        """The genome's plan, or None where it is none or cannot run."""
        plan = plan_of(genome, self.name, self.axes, self.cloud_steps, self.steps)
        return plan if plan is not None and self.available(plan) else None

    def first_cut(self) -> int:
        """The skip level that a search begins with: the presets', else the first of which the backend has graphs."""
        order = sorted(range(self.max_cut + 1), key=lambda cut: cut != CUT)
        return next((cut for cut in order if self.plan(Genome((0,), cut=cut)) is not None), 0)


class Scorer(Protocol):
    """Judges latents beyond their PSNR: finishes, decodes, classifies. Knows what each calibration set asks for."""

    def __call__(self, latents: Sequence[NDArray[Any]]) -> Mapping[str, float]:
        """``latents[i]`` float32 ``[N, C, H, W]`` of calibration set i -> figures, such as ``worst_member`` (percent)
        and ``frechet``; deterministic."""


@dataclass(frozen=True)
class Calibration:
    """What a search is calibrated on: sets of one shape as (grid, seed), and how they are judged."""

    name: str
    sets: tuple[tuple[PromptGrid, int], ...]
    scorer: Scorer | None = None

    @property
    def axes(self) -> tuple[tuple[str, int], ...]:
        """Names and sizes of the grids' axes.

        Raises:
            ConfigError: no set, or sets of several shapes.
        """
        shapes = {tuple((a.name, len(a.values)) for a in grid.axes) for grid, _ in self.sets}
        if len(shapes) != 1 or any(grid.rows is not None for grid, _ in self.sets):
            raise ConfigError("a calibration needs sets whose grids all have the same axes, as whole products")
        return next(iter(shapes))


@dataclass
class Runs:
    """The calibration: runs a plan on set i. The uncached latents are computed once, with ``naive``."""

    run: Callable[[StepPlan, int], NDArray[Any]]
    naive: StepPlan
    sets: int
    scorer: Scorer | None = None
    _uncached: dict[int, NDArray[Any]] = field(default_factory=dict)

    def uncached(self, index: int) -> NDArray[Any]:
        """The reference latents of a set."""
        if index not in self._uncached:
            self._uncached[index] = self.run(self.naive, index)
        return self._uncached[index]

    def quick(self, plan: StepPlan) -> dict[str, float]:
        """First stage: mean latent PSNR over the first sets."""
        sets = range(min(SEARCH_SETS, self.sets))
        return {"latent_psnr": float(np.mean([psnr(self.run(plan, i), self.uncached(i)) for i in sets]))}

    def thorough(self, plan: StepPlan) -> dict[str, float]:
        """Second stage, all sets: PSNR of the whole, of the worst position and from it to the best, in dB; and the
        scorer's figures."""
        latents = [self.run(plan, i) for i in range(self.sets)]
        by_member = np.mean([psnr(x, self.uncached(i)) for i, x in enumerate(latents)], axis=0)
        figures = {
            "latent_psnr": float(by_member.mean()),
            "latent_psnr_worst_member": float(by_member.min()),
            "latent_psnr_spread": float(np.ptp(by_member)),
        }
        return {**figures, **(dict(self.scorer(latents)) if self.scorer else {})}

    def reference(self) -> dict[str, float]:
        """The scorer's figures of the uncached run."""
        return dict(self.scorer([self.uncached(i) for i in range(self.sets)])) if self.scorer else {}


@dataclass(frozen=True)
class Trial:
    """A plan with its figures: ``cost`` and what the calibration gave."""

    genome: Genome
    plan: StepPlan
    figures: Mapping[str, float]

    def row(self) -> dict[str, Any]:
        """As JSON."""
        return {"description": self.genome.name, **{k: round(v, 4) for k, v in self.figures.items()}}


@dataclass(frozen=True)
class Front:
    """Pareto front, cheapest first, and the plan to use within the budget."""

    trials: tuple[Trial, ...]
    chosen: Trial
    uncached: Mapping[str, float]
    searched: int

    def entry(self, problem: Problem, search: Mapping[str, Any]) -> dict[str, Any]:
        """What a bundle keeps (:func:`cloud_engine.plans.store.save`): plain data, the same for equal searches."""
        return {
            "axes": [list(a) for a in problem.axes],
            "cloud_steps": problem.cloud_steps,
            "steps": problem.steps,
            "budget": problem.budget,
            "search": dict(search),
            "plan": json.loads(self.chosen.plan.to_json()),
            "chosen": self.chosen.row(),
            "uncached": dict(self.uncached),
            "front": [{**t.row(), "plan": json.loads(t.plan.to_json())} for t in self.trials],
        }


def dominates(a: Mapping[str, float], b: Mapping[str, float]) -> bool:
    """Whether ``a`` is nowhere worse than ``b`` and somewhere better, over the objectives they share."""
    gains = [sign * (a[key] - b[key]) for key, sign in OBJECTIVES.items() if key in a and key in b]
    return all(g >= 0 for g in gains) and any(g > 0 for g in gains)


def pareto(trials: Sequence[Trial]) -> list[Trial]:
    """Those that no other dominates, cheapest first; equal ones stay together, in the order of their names."""
    kept = [t for t in trials if not any(dominates(o.figures, t.figures) for o in trials)]
    return sorted(kept, key=lambda t: (t.figures["cost"], t.genome.name))


def _search(
    problem: Problem, runs: Runs, journal: Journal, seed: int, evaluations: int, tick: Callable[[str], None]
) -> list[Trial]:
    """First stage: a walk from the front's own members."""
    rng = random.Random(f"tune/{seed}")
    names = tuple(name for name, _ in problem.axes)
    first = starts(problem.cloud_steps, problem.first_cut())
    seen: set[Genome | StepPlan] = set()
    trials: list[Trial] = []
    queue = list(first)
    idle = 0
    while len(trials) < evaluations and idle < _PATIENCE:
        if queue:
            genome = queue.pop(0)
        else:
            front = pareto(trials)
            parent = rng.choice(front).genome if front else rng.choice(first)
            genome = mutate(parent, rng, problem.cloud_steps, names, problem.max_cut)
        idle += 1
        if genome in seen:
            continue
        seen.add(genome)
        plan = problem.plan(genome)
        if plan is None or plan in seen or (cost := problem.cost(plan)) > problem.budget:
            continue
        seen.add(plan)  # two genomes can be one plan: a forecast with nothing to extend
        idle = 0
        figures = journal.figures("search", plan, lambda plan=plan: runs.quick(plan))  # type: ignore[misc]
        trials.append(Trial(genome, plan, {"cost": cost, **figures}))
        tick(f"search: {genome.name}")
    return trials


def _finalists(front: Sequence[Trial]) -> list[Trial]:
    """At most ``FINALISTS`` of a front, its best and cheapest among them, evenly spread over the rest."""
    if len(front) <= FINALISTS:
        return list(front)
    picks = np.linspace(0, len(front) - 1, FINALISTS).round().astype(int)
    return [front[i] for i in dict.fromkeys(picks.tolist())]


def choose(trials: Sequence[Trial], uncached: Mapping[str, float]) -> Trial:
    """The nearest to the uncached run, among those whose worst member is not judged clearly worse and that favour no
    position.

    With few calibration sets the judge's percentages are coarse: they can rule a plan out, and PSNR ranks the rest.
    """
    floor = uncached.get("worst_member", -np.inf) - WORST_POINTS
    fair = [t for t in trials if t.figures.get("worst_member", np.inf) >= floor] or trials
    flat = [t for t in fair if t.figures.get("latent_psnr_spread", 0.0) <= FLAT_DB]
    return max(flat or fair, key=lambda t: (t.figures["latent_psnr"], -t.figures["cost"], t.genome.name))


def tune(
    problem: Problem,
    runs: Runs,
    journal: Journal,
    *,
    seed: int = 0,
    evaluations: int = 60,
    tick: Callable[[str], None] = lambda _: None,
) -> Front:
    """Search; deterministic for a seed. ``journal`` keeps what was measured, so that a stopped search goes on.

    Raises:
        ConfigError: no plan fits the budget, or there is nothing to calibrate on.
    """
    if runs.sets < 1:
        raise ConfigError("there is no calibration set with these axes; pass more prompts")
    found = _search(problem, runs, journal, seed, evaluations, tick)
    if not found:
        raise ConfigError(
            f"no plan costs at most {problem.budget:g} of one cloud-only picture here; raise --budget, or use fewer "
            "candidates or cloud steps"
        )
    finals = []
    for trial in _finalists(pareto(found)):
        figures = journal.figures("final", trial.plan, lambda t=trial: runs.thorough(t.plan))  # type: ignore[misc]
        finals.append(Trial(trial.genome, trial.plan, {"cost": trial.figures["cost"], **figures}))
        tick(f"final: {trial.genome.name}")
    uncached = journal.figures("uncached", runs.naive, runs.reference)
    front = pareto(finals)
    return Front(tuple(front), choose(front, uncached), uncached, len(found))
