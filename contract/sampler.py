"""Samplers as plain data: per step, a fixed linear combination that any language can apply.

With ``x`` the latent, ``m`` the (guided) model output and ``x0'`` the remembered prediction:

    x0     = x0_from_latent · x + x0_from_model · m
    x_next = next_from_latent · x + next_from_x0 · x0 + next_from_previous · x0'

DDIM: Song et al., arXiv 2010.02502 (eta 0). DPM-Solver++ 2M: Lu et al., arXiv 2211.01095, algorithm 2,
midpoint, first order at the start and at the last step, as diffusers runs it with ``final_sigmas_type="zero"``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from .errors import SamplerError
from .schedule import NoiseSchedule

DDIM: Final = "ddim"
DPMPP_2M: Final = "dpmpp_2m"
SAMPLERS: Final = (DDIM, DPMPP_2M)
#: Two noise levels closer than this (in half log-SNR) are the same node.
_SAME_NODE: Final = 1e-5


@dataclass(frozen=True)
class SamplerStep:
    """One row of the table. ``log_snr`` is that of the latent before the step, log(alpha²/sigma²)."""

    timestep: float
    log_snr: float
    x0_from_latent: float
    x0_from_model: float
    next_from_latent: float
    next_from_x0: float
    next_from_previous: float


@dataclass(frozen=True)
class SamplerTable:
    """A run's rows in order. ``end_log_snr`` is that of the latent after the last (``inf``: clean)."""

    kind: str
    steps: tuple[SamplerStep, ...]
    end_log_snr: float

    def head(self, k: int) -> SamplerTable:
        """The first ``k`` rows: the cloud's part."""
        if not 0 <= k <= len(self.steps):
            raise SamplerError(f"cannot take {k} of {len(self.steps)} steps")
        end = self.steps[k].log_snr if k < len(self.steps) else self.end_log_snr
        return SamplerTable(self.kind, self.steps[:k], end)


@dataclass(frozen=True)
class _Node:
    timestep: float
    alpha: float
    sigma: float

    @property
    def half_log_snr(self) -> float:
        return math.log(self.alpha) - math.log(self.sigma) if self.sigma > 0 else math.inf


_CLEAN: Final = _Node(0.0, 1.0, 0.0)


def _at_timestep(schedule: NoiseSchedule, t: int) -> _Node:
    bar = float(schedule.alphas_cumprod()[t])
    return _Node(float(t), math.sqrt(bar), math.sqrt(1.0 - bar))


def _at_log_snr(schedule: NoiseSchedule, log_snr: float) -> _Node:
    """The node of that noise level; its timestep is interpolated in log-SNR, so it may be fractional."""
    bar = schedule.alphas_cumprod()
    levels = np.log(bar) - np.log1p(-bar)  # falls with the timestep
    t = float(np.interp(log_snr, levels[::-1], np.arange(len(bar))[::-1].astype(np.float64)))
    if abs(t - round(t)) < 1e-4:
        t = float(round(t))
    alpha = math.sqrt(1.0 / (1.0 + math.exp(-log_snr)))
    return _Node(t, alpha, math.sqrt(1.0 / (1.0 + math.exp(log_snr))))


def _prediction(schedule: NoiseSchedule, node: _Node) -> tuple[float, float]:
    """``x0`` as a combination of latent and model output."""
    if schedule.prediction_type == "v_prediction":
        return node.alpha, -node.sigma
    return 1.0 / node.alpha, -node.sigma / node.alpha


def _row(
    kind: str, schedule: NoiseSchedule, now: _Node, after: _Node, previous_half_log_snr: float | None
) -> SamplerStep:
    from_latent, from_model = _prediction(schedule, now)
    ratio = after.sigma / now.sigma
    # -alpha (e^-h - 1) of DPM-Solver++ and DDIM's x0 coefficient are the same number.
    data = after.alpha - ratio * now.alpha
    carry = 0.0
    if kind == DPMPP_2M and previous_half_log_snr is not None and after.sigma > 0:
        h = after.half_log_snr - now.half_log_snr
        r = (now.half_log_snr - previous_half_log_snr) / h
        carry = -0.5 * data / r
    return SamplerStep(
        timestep=now.timestep,
        log_snr=2.0 * now.half_log_snr,
        x0_from_latent=from_latent,
        x0_from_model=from_model,
        next_from_latent=ratio,
        next_from_x0=data - carry,
        next_from_previous=carry,
    )


def _table(
    kind: str, schedule: NoiseSchedule, nodes: Sequence[_Node], previous_half_log_snr: float | None
) -> SamplerTable:
    rows = []
    before = previous_half_log_snr
    for now, after in zip(nodes, [*nodes[1:], _CLEAN], strict=True):
        rows.append(_row(kind, schedule, now, after, before))
        before = now.half_log_snr
    return SamplerTable(kind, tuple(rows), math.inf)


def _nodes(kind: str, schedule: NoiseSchedule, num_steps: int) -> list[_Node]:
    if kind not in SAMPLERS:
        raise SamplerError(f"sampler {kind!r} is not supported; known: {', '.join(SAMPLERS)}")
    return [_at_timestep(schedule, int(t)) for t in schedule.timesteps(num_steps, kind == DPMPP_2M)]


def sampler_table(kind: str, schedule: NoiseSchedule, num_steps: int) -> SamplerTable:
    """The whole run of ``num_steps`` (T) from pure noise to a clean latent.

    Raises:
        SamplerError: unknown sampler or an impossible step count.
    """
    return _table(kind, schedule, _nodes(kind, schedule, num_steps), None)


def finish_table(
    kind: str, schedule: NoiseSchedule, num_steps: int, start_log_snr: float, previous_log_snr: float | None = None
) -> SamplerTable:
    """The device's part: from the noise level where the cloud stopped to a clean latent.

    The first row stands exactly at ``start_log_snr`` (a fractional timestep where the device's grid has
    no such node); the rest are the nodes of the device's ``num_steps`` grid with less noise. So the two
    sides may use different grids and different noise schedules.

    Args:
        schedule: the small UNet's schedule.
        start_log_snr: log-SNR of the handed-over latent; ``inf`` (clean) gives an empty table.
        previous_log_snr: log-SNR at which the handed-over x0 was predicted (hand-over "carry": the first
            row is second order); ``None`` is "restart", first order at the seam.
    """
    if start_log_snr == math.inf:
        return SamplerTable(kind, (), math.inf)
    grid = _nodes(kind, schedule, num_steps)
    start = _at_log_snr(schedule, start_log_snr)
    rest = [n for n in grid if n.half_log_snr > start.half_log_snr + _SAME_NODE]
    previous = None if previous_log_snr is None else previous_log_snr / 2.0
    if previous is not None and previous >= start.half_log_snr:
        raise SamplerError("the carried prediction must come from a noisier step than the hand-over")
    return _table(kind, schedule, [start, *rest], previous)


def apply_step(step: SamplerStep, latent: Any, model_output: Any, previous_x0: Any = None) -> tuple[Any, Any]:
    """One step on numpy arrays or torch tensors alike; returns ``(next latent, x0)``, same shape and dtype.

    Raises:
        SamplerError: the row needs the previous x0 and none was given.
    """
    x0 = step.x0_from_latent * latent + step.x0_from_model * model_output
    following = step.next_from_latent * latent + step.next_from_x0 * x0
    if step.next_from_previous != 0.0:
        if previous_x0 is None:
            raise SamplerError("this step is second order and needs the previous step's x0")
        following = following + step.next_from_previous * previous_x0
    return following, x0
