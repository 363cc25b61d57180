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

from . import limits
from .errors import SamplerError
from .schedule import NoiseSchedule

DDIM: Final = "ddim"
DPMPP_2M: Final = "dpmpp_2m"
SAMPLERS: Final = (DDIM, DPMPP_2M)
#: Two noise levels closer than this (in half log-SNR) are the same node; text on the wire keeps 12 digits.
_SAME_NODE: Final = 1e-5
#: A grid node this close to the hand-over, as a share of the node's own next interval, is passed over:
#: it would cost a model run for no progress, and the second-order term divides by the interval.
_MIN_INTERVAL: Final = 0.1


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
        """The first ``k`` rows: the cloud's part.

        Raises:
            SamplerError: ``k`` is negative or more than there are.
        """
        if not 0 <= k <= len(self.steps):
            raise SamplerError(f"cannot take {k} of {len(self.steps)} steps")
        end = self.steps[k].log_snr if k < len(self.steps) else self.end_log_snr
        return SamplerTable(self.kind, self.steps[:k], end)


@dataclass(frozen=True)
class _Node:
    """A place on the noise axis. ``half`` is log(alpha/sigma); at zero terminal SNR alpha may be exactly 0."""

    timestep: float
    alpha: float
    sigma: float
    half: float


_CLEAN: Final = _Node(0.0, 1.0, 0.0, math.inf)


def _at_timestep(kind: str, schedule: NoiseSchedule, t: int) -> _Node:
    bar = float(schedule.alphas_cumprod()[t])
    half = 0.5 * (math.log(bar) - math.log1p(-bar))
    pure = schedule.rescale_betas_zero_snr and t == schedule.num_train_timesteps - 1
    if kind == DDIM and pure and schedule.prediction_type == "v_prediction":
        # DDIM can divide by sigma alone, so pure noise is exact here (as in diffusers).
        return _Node(float(t), 0.0, 1.0, half)
    return _Node(float(t), math.sqrt(bar), math.sqrt(1.0 - bar), half)


def _at_log_snr(schedule: NoiseSchedule, log_snr: float) -> _Node:
    """The node of that noise level; its timestep is interpolated in log-SNR, so it may be fractional."""
    levels = schedule.log_snr()
    t = float(np.interp(log_snr, levels[::-1], np.arange(len(levels), dtype=np.float64)[::-1]))
    alpha = math.sqrt(1.0 / (1.0 + math.exp(-log_snr)))
    sigma = math.sqrt(1.0 / (1.0 + math.exp(log_snr)))
    return _Node(t, alpha, sigma, log_snr / 2.0)


def _nodes(kind: str, schedule: NoiseSchedule, num_steps: int) -> list[_Node]:
    if kind not in SAMPLERS:
        raise SamplerError(f"sampler {kind!r} is not supported; known: {', '.join(SAMPLERS)}")
    return [_at_timestep(kind, schedule, int(t)) for t in schedule.timesteps(num_steps, kind == DPMPP_2M)]


def _targets(kind: str, schedule: NoiseSchedule, num_steps: int, grid: Sequence[_Node]) -> list[_Node]:
    """Where each grid node's step goes: the next node; for DDIM, diffusers' fixed stride below the node.

    The two differ where T does not divide the training timesteps and for "linspace"; then the latent is a
    little off the level at which the next row reads it, in diffusers as here. The last row always ends clean.
    """
    if kind != DDIM:
        return [*grid[1:], _CLEAN]
    stride = schedule.num_train_timesteps // num_steps
    below = [int(node.timestep) - stride for node in grid[:-1]]
    return [*(_at_timestep(kind, schedule, t) if t >= 0 else _CLEAN for t in below), _CLEAN]


