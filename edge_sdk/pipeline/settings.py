"""The public parameters of a run, checked by the contract's own rules whether anything is sent or not."""

from __future__ import annotations

import math
import operator
import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from obclip_contract import GenerateRequest, PromptGrid, RequestError, SamplerError, defaults, sampler_table
from obclip_contract.limits import MAX_GUIDANCE, MAX_STEPS
from obclip_contract.sampler import SAMPLERS

from ..device.handover import Grid
from ..errors import InputError

if TYPE_CHECKING:
    from obclip_contract import BundleManifest, SamplerTable

    from ..privacy import Release

__all__ = ["MAX_DEVICE_STRIDE", "Settings", "draw_seed", "read_seed", "read_whole"]

#: Two answers of the model say nothing of what lies further ahead.
MAX_DEVICE_STRIDE: Final = 4

#: Stands for the prompt while the parameters are checked.
_ANY: Final = PromptGrid("any", (), {})


def draw_seed() -> int:
    """A uint64 from the operating system's CSPRNG; never derived from a prompt."""
    return secrets.randbits(64)


def read_whole(name: str, value: Any) -> int:
    """A whole number of Python's or numpy's.

    Raises:
        InputError: something else.
    """
    try:
        whole = operator.index(value)
    except TypeError:
        raise InputError(f"{name} is a whole number, not {_shown(value)}") from None
    if isinstance(value, bool):
        raise InputError(f"{name} is a whole number, not {value}")
    return whole


def read_seed(value: Any) -> int:
    """A seed, 0 to 2^64 - 1.

    Raises:
        InputError: something else.
    """
    seed = read_whole("seed", value)
    if not 0 <= seed < 2**64:
        raise InputError("the seed must be between 0 and 2^64 - 1")
    return seed


