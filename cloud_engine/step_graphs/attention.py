"""Attention processors of the step graphs: diffusers' own extension point, given their tensors per call.

All compute what diffusers' ``AttnProcessor2_0`` computes. Cross-attention takes its keys and values from
``text_kv``, which the text graph made once per run.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import torch.nn.functional as F
from torch import Tensor

__all__ = ["CachedAttention", "LiveAttention", "PivotAttention", "StepContext"]


@dataclass
class StepContext:
    """One call's tensors. ``kept`` (if not None) collects every layer's output by its path; ``cached`` holds what
    earlier steps kept."""

    text_kv: Tensor
    kept: dict[str, Tensor] | None = None
    cached: dict[str, Tensor] = field(default_factory=dict)


@dataclass(frozen=True)
class _Layer:
    """``path`` of the layer; ``columns`` (start, middle, end) of its keys and values in ``text_kv``, if it is cross."""

    path: str
    columns: tuple[int, int, int] | None

    def keys_values(self, attn: Any, hidden: Tensor, step: StepContext) -> tuple[Tensor, Tensor]:
        if self.columns is None:
            return attn.to_k(hidden), attn.to_v(hidden)
        start, middle, end = self.columns
        return step.text_kv[..., start:middle], step.text_kv[..., middle:end]


def _split(x: Tensor, heads: int) -> Tensor:
    """``[B, L, H·d]`` -> ``[B, H, L, d]``."""
    return x.unflatten(2, (heads, -1)).transpose(1, 2)


def _project(attn: Any, x: Tensor) -> Tensor:
    """``[B, H, L, d]`` -> the layer's output ``[B, L, C]``."""
    out: Tensor = attn.to_out[0](x.transpose(1, 2).flatten(2))
    return out / attn.rescale_output_factor if attn.rescale_output_factor != 1.0 else out


class LiveAttention(_Layer):
    """Each row attends with its own queries and keys."""

    def __call__(
        self,
        attn: Any,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        attention_mask: Tensor | None = None,
        step: StepContext | None = None,
    ) -> Tensor:
        assert step is not None
        key, value = self.keys_values(attn, hidden_states, step)
        query = _split(attn.to_q(hidden_states), attn.heads)
        attended = F.scaled_dot_product_attention(query, _split(key, attn.heads), _split(value, attn.heads))
        out = _project(attn, attended)
        if step.kept is not None:
            step.kept[self.path] = out
        return out


class PivotAttention(_Layer):
    """Batch reuse (arXiv 2510.04153): the attention map of row 0 serves all rows; values stay each row's own.

    softmax(q0 k0ᵀ) · v_b for all rows b at once is one attention call with row 0's query and key and the rows'
    values side by side along the feature dimension; no map is written to memory.
    """

    def __call__(
        self,
        attn: Any,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        attention_mask: Tensor | None = None,
        step: StepContext | None = None,
    ) -> Tensor:
        assert step is not None
        if self.columns is None:
            key, value = attn.to_k(hidden_states[:1]), attn.to_v(hidden_states)
        else:
            start, middle, end = self.columns
            key, value = step.text_kv[:1, :, start:middle], step.text_kv[..., middle:end]
        query = _split(attn.to_q(hidden_states[:1]), attn.heads)
        values = _split(value, attn.heads)  # [B, H, L, d]
        width = values.shape[-1]
        beside = values.permute(1, 2, 0, 3).flatten(2).unsqueeze(0)  # [1, H, L, B·d]
        attended = F.scaled_dot_product_attention(query, _split(key, attn.heads), beside)  # [1, H, Lq, B·d]
        out = _project(attn, attended[0].unflatten(2, (-1, width)).permute(2, 0, 1, 3))
        if step.kept is not None:
            step.kept[self.path] = out
        return out


class CachedAttention(_Layer):
    """The layer's output of an earlier step; nothing is computed."""

    def __call__(
        self,
        attn: Any,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        attention_mask: Tensor | None = None,
        step: StepContext | None = None,
    ) -> Tensor:
        assert step is not None
        return step.cached[self.path]
