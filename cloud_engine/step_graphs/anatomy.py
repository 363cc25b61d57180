"""A UNet2DConditionModel as a list of down layers and a list of up layers, without changing or forking it.

Every step graph is a walk over diffusers' own modules. The walk needs a copy of the module *tree* (so that
attention processors can be set without touching the caller's model), which shares every weight with it.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import torch
from diffusers import UNet2DConditionModel
from diffusers.models.unets.unet_2d_blocks import (
    CrossAttnDownBlock2D,
    CrossAttnUpBlock2D,
    DownBlock2D,
    UNetMidBlock2D,
    UNetMidBlock2DCrossAttn,
    UpBlock2D,
)
from torch import Tensor, nn

from ..errors import GraphError

__all__ = ["Anatomy", "UnsupportedUNetError", "attention_layers", "shared_copy"]

_BLOCKS: Final = (CrossAttnDownBlock2D, DownBlock2D, UNetMidBlock2DCrossAttn, UNetMidBlock2D, UpBlock2D)
_BLOCK_TYPES: Final = (*_BLOCKS, CrossAttnUpBlock2D)
#: Options of UNet2DConditionModel that the walk does not follow, and the value that each must have.
_PLAIN: Final[dict[str, Any]] = {
    "center_input_sample": False,
    "class_embed_type": None,
    "num_class_embeds": None,
    "encoder_hid_dim": None,
    "encoder_hid_dim_type": None,
    "time_cond_proj_dim": None,
    "attention_type": "default",
    "dual_cross_attention": False,
    "cross_attention_norm": None,
}
_ADDED: Final = (None, "text", "text_time")


class UnsupportedUNetError(GraphError):
    """The UNet has a part that the step graphs do not know; the plan ``naive`` runs it all the same."""

    code = "unsupported_unet"


def shared_copy(unet: nn.Module, device: str | None = None) -> Any:
    """A copy of the module tree whose parameters and buffers are the caller's own (or, with ``device="meta"``,
    shapes alone). Changing its processors leaves the caller's model as it is.
    """
    memo: dict[int, Any] = {}
    for tensor in [*unet.parameters(), *unet.buffers()]:
        if device is None:
            memo[id(tensor)] = tensor
        elif isinstance(tensor, nn.Parameter):
            memo[id(tensor)] = nn.Parameter(tensor.to(device), requires_grad=False)
        else:
            memo[id(tensor)] = tensor.to(device)
    return copy.deepcopy(unet, memo).eval()


def attention_layers(unet: nn.Module) -> list[tuple[str, Any]]:
    """(path, Attention) of every self- (``attn1``) and cross-attention (``attn2``), in module order."""
    return [(n, m) for n, m in unet.named_modules() if n.rpartition(".")[2] in ("attn1", "attn2")]


def _check(unet: UNet2DConditionModel) -> None:
    for option, plain in _PLAIN.items():
        if getattr(unet.config, option, plain) != plain:
            raise UnsupportedUNetError(f"step graphs need {option} = {plain!r}, not {getattr(unet.config, option)!r}")
    if unet.config.addition_embed_type not in _ADDED:
        raise UnsupportedUNetError(f"step graphs do not know addition_embed_type {unet.config.addition_embed_type!r}")
    blocks = [*unet.down_blocks, *unet.up_blocks, *([unet.mid_block] if unet.mid_block is not None else [])]
    for block in blocks:
        if type(block) not in _BLOCK_TYPES:
            raise UnsupportedUNetError(f"step graphs do not know the block {type(block).__name__}")
    for path, layer in attention_layers(unet):
        cross = path.endswith("attn2")
        odd = layer.group_norm is not None or layer.spatial_norm is not None or layer.norm_q is not None
        if odd or layer.norm_cross or layer.residual_connection or (cross != bool(layer.is_cross_attention)):
            raise UnsupportedUNetError(f"step graphs do not know the attention at {path}")
    size = unet.config.sample_size
    if not isinstance(size, int) or size % 2**unet.num_upsamplers:
        raise UnsupportedUNetError(f"the latent size {size} does not halve {unet.num_upsamplers} times")


_Layer = Callable[[Tensor, Tensor, dict[str, Any]], Tensor]


@dataclass(frozen=True)
class Anatomy:
    """Down layers give one skip each (``conv_in`` is layer 0); up layers take one each, last skip first.

    A layer is a function of (hidden, time embedding, attention context).
    """

    unet: Any
    down: tuple[_Layer, ...]
    up: tuple[_Layer, ...]

    @classmethod
    def of(cls, unet: UNet2DConditionModel) -> Anatomy:
        """Raises: UnsupportedUNetError."""
        _check(unet)
        down: list[_Layer] = [lambda h, emb, kw: unet.conv_in(h)]
        for block in unet.down_blocks:
            attentions = getattr(block, "attentions", [None] * len(block.resnets))
            down += [_resnet(r, a) for r, a in zip(block.resnets, attentions, strict=True)]
            down += [_resample(d) for d in block.downsamplers or ()]
        up: list[_Layer] = []
        for block in unet.up_blocks:
            attentions = getattr(block, "attentions", [None] * len(block.resnets))
            layers = [_resnet(r, a) for r, a in zip(block.resnets, attentions, strict=True)]
            for upsampler in block.upsamplers or ():
                layers[-1] = _then(layers[-1], _resample(upsampler))
            up += layers
        return cls(unet, tuple(down), tuple(up))

    def embedding(self, sample_dtype: torch.dtype, timestep: Tensor, text_emb: Tensor) -> Tensor:
        """``timestep [1]`` and ``text_emb [B, E]`` -> the resnets' embedding ``[B, E]``."""
        unet = self.unet
        emb = unet.time_embedding(unet.time_proj(timestep.expand(text_emb.shape[0])).to(sample_dtype)) + text_emb
        return unet.time_embed_act(emb) if unet.time_embed_act is not None else emb

    def middle(self, hidden: Tensor, emb: Tensor, kwargs: dict[str, Any]) -> Tensor:
        """The middle block, where there is one."""
        block = self.unet.mid_block
        if block is None:
            return hidden
        if isinstance(block, UNetMidBlock2DCrossAttn):
            return block(hidden, emb, cross_attention_kwargs=kwargs)
        return block(hidden, emb)

    def ascend(self, hidden: Tensor, skips: list[Tensor], emb: Tensor, kwargs: dict[str, Any]) -> Tensor:
        """Run the last ``len(skips)`` up layers on ``hidden``; ``skips`` are in the order they were made."""
        for layer, skip in zip(self.up[len(self.up) - len(skips) :], reversed(skips), strict=True):
            hidden = layer(torch.cat([hidden, skip], dim=1), emb, kwargs)
        return hidden

    def head(self, hidden: Tensor) -> Tensor:
        """Norm, activation and ``conv_out``."""
        unet = self.unet
        if unet.conv_norm_out is not None:
            hidden = unet.conv_act(unet.conv_norm_out(hidden))
        output: Tensor = unet.conv_out(hidden)
        return output


def _resnet(resnet: Any, attention: Any) -> _Layer:
    def run(hidden: Tensor, emb: Tensor, kwargs: dict[str, Any]) -> Tensor:
        hidden = resnet(hidden, emb)
        if attention is None:
            return hidden
        return attention(hidden, cross_attention_kwargs=kwargs, return_dict=False)[0]

    return run


def _resample(module: Any) -> _Layer:
    return lambda hidden, emb, kwargs: module(hidden)


def _then(first: _Layer, second: _Layer) -> _Layer:
    return lambda hidden, emb, kwargs: second(first(hidden, emb, kwargs), emb, kwargs)
