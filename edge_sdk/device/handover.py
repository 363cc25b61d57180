"""Where the device takes over: from its own latent, or from a neighbour's at a higher noise level.

A neighbour's latent already shows the neighbour's attributes. Taken back to an earlier noise level it keeps the layout
and loses the detail, so that the device's own steps can still decide what it becomes. The paper's figure 4 finds the
true prompt's meaning back when it drives more than 80 % of the steps.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from obclip_contract import (
    BundleManifest,
    GenerateRequest,
    NoiseSchedule,
    SamplerTable,
    finish_table,
    sampler_table,
    standard_normal,
)

from ..errors import LatentError
from ..privacy import Release
from .start import Start

#: Share of the steps that a neighbour's prompt may have driven.
EARLY_SHARE: Final = 0.2
#: How far the cloud's noise level may lie from the one that the device's own schedule has after the same steps. The
#: large UNet may have another schedule; a level beyond this is no answer to what was asked.
LEVEL_SLACK: Final = 2.0
#: Noise stream of taking a latent back; stream 0 is the request's.
_STREAM: Final = 1


@dataclass(frozen=True)
class Grid:
    """The grid that the device goes on by: its sampler and T, which may be others than the cloud's."""

    sampler: str
    steps: int


def take_over(own: Start, candidates: Release, request: GenerateRequest, manifest: BundleManifest, grid: Grid) -> Start:
    """The device's own member with the rows still to do: those of its grid with less noise than the hand-over.

    Raises:
        obclip_contract.SamplerError: the level cannot be continued from.
    """
    rows = finish_table(grid.sampler, manifest.schedule, grid.steps, own.log_snr, own.x0_log_snr)
    start = replace(own, table=rows)
    return restore_level(start, candidates, request, manifest, grid) if candidates.may_miss else start


def restore_level(
    start: Start, candidates: Release, request: GenerateRequest, manifest: BundleManifest, grid: Grid
) -> Start:
    """Where the rows may lack the truth: the start for a miss, and as many device steps for a hit.

    Otherwise the time until the person's next request would tell which of the two it was.
    """
    schedule = manifest.schedule
    if candidates.on_miss == "local":
        longer = sampler_table(grid.sampler, schedule, grid.steps)
        latent = standard_normal(request.seed, manifest.latent_shape)[None]
    else:
        level = early_level(grid.sampler, schedule, grid.steps)
        if level >= start.log_snr:  # the cloud stopped early enough: the neighbour's latent needs no change
            return start
        longer = finish_table(grid.sampler, schedule, grid.steps, level)
        latent = take_back(start.latent, start.log_snr, level, request.seed)
    if not candidates.exact:
        return replace(start, latent=latent, log_snr=longer.steps[0].log_snr, x0=None, x0_log_snr=None, table=longer)
    return replace(start, idle=longer.head(max(0, len(longer.steps) - len(start.table.steps))))


def check_level(sampler: str, schedule: NoiseSchedule, steps: int, cloud_steps: int, log_snr: float) -> None:
    """One rule for all members: the level that the cloud claims fits the steps that it was asked for.

    Raises:
        LatentError: it does not.
        obclip_contract.SamplerError: an impossible step count.
    """
    asked = sampler_table(sampler, schedule, steps).head(cloud_steps).end_log_snr
    if log_snr != asked and not abs(log_snr - asked) <= LEVEL_SLACK:  # so written that a NaN does not pass
        raise LatentError(
            f"the cloud says its latents are at log-SNR {log_snr:.4g} after {cloud_steps} of {steps} steps, where "
            f"{asked:.4g} was asked for; the whole set is discarded"
        )


def early_level(sampler: str, schedule: NoiseSchedule, steps: int) -> float:
    """log-SNR after the early share of a run of ``steps``: where a neighbour's latent is taken back to."""
    table: SamplerTable = sampler_table(sampler, schedule, steps)
    return table.head(max(1, int(EARLY_SHARE * steps))).end_log_snr


def take_back(latent: NDArray[Any], log_snr: float, target: float, seed: int) -> NDArray[Any]:
    """A latent ``[1, C, H, W]`` at ``log_snr`` with noise added up to ``target``, which is noisier.

    The forward process from one level to a noisier one: x' = (a'/a) x + sqrt(s'² - (a'/a)² s²) n.
    """
    alpha, sigma = _signal(log_snr)
    back_alpha, back_sigma = _signal(target)
    ratio = back_alpha / alpha
    added = math.sqrt(max(0.0, back_sigma**2 - (ratio * sigma) ** 2))
    noise = standard_normal(seed, latent.shape[1:], _STREAM)[None]
    mixed: NDArray[Any] = (np.float32(ratio) * latent + np.float32(added) * noise).astype(np.float32)
    return mixed


def _signal(log_snr: float) -> tuple[float, float]:
    if math.isinf(log_snr):
        return 1.0, 0.0
    return math.sqrt(1.0 / (1.0 + math.exp(-log_snr))), math.sqrt(1.0 / (1.0 + math.exp(log_snr)))
