"""Time and quality of every method, in turn on the same sets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.stickers.recipe.judge import Judge
from obclip_contract import psnr, sampler_table

from .. import frechet, stats
from ..finishing import Finisher
from ..judging import BESIDE, Scored, judge_set, judged_axes
from ..sets import GridKind, SetCase, set_cases
from ..timing import Timings, alternate
from .loop import REFERENCE, Run
from .methods import Latents, Method


@dataclass
class _Quality:
    scored: Scored = field(default_factory=Scored)
    latent_db: list[NDArray[Any]] = field(default_factory=list)


@dataclass(frozen=True)
class _Report:
    """What the rows are made from."""

    timings: Timings
    quality: Mapping[str, _Quality]
    axes: Sequence[str]
    distance: Callable[[frechet.Moments], float] | None
    seed: int

    def row(self, name: str, method: Method, plain: Method) -> dict[str, Any]:
        own, base = self.quality[name], self.quality[REFERENCE]
        per_set = [float(db.mean()) for db in own.latent_db]
        right = 100 * own.scored.protected(self.axes)
        change = right - 100 * base.scored.protected(self.axes)
        out = {
            "family": method.family,
            "seconds_per_set": self.timings.absolute(name).to_dict(),
            "relative_time": self.timings.relative(name).to_dict(),
            "latent_psnr_db": stats.spread(per_set).to_dict(),
            "protected_accuracy": round(float(right.mean()), 2),
            "worst_member": round(float(right.mean(0).min()), 2),
            "accuracy_difference": stats.difference(change, self.seed).to_dict(),
        }
        if self.distance is not None:
            ratio = self._frechet(own) / self._frechet(base)
            out["frechet_ratio"] = round(ratio, 4)
        if method.work is not None and plain.work is not None:
            out["work"] = {**method.work, "relative_flops": round(method.work["flops"] / plain.work["flops"], 4)}
        if method.off_apart is not None:
            out["off_differs_by"] = method.off_apart
        return out

    def _frechet(self, quality: _Quality) -> float:
        assert self.distance is not None
        return self.distance(frechet.moments(np.concatenate(quality.scored.features)))


def compare(
    methods: Mapping[str, Method],
    finisher: Finisher,
    judge: Judge,
    kind: GridKind,
    run: Run,
    rounds: int,
    seed: int = 0,
    tick: Callable[[str], None] = lambda _: None,
    reference: frechet.Moments | None = None,
) -> dict[str, Any]:
    """Time and judge every method over ``rounds`` sets; the reference's latents are kept for the PSNR.

    ``reference`` are the moments of real renders, for the Fréchet distances.
    """
    cases = set_cases(kind, rounds, seed)
    log_snr = sampler_table("dpmpp_2m", finisher.source.schedule, run.steps).head(run.cloud_steps).end_log_snr
    axes = (*judged_axes(kind), *BESIDE)
    timings = Timings(REFERENCE)
    found: dict[int, dict[str, NDArray[Any]]] = {}
    quality = {name: _Quality() for name in methods}
    timed = {name: partial(_on, method.latents, cases) for name, method in methods.items()}
    for index, name, latents in alternate(timed, rounds, REFERENCE, timings):
        found.setdefault(index, {})[name] = latents
        tick(name)
        if len(found[index]) < len(methods):
            continue
        case, all_latents = cases[index], found.pop(index)
        for method, value in all_latents.items():
            q = quality[method]
            q.latent_db.append(psnr(value, all_latents[REFERENCE]))
            judge_set(judge, finisher.pictures(value, case.members, log_snr), case, axes, q.scored)
    distance = None if reference is None else frechet.distance_to(reference)
    report = _Report(timings, quality, judged_axes(kind), distance, seed)
    rows = {name: report.row(name, method, methods[REFERENCE]) for name, method in methods.items()}
    return {"rows": rows, "ahead": ahead(rows), "front": front(rows)}


def _on(job: Latents, cases: Sequence[SetCase], index: int) -> NDArray[Any]:
    return job(cases[index])


def time_and_nearness(row: Mapping[str, Any]) -> tuple[float, float]:
    """Median relative time and latent PSNR."""
    return row["relative_time"]["median"], row["latent_psnr_db"]["median"]


def _beats(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one[0] <= other[0] and one[1] >= other[1]


def ahead(rows: Mapping[str, Mapping[str, Any]]) -> dict[str, list[str]]:
    """Per peer: which of ours are both faster and nearer to the uncached run (by the medians)."""
    at = {name: time_and_nearness(row) for name, row in rows.items()}
    ours = [n for n, row in rows.items() if row["family"] == "ours"]
    others = [n for n in rows if n not in ours and n != REFERENCE]
    return {peer: [n for n in ours if _beats(at[n], at[peer])] for peer in others}


def front(rows: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Methods that no other is both faster and nearer than, fastest first; the reference is beside the question."""
    at = {name: time_and_nearness(row) for name, row in rows.items() if name != REFERENCE}
    best = [n for n in at if not any(m != n and at[m] != at[n] and _beats(at[m], at[n]) for m in at)]
    return sorted(best, key=lambda n: at[n])
