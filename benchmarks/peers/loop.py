"""diffusers' own loop on the oblivious work: N prompts in one batch, ended after k of T steps."""

from __future__ import annotations

import copy
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from numpy.typing import NDArray

from obclip_contract import standard_normal

from ..errors import BenchmarkError
from ..sets import SetCase

REFERENCE: Final = "diffusers"


@dataclass(frozen=True)
class Run:
    """The public numbers of the work, the same for every method."""

    steps: int
    cloud_steps: int
    guidance: float


def load_pipeline(folder: Path) -> Any:
    """diffusers' pipeline on a folder of the pair, fp32, quiet.

    Raises:
        BenchmarkError: the folder holds no such pipeline.
    """
    from diffusers import StableDiffusionPipeline

    try:
        pipe = StableDiffusionPipeline.from_pretrained(
            str(folder),
            safety_checker=None,
            feature_extractor=None,
            requires_safety_checker=False,
            local_files_only=True,
            use_safetensors=True,
        )
    except (OSError, ValueError) as error:
        raise BenchmarkError(f"{folder} cannot be loaded by diffusers: {str(error).splitlines()[0]}") from None
    pipe.set_progress_bar_config(disable=True)
    return pipe.to(torch.float32)


def with_own_unet(pipe: Any) -> Any:
    """The pipeline with a UNet and a scheduler of its own, since the peers patch them in place."""
    own = copy.copy(pipe)
    own.register_modules(unet=copy.deepcopy(pipe.unet), scheduler=copy.deepcopy(pipe.scheduler))
    return own


def _stop_at(k: int) -> Callable[..., dict[str, Any]]:
    """diffusers' way to end the loop early: the pipeline's interrupt flag, set after step k."""

    def after(pipe: Any, index: int, _timestep: Any, values: dict[str, Any]) -> dict[str, Any]:
        if index + 1 == k:
            pipe._interrupt = True
        return values

    return after


class PipelineMethod:
    """One pipeline call a set.

    ``call`` is ``pipe`` itself or the package's replacement for it; ``around`` is entered for every set (where a
    cache is emptied, say); ``options`` go to the call.
    """

    def __init__(
        self,
        pipe: Any,
        call: Callable[..., Any],
        run: Run,
        *,
        around: Callable[[], AbstractContextManager[Any]] = nullcontext,
        **options: Any,
    ) -> None:
        self.pipe, self._call, self._run, self._around, self._options = pipe, call, run, around, options
        unet = pipe.unet.config
        self._shape = (int(unet.in_channels), int(unet.sample_size), int(unet.sample_size))

    def latents(self, case: SetCase) -> NDArray[Any]:
        """float32 ``[N, C, H, W]`` after k steps."""
        noise = torch.from_numpy(standard_normal(case.seed, self._shape))
        with torch.inference_mode(), self._around():
            out = self._call(
                prompt=list(case.members),
                negative_prompt=[""] * len(case.members),
                latents=noise[None].repeat(len(case.members), 1, 1, 1),
                guidance_scale=self._run.guidance,
                num_inference_steps=self._run.steps,
                output_type="latent",
                callback_on_step_end=_stop_at(self._run.cloud_steps),
                **self._options,
            )
        latents: NDArray[Any] = out.images.numpy().copy()
        return latents