@dataclass(frozen=True)
class Settings:
    """The public parameters of a run: the same for every candidate, and sent as they are. Their defaults stand in
    :mod:`obclip_contract.defaults`.

    Attributes:
        cloud_steps: steps k in the cloud; 0 sends nothing. ``None``: the default share of ``steps`` (10 of 25).
        guidance_scale: ``None``: what the bundle names; see :meth:`settle`. Rounded to what goes over the wire.
        device_stride: the device asks its model at every step (1), or only at each of so many and takes the others from
            the line through the last two answers. Not sent.
        device_steps: T of the device's own grid, which it enters at the cloud's noise level; ``None``: ``steps``. For a
            cloud that draws in a few steps. Not sent, nor are the next two.
        device_sampler, device_guidance_scale: of the device's steps; ``None``: the cloud's.

    Raises:
        InputError: a parameter that no request could hold.
    """

    steps: int = defaults.STEPS
    cloud_steps: int | None = None
    guidance_scale: float | None = None
    negative_prompt: str = ""
    sampler: str = defaults.SAMPLER
    handover: str = defaults.HANDOVER
    plan: str = defaults.PLAN
    device_stride: int = defaults.DEVICE_STRIDE
    device_steps: int | None = None
    device_sampler: str | None = None
    device_guidance_scale: float | None = None

    def __post_init__(self) -> None:
        steps = read_whole("num_inference_steps", self.steps)
        if not 1 <= steps <= MAX_STEPS:
            raise InputError(f"steps must be between 1 and {MAX_STEPS}, not {steps}")
        cloud_steps = defaults.follow_steps(steps)
        if self.cloud_steps is not None:
            cloud_steps = read_whole("cloud_steps", self.cloud_steps)
        if not 0 <= cloud_steps <= steps:
            raise InputError(f"cloud steps must be between 0 and steps ({steps}), not {cloud_steps}")
        stride = read_whole("device_stride", self.device_stride)
        if not 1 <= stride <= MAX_DEVICE_STRIDE:
            raise InputError(f"device_stride must be between 1 and {MAX_DEVICE_STRIDE}, not {stride}")
        own_steps = None if self.device_steps is None else read_whole("device_steps", self.device_steps)
        if own_steps is not None and not 1 <= own_steps <= MAX_STEPS:
            raise InputError(f"device_steps must be between 1 and {MAX_STEPS}, not {own_steps}")
        if self.device_sampler is not None and (
            not isinstance(self.device_sampler, str) or self.device_sampler not in SAMPLERS
        ):
            raise InputError(f"device_sampler is one of {', '.join(SAMPLERS)}")
        guidance, own_guidance = (
            None if said is None else _read_guidance(said) for said in (self.guidance_scale, self.device_guidance_scale)
        )
        for name in ("negative_prompt", "sampler", "handover", "plan"):
            if not isinstance(getattr(self, name), str):
                raise InputError(f"{name} is a text, not {_shown(getattr(self, name))}")
        try:
            probe = GenerateRequest(
                model="any",
                lexicon="any",
                grid=_ANY,
                seed=0,
                steps=steps,
                cloud_steps=max(1, cloud_steps),
                guidance_scale=defaults.GUIDANCE if guidance is None else guidance,
                negative_prompt=self.negative_prompt,
                sampler=self.sampler,
                handover=self.handover,
                plan=self.plan,
            )
        except RequestError as error:
            raise InputError(str(error)) from None
        object.__setattr__(self, "steps", steps)
        object.__setattr__(self, "cloud_steps", cloud_steps)
        object.__setattr__(self, "device_stride", stride)
        object.__setattr__(self, "device_steps", own_steps)
        object.__setattr__(self, "device_guidance_scale", own_guidance)
        # Both sides compute with the number that is sent.
        object.__setattr__(self, "guidance_scale", None if guidance is None else probe.guidance_scale)

    @property
    def k(self) -> int:
        """Steps in the cloud."""
        assert self.cloud_steps is not None
        return self.cloud_steps

    @property
    def guidance(self) -> float:
        """The guidance of a settled run."""
        return defaults.GUIDANCE if self.guidance_scale is None else self.guidance_scale

    @property
    def own_steps(self) -> int:
        """T of the device's grid."""
        return self.steps if self.device_steps is None else self.device_steps

    @property
    def own_grid(self) -> Grid:
        """The grid that the device goes on by."""
        return Grid(self.sampler if self.device_sampler is None else self.device_sampler, self.own_steps)

    @property
    def own_guidance(self) -> float:
        """The guidance of the device's steps."""
        return self.guidance if self.device_guidance_scale is None else self.device_guidance_scale

    def settle(self, manifest: BundleManifest) -> Settings:
        """The same with the bundle's guidance where none was said."""
        if self.guidance_scale is not None:
            return self
        return replace(self, guidance_scale=manifest.guidance_default)

    def table(self, manifest: BundleManifest) -> SamplerTable:
        """All rows of the device's own grid and schedule.

        Raises:
            InputError: the schedule cannot serve that many steps, the device's or the cloud's.
        """
        own = self.own_grid
        try:
            sampler_table(self.sampler, manifest.schedule, self.steps)
            return sampler_table(own.sampler, manifest.schedule, own.steps)
        except SamplerError as error:
            raise InputError(str(error)) from None

    def request(self, candidates: Release, model: str, seed: int) -> GenerateRequest:
        """The one request of this run; :class:`InputError` for a parameter over a limit."""
        return candidates.request(
            model=model,
            seed=seed,
            steps=self.steps,
            cloud_steps=self.k,
            guidance_scale=self.guidance,
            negative_prompt=self.negative_prompt,
            sampler=self.sampler,
            handover=self.handover,
            plan=self.plan,
        )


def _read_guidance(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError, RuntimeError):  # the last: a tensor that is no number
        number = math.nan
    if isinstance(value, bool | np.bool_ | str | bytes) or math.isnan(number):
        raise InputError(f"guidance_scale is a number, not {_shown(value)}")
    if not 0.0 <= number <= MAX_GUIDANCE:
        raise InputError(f"guidance must be between 0 and {MAX_GUIDANCE:g}, not {number:g}")
    return number


def _shown(value: object) -> str:
    """A value of a wrong kind: a number as it is, else its type alone, for a text may be a prompt."""
    return f"{value:.6g}" if isinstance(value, float) else type(value).__name__
