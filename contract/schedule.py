"""The noise schedule of a model: which signal and noise level each training timestep has."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .errors import SamplerError

_BETA_SCHEDULES: Final = ("scaled_linear", "linear", "squaredcos_cap_v2")
_PREDICTIONS: Final = ("epsilon", "v_prediction")
_SPACINGS: Final = ("linspace", "leading", "trailing")
#: diffusers' stand-in for zero terminal SNR: exactly zero would divide by zero.
_ZERO_SNR_ALPHA: Final = 2.0**-24


@dataclass(frozen=True)
class NoiseSchedule:
    """A variance-preserving schedule, as diffusers' scheduler configs state it.

    ``x_t = alpha_t · x_0 + sigma_t · noise`` with ``alpha_t² + sigma_t² = 1``.
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
        if self.num_train_timesteps < 2:
            raise SamplerError("num_train_timesteps must be at least 2")

    @classmethod
    def from_diffusers(cls, config: Mapping[str, Any]) -> NoiseSchedule:
        """From a ``scheduler_config.json``; keys the contract does not use are ignored."""
        if config.get("trained_betas") is not None:
            raise SamplerError("trained_betas are not supported: state the schedule by beta_start and beta_end")
        names = {f.name for f in fields(cls)}
        return cls(**{k: v for k, v in config.items() if k in names})

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as bundles store it."""
        return asdict(self)

    def _betas(self) -> NDArray[np.float64]:
        n = self.num_train_timesteps
        if self.beta_schedule == "linear":
            return np.linspace(self.beta_start, self.beta_end, n)
        if self.beta_schedule == "scaled_linear":
            return np.linspace(math.sqrt(self.beta_start), math.sqrt(self.beta_end), n) ** 2
        bar = [math.cos((i / n + 0.008) / 1.008 * math.pi / 2) ** 2 for i in range(n + 1)]
        return np.array([min(1 - bar[i + 1] / bar[i], 0.999) for i in range(n)])

    def alphas_cumprod(self) -> NDArray[np.float64]:
        """Product of (1 − beta) up to each timestep, float64 ``[num_train_timesteps]``."""
        bar = np.cumprod(1.0 - self._betas())
        if not self.rescale_betas_zero_snr:
            return bar
        # Lin et al., arXiv 2305.08891, algorithm 1: shift and scale sqrt(bar) so that the last is zero.
        root = np.sqrt(bar)
        root = (root - root[-1]) * root[0] / (root[0] - root[-1])
        bar = root**2
        bar[-1] = _ZERO_SNR_ALPHA
        return bar

    def timesteps(self, num_steps: int, extra_node: bool) -> NDArray[np.int64]:
        """The ``num_steps`` timesteps of a run, falling, by this schedule's spacing (diffusers' rules).

        ``extra_node``: the sampler places ``num_steps + 1`` nodes and drops the last (DPM-Solver++ does,
        DDIM does not); it matters for "linspace" and "leading".
        """
        n = self.num_train_timesteps
        if not 1 <= num_steps < n:
            raise SamplerError(f"steps must be between 1 and {n - 1}, not {num_steps}")
        nodes = num_steps + 1 if extra_node else num_steps
        if self.timestep_spacing == "linspace":
            grid = np.linspace(0, n - 1, nodes).round()[::-1][:num_steps]
        elif self.timestep_spacing == "leading":
            grid = (np.arange(nodes) * (n // nodes))[::-1][:num_steps] + self.steps_offset
        else:
            grid = np.arange(n, 0, -n / num_steps).round()[:num_steps] - 1
        return grid.astype(np.int64)
