"""One picture without a hand-over against diffusers' own pipeline on the same folder.

Everything else here is compared with itself: the graphs with the modules they were traced from, the pictures with
torch's through our loop. A wrong reading of the folder (its padding, its schedule, its guidance) would be in both. So
the model draws all T steps alone, once by our tokens, table, guidance and loop, and once by diffusers' pipeline, built
from the folder's own configs, from the same noise.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
from diffusers import (
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
)
from numpy.typing import NDArray
from transformers import CLIPTokenizer

from obclip_contract import MAX_PSNR, apply_step, defaults, guide, is_guided, sampler_table, standard_normal, unscale

from ..families.recognise import read_json
from ..pair import SourceModel
from ..quiet import quiet
from .graphs import Check, psnr_db
from .runtimes import TorchRuntime

__all__ = ["REFERENCE_DB", "Drawn", "ReferenceRun", "check_reference", "compare", "draw", "draw_by_diffusers"]

#: Both run the same modules in float32, so what differs is rounding: 100 dB and more where nothing is wrong. Zero
#: terminal SNR divides by a very small number, which takes some of it.
REFERENCE_DB: Final = 50.0
PROMPT: Final = "a portrait of a woman! in a red hat"
_SEED: Final = 1000
#: Steps of a small model, and of one whose evaluation takes many seconds.
_STEPS, _FEW_STEPS = 6, 2
_LARGE: Final = 200_000_000
#: What our table is, where a scheduler's config asks for another solver; export says so.
_SOLVER: Final[dict[str, dict[str, Any]]] = {
    "dpmpp_2m": {
        "algorithm_type": "dpmsolver++",
        "solver_order": 2,
        "solver_type": "midpoint",
        "lower_order_final": True,
        "euler_at_final": False,
        "final_sigmas_type": "zero",
    },
    "ddim": {"set_alpha_to_one": True, "clip_sample": False},
}
_CLASSES: Final = {"dpmpp_2m": DPMSolverMultistepScheduler, "ddim": DDIMScheduler}


@dataclass(frozen=True)
class ReferenceRun:
    """What is drawn. ``negative``: empty is diffusers' ``None``."""

    guidance: float
    steps: int
    sampler: str = defaults.SAMPLER
    prompt: str = PROMPT
    negative: str = ""
    seed: int = _SEED


@dataclass(frozen=True)
class Drawn:
    """A run's last latent, float32 ``[1, C, H, W]``, and its picture ``[1, 3, S, S]`` in [-1, 1]."""

    latent: NDArray[Any]
    picture: NDArray[Any]


def compare(ours: Drawn, theirs: Drawn) -> tuple[float, float]:
    """PSNR in dB of the latents (against their own range) and of the pictures.

    Both are asked for: a decoder with random weights draws much the same whatever it is given.
    """
    return psnr_db(ours.latent, theirs.latent), psnr_db(ours.picture, theirs.picture, peak=2.0)


def pipeline_of(source: SourceModel, sampler: str = defaults.SAMPLER) -> Any:
    """diffusers' pipeline of a folder, on the modules that are loaded, with ``from_config`` of the sampler's class."""
    root, index = source.root, read_json(source.root / "model_index.json")
    config = read_json(root / "scheduler" / "scheduler_config.json")
    with quiet(logging.ERROR, bars=True):
        parts: dict[str, Any] = {
            "unet": source.unet,
            "vae": source.vae,
            "text_encoder": source.text_encoder,
            "tokenizer": CLIPTokenizer.from_pretrained(str(root / "tokenizer"), local_files_only=True),
            "scheduler": _CLASSES[sampler].from_config({**config, **_SOLVER[sampler]}),
        }
        if source.text_encoder_2 is None:
            off = {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}
            return StableDiffusionPipeline(**parts, **off)
        parts["text_encoder_2"] = source.text_encoder_2
        parts["tokenizer_2"] = CLIPTokenizer.from_pretrained(str(root / "tokenizer_2"), local_files_only=True)
        zeros = index.get("force_zeros_for_empty_prompt", True)
        return StableDiffusionXLPipeline(**parts, force_zeros_for_empty_prompt=zeros, add_watermarker=False)


def draw_by_diffusers(source: SourceModel, run: ReferenceRun) -> Drawn:
    """The whole run by diffusers' pipeline."""
    last: list[torch.Tensor] = []

    def keep(_pipe: Any, _step: int, _timestep: Any, tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        last[:] = [tensors["latents"].clone()]
        return tensors

    with quiet(logging.ERROR, bars=True):
        pipe = pipeline_of(source, run.sampler)
        pipe.set_progress_bar_config(disable=True)
        noise = torch.from_numpy(standard_normal(run.seed, source.latent_shape)[None])
        out = pipe(
            run.prompt,
            negative_prompt=run.negative or None,
            num_inference_steps=run.steps,
            guidance_scale=run.guidance,
            latents=noise.to(source.unet.dtype),
            output_type="pt",
            callback_on_step_end=keep,
        )
    return Drawn(last[0].float().numpy(), out.images.float().numpy() * 2.0 - 1.0)


def draw(source: SourceModel, run: ReferenceRun) -> Drawn:
    """The whole run by ours: the contract's tokens, table and guidance."""
    runtime = TorchRuntime(source)
    guided = is_guided(run.guidance)
    texts = [run.prompt, run.negative] if guided else [run.prompt]
    states = runtime.encode_text(source.tokens.encode(texts))
    x: Any = standard_normal(run.seed, source.latent_shape)[None]
    previous: Any = None
    for step in sampler_table(run.sampler, source.schedule, run.steps).steps:
        out = runtime.denoise(np.repeat(x, len(states), axis=0), step.timestep, states)
        model_output = guide(out[:1], out[1:], run.guidance) if guided else out
        following, x0 = apply_step(step, x, model_output, previous)
        x, previous = following.astype(np.float32), x0.astype(np.float32)
    return Drawn(x, runtime.decode(unscale(x, float(source.vae.config.scaling_factor))))


def check_reference(source: SourceModel, what: str, guidance: float) -> Check:
    """Hold one picture of all steps against diffusers'; the result says what is wrong, nothing is raised.

    Args:
        what: ``large`` or ``small``, for messages.
    """
    weights = sum(p.numel() for p in source.unet.parameters())
    run = ReferenceRun(guidance, _FEW_STEPS if weights > _LARGE else _STEPS)
    ours, theirs = draw(source, run), draw_by_diffusers(source, run)
    error, failure, db = float(np.abs(ours.picture - theirs.picture).max()), "", -MAX_PSNR
    if not all(np.isfinite(a).all() for drawn in (ours, theirs) for a in (drawn.latent, drawn.picture)):
        failure = "drew a picture that is not finite, here or in diffusers"
    else:
        db = min(compare(ours, theirs))
        if db < REFERENCE_DB:
            failure = (
                f"draws another picture than diffusers' pipeline on the same folder: PSNR {db:.1f} dB, at least "
                f"{REFERENCE_DB:.0f} is asked"
            )
    return Check("pictures", "diffusers", f"{what} model", error, "fp32", round(db, 2), failure)
