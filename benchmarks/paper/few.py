"""A cloud that draws in eight steps without guidance rows, and a device that goes on by its own twenty-five.

The paper's row with a few-step server entered the device's grid by an index that a shift of eight made fit. Here the
device enters at the noise level that the cloud names; the shifts stand beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from obclip_contract import SamplerTable, defaults, sampler_table

from ..clouds import EngineCloud
from ..judging import judged_axes
from ..sets import GridKind, SetCase, set_cases
from .tables import Bench, tally_sets

STEPS: Final = 8
CLOUD_STEPS: Final = (2, 4, 6)
#: k of the rows by index.
K: Final = 4
SHIFTS: Final = (0, 4, 8, 12)
SAMPLER: Final = "ddim"


def measure(
    bench: Bench,
    few: EngineCloud,
    kind: GridKind,
    sets: int,
    tick: Callable[[str], None],
    held: Collection[str] = (),
) -> Iterator[tuple[str, Any]]:
    """Yields (name of a row, its report), but for those ``held``. ``few`` serves the eight-step UNet at guidance 1."""
    cases, axes = set_cases(kind, sets, bench.seed), judged_axes(kind)
    runs = bench.uncached(cases, (), tick)
    own = [p.astype(np.float32) for p in runs.pictures]
    handed = [_run(few, case, (*CLOUD_STEPS, STEPS)) for case in cases]
    # The same eight steps of the UNet that was not taught them, with guidance.
    plain = [_run(bench.cloud.with_steps(STEPS), case, (STEPS,)) for case in cases]
    schedule, steps = bench.device.manifest.schedule, bench.cloud.steps
    fine = sampler_table(defaults.SAMPLER, schedule, steps)

    def report(name: str, draw: Callable[[int, SetCase], NDArray[Any]]) -> Iterator[tuple[str, Any]]:
        if name not in held:
            done = tally_sets(bench, axes, cases, own, name, lambda i, case: (draw(i, case), None), tick)
            yield name, done.report(bench.eyes.reference, None, bench.seed)

    def finish(latents: NDArray[Any], case: SetCase, table: SamplerTable) -> NDArray[Any]:
        pairs = zip(latents, case.members, strict=True)
        return np.stack([bench.device.finish(x, prompt, table) for x, prompt in pairs])

    def decode(latents: NDArray[Any]) -> NDArray[Any]:
        return np.stack([bench.device.decode(x[None]) for x in latents])

    yield from report(f"cloud-only, {steps} steps", lambda i, _: own[i])
    yield from report(f"cloud-only, {STEPS} steps, taught", lambda i, _: decode(handed[i][STEPS]))
    yield from report(f"cloud-only, {STEPS} steps, not taught", lambda i, _: decode(plain[i][STEPS]))
    for k in CLOUD_STEPS:
        level = sampler_table(SAMPLER, schedule, STEPS).head(k).end_log_snr
        table = bench.device.table(defaults.SAMPLER, steps, level)
        yield from report(f"k={k} by level", lambda i, case, k=k, t=table: finish(handed[i][k], case, t))  # type: ignore[misc]
    for shift in SHIFTS:
        rows = bench.device.table(defaults.SAMPLER, steps, fine.steps[K + shift].log_snr)
        yield from report(f"k={K} by index, shift {shift}", lambda i, case, t=rows: finish(handed[i][K], case, t))  # type: ignore[misc]


def _run(cloud: EngineCloud, case: SetCase, keep: tuple[int, ...]) -> dict[int, NDArray[Any]]:
    """Latents ``[N, C, H, W]`` after these steps, as the wire carries them."""
    request = replace(cloud.request(case.grid, case.seed, "naive", STEPS), sampler=SAMPLER)
    return {
        step.index + 1: step.latents.astype(np.float16).astype(np.float32)
        for step in cloud.engine.steps(request)
        if step.index + 1 in keep
    }


def total(sets: int) -> int:
    """Ticks."""
    return sets * (4 + len(CLOUD_STEPS) + len(SHIFTS))
