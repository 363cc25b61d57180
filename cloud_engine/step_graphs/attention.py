"""Attention processors of the step graphs: diffusers' own extension point, given their tensors per call.

All compute what diffusers' ``AttnProcessor2_0`` computes. Cross-attention takes its keys and values from
``text_kv``, which the text graph made once per run.

What an attention layer keeps for later steps is what the paper's attention cache reuses (arXiv 2510.04153): of
self-attention the attended values before the output projection, ``[B, L, C]``; of cross-attention the map,
``[B, H, L, tokens]``. The projection of the output, and the map's product with the text's values, stay live.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = ["CachedAttention", "LiveAttention", "PivotAttention", "StepContext"]


@dataclass
class StepContext:
    """One call's tensors. ``kept`` (if not None) collects what every layer keeps, by its path; ``cached`` holds what
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


def _join(x: Tensor) -> Tensor:
    """``[B, H, L, d]`` -> ``[B, L, H·d]``."""
    return x.transpose(1, 2).flatten(2)


def _project(attn: Any, x: Tensor) -> Tensor:
    """``[B, L, C]`` -> the layer's output ``[B, L, C]``."""
    out: Tensor = attn.to_out[0](x)
    return out / attn.rescale_output_factor if attn.rescale_output_factor != 1.0 else out


def _map(query: Tensor, key: Tensor) -> Tensor:
    """softmax(q kᵀ / √d), ``[B, H, Lq, L]``."""
    return torch.softmax(query @ key.transpose(-1, -2) * query.shape[-1] ** -0.5, dim=-1)


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
        query, key, value = _split(attn.to_q(hidden_states), attn.heads), *(_split(x, attn.heads) for x in (key, value))
        if step.kept is not None and self.columns is not None:
            step.kept[self.path] = _map(query, key)
            return _project(attn, _join(step.kept[self.path] @ value))
        attended = _join(F.scaled_dot_product_attention(query, key, value))
        if step.kept is not None:
            step.kept[self.path] = attended
        return _project(attn, attended)


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
        query, key = _split(attn.to_q(hidden_states[:1]), attn.heads), _split(key, attn.heads)
        values = _split(value, attn.heads)  # [B, H, L, d]
        if step.kept is not None and self.columns is not None:
            pivot = _map(query, key)
            step.kept[self.path] = pivot.expand(values.shape[0], -1, -1, -1)
            return _project(attn, _join(pivot @ values))
        beside = values.permute(1, 2, 0, 3).flatten(2).unsqueeze(0)  # [1, H, L, B·d]
        fused = F.scaled_dot_product_attention(query, key, beside)  # [1, H, Lq, B·d]
        attended = _join(fused[0].unflatten(2, (-1, values.shape[-1])).permute(2, 0, 1, 3))
        if step.kept is not None:
            step.kept[self.path] = attended
        return _project(attn, attended)


class CachedAttention(_Layer):
    """What the layer kept in an earlier step, projected; queries, keys and maps are not computed."""

    def __call__(
        self,
        attn: Any,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        attention_mask: Tensor | None = None,
        step: StepContext | None = None,
    ) -> Tensor:
        assert step is not None
        kept = step.cached[self.path]
        if self.columns is None:
            return _project(attn, kept)
        _, middle, end = self.columns
        return _project(attn, _join(kept @ _split(step.text_kv[..., middle:end], attn.heads)))
