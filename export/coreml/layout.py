"""Attention in the layout that Apple's Neural Engine prefers ("split einsum").

After Apple's "Deploying Transformers on the Apple Neural Engine" (2022) and apple/ml-stable-diffusion's
``SPLIT_EINSUM``: tensors as (batch, channels, 1, sequence), projections as 1×1 convolutions, every head on its own
so that its matrices fit the engine's caches, softmax over the keys' axis, and no transpose of the scores. It
computes the same numbers; whether it is faster can be seen on Apple's devices only.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..errors import OptionError
from ..pair import SourceModel

LAYOUTS: Final = ("original", "split_einsum")


class SplitEinsumProcessor:
    """A diffusers attention processor; takes what the UNets and VAEs of this exporter use, refuses the rest."""

    def __call__(
        self,
        attn: Any,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        attention_mask: Tensor | None = None,
        temb: Tensor | None = None,
        **_: Any,
    ) -> Tensor:
        """``[B, S, C]`` or ``[B, C, H, W]``, text ``[B, L, D]`` -> the shape of the first."""
        if attention_mask is not None or attn.spatial_norm is not None or attn.norm_q is not None:
            raise OptionError("split_einsum does not know this model's attention (mask, spatial or query norm)")
        residual, shape = hidden_states, hidden_states.shape
        if len(shape) == 4:
            hidden_states = hidden_states.flatten(2).transpose(1, 2)
        if attn.group_norm is not None:
            hidden_states = attn.group_norm(hidden_states.transpose(1, 2)).transpose(1, 2)
        states = hidden_states if encoder_hidden_states is None else encoder_hidden_states
        if encoder_hidden_states is not None and attn.norm_cross:
            states = attn.norm_encoder_hidden_states(states)
        x, y = _channels_first(hidden_states), _channels_first(states)
        query, key, value = _project(attn.to_q, x), _project(attn.to_k, y), _project(attn.to_v, y)
        out = torch.cat(
            [
                _one_head(q, k, v)
                for q, k, v in zip(*(t.chunk(attn.heads, dim=1) for t in (query, key, value)), strict=True)
            ],
            dim=1,
        )
        out = _project(attn.to_out[0], out)
        out = out.reshape(shape) if len(shape) == 4 else out.squeeze(2).transpose(1, 2)
        if attn.residual_connection:
            out = out + residual
        return out / attn.rescale_output_factor


def _channels_first(x: Tensor) -> Tensor:
    return x.transpose(1, 2).unsqueeze(2)


def _project(linear: nn.Linear, x: Tensor) -> Tensor:
    return F.conv2d(x, linear.weight[:, :, None, None], linear.bias)


def _one_head(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """``[B, c, 1, Sq]``, ``[B, c, 1, Sk]`` twice -> ``[B, c, 1, Sq]``; "bchq,bkhc->bkhq", then "bkhq,bchk->bchq"."""
    scores = torch.matmul(key.transpose(1, 2).transpose(2, 3), query.transpose(1, 2)) * query.shape[1] ** -0.5
    return torch.matmul(value.transpose(1, 2), scores.softmax(dim=2)).transpose(1, 2)


@contextmanager
def applied(source: SourceModel, layout: str) -> Iterator[None]:
    """The model with ``layout``'s attention, and as it was afterwards.

    Raises:
        OptionError: an unknown layout.
    """
    if layout not in LAYOUTS:
        raise OptionError(f"{layout!r} is no layout; known: {', '.join(LAYOUTS)}")
    if layout == "original":
        yield
        return
    before = source.unet.attn_processors
    source.unet.set_attn_processor(SplitEinsumProcessor())
    try:
        yield
    finally:
        source.unet.set_attn_processor(before)
