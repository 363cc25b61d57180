"""``obclip bench quality --plan NAME``: what a step plan costs in quality, and whether a member is favoured.

Every member of every set is finished by the small UNet and judged, once after the uncached run (plan ``naive``) and
once after the plan, from the same noise. All differences are between these two pictures of one member.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from models.stickers.recipe.judge import Judge
from obclip_contract import psnr

from . import frechet, stats
from .judging import BESIDE, Scored, judge_set, judged_axes
from .sets import GridKind, SetCase, set_cases
from .sharpness import PICTURE_PEAK

#: Sets per grid: about the same number of pictures for each, enough for differences of a point or two.
SETS: Final = {2: 150, 6: 100, 30: 20}
#: Bootstrap draws of the Fréchet ratio (each costs two eigenvalue problems).
FRECHET_DRAWS: Final = 40
#: Aims: points of accuracy on average and for the worst member, and the Fréchet distance's share.
MEAN_POINTS, WORST_POINTS, FRECHET_SHARE = 1.0, 2.0, 0.05


class Cloud(Protocol):
    """Runs a plan by its name."""

    def latents(self, case: SetCase, plan: str, cloud_steps: int) -> tuple[NDArray[Any], float]:
        """All members' latents float32 ``[N, C, H, W]`` as the wire carries them, and their log-SNR."""


class Pictures(Protocol):
    """Finishes members."""

    def pictures(self, latents: NDArray[Any], prompts: Sequence[str], log_snr: float) -> NDArray[Any]:
        """``[n, 3, S, S]`` in [-1, 1]."""


def measure(
    cloud: Cloud,
    finisher: Pictures,
    judge: Judge,
    kind: GridKind,
    plan: str,
    cloud_steps: int,
    sets: int,
    seed: int,
    tick: Callable[[], None],
    reference: tuple[Any, Any],
) -> dict[str, Any]:
    """One grid: the plan beside ``naive``."""
    axes = (*judged_axes(kind), *BESIDE)
    naive, planned = Scored(), Scored()
    latent_db, picture_db = [], []
    for case in set_cases(kind, sets, seed):
        base, log_snr = cloud.latents(case, "naive", cloud_steps)
        ours, level = cloud.latents(case, plan, cloud_steps)
        if level != log_snr:
            raise AssertionError("the plan handed over at another noise level than naive")
        both = finisher.pictures(np.concatenate([base, ours]), [*case.members, *case.members], log_snr)
        judge_set(judge, both[: kind.count], case, axes, naive)
        judge_set(judge, both[kind.count :], case, axes, planned)
        latent_db.append(psnr(ours, base))
        picture_db.append(psnr(both[kind.count :], both[: kind.count], PICTURE_PEAK))
        tick()
    return report(kind, naive, planned, np.stack(latent_db), np.stack(picture_db), reference, seed)


def report(
    kind: GridKind,
    naive: Scored,
    planned: Scored,
    latent_db: NDArray[Any],
    picture_db: NDArray[Any],
    reference: tuple[Any, Any],
    seed: int = 0,
) -> dict[str, Any]:
    """Everything the pictures of one grid say, as JSON."""
    protected = judged_axes(kind)
    out: dict[str, Any] = {"grid": kind.name, "candidates": kind.count, "sets": len(latent_db), "axes": {}}
    tests: dict[str, stats.Flatness] = {}
    for axis in (*protected, *BESIDE):
        before, after = naive.accuracy(axis), planned.accuracy(axis)
        out["axes"][axis] = {"naive": _accuracy(before), "plan": _accuracy(after), **_points(after - before, seed)}
        tests[f"accuracy {axis}"] = stats.flatness(100 * (after - before), seed)
    before, after = naive.protected(protected), planned.protected(protected)
    out["protected"] = {"naive": _accuracy(before), "plan": _accuracy(after), **_points(after - before, seed)}
    tests["accuracy protected"] = stats.flatness(100 * (after - before), seed)
    for name, values in (("latent", latent_db), ("picture", picture_db)):
        tests[f"psnr {name}"] = stats.flatness(values, seed)
        by_position = [round(float(v), 2) for v in values.mean(0)]
        out[f"psnr_{name}_db"] = {
            "mean": round(float(values.mean()), 2),
            "worst_member": min(by_position),
            "by_position": by_position,
        }
    out["frechet_distance"] = frechet_report(naive.features, planned.features, reference, seed)
    rejected = stats.holm({name: t.p_value for name, t in tests.items()})
    out["favoured"] = {
        "level": stats.LEVEL,
        "found": sorted(name for name, yes in rejected.items() if yes),
        "tests": {name: t.to_dict() for name, t in tests.items()},
    }
    out["aims"] = _aims(out)
    return out


