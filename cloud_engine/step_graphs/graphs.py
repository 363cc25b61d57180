"""The step graphs as modules: tensors in, a dict of named tensors out, no branch that depends on a value."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from .anatomy import Anatomy, attention_layers, shared_copy
from .attention import CachedAttention, LiveAttention, PivotAttention, StepContext
from .spec import StepGraphSpec
from .text import Packing

__all__ = ["Layout", "StepGraph", "TextGraph"]


@dataclass(frozen=True)
class Layout:
    """Shapes of one UNet's tensors, without the batch.

    Args:
        latent: ``[C, H, W]``.
        text_kv: ``[L, S]``; S: keys and values of every cross-attention, one after another.
        columns: path of a cross-attention -> (start, middle, end) of its keys and values in S.
        text_emb: width of the time embedding.
        attention: path of an attention -> what it keeps, in the flat cache's order: ``[positions, C]`` of self-,
            ``[heads, positions, L]`` of cross-attention.
        skips: ``[C, H, W]`` of the middle block's output and then of every skip, in the flat cache's order.
        deep: cut -> ``[C, H, W]``.
    """

    latent: tuple[int, ...]
    text_kv: tuple[int, ...]
    columns: dict[str, tuple[int, int, int]]
    text_emb: int
    attention: dict[str, tuple[int, ...]]
    skips: tuple[tuple[int, ...], ...]
    deep: tuple[tuple[int, ...], ...]

    def shape(self, tensor: str, cut: int = 0) -> tuple[int, ...]:
        """Shape of a named tensor behind its batch."""
        flat = {"attention": self.attention.values(), "skips": self.skips}
        if tensor in flat:
            return (sum(math.prod(s) for s in flat[tensor]),)
        shapes: dict[str, tuple[int, ...]] = {
            "sample": self.latent,
            "model_output": self.latent,
            "output": self.latent,
            "text_kv": self.text_kv,
            "text_emb": (self.text_emb,),
        }
        return self.deep[cut] if tensor == "deep" else shapes[tensor]


def _flatten(tensors: list[Tensor]) -> Tensor:
    return torch.cat([t.flatten(1) for t in tensors], dim=1)


def _unflatten(flat: Tensor, shapes: list[tuple[int, ...]]) -> list[Tensor]:
    parts = torch.split(flat, [math.prod(s) for s in shapes], dim=1)
    return [p.unflatten(1, s) for p, s in zip(parts, shapes, strict=True)]


class TextGraph(nn.Module):
    """Once per run: everything that depends on the text alone.

    ``encoder_hidden_states [B, L, D]`` -> ``text_kv [B, L, S]`` (keys and values of every cross-attention) and
    ``text_emb [B, E]`` (what the text adds to the time embedding: zeros for SD-1.x and 2.x, the pooled text for
    ``addition_embed_type`` "text"). For "text_time" (SDXL) the states are packed with the pooled text behind them
    (:class:`~cloud_engine.step_graphs.text.Packing`), ``[B, L + rows, D]``.
    """

    inputs = ("encoder_hidden_states",)
    outputs = ("text_kv", "text_emb")

    def __init__(self, unet: Any, layout: Layout, packing: Packing | None = None) -> None:
        super().__init__()
        self.unet = shared_copy(unet)
        self.layout = layout
        self.packing = packing
        self.added = unet.config.addition_embed_type
        layers = dict(attention_layers(self.unet))
        self.projections = nn.ModuleList([m for p in layout.columns for m in (layers[p].to_k, layers[p].to_v)])

    def forward(self, encoder_hidden_states: Tensor) -> dict[str, Tensor]:
        added: dict[str, Tensor] = {}
        if self.packing is not None:
            encoder_hidden_states, added = self.packing.unpack(encoder_hidden_states)
        kv = torch.cat([projection(encoder_hidden_states) for projection in self.projections], dim=-1)
        if self.added is None:
            emb = encoder_hidden_states.new_zeros((encoder_hidden_states.shape[0], self.layout.text_emb))
        else:
            emb = self.unet.get_aug_embed(kv, encoder_hidden_states, added)
        return {"text_kv": kv, "text_emb": emb}


class StepGraph(nn.Module):
    """One step graph; ``spec`` names its inputs and outputs.

    Inputs: ``sample [B, C, H, W]``, ``timestep [1]`` float, ``text_kv [B, L, S]``, ``text_emb [B, E]``, and the caches
    that the kind reads. ``reuse`` takes its attention maps from row 0.
    """

    def __init__(self, unet: Any, layout: Layout, spec: StepGraphSpec) -> None:
        super().__init__()
        self.unet = shared_copy(unet)
        self.layout = layout
        self.spec = spec
        self.anatomy = Anatomy.of(self.unet)
        processor: Any = LiveAttention
        if spec.kind == "reuse":
            processor = PivotAttention
        elif "attention" in spec.reads:
            processor = CachedAttention
        for path, layer in attention_layers(self.unet):
            layer.processor = processor(path, layout.columns.get(path))

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the inputs, in order."""
        return self.spec.inputs

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the outputs, in order."""
        return self.spec.outputs

    def forward(
        self,
        sample: Tensor | None = None,
        timestep: Tensor | None = None,
        text_kv: Tensor | None = None,
        text_emb: Tensor | None = None,
        deep: Tensor | None = None,
        attention: Tensor | None = None,
        skips: Tensor | None = None,
    ) -> dict[str, Tensor]:
        assert timestep is not None
        assert text_kv is not None
        assert text_emb is not None
        step = StepContext(text_kv, {} if "attention" in self.spec.emits else None)
        if attention is not None:
            shapes = self.layout.attention
            step.cached = dict(zip(shapes, _unflatten(attention, list(shapes.values())), strict=True))
        emb = self.anatomy.embedding(text_kv.dtype, timestep, text_emb)
        kwargs = {"step": step}
        if self.spec.kind == "shallow":
            assert sample is not None
            assert deep is not None
            return {"model_output": self._shallow(sample, deep, emb, kwargs)}
        if skips is not None:
            middle, *made = _unflatten(skips, list(self.layout.skips))
            return {"model_output": self.anatomy.head(self.anatomy.ascend(middle, made, emb, kwargs))}
        assert sample is not None
        return self._whole(sample, emb, kwargs, step)

    def _shallow(self, sample: Tensor, deep: Tensor, emb: Tensor, kwargs: dict[str, Any]) -> Tensor:
        live = self.anatomy.down[: self.spec.cut + 1]
        return self.anatomy.head(self.anatomy.ascend(deep, _descend(live, sample, emb, kwargs), emb, kwargs))

    def _whole(self, sample: Tensor, emb: Tensor, kwargs: dict[str, Any], step: StepContext) -> dict[str, Tensor]:
        anatomy, cut = self.anatomy, self.spec.cut + 1
        skips = _descend(anatomy.down, sample, emb, kwargs)
        middle = anatomy.middle(skips[-1], emb, kwargs)
        hidden = middle
        for layer, skip in zip(anatomy.up[:-cut], reversed(skips), strict=False):
            hidden = layer(torch.cat([hidden, skip], dim=1), emb, kwargs)
        out = {"model_output": anatomy.head(anatomy.ascend(hidden, skips[:cut], emb, kwargs))}
        if "deep" in self.spec.emits:
            out["deep"] = hidden
        if step.kept is not None:
            out["attention"] = _flatten([step.kept[path] for path in self.layout.attention])
        if "skips" in self.spec.emits:
            out["skips"] = _flatten([middle, *skips])
        return out


def _descend(layers: tuple[Any, ...], sample: Tensor, emb: Tensor, kwargs: dict[str, Any]) -> list[Tensor]:
    """The skips of these down layers."""
    made = [layers[0](sample, emb, kwargs)]
    for layer in layers[1:]:
        made.append(layer(made[-1], emb, kwargs))
    return made