def _row(kind: str, schedule: NoiseSchedule, now: _Node, after: _Node, previous_half: float | None) -> SamplerStep:
    if schedule.prediction_type == "v_prediction":
        from_latent, from_model = now.alpha, -now.sigma
    else:
        from_latent, from_model = 1.0 / now.alpha, -now.sigma / now.alpha
    ratio = after.sigma / now.sigma
    # -alpha (e^-h - 1) of DPM-Solver++ and DDIM's x0 coefficient are the same number.
    data = after.alpha - ratio * now.alpha
    carry = 0.0
    if kind == DPMPP_2M and previous_half is not None and after.sigma > 0.0:
        # r = (half_now - half_previous) / (half_after - half_now); the term is (x0 - x0') / 2r.
        carry = -0.5 * data * (after.half - now.half) / (now.half - previous_half)
    return SamplerStep(
        timestep=now.timestep,
        log_snr=2.0 * now.half,
        x0_from_latent=from_latent,
        x0_from_model=from_model,
        next_from_latent=ratio,
        next_from_x0=data - carry,
        next_from_previous=carry,
    )


def _table(
    kind: str, schedule: NoiseSchedule, moves: Sequence[tuple[_Node, _Node]], previous_half: float | None
) -> SamplerTable:
    rows = []
    for now, after in moves:
        rows.append(_row(kind, schedule, now, after, previous_half))
        previous_half = now.half
    return SamplerTable(kind, tuple(rows), math.inf)


def sampler_table(kind: str, schedule: NoiseSchedule, num_steps: int) -> SamplerTable:
    """The whole run of ``num_steps`` (T) from pure noise to a clean latent.

    Raises:
        SamplerError: unknown sampler or an impossible step count.
    """
    grid = _nodes(kind, schedule, num_steps)
    targets = _targets(kind, schedule, num_steps, grid)
    return _table(kind, schedule, list(zip(grid, targets, strict=True)), None)


def finish_table(
    kind: str, schedule: NoiseSchedule, num_steps: int, start_log_snr: float, previous_log_snr: float | None = None
) -> SamplerTable:
    """The device's part: from the noise level where the cloud stopped to a clean latent.

    The first row stands exactly at ``start_log_snr`` (a fractional timestep where the device's grid has
    no such node); the rest are the nodes of the device's ``num_steps`` grid with less noise. So the two
    sides may use different grids and different noise schedules. On the cloud's own grid and schedule the
    result is the rest of the uninterrupted table: the same rows with "carry", first order at the seam without.

    Args:
        schedule: the small UNet's schedule.
        start_log_snr: log-SNR of the handed-over latent; ``inf`` (clean) gives an empty table.
        previous_log_snr: log-SNR at which the handed-over x0 was predicted (hand-over "carry": the first
            row is second order); ``None`` is "restart", first order at the seam.

    Raises:
        SamplerError: unknown sampler, an impossible step count or noise level.
    """
    grid = _nodes(kind, schedule, num_steps)
    if start_log_snr == math.inf:
        return SamplerTable(kind, (), math.inf)
    for level in (start_log_snr, previous_log_snr):
        if level is not None and not abs(level) <= limits.MAX_ABS_LOG_SNR:
            raise SamplerError(f"a log-SNR must be a number within ±{limits.MAX_ABS_LOG_SNR:g}, not {level}")
    previous = None if previous_log_snr is None else previous_log_snr / 2.0
    if previous is not None and previous > start_log_snr / 2.0 - _SAME_NODE:
        raise SamplerError("the carried prediction must come from a noisier step than the hand-over")
    moves = list(zip(grid, _targets(kind, schedule, num_steps, grid), strict=True))
    start = start_log_snr / 2.0
    rest = [(now, after) for now, after in moves if now.half > start + _SAME_NODE]
    on_grid = next((move for move in moves if abs(move[0].half - start) <= _SAME_NODE), None)
    if on_grid is not None:
        return _table(kind, schedule, [on_grid, *rest], previous)
    if len(rest) > 1 and rest[0][0].half - start < _MIN_INTERVAL * (rest[1][0].half - rest[0][0].half):
        rest = rest[1:]
    begin = _at_log_snr(schedule, start_log_snr)
    return _table(kind, schedule, [(begin, rest[0][0] if rest else _CLEAN), *rest], previous)


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
