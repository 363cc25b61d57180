"""``obclip bench cover``: what it costs in fidelity that the truth is not always among the rows.

Closed, cover, k-subset and neutral on the default pair, same prompts and seeds, scored by the judge; misses (pictures
that began from a neighbour's latent) are scored apart. One cloud run of the whole product serves every mechanism, as
the naive plan computes each member alone.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from edge_sdk.device.finishing import finish
from edge_sdk.device.handover import early_level, take_back
from edge_sdk.mechanisms import Closed, Cover, KSubset, Mechanism, Neutral
from edge_sdk.privacy.closing import slots
from edge_sdk.privacy.metric import domain_of
from models.stickers.recipe.judge import Judge
from obclip_contract import defaults, finish_table, sampler_table, standard_normal, unscale

from . import machine
from .modes import Studio
from .prompts import STICKERS, Case, cases
from .quality import SCORED, Scores, reference_moments

_SAMPLER: Final = defaults.SAMPLER


@dataclass(frozen=True)
class Way:
    """A mechanism, and what the device does on a miss: "early" (nearest, at higher noise), "as it is", or "local"."""

    mechanism: Mechanism
    on_miss: str = "early"

    @property
    def name(self) -> str:
        m = self.mechanism
        size = f" N={m.max_candidates}" if isinstance(m, Cover) else f" k={m.k}" if isinstance(m, KSubset) else ""
        epsilon = f" ε={np.log(float(m.ratio)):.2g}" if isinstance(m, KSubset) else ""
        return f"{m.name}{size}{epsilon}" + ("" if isinstance(m, Closed) else f", miss: {self.on_miss}")


def ways(covers: Sequence[int], epsilons: Sequence[float], k: int) -> list[Way]:
    """Closed first, then each cover by each way to go on from a miss, k-subset, and neutral."""
    out = [Way(Closed())]
    out += [Way(Cover(n), on_miss) for n in covers for on_miss in ("early", "as it is", "local")]
    out += [Way(KSubset.of(e, k)) for e in epsilons]
    return [*out, Way(Neutral())]


def run(
    studio: Studio,
    chosen: Sequence[Way],
    prompts: int,
    cloud_steps: int,
    seed: int = 0,
    tick: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """Every way over ``prompts`` prompts of seen triples: accuracy by axis over all, hits and misses."""
    judge, reference = Judge.load(STICKERS / "judge"), reference_moments()
    scores = {w: {part: Scores(judge) for part in ("all", "hit", "miss")} for w in chosen}
    counts = {w: {"hit": 0, "miss": 0} for w in chosen}
    began = time.monotonic()
    coins = random.Random(seed).randrange  # a benchmark repeats; nothing here is private
    for case in cases(prompts, False, seed):
        for way, picture, hit in _pictures(studio, case, chosen, cloud_steps, coins):
            part = "hit" if hit else "miss"
            counts[way][part] += 1
            scores[way]["all"].add(picture, case)
            scores[way][part].add(picture, case)
        tick()
    return {
        "benchmark": "cover",
        "prompts": prompts,
        "sampler": _SAMPLER,
        "steps": studio.steps,
        "cloud_steps": cloud_steps,
        "guidance_scale": studio.guidance,
        "seed": seed,
        "machine": machine.describe(),
        "seconds": round(time.monotonic() - began, 1),
        "rows": {w.name: {"counts": counts[w]} | _summaries(scores[w], counts[w], reference) for w in chosen},
    }


def _summaries(scores: dict[str, Scores], counts: dict[str, int], reference: tuple[Any, Any]) -> dict[str, Any]:
    """A Fréchet distance needs more than one picture; parts without enough are left out."""
    sizes = {"all": sum(counts.values()), **counts}
    return {part: s.summary(reference) for part, s in scores.items() if sizes[part] > 1}


def _pictures(
    studio: Studio, case: Case, chosen: Sequence[Way], cloud_steps: int, coins: Callable[[int], int]
) -> list[tuple[Way, NDArray[Any], bool]]:
    found = slots(case.prompt)
    domain = domain_of(found)
    grid = domain.grid(Closed().view(domain, found.choice))
    schedule = studio.edge.manifest.schedule
    *_, last = studio.cloud.engine.steps(studio.cloud.request(grid, case.seed, studio.plan, cloud_steps))
    latents = last.latents.astype(np.float16).astype(np.float32)  # what the wire carries
    level = sampler_table(_SAMPLER, schedule, studio.steps).head(cloud_steps).end_log_snr
    out, made = [], {}
    for way in chosen:
        view = way.mechanism.view(domain, found.choice, coins)
        at = way.mechanism.start(domain, view, found.choice)
        hit = view[at] == found.choice
        key = (view[at], "" if hit else way.on_miss)
        if key not in made:
            latent = latents[domain.position(view[at])][None]
            made[key] = _finished(studio, case, domain.member(found.choice), latent, level, key[1])
        out.append((way, made[key], hit))
    return out


def _finished(
    studio: Studio, case: Case, prompt: str, latent: NDArray[Any], level: float, on_miss: str
) -> NDArray[Any]:
    manifest = studio.edge.manifest
    schedule = manifest.schedule
    if on_miss == "local":
        latent, table = standard_normal(case.seed, manifest.latent_shape)[None], None
    elif on_miss == "early" and (early := early_level(_SAMPLER, schedule, studio.steps)) < level:
        latent, table = (
            take_back(latent, level, early, case.seed),
            finish_table(_SAMPLER, schedule, studio.steps, early),
        )
    else:
        table = finish_table(_SAMPLER, schedule, studio.steps, level)
    table = table or sampler_table(_SAMPLER, schedule, studio.steps)
    states = studio.runtime.encode_text(studio.tokenize([prompt, ""]))
    for done in finish(studio.runtime, table, latent, states, studio.guidance):
        latent = done.latent
    return np.asarray(studio.runtime.decode(unscale(latent, manifest.scaling_factor, manifest.shift_factor))[0])


def table(result: dict[str, Any]) -> str:
    """The result as a Markdown table."""
    lines = [
        "| mechanism | pictures | n | role | gender | skin tone | age | background | Fréchet |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, row in result["rows"].items():
        sizes = {"all": sum(row["counts"].values()), **row["counts"]}
        for part in ("all", "hit", "miss"):
            if part in row and (part == "all" or sizes[part] < sizes["all"]):
                cells = " | ".join(f"{row[part][a]['percent']:.1f}" for a in SCORED)
                lines.append(f"| {name} | {part} | {sizes[part]} | {cells} | {row[part]['frechet_distance']:.1f} |")
    return "\n".join(lines)
