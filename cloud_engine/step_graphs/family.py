"""All step graphs of one UNet, with their tensors' shapes; built when first asked for, weights shared."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from .anatomy import Anatomy, UnsupportedUNetError, attention_layers, shared_copy
from .attention import StepContext
from .graphs import Layout, StepGraph, TextGraph
from .spec import StepGraphSpec
from .text import packing_of

__all__ = ["GraphFamily", "layout_of"]


def layout_of(unet: Any, text_length: int) -> Layout:
    """Shapes of a UNet's tensors, found by running its walk on the meta device (no arithmetic is done).

    Raises:
        UnsupportedUNetError: see :mod:`cloud_engine.step_graphs.anatomy`.
    """
    Anatomy.of(unet)
    columns: dict[str, tuple[int, int, int]] = {}
    start = 0
    for path, layer in attention_layers(unet):
        if path.endswith("attn2"):
            middle = start + layer.to_k.out_features
            columns[path] = (start, middle, middle + layer.to_v.out_features)
            start = columns[path][2]
    size = int(unet.config.sample_size)
    latent = (int(unet.config.in_channels), size, size)
    width = int(unet.time_embedding.linear_2.out_features)
    blank = Layout(latent, (text_length, start), columns, width, {}, (), ())
    probe = StepGraph(shared_copy(unet, "meta"), blank, StepGraphSpec("full"))
    attention: dict[str, tuple[int, ...]] = {}
    skips: list[tuple[int, ...]] = []
    deep: list[tuple[int, ...]] = []
    for path, layer in attention_layers(probe.unet):
        layer.register_forward_hook(_recorder(attention, path))
    anatomy = probe.anatomy
    with torch.no_grad():
        meta = torch.device("meta")
        dtype = next(iter(unet.parameters())).dtype
        kv = torch.empty((1, text_length, start), device=meta, dtype=dtype)
        kwargs = {"step": StepContext(kv)}
        emb = torch.empty((1, width), device=meta, dtype=dtype)
        hidden = torch.empty((1, *latent), device=meta, dtype=dtype)
        made: list[Tensor] = []
        for down in anatomy.down:
            hidden = down(hidden, emb, kwargs)
            made.append(hidden)
        hidden = anatomy.middle(hidden, emb, kwargs)
        skips = [tuple(hidden.shape[1:]), *(tuple(m.shape[1:]) for m in made)]
        for up, skip in zip(anatomy.up, reversed(made), strict=True):
            deep.insert(0, tuple(hidden.shape[1:]))
            hidden = up(torch.cat([hidden, skip], dim=1), emb, kwargs)
    ordered = {
        path: (layer.heads, attention[path][0], text_length) if path in columns else attention[path]
        for path, layer in attention_layers(unet)
    }
    return Layout(latent, (text_length, start), columns, width, ordered, tuple(skips), tuple(deep))


def _recorder(shapes: dict[str, tuple[int, ...]], path: str) -> Any:
    def record(_module: Any, _inputs: Any, output: Tensor) -> None:
        shapes[path] = tuple(output.shape[1:])

    return record


class GraphFamily:
    """The step graphs of one UNet.

    Args:
        unet: any UNet2DConditionModel of SD-1.x, SD-2.x or SDXL shape, on any device; never changed.
        text_length: L, tokens of a prompt.
        image_size: pixels of the picture's side, which SDXL reads; eight times the latents' if ``None``.

    Raises:
        UnsupportedUNetError: the UNet has a part that step graphs do not know.
    """

    def __init__(self, unet: Any, text_length: int, image_size: int | None = None) -> None:
        self._unet = unet
        self.packing = packing_of(unet, text_length, image_size)
        self.layout = layout_of(unet, text_length)
        self._built: dict[StepGraphSpec, StepGraph] = {}
        self._text: TextGraph | None = None

    @property
    def max_cut(self) -> int:
        """The deepest cut: all layers but the middle block stay live."""
        return len(self.layout.deep) - 1

    @property
    def text(self) -> TextGraph:
        """The graph that runs once per run."""
        if self._text is None:
            self._text = TextGraph(self._unet, self.layout, self.packing).eval()
        return self._text

    def step(self, spec: StepGraphSpec) -> StepGraph:
        """The step graph of a spec.

        Raises:
            UnsupportedUNetError: a cut that this UNet does not have.
        """
        if spec.cut > self.max_cut:
            raise UnsupportedUNetError(f"this UNet has cuts 0 to {self.max_cut}, not {spec.cut}")
        if spec not in self._built:
            self._built[spec] = StepGraph(self._unet, self.layout, spec).eval()
        return self._built[spec]

    def samples(self, spec: StepGraphSpec, batch: int, seed: int = 0, device: str = "cpu") -> dict[str, Tensor]:
        """Random inputs of a step graph, by name, for tracing, export and cost."""
        generator = torch.Generator().manual_seed(seed)
        out: dict[str, Tensor] = {}
        for name in spec.inputs:
            if name == "timestep":
                out[name] = torch.tensor([501.0], device=device)
                continue
            shape = (batch, *self.layout.shape(name, spec.cut))
            meta = device == "meta"
            out[name] = (
                torch.empty(shape, device=device) if meta else torch.randn(shape, generator=generator).to(device)
            )
        return out

    def text_samples(self, batch: int, seed: int = 0, device: str = "cpu") -> dict[str, Tensor]:
        """Random inputs of the text graph, by name."""
        dim = self._unet.config.cross_attention_dim
        rows = self.layout.text_kv[0] + (0 if self.packing is None else self.packing.rows)
        shape = (batch, rows, int(dim if isinstance(dim, int) else dim[0]))
        if device == "meta":
            return {"encoder_hidden_states": torch.empty(shape, device=device)}
        generator = torch.Generator().manual_seed(seed)
        return {"encoder_hidden_states": torch.randn(shape, generator=generator).to(device)}
