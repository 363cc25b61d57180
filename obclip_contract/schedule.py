"""The noise schedule of a model: which signal and noise level each training timestep has."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from . import limits
from .errors import SamplerError

_BETA_SCHEDULES: Final = ("scaled_linear", "linear", "squaredcos_cap_v2")
_PREDICTIONS: Final = ("epsilon", "v_prediction")
#: The spacing of a config that names none: each sampler's own default, as diffusers' ``from_config`` has it.
BY_SAMPLER: Final = "by_sampler"
_SPACINGS: Final = ("linspace", "leading", "trailing", BY_SAMPLER)
#: diffusers' stand-in for zero terminal SNR: exactly zero would divide by zero.
ZERO_SNR_ALPHA: Final = 2.0**-24
#: What diffusers' two classes take where a config says nothing: the same for both, but for the spacing.
_UNSTATED: Final = {
    "beta_start": 0.0001,
    "beta_end": 0.02,
    "beta_schedule": "linear",
    "timestep_spacing": BY_SAMPLER,
}


@dataclass(frozen=True)
class NoiseSchedule:
    """A variance-preserving schedule, as diffusers' scheduler configs state it.

    ``x_t = alpha_t · x_0 + sigma_t · noise`` with ``alpha_t² + sigma_t² = 1``.

    Raises:
        SamplerError: an unknown name, a wrong type, or a number out of range.
    """

    num_train_timesteps: int = 1000
    beta_start: float = 0.00085
    beta_end: float = 0.012
    beta_schedule: str = "scaled_linear"
    prediction_type: str = "epsilon"
    timestep_spacing: str = "leading"
    steps_offset: int = 0
    rescale_betas_zero_snr: bool = False

    def __post_init__(self) -> None:
        for value, known, what in (
            (self.beta_schedule, _BETA_SCHEDULES, "beta_schedule"),
            (self.prediction_type, _PREDICTIONS, "prediction_type"),
            (self.timestep_spacing, _SPACINGS, "timestep_spacing"),
        ):
            if value not in known:
                raise SamplerError(f"{what} {value!r} is not supported; known: {', '.join(known)}")
        if not _is_int(self.num_train_timesteps) or not 2 <= self.num_train_timesteps <= limits.MAX_TRAIN_TIMESTEPS:
            raise SamplerError(f"num_train_timesteps must be a whole number from 2 to {limits.MAX_TRAIN_TIMESTEPS}")
        if not _is_int(self.steps_offset) or not 0 <= self.steps_offset < self.num_train_timesteps:
            raise SamplerError("steps_offset must be a whole number from 0 to num_train_timesteps - 1")
        betas = (self.beta_start, self.beta_end)
        if not all(isinstance(b, (int, float)) and not isinstance(b, bool) for b in betas) or not (
            0.0 < self.beta_start <= self.beta_end < 1.0
        ):
            raise SamplerError("beta_start and beta_end must be numbers with 0 < beta_start <= beta_end < 1")
        if not isinstance(self.rescale_betas_zero_snr, bool):
            raise SamplerError("rescale_betas_zero_snr must be true or false")

    @classmethod
    def from_diffusers(cls, config: Mapping[str, Any]) -> NoiseSchedule:
        """From a ``scheduler_config.json`` of any class: what diffusers' ``from_config`` of the sampler's own class
        (``DPMSolverMultistepScheduler``, ``DDIMScheduler``) makes of it. Keys the contract does not use are ignored;
        :mod:`export.families.schedulers` says which may be.

        Raises:
            SamplerError: a schedule that the contract cannot state.
        """
        if config.get("trained_betas") is not None:
            raise SamplerError("trained_betas are not supported: state the schedule by beta_start and beta_end")
        names = {f.name for f in fields(cls)}
        given = {k: v for k, v in config.items() if k in names}
        return cls(**{**_UNSTATED, **given})

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> NoiseSchedule:
        """From :meth:`to_dict`'s form, as bundles store it: exactly these keys.

        Raises:
            SamplerError: a key is missing or unknown, or a value is not allowed.
        """
        names = {f.name for f in fields(cls)}
        if set(data) != names:
            raise SamplerError(f"a noise schedule has exactly the keys {', '.join(sorted(names))}")
        return cls(**data)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as bundles store it."""
        return asdict(self)

    def alphas_cumprod(self) -> NDArray[np.float64]:
        """Product of (1 − beta) up to each timestep, float64 ``[num_train_timesteps]``, read-only."""
        return _alphas_cumprod(self)

    def log_snr(self) -> NDArray[np.float64]:
        """log(alpha²/sigma²) of each timestep, float64 ``[num_train_timesteps]``; falls with the timestep."""
        bar = self.alphas_cumprod()
        return np.asarray(np.log(bar) - np.log1p(-bar))

    def timesteps(self, num_steps: int, extra_node: bool) -> NDArray[np.int64]:
        """The ``num_steps`` timesteps of a run, falling, by this schedule's spacing (diffusers' rules).

        ``extra_node``: the sampler places ``num_steps + 1`` nodes and drops the last (DPM-Solver++ does,
        DDIM does not); it matters for "linspace" and "leading". Where no spacing was stated ("by_sampler"), such a
        sampler takes "linspace" and another "leading", the defaults of diffusers' classes.

        Raises:
            SamplerError: more steps than the schedule can place.
        """
        n = self.num_train_timesteps
        if not _is_int(num_steps) or not 1 <= num_steps < n:
            raise SamplerError(f"steps must be a whole number from 1 to {n - 1}, not {num_steps}")
        nodes = num_steps + 1 if extra_node else num_steps
        spacing = self.timestep_spacing
        if spacing == BY_SAMPLER:
            spacing = "linspace" if extra_node else "leading"
        if spacing == "linspace":
            placed = np.linspace(0, n - 1, nodes).round()[::-1][:num_steps]
        elif spacing == "leading":
            placed = (np.arange(nodes, dtype=np.float64) * (n // nodes))[::-1][:num_steps] + self.steps_offset
        else:
            placed = np.arange(n, 0, -n / num_steps).round()[:num_steps] - 1
        grid = placed.astype(np.int64)
        if grid[0] >= n or np.any(np.diff(grid) >= 0):
            raise SamplerError(f"{num_steps} steps with {spacing} spacing do not fit {n} training timesteps; use fewer")
        return grid


def _is_int(value: object) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def _betas(schedule: NoiseSchedule) -> NDArray[np.float64]:
    n = schedule.num_train_timesteps
    if schedule.beta_schedule == "linear":
        return np.linspace(schedule.beta_start, schedule.beta_end, n)
    if schedule.beta_schedule == "scaled_linear":
        return np.linspace(math.sqrt(schedule.beta_start), math.sqrt(schedule.beta_end), n) ** 2
    bar = [math.cos((i / n + 0.008) / 1.008 * math.pi / 2) ** 2 for i in range(n + 1)]
    return np.array([min(1 - bar[i + 1] / bar[i], 0.999) for i in range(n)])


@lru_cache(maxsize=16)
def _alphas_cumprod(schedule: NoiseSchedule) -> NDArray[np.float64]:
    bar = np.asarray(np.cumprod(1.0 - _betas(schedule)), np.float64)
    if schedule.rescale_betas_zero_snr:
        # Lin et al., arXiv 2305.08891, algorithm 1: shift and scale sqrt(bar) so that the last is zero.
        root = np.sqrt(bar)
        bar = np.asarray(((root - root[-1]) * root[0] / (root[0] - root[-1])) ** 2, np.float64)
        bar[-1] = ZERO_SNR_ALPHA
    bar.setflags(write=False)
    return bar
