"""The device's part of the denoising: a generator over the sampler's rows.

With a stride, some rows do not ask the model: its output after guidance is taken from the line through the last two
that were computed, at their timesteps. Which rows do is fixed by public numbers (:func:`computed_rows`), never by a
latent.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from obclip_contract import SamplerTable, apply_step, guide, is_guided

from ..errors import DeviceError
from ..runtimes.protocol import Runtime

__all__ = ["FinishStep", "computed_idle_rows", "computed_rows", "finish"]

#: Rows at both ends of a run whose model output is always computed: a line needs two points, and the last steps set the
#: picture's detail.
_ENDS: Final = 2


def computed_rows(count: int, stride: int) -> tuple[bool, ...]:
    """For each row of a run whether the model is asked: with stride 3 for rows 0, 1, 4, 7, … and the last two."""
    return tuple(i < _ENDS or i + _ENDS >= count or (i - (_ENDS - 1)) % stride == 0 for i in range(count))


def computed_idle_rows(idle: int, count: int, stride: int) -> tuple[bool, ...]:
    """The same of ``idle`` rows that are computed before a table of ``count`` and thrown away.

    Together they ask the model as often as one run of all these rows: a hit takes as long as a miss.
    """
    asked = sum(computed_rows(idle + count, stride)) - sum(computed_rows(count, stride))
    return tuple(i < asked for i in range(idle))


@dataclass(frozen=True)
class FinishStep:
    """State after one device step: ``index`` of ``count`` (0-based), latents and x0 float32 ``[1, C, H, W]``.

    ``computed``: the model was asked.
    """

    index: int
    count: int
    timestep: float
    latent: NDArray[Any]
    x0: NDArray[Any]
    computed: bool = True


def finish(
    runtime: Runtime,
    table: SamplerTable,
    latent: NDArray[Any],
    states: NDArray[Any],
    guidance_scale: float,
    previous_x0: NDArray[Any] | None = None,
    computed: Sequence[bool] | None = None,
) -> Generator[FinishStep, NDArray[Any] | None, None]:
    """Denoise ``latent`` through ``table``'s rows with the small UNet; yields after each row.

    An array that is sent in takes the place of the row's latent, as a callback of diffusers may do.

    Args:
        latent: float32 ``[1, C, H, W]``, at the noise level of the first row.
        states: text states ``[2, L, D]``, the prompt's first and the negative prompt's second. Classifier-free
            guidance (Ho and Salimans, arXiv 2207.12598) runs both rows in one call; at scale 1 and less there
            is none and only the first row runs.
        previous_x0: the cloud's last x0 ``[1, C, H, W]`` for the hand-over "carry".
        computed: one entry a row, of :func:`computed_rows`; all rows ask the model if ``None``.

    Raises:
        DeviceError: the latent stopped being finite.
    """
    count = len(table.steps)
    line = _Line()
    for index, step in enumerate(table.steps):
        asked = computed is None or computed[index]
        if asked:
            output = _evaluate(runtime, latent, step.timestep, states, guidance_scale)
            line.add(step.timestep, output)
        else:
            output = line.at(step.timestep, latent)
        following, x0 = apply_step(step, latent, output, previous_x0)
        latent, previous_x0 = following.astype(np.float32), x0.astype(np.float32)
        if not bool(np.isfinite(latent).all()):
            raise DeviceError(
                f"the small model gave values that are not finite at device step {index + 1} of {count}; the edge "
                "bundle does not suit this device, try another precision or export it again"
            )
        changed = yield FinishStep(index, count, step.timestep, latent, previous_x0, asked)
        latent = latent if changed is None else changed


class _Line:
    """The last two outputs of the model, and the line through them."""

    def __init__(self) -> None:
        self._known: list[tuple[float, NDArray[Any]]] = []

    def add(self, timestep: float, output: NDArray[Any]) -> None:
        self._known = [*self._known[-1:], (timestep, output)]

    def at(self, timestep: float, latent: NDArray[Any]) -> NDArray[Any]:
        """Before there are two, the last, or nothing: that is for rows that are thrown away."""
        if len(self._known) < 2:
            return self._known[0][1] if self._known else np.zeros_like(latent)
        (older_at, older), (newer_at, newer) = self._known
        if newer_at == older_at:  # levels beyond the schedule share its last timestep
            return newer
        along = (timestep - newer_at) / (newer_at - older_at)
        extrapolated: NDArray[Any] = newer + along * (newer - older)
        return extrapolated


def _evaluate(
    runtime: Runtime, latent: NDArray[Any], timestep: float, states: NDArray[Any], scale: float
) -> NDArray[Any]:
    if not is_guided(scale):
        return runtime.denoise(latent, timestep, states[:1])
    both = runtime.denoise(np.concatenate([latent, latent]), timestep, states)
    return guide(both[:1], both[1:], scale)
