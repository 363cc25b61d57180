"""Diffusers' arguments and methods that mean nothing here: each is refused by name, with what to use.

A value that asks for nothing (``None``, diffusers' own default) passes. A test makes docs/DIFFUSERS.md from these
tables.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any, Final

from ..errors import InputError

__all__ = ["METHODS", "REFUSED", "MissingError", "refuse_foreign", "refuse_unknown"]

_SIZE: Final = "the pair draws pictures of one size; export a pair of another with 'obclip export'"
_TEXT: Final = "text goes over the wire, not embeddings: pass prompt= and negative_prompt="
_ONE_TEXT: Final = "one prompt goes to every text encoder: pass prompt= and negative_prompt="
_IMAGE: Final = "the pair makes pictures from text alone"
_ROWS: Final = "the noise levels are those of the bundle's schedule: pass num_inference_steps= and sampler="
_FIXED: Final = "the exported graphs are fixed: it cannot be changed at run time"
_SPLIT: Final = "the run is split between cloud and device: pass cloud_steps="

#: By name: values besides ``None`` that ask for nothing, and what to use instead.
REFUSED: Final[Mapping[str, tuple[tuple[Any, ...], str]]] = {
    "generator": ((), "both sides draw the noise from one number: pass seed=, an integer or one for each picture"),
    "latents": ((), "both sides draw the noise from one number: pass seed="),
    "prompt_embeds": ((), _TEXT),
    "negative_prompt_embeds": ((), _TEXT),
    "pooled_prompt_embeds": ((), _TEXT),
    "negative_pooled_prompt_embeds": ((), _TEXT),
    "prompt_2": ((), _ONE_TEXT),
    "negative_prompt_2": ((), _ONE_TEXT),
    "prompt_3": ((), _ONE_TEXT),
    "negative_prompt_3": ((), _ONE_TEXT),
    "timesteps": ((), _ROWS),
    "sigmas": ((), _ROWS),
    "eta": ((0.0,), "no sampler here adds noise: pass sampler='ddim' for DDIM with eta 0"),
    "guidance_rescale": ((0.0,), "guidance is not rescaled: pass guidance_scale="),
    "clip_skip": ((), _FIXED),
    "cross_attention_kwargs": ((), _FIXED),
    "denoising_start": ((), _SPLIT),
    "denoising_end": ((), _SPLIT),
    "original_size": ((), _SIZE),
    "target_size": ((), _SIZE),
    "crops_coords_top_left": (((0, 0),), _SIZE),
    "negative_original_size": ((), _SIZE),
    "negative_target_size": ((), _SIZE),
    "negative_crops_coords_top_left": (((0, 0),), _SIZE),
    "image": ((), _IMAGE),
    "mask_image": ((), _IMAGE),
    "strength": ((), _IMAGE),
    "ip_adapter_image": ((), _IMAGE),
    "ip_adapter_image_embeds": ((), _IMAGE),
    "max_sequence_length": ((), "the tokenizer's length is the bundle's"),
    "callback": ((), "pass callback_on_step_end=, or iterate over steps()"),
    "callback_steps": ((1,), "pass callback_on_step_end=, or iterate over steps()"),
}

_RUNTIME: Final = "the bundle's runtime stays on this device's processor: pass num_threads= to from_bundle"
_MEMORY: Final = "the graphs of the bundle are fixed, and loaded at their first use: close() frees them"
_EXPORT: Final = "a bundle is fixed when it is exported: change the models, and run 'obclip export'"
#: Diffusers' methods that are not here, and what to use.
METHODS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("to", "device", "dtype", "hf_device_map"), _RUNTIME),
    **dict.fromkeys(
        (
            "enable_attention_slicing",
            "disable_attention_slicing",
            "enable_vae_slicing",
            "disable_vae_slicing",
            "enable_vae_tiling",
            "disable_vae_tiling",
            "enable_model_cpu_offload",
            "enable_sequential_cpu_offload",
            "enable_group_offload",
            "enable_xformers_memory_efficient_attention",
            "disable_xformers_memory_efficient_attention",
            "maybe_free_model_hooks",
        ),
        _MEMORY,
    ),
    **dict.fromkeys(
        (
            "load_lora_weights",
            "unload_lora_weights",
            "fuse_lora",
            "set_adapters",
            "load_textual_inversion",
            "load_ip_adapter",
            "enable_freeu",
            "fuse_qkv_projections",
            "save_pretrained",
            "scheduler",
            "unet",
            "vae",
            "text_encoder",
            "tokenizer",
            "components",
        ),
        _EXPORT,
    ),
    "encode_prompt": _TEXT,
    "progress_bar": "iterate over steps(), whose events say how far the run is",
    "num_timesteps": "iterate over steps(), whose events say how far the run is",
    "guidance_scale": "pass guidance_scale= to each call",
}


class MissingError(InputError, AttributeError):
    """A method or attribute of diffusers that is not here; the message names what to use."""


def refuse_foreign(arguments: Mapping[str, Any]) -> None:
    """Refuse arguments of diffusers that ask for something which is not done.

    Raises:
        InputError: names the argument, and what to use.
    """
    for name, (neutral, hint) in REFUSED.items():
        value = arguments.get(name)
        if value is not None and not _means_nothing(value, neutral):
            raise InputError(f"{name} is not taken here: {hint}")


def _means_nothing(value: Any, neutral: tuple[Any, ...]) -> bool:
    return isinstance(value, int | float | tuple) and value in neutral


def refuse_unknown(names: Iterable[str], known: Iterable[str]) -> None:
    """Refuse arguments that neither diffusers nor this pipeline knows.

    Raises:
        InputError: names one, and what was likely meant.
    """
    ours = sorted(known)
    for name in names:
        if name not in ours and name not in REFUSED:
            near = difflib.get_close_matches(name, ours, n=1)
            meant = f"; did you mean {near[0]}?" if near else ""
            raise InputError(f"there is no argument {name[:40]!r}{meant}; there are: {', '.join(ours)}")
