"""A published architecture with random weights, at its real size or scaled down, as a diffusers folder.

No weights can be fetched where there is no network; sizes, seconds and operators do not depend on them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from .architectures import Architecture

__all__ = ["random_unet", "scaled", "write_random"]

#: Channel groups of every norm; widths stay multiples of it.
_GROUPS: Final = 32
#: Widths of scaled-down text encoders; heads of 16.
_TEXT_WIDTH, _TEXT_HEADS, _SECOND_WIDTH = 48, 3, 80
_TIME_IDS: Final = 6
#: Deviation of random weights, relative to 1/sqrt(fan in): activations stay of order one through the whole UNet.
_GAIN: Final = 0.5


def scaled(name: Architecture) -> dict[str, dict[str, Any]]:
    """The configs at a tenth of the width, 16x16 latents, two transformer layers at most and two text layers: the
    same blocks, inputs and operators as the real model."""
    configs = {part: dict(config) for part, config in name.configs.items()}
    unet = configs["unet"]
    unet["block_out_channels"] = [max(_GROUPS, c // 10 // _GROUPS * _GROUPS) for c in unet["block_out_channels"]]
    heads = unet["attention_head_dim"]
    unet["attention_head_dim"] = 2 if isinstance(heads, int) else [max(1, h // 5) for h in heads]
    if isinstance(depths := unet.get("transformer_layers_per_block"), list):
        unet["transformer_layers_per_block"] = [min(2, d) for d in depths]
    unet["sample_size"] = 16
    _narrow(configs["text_encoder"], _TEXT_WIDTH, _TEXT_HEADS)
    unet["cross_attention_dim"] = _TEXT_WIDTH
    if second := configs.get("text_encoder_2"):
        _narrow(second, _SECOND_WIDTH, _SECOND_WIDTH // 16)
        unet["cross_attention_dim"] = _TEXT_WIDTH + _SECOND_WIDTH
        unet["addition_time_embed_dim"] = 8
        unet["projection_class_embeddings_input_dim"] = _SECOND_WIDTH + _TIME_IDS * 8
    vae = configs["vae"]
    vae["block_out_channels"] = [_GROUPS] * len(vae["block_out_channels"])
    vae["layers_per_block"] = 1
    vae["sample_size"] = 16 * 2 ** (len(vae["block_out_channels"]) - 1)
    return configs


def _narrow(text: dict[str, Any], width: int, heads: int) -> None:
    text.update(hidden_size=width, intermediate_size=4 * width, num_attention_heads=heads, projection_dim=width)
    text.update(num_hidden_layers=2, max_position_embeddings=32)


def random_unet(config: Mapping[str, Any], dtype: torch.dtype = torch.float32, seed: int = 0) -> UNet2DConditionModel:
    """A UNet of a config, its weights drawn in place: never more memory than the weights themselves."""
    with torch.device("meta"):
        unet = UNet2DConditionModel.from_config(dict(config)).to(dtype)
    return _drawn(unet.to_empty(device="cpu"), seed).eval().requires_grad_(False)


def _drawn(module: nn.Module, seed: int) -> Any:
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            if parameter.ndim < 2:
                parameter.fill_(1.0 if name.endswith("weight") else 0.0)
            else:
                fan_in = parameter[0].numel()
                parameter.normal_(0.0, _GAIN * fan_in**-0.5, generator=generator)
    return module


def write_random(
    name: Architecture, folder: Path, configs: Mapping[str, Mapping[str, Any]], vocabulary: int, seed: int = 0
) -> None:
    """Write a whole diffusers folder but its tokenizer, which the caller puts into ``folder/tokenizer``.

    Text encoders and VAE depend on the seed and their configs alone, so a large and a small model of one layout share
    them; the UNet's seed also holds the architecture's name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    index: dict[str, Any] = {"_class_name": _PIPELINES[name.layout], "_diffusers_version": "0.36.0"}
    unet = random_unet(configs["unet"], seed=seed + sum(name.name.encode()))
    unet.save_pretrained(folder / "unet")
    torch.manual_seed(seed)
    vae = AutoencoderKL.from_config(dict(configs["vae"]))
    vae.save_pretrained(folder / "vae")
    for part, cls in (("text_encoder", CLIPTextModel), ("text_encoder_2", CLIPTextModelWithProjection)):
        if part in configs:
            ids = {"vocab_size": vocabulary, "bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 1}
            cls(CLIPTextConfig(**{**configs[part], **ids})).save_pretrained(folder / part)
            index[part] = ["transformers", cls.__name__]
            index["tokenizer" + part.removeprefix("text_encoder")] = ["transformers", "CLIPTokenizer"]
    index |= {"unet": ["diffusers", "UNet2DConditionModel"], "vae": ["diffusers", "AutoencoderKL"]}
    index["scheduler"] = ["diffusers", configs["scheduler"]["_class_name"]]
    (folder / "scheduler").mkdir(exist_ok=True)
    (folder / "scheduler" / "scheduler_config.json").write_text(json.dumps(configs["scheduler"], indent=1))
    (folder / "model_index.json").write_text(json.dumps(index, indent=1))


_PIPELINES: Final = {"sd": "StableDiffusionPipeline", "sdxl": "StableDiffusionXLPipeline"}
