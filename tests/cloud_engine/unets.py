"""Tiny UNets of the shapes that step graphs support, with random weights."""

from __future__ import annotations

from typing import Any

import torch
from diffusers import UNet2DConditionModel

from cloud_engine.step_graphs import packing_of

#: Tokens of a prompt in these tests.
TEXT = 8

_COMMON: dict[str, Any] = {
    "sample_size": 16,
    "block_out_channels": (16, 32),
    "layers_per_block": 1,
    "cross_attention_dim": 24,
    "norm_num_groups": 8,
    "attention_head_dim": 2,
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"),
}
SHAPES: dict[str, dict[str, Any]] = {
    "stickers": {"addition_embed_type": "text", "addition_embed_type_num_heads": 4},
    "sd1": {"layers_per_block": 2},
    "sd2": {"use_linear_projection": True, "attention_head_dim": (2, 4)},
    "no_middle": {"mid_block_type": None},
    "sdxl": {
        "addition_embed_type": "text_time",
        "addition_time_embed_dim": 8,
        "projection_class_embeddings_input_dim": 6 * 8 + 12,
        "transformer_layers_per_block": (1, 2),
        "use_linear_projection": True,
    },
}


def tiny(shape: str) -> UNet2DConditionModel:
    """A UNet of that shape, in eval mode; its weights depend on nothing but the shape's name."""
    torch.manual_seed(sum(map(ord, shape)))
    unet = UNet2DConditionModel(**{**_COMMON, **SHAPES[shape]})
    return unet.eval().requires_grad_(False)


def reference(unet: UNet2DConditionModel, sample: torch.Tensor, t: torch.Tensor, text: dict[str, torch.Tensor]) -> Any:
    """diffusers' own forward on the inputs of the text graph."""
    states = text["encoder_hidden_states"]
    packing, added = packing_of(unet, TEXT), None
    if packing is not None:
        states, added = packing.unpack(states)
    with torch.no_grad():
        return unet(sample, t, states, added_cond_kwargs=added).sample