def _accuracy(right: NDArray[Any]) -> dict[str, Any]:
    """Percent right: mean, by position, and the worst position's."""
    by_position = 100 * right.mean(0)
    error = 100 * right.mean(1).std(ddof=1) / len(right) ** 0.5 if len(right) > 1 else float("nan")
    return {
        "mean": round(float(by_position.mean()), 2),
        "standard_error": round(float(error), 2),
        "worst_member": round(float(by_position.min()), 2),
        "by_position": [round(float(p), 1) for p in by_position],
    }


def _points(change: NDArray[Any], seed: int) -> dict[str, Any]:
    """Plan minus naive in points, with its interval."""
    return {"difference": stats.difference(100 * change, seed).to_dict()}


def frechet_report(
    naive: Sequence[NDArray[Any]], planned: Sequence[NDArray[Any]], reference: tuple[Any, Any], seed: int
) -> dict[str, Any]:
    """Distances to real renders before and after, their ratio (interval over sets), and the distance between them."""
    n, p = np.stack(naive), np.stack(planned)
    distance = frechet.distance_to(reference)

    def both(rows: NDArray[Any]) -> tuple[float, float]:
        before, after = (distance(frechet.moments(np.concatenate(x[rows]))) for x in (n, p))
        return before, after

    base, ours = both(np.arange(len(n)))
    rng = np.random.default_rng(seed)
    draws = [both(rng.integers(len(n), size=len(n))) for _ in range(FRECHET_DRAWS)]
    low, high = np.quantile([after / before for before, after in draws], (stats.LEVEL / 2, 1 - stats.LEVEL / 2))
    between = frechet.distance(frechet.moments(np.concatenate(p)), frechet.moments(np.concatenate(n)))
    return {
        "naive": round(base, 2),
        "plan": round(ours, 2),
        "ratio": round(ours / base, 4),
        "ratio_interval": [round(float(low), 4), round(float(high), 4)],
        "plan_to_naive": round(between, 3),
    }


def _aims(out: dict[str, Any]) -> dict[str, Any]:
    """Each aim with its figure; ``met`` is the estimate's word, the interval stands beside the figure it belongs to."""
    protected, distance = out["protected"], out["frechet_distance"]
    worst = protected["plan"]["worst_member"] - protected["naive"]["worst_member"]
    mean = protected["difference"]["mean"]
    return {
        "mean accuracy": {"points": mean, "at_least": -MEAN_POINTS, "met": mean >= -MEAN_POINTS},
        "worst member": {"points": round(worst, 2), "at_least": -WORST_POINTS, "met": worst >= -WORST_POINTS},
        "frechet": {
            "ratio": distance["ratio"],
            "at_most": 1 + FRECHET_SHARE,
            "met": distance["ratio"] <= 1 + FRECHET_SHARE,
        },
        "no member favoured": {"tests": len(out["favoured"]["tests"]), "met": not out["favoured"]["found"]},
    }


def table(result: dict[str, Any]) -> str:
    """The result as Markdown: one row a grid."""
    lines = [
        "| grid | sets | protected, naive | plan | difference (95 %) | worst member, naive | plan "
        "| Fréchet ratio (95 %) | latent PSNR | picture PSNR | favoured |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for g in result["grids"]:
        p, f = g["protected"], g["frechet_distance"]
        d, (low, high) = p["difference"], f["ratio_interval"]
        latent, picture = g["psnr_latent_db"]["mean"], g["psnr_picture_db"]["mean"]
        lines.append(
            f"| {g['grid']} | {g['sets']} | {p['naive']['mean']:.1f} | {p['plan']['mean']:.1f} | {d['mean']:+.2f} "
            f"({d['low']:+.2f} to {d['high']:+.2f}) | {p['naive']['worst_member']:.1f} "
            f"| {p['plan']['worst_member']:.1f} | {f['ratio']:.3f} ({low:.3f} to {high:.3f}) "
            f"| {latent:.1f} dB | {picture:.1f} dB | {', '.join(g['favoured']['found']) or 'none found'} |"
        )
    return "\n".join(lines)
