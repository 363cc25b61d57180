"""What the hand-over is made of: how many cloud steps, with x0 or without, which sampler, by noise level or index."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from obclip_contract import SamplerTable, defaults, sampler_table

from ..judging import judged_axes
from ..sets import GridKind, SetCase, set_cases
from .tables import Bench, HandOver, tally_sets

#: Cloud steps of the curve.
CURVE: Final = (0, 1, 2, 3, 5, 7, 10, 13, 16, 20, 25)
K: Final = 10
#: The device's own step counts beside the cloud's 25.
DEVICE_STEPS: Final = (10, 15, 18, 25, 40)


def measure(
    bench: Bench, kind: GridKind, sets: int, tick: Callable[[str], None], held: Collection[str] = ()
) -> Iterator[tuple[str, Any]]:
    """Yields (name of a row, its report), but for those ``held``: the curve over k, restart and carry, samplers, level
    and index."""
    cases = set_cases(kind, sets, bench.seed)
    axes = judged_axes(kind)
    keep = tuple(k for k in CURVE if 0 < k < bench.cloud.steps)
    runs = bench.uncached(cases, keep, tick)
    own = [p.astype(np.float32) for p in runs.pictures]

    def report(name: str, draw: Callable[[int, SetCase], NDArray[Any]]) -> Iterator[tuple[str, Any]]:
        if name not in held:
            done = tally_sets(bench, axes, cases, own, name, lambda i, case: (draw(i, case), None), tick)
            yield name, done.report(bench.eyes.reference, None, bench.seed)

    def finish(handed: HandOver, case: SetCase, table: SamplerTable, carry: bool = False) -> NDArray[Any]:
        members = zip(handed.latents, handed.x0, case.members, strict=True)
        return np.stack([bench.device.finish(x, p, table, x0 if carry else None) for x, x0, p in members])

    for k in CURVE:
        if k == 0:
            yield from report("curve k=0", lambda _, case: bench.alone(case))
        elif k == bench.cloud.steps:
            yield from report(f"curve k={k}", lambda i, _: own[i])
        else:
            yield from report(
                f"curve k={k}",
                lambda i, case, k=k: bench.finished(runs.handed[i][k].latents, case, k),  # type: ignore[misc]
            )
    schedule, steps = bench.device.manifest.schedule, bench.cloud.steps
    grid = sampler_table(defaults.SAMPLER, schedule, steps)
    level, before = bench.level(K), grid.steps[K - 1].log_snr
    handed = [h[K] for h in runs.handed]
    carried = bench.device.table(defaults.SAMPLER, steps, level, before)
    yield from report("carry", lambda i, case: finish(handed[i], case, carried, carry=True))
    for count in DEVICE_STEPS:
        by_level = bench.device.table(defaults.SAMPLER, count, level)
        fine = sampler_table(defaults.SAMPLER, schedule, count)
        yield from report(f"level T'={count}", lambda i, case, t=by_level: finish(handed[i], case, t))  # type: ignore[misc]
        for name, index in (("share", round(K * count / steps)), ("index", K)):
            if index < count:
                rows = bench.device.table(defaults.SAMPLER, count, fine.steps[index].log_snr)
                yield from report(f"{name} T'={count}", lambda i, case, t=rows: finish(handed[i], case, t))  # type: ignore[misc]
    if "ddim" in held:
        return
    ddim = _by_ddim(bench, cases, tick)
    table = bench.device.table("ddim", steps, bench.level(K, "ddim"))
    yield from report("ddim", lambda i, case: finish(ddim[i], case, table))


def _by_ddim(bench: Bench, cases: list[SetCase], tick: Callable[[str], None]) -> list[HandOver]:
    out = []
    for case in cases:
        request = replace(bench.cloud.request(case.grid, case.seed, "naive", K), sampler="ddim")
        response = bench.cloud.engine.run(request)
        latents = response.latents.astype(np.float32)
        out.append(HandOver(latents, np.zeros_like(latents)))
        tick("ddim")
    return out


def total(sets: int) -> int:
    """Ticks."""
    rows = len(CURVE) + 2 + sum(2 + (count > K) for count in DEVICE_STEPS)
    return sets * (2 + rows)
