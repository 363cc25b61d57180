"""One N: cloud-only, device-only, and for each k every plan, on the same sets, noises and device."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from obclip_contract import defaults, psnr, sampler_table, standard_normal

from ..clouds import EngineCloud
from ..sets import GridKind, SetCase, set_cases
from .pictures import Device
from .scores import Eyes, Tally

#: One grid for each N. Ages are of portraits alone, so N = 6 is of the roles.
KINDS: Final = {2: "gender", 6: "gender-tone", 30: "gender-age-tone"}
CLOUD_STEPS: Final = (5, 10)
#: ``naive`` hands over what a hybrid of the true prompt alone would (the tests hold them equal to fp16).
NAIVE: Final = "naive"
PLANS: Final = ("paper", "paper-cache", "close", "dense", "balanced", "fast")


@dataclass(frozen=True)
class HandOver:
    """Latents ``[N, C, H, W]`` after k steps as the wire carries them, and the last x0."""

    latents: NDArray[Any]
    x0: NDArray[Any]


@dataclass
class Uncached:
    """The uncached runs of one N, all T steps: hand-overs by set and k, and the cloud's own pictures."""

    handed: list[dict[int, HandOver]] = field(default_factory=list)
    pictures: list[NDArray[Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Bench:
    """Both sides and what looks at pictures."""

    cloud: EngineCloud
    device: Device
    eyes: Eyes
    seed: int = 0

    def level(self, k: int, sampler: str = defaults.SAMPLER) -> float:
        """log-SNR after k cloud steps."""
        return sampler_table(sampler, self.device.manifest.schedule, self.cloud.steps).head(k).end_log_snr

    def uncached(self, cases: list[SetCase], keep: tuple[int, ...], tick: Callable[[str], None]) -> Uncached:
        """Run every set through all T steps without any sharing."""
        out = Uncached()
        for case in cases:
            request = self.cloud.request(case.grid, case.seed, NAIVE, self.cloud.steps)
            handed = {}
            for step in self.cloud.engine.steps(request):
                if (k := step.index + 1) in keep or k == self.cloud.steps:
                    latents, x0 = (a.astype(np.float16).astype(np.float32) for a in (step.latents, step.x0))
                    handed[k] = HandOver(latents, x0)
            clean = handed[self.cloud.steps].latents
            out.handed.append(handed)
            out.pictures.append(np.stack([self.device.decode(x[None]) for x in clean]).astype(np.float16))
            tick("cloud-only")
        return out

    def finished(self, latents: NDArray[Any], case: SetCase, k: int) -> NDArray[Any]:
        """Every member's picture from its own latent at the level after k steps."""
        table = self.device.table(defaults.SAMPLER, self.cloud.steps, self.level(k))
        pairs = zip(latents, case.members, strict=True)
        return np.stack([self.device.finish(x, prompt, table) for x, prompt in pairs])

    def alone(self, case: SetCase) -> NDArray[Any]:
        """Every member's picture by the device alone, from the set's noise."""
        start = standard_normal(case.seed, self.device.manifest.latent_shape)
        table = self.device.table(defaults.SAMPLER, self.cloud.steps, self.level(0))
        return np.stack([self.device.finish(start, prompt, table) for prompt in case.members])


#: A set's pictures ``[N, 3, S, S]``, and its latents' PSNR where that is asked, by the set's number.
Draw = Callable[[int, SetCase], tuple[NDArray[Any], NDArray[Any] | None]]


def tally_sets(
    bench: Bench,
    axes: tuple[str, ...],
    cases: list[SetCase],
    own: list[NDArray[Any]],
    name: str,
    draw: Draw,
    tick: Callable[[str], None],
) -> Tally:
    """One way of drawing over all sets; ``own`` are the cloud's own pictures of each."""
    done = Tally(axes)
    for i, case in enumerate(cases):
        pictures, latent_db = draw(i, case)
        done.add(bench.eyes, case, pictures, None if pictures is own[i] else own[i], latent_db)
        tick(name)
    return done


def measure(
    bench: Bench, kind: GridKind, sets: int, tick: Callable[[str], None], held: Collection[str] = ()
) -> Iterator[tuple[str, Any]]:
    """Yields (name of a row, its report) as they are done, but for the rows that are ``held``.

    The plans' Fréchet distances are to ``naive``, which is drawn again where it is held and a plan is not.
    """
    from ..judging import judged_axes

    cases = set_cases(kind, sets, bench.seed)
    axes, eyes = judged_axes(kind), bench.eyes
    runs = bench.uncached(cases, CLOUD_STEPS, tick)
    own = [p.astype(np.float32) for p in runs.pictures]

    def tally(name: str, draw: Draw) -> Tally:
        return tally_sets(bench, axes, cases, own, name, draw, tick)

    if "cloud-only" not in held:
        yield "cloud-only", tally("cloud-only", lambda i, _: (own[i], None)).report(eyes.reference, None, bench.seed)
    if "device-only" not in held:
        alone = tally("device-only", lambda _, case: (bench.alone(case), None))
        yield "device-only", alone.report(eyes.reference, None, bench.seed)
    for k in CLOUD_STEPS:
        if all(f"{plan} k={k}" in held for plan in (NAIVE, *PLANS)):
            continue
        handed = [h[k].latents for h in runs.handed]
        base = tally(NAIVE, lambda i, case, k=k, h=handed: (bench.finished(h[i], case, k), None))  # type: ignore[misc]
        if f"{NAIVE} k={k}" not in held:
            yield f"{NAIVE} k={k}", base.report(eyes.reference, None, bench.seed)
        for plan in PLANS:
            if f"{plan} k={k}" in held:
                continue

            def draw(i: int, case: SetCase, plan: str = plan, k: int = k, h: Any = handed) -> Any:
                latents, _ = bench.cloud.latents(case, plan, k)
                return bench.finished(latents, case, k), psnr(latents, h[i])

            yield f"{plan} k={k}", tally(plan, draw).report(eyes.reference, base, bench.seed)


def total(sets: int) -> int:
    """Ticks of one N."""
    return sets * (3 + len(CLOUD_STEPS) * (1 + len(PLANS)))
