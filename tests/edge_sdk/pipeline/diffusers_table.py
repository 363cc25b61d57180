"""What the table of docs/DIFFUSERS.md is made from: each argument is tried on a real pipeline."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from edge_sdk import InputError, ObliviousPipeline
from edge_sdk.pipeline.foreign import METHODS

PROMPT: Final = "a woman"
DOC: Final = Path(__file__).resolve().parents[3] / "docs" / "DIFFUSERS.md"


def keep(pipe: Any, step: int, timestep: float, tensors: dict[str, Any]) -> dict[str, Any]:
    """A callback as diffusers' users write it."""
    return tensors


_TENSOR: Final = torch.zeros(1)
#: Shown in place of values whose own text says little.
_SHOWN: Final = {id(_TENSOR): "torch.Tensor", id(keep): "a function"}
#: One call each.
ARGUMENTS: Final[tuple[dict[str, Any], ...]] = (
    {"num_inference_steps": 4},
    {"num_inference_steps": np.int64(4)},
    {"num_inference_steps": 4.0},
    {"num_inference_steps": 0},
    {"guidance_scale": 7.5},
    {"guidance_scale": None},
    {"negative_prompt": "blurry"},
    {"negative_prompt": None},
    {"negative_prompt": ["blurry"]},
    {"num_images_per_prompt": 2},
    {"num_images_per_prompt": None},
    {"output_type": "pil"},
    {"output_type": "np"},
    {"output_type": "latent"},
    {"output_type": "pt"},
    {"return_dict": False},
    {"callback_on_step_end": keep},
    {"callback_on_step_end_tensor_inputs": ["latents"]},
    {"callback_on_step_end_tensor_inputs": ["prompt_embeds"]},
    {"generator": torch.Generator().manual_seed(0)},
    {"width": 64},
    {"width": 512},
    {"height": 64},
    {"height": 512},
    {"eta": 0.0},
    {"eta": 0.5},
    {"guidance_rescale": 0.0},
    {"guidance_rescale": 0.7},
    {"clip_skip": None},
    {"clip_skip": 1},
    *({name: _TENSOR} for name in ("latents", "prompt_embeds", "negative_prompt_embeds", "pooled_prompt_embeds")),
    {"negative_pooled_prompt_embeds": _TENSOR},
    {"timesteps": [999, 500]},
    {"sigmas": [1.0, 0.5]},
    {"prompt_2": "a man"},
    {"negative_prompt_2": "blurry"},
    {"denoising_end": 0.8},
    {"original_size": (64, 64)},
    {"target_size": (64, 64)},
    {"crops_coords_top_left": (0, 0)},
    {"crops_coords_top_left": (8, 8)},
    {"negative_original_size": (64, 64)},
    {"negative_target_size": (64, 64)},
    {"negative_crops_coords_top_left": (8, 8)},
    {"cross_attention_kwargs": {"scale": 0.5}},
    {"ip_adapter_image": _TENSOR},
    {"ip_adapter_image_embeds": [_TENSOR]},
    {"callback": keep},
    {"callback_steps": 5},
    {"image": _TENSOR},
    {"strength": 0.8},
    {"no_such_argument": 1},
)
_HEAD: Final = """# Diffusers' arguments

What `pipe(prompt, …)` does with each argument of diffusers' `StableDiffusionPipeline` and `StableDiffusionXLPipeline`.
A test makes each call and writes the table (`tests/edge_sdk/pipeline/test_diffusers.py`); nothing is ignored. A refusal
is an `InputError`, raised before anything is read or sent. `None` means "not said" for every argument. The prompt is a
text or a list of texts. Threads, tasks, callbacks and stopping: [PIPELINE.md](PIPELINE.md).

Ours beside them: `cloud_steps` (k; 0 sends nothing; left out it follows `num_inference_steps`: 10 of 25, 20 of 50, 2 of
4, at least 1), `seed` (one number, or one for each picture; picture i of a call has seed + i), `sampler`, `handover`,
`plan`, `device_stride`, `privacy`. Defaults differ from diffusers': 25 steps, and the guidance that the bundle names.

| call | outcome |
|---|---|
"""
_METHODS: Final = """
## Methods and attributes

`interrupt()` stops every run; diffusers' `pipe._interrupt = True` does the same. The run ends with `StoppedError` and
gives no half-made picture. `set_progress_bar_config(disable=True)` is accepted: no bar is drawn. `from_pretrained`
names `from_bundle`.

| name | what to use |
|---|---|
"""


def outcomes(pipe: ObliviousPipeline) -> list[tuple[str, str]]:
    """Each call as text, and what came of it."""
    return [(_call(arguments), _outcome(pipe, arguments)) for arguments in ARGUMENTS]


def _call(arguments: dict[str, Any]) -> str:
    return ", ".join(f"{name}={_text(value)}" for name, value in arguments.items())


def _text(value: Any) -> str:
    if isinstance(value, torch.Generator):
        return "torch.Generator"
    if isinstance(value, list) and value and value[0] is _TENSOR:
        return "[torch.Tensor]"
    return _SHOWN.get(id(value)) or repr(value)


def _outcome(pipe: ObliviousPipeline, arguments: dict[str, Any]) -> str:
    given = {"num_inference_steps": 2, "cloud_steps": 0, "seed": 1, **arguments}
    try:
        output = pipe(PROMPT, **given)
    except InputError as error:
        text = str(error)
        return "refused: " + (text if len(text) < 200 else text[: text.index("; there are:")])
    if isinstance(output, tuple):
        return "`(images,)`"
    images = output.images
    if isinstance(images, np.ndarray):
        return f"float32 array {list(images.shape)}"
    return "a picture" if len(images) == 1 else f"{len(images)} pictures"


def table(rows: list[tuple[str, str]]) -> str:
    """The whole page."""
    calls = "".join(f"| `{call}` | {outcome.replace('|', chr(92) + '|')} |\n" for call, outcome in rows)
    methods = "".join(f"| `{name}` | {hint} |\n" for name, hint in sorted(METHODS.items()))
    return _HEAD + calls + _METHODS + methods
