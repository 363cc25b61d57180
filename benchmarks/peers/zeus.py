"""ZEUS (arXiv 2604.01552) from the paper's abstract: steps are skipped on a fixed schedule, their output predicted.

The predictor is the paper's: the last output and its backward difference, which is a straight line through the last
two outputs, here in the timestep. Where several steps in a row are skipped, the paper interleaves, so that no
extrapolation follows another. How is our reading: the first is extended, the next holds it, and so on (half a dB better
here than a straight line to each). Which steps are evaluated is ours to choose: the first two, then every n-th, or the
ones of our plan ``balanced``. Guidance is a fixed mix of both rows' outputs, so that predicting these and predicting
the guided output are the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from ..errors import BenchmarkError
from .loop import PipelineMethod, Run


def every(interval: int, k: int, warm_up: int = 2) -> tuple[int, ...]:
    """Steps that are evaluated: ``warm_up`` of them (a difference needs two), then every ``interval``-th."""
    return tuple(i for i in range(k) if i < warm_up or (i - warm_up + 1) % interval == 0)


@dataclass(frozen=True)
class Zeus:
    """The UNet in the steps ``evaluated`` alone.

    ``order`` 1 is the paper's line through two outputs; 2 is a parabola through three, once there are three. With
    ``interleaved``, every other step of a run of skipped ones holds the prediction before it.
    """

    label: str
    evaluated: tuple[int, ...]
    order: int = 1
    interleaved: bool = True
    family: str = "ZEUS"

    @property
    def name(self) -> str:
        return f"ZEUS-{self.label}"

    def off(self, run: Run) -> Zeus:
        return Zeus("off", tuple(range(run.steps)))

    def attach(self, pipe: Any, run: Run) -> PipelineMethod:
        if not {0, 1} <= set(self.evaluated):
            raise BenchmarkError("ZEUS needs steps 0 and 1: a difference of two outputs to extend")
        unet, forward = pipe.unet, pipe.unet.forward
        memory = _Memory(self)

        def predicted(sample: Any, timestep: Any, *args: Any, **kwargs: Any) -> Any:
            index = pipe.scheduler.timesteps.tolist().index(float(timestep))
            if index in self.evaluated:
                output = forward(sample, timestep, *args, **kwargs)
                memory.keep(index, float(timestep), output[0])
                return output
            return (memory.predict(index, float(timestep)),)

        unet.forward = predicted
        return PipelineMethod(pipe, pipe, run)


class _Memory:
    """The last outputs of one picture, with their timesteps."""

    def __init__(self, settings: Zeus) -> None:
        self._settings = settings
        self._kept: list[tuple[float, torch.Tensor]] = []
        self._last, self._predicted = -1, torch.empty(0)

    def keep(self, index: int, timestep: float, output: torch.Tensor) -> None:
        if index == 0:
            self._kept.clear()
        self._kept = [*self._kept[-self._settings.order :], (timestep, output)]
        self._last = index

    def predict(self, index: int, timestep: float) -> torch.Tensor:
        if self._settings.interleaved and (index - self._last) % 2 == 0:
            return self._predicted
        weights = lagrange([t for t, _ in self._kept], timestep)
        self._predicted = torch.stack([w * value for w, (_, value) in zip(weights, self._kept, strict=True)]).sum(0)
        return self._predicted


def lagrange(at: Sequence[float], x: float) -> list[float]:
    """Weights of values at ``at`` in the polynomial through them, taken at ``x``."""
    weights = []
    for i, a in enumerate(at):
        weight = 1.0
        for j, b in enumerate(at):
            weight *= 1.0 if i == j else (x - b) / (a - b)
        weights.append(weight)
    return weights
