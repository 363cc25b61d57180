"""``obclip bench cost``: server work of every plan, N and k, in FLOPs and in measured time, in one run.

Both are relative to one cloud-only picture: the same large UNet, T steps, guidance, one prompt. FLOPs are the cost
model's (counted on the real graphs). Times are of whole requests on the engine, text encoding and sampler included,
one after another in turn; every round is divided by its own cloud-only picture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Final

from cloud_engine.cost import CostModel
from cloud_engine.plans import StepPlan
from obclip_contract import PromptGrid, escape

from .clouds import EngineCloud
from .errors import BenchmarkError
from .sets import SetCase, grids, set_cases
from .timing import Timings, alternate

BASELINE: Final = "cloud-only"
PLANS: Final = ("naive", "paper", "deepcache-3", "tree", "nearest", "close", "dense", "balanced", "fast")
CANDIDATES: Final = (2, 6, 10, 30, 60)
CLOUD_STEPS: Final = (5, 10)
#: The paper's FLOPs relative to one picture, from its tables (N = 30 extrapolated), and this project's aims.
PAPER: Final = {(6, 10): 1.77, (6, 5): 0.90, (30, 10): 8.8, (30, 5): 4.5}
AIMS: Final = {(6, 10): 0.45, (6, 5): 0.25, (10, 10): 0.60, (30, 10): 1.08, (60, 10): 2.0}
#: The plan that the aims are for, in FLOPs and in time.
AIMED_PLAN: Final = "balanced"

#: A plan's relative FLOPs and bytes of caches.
Costed = Callable[[StepPlan], tuple[float, int]]


def cost_model(cloud: EngineCloud) -> Costed:
    """The engine's own cost model on the bundle's graphs."""
    model = CostModel.of_bundle(cloud.engine.bundle)

    def cost(plan: StepPlan) -> tuple[float, int]:
        done = model.cost(plan)
        return done.relative_flops, done.cache_bytes

    return cost


def _name(plan: str, candidates: int, cloud_steps: int) -> str:
    return f"{plan} N={candidates} k={cloud_steps}"


def run(
    cloud: EngineCloud,
    costed: Costed,
    *,
    plans: Iterable[str] = PLANS,
    candidates: Iterable[int] = CANDIDATES,
    cloud_steps: Iterable[int] = CLOUD_STEPS,
    rounds: int = 5,
    timed: bool = True,
    seed: int = 0,
    tick: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Measure everything in turn; without ``timed``, FLOPs and caches alone.

    Raises:
        BenchmarkError: an N without a grid, or fewer than five rounds.
        cloud_engine.errors.EngineError: a plan that the engine does not have.
    """
    plans, cloud_steps = list(plans), list(cloud_steps)
    cases = {n: set_cases(grids(n)[0], rounds, seed) for n in candidates}
    if any(k > cloud.steps for k in cloud_steps):
        raise BenchmarkError(f"cloud steps are at most the picture's {cloud.steps}")
    jobs: dict[str, Callable[[int], None]] = {BASELINE: partial(_picture, cloud, next(iter(cases.values())))}
    rows: dict[str, dict[str, Any]] = {}
    for n, sets in cases.items():
        axes = tuple((a.name, len(a.values)) for a in sets[0].grid.axes)
        for k in cloud_steps:
            for plan in plans:
                name = _name(plan, n, k)
                flops, cache = costed(cloud.plan(sets[0].grid, plan, k))
                rows[name] = {"plan": plan, "candidates": n, "cloud_steps": k, "axes": dict(axes)}
                rows[name] |= {"relative_flops": round(flops, 4), "cache_bytes": cache}
                jobs[name] = partial(_set, cloud, sets, plan, k)
    if not timed:
        return {"rows": list(rows.values())}
    timings = Timings(BASELINE)
    for _, name, _ in alternate(jobs, rounds, BASELINE, timings):
        tick(name)
    for name, row in rows.items():
        row["relative_ms"] = timings.relative(name).to_dict()
        row["ms"] = {k: v if k == "n" else 1000 * v for k, v in timings.absolute(name).to_dict().items()}
    baseline = {k: v if k == "n" else 1000 * v for k, v in timings.absolute(BASELINE).to_dict().items()}
    return {"baseline_ms": baseline, "rows": list(rows.values()), "aims": aims(rows.values())}


def _picture(cloud: EngineCloud, cases: list[SetCase], index: int) -> None:
    case = cases[index]
    grid = PromptGrid(escape(case.members[0]), (), {})
    cloud.engine.run(cloud.request(grid, case.seed, "naive", cloud.steps))


def _set(cloud: EngineCloud, cases: list[SetCase], plan: str, cloud_steps: int, index: int) -> None:
    cloud.latents(cases[index], plan, cloud_steps)


def aims(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The plan ``balanced`` beside the paper and the aims, which hold for FLOPs and for time."""
    out = []
    for row in rows:
        key = (row["candidates"], row["cloud_steps"])
        if row["plan"] != AIMED_PLAN or key not in AIMS:
            continue
        flops, time = row["relative_flops"], row["relative_ms"]["median"]
        out.append(
            {
                "candidates": key[0],
                "cloud_steps": key[1],
                "paper_flops": PAPER.get(key),
                "aim": AIMS[key],
                "relative_flops": flops,
                "relative_ms": round(time, 4),
                "flops_met": flops <= AIMS[key],
                "ms_met": time <= AIMS[key],
            }
        )
    return out


def table(result: Mapping[str, Any]) -> str:
    """The result as Markdown: FLOPs / measured time (quartiles) of one cloud-only picture."""
    lines = ["| plan | N | k | FLOPs | time (quartiles) | ms | caches |", "|---|---|---|---|---|---|---|"]
    for r in result["rows"]:
        time = "| |"
        if "relative_ms" in r:
            t = r["relative_ms"]
            quartiles = f"({t['low_quartile']:.2f} to {t['high_quartile']:.2f})"
            time = f"| {t['median']:.2f} {quartiles} | {r['ms']['median']:.0f}"
        lines.append(
            f"| {r['plan']} | {r['candidates']} | {r['cloud_steps']} | {r['relative_flops']:.3f} {time} "
            f"| {r['cache_bytes'] / 2**20:.1f} MiB |"
        )
    return "\n".join(lines)
