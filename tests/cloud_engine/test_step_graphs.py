"""Step graphs against diffusers' own UNet, at every cut, for every shape that is supported."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
import torch.nn.functional as F
from diffusers import UNet2DConditionModel

from cloud_engine.step_graphs import KINDS, GraphFamily, StepGraphSpec, UnsupportedUNetError
from cloud_engine.step_graphs.attention import PivotAttention
from export.onnx import graphs as onnx_graphs

from .unets import SHAPES, TEXT, reference, tiny

ALL = ("deep", "attention", "skips")


@pytest.fixture(params=list(SHAPES))
def made(request: pytest.FixtureRequest) -> tuple[UNet2DConditionModel, GraphFamily, dict[str, Any]]:
    """A UNet, its family, and inputs of three rows with what diffusers computes on them."""
    unet = tiny(request.param)
    family = GraphFamily(unet, TEXT)
    text = family.text_samples(3, seed=1)
    sample, timestep = torch.randn(3, 4, 16, 16, generator=torch.Generator().manual_seed(2)), torch.tensor([501.0])
    expected = reference(unet, sample, timestep, text)
    with torch.no_grad():
        inputs = {"sample": sample, "timestep": timestep, **family.text(**text)}
    return unet, family, {"inputs": inputs, "expected": expected}


def run(family: GraphFamily, spec: StepGraphSpec, inputs: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    with torch.no_grad():
        return family.step(spec)(**{n: inputs[n] for n in spec.inputs})


def test_full_is_diffusers_unet_and_leaves_it_alone(made: Any) -> None:
    unet, family, case = made
    before = [type(p).__name__ for p in unet.attn_processors.values()]
    got = run(family, StepGraphSpec("full"), case["inputs"])["model_output"]
    assert (got - case["expected"]).abs().max() <= 1e-6
    assert [type(p).__name__ for p in unet.attn_processors.values()] == before
    copied = dict(family.step(StepGraphSpec("full")).unet.named_parameters())
    assert all(copied[n] is p for n, p in unet.named_parameters())  # weights are shared, not copied


def test_every_graph_on_the_same_steps_caches_is_full(made: Any) -> None:
    _, family, case = made
    for cut in range(family.max_cut + 1):
        out = run(family, StepGraphSpec("full", cut, ALL), case["inputs"])
        for tensor in ALL:
            assert tuple(out[tensor].shape[1:]) == family.layout.shape(tensor, cut)
        for kind in ("shallow", "attn_cached", "decoder", "decoder_cached"):
            got = run(family, StepGraphSpec(kind, cut), {**case["inputs"], **out})["model_output"]
            assert (got - case["expected"]).abs().max() <= 1e-5, (kind, cut)


def test_a_shallow_graph_follows_the_latent_and_a_decoder_does_not(made: Any) -> None:
    _, family, case = made
    out = run(family, StepGraphSpec("full", 1, ALL), case["inputs"])
    moved = {**case["inputs"], **out, "sample": case["inputs"]["sample"] + 0.1}
    shallow, decoder = (run(family, StepGraphSpec(k, 1), moved)["model_output"] for k in ("shallow", "decoder"))
    assert (shallow - case["expected"]).abs().max() > 1e-4
    assert (decoder - case["expected"]).abs().max() <= 1e-5


def broadcast_maps(unet: UNet2DConditionModel, pivot: int) -> None:
    """The paper's batch reuse said plainly: the map of one row, materialised, then broadcast to all rows."""

    def processor(attn: Any, hidden_states: Any, encoder_hidden_states: Any = None, **_: Any) -> Any:
        context = hidden_states if encoder_hidden_states is None else encoder_hidden_states
        query, key, value = (
            x.unflatten(2, (attn.heads, -1)).transpose(1, 2)
            for x in (attn.to_q(hidden_states), attn.to_k(context), attn.to_v(context))
        )
        scores = query[pivot] @ key[pivot].transpose(-1, -2) / query.shape[-1] ** 0.5
        maps = F.softmax(scores, dim=-1)[None].expand(len(value), -1, -1, -1)
        return attn.to_out[0]((maps @ value).transpose(1, 2).flatten(2))

    class Broadcast:
        def __call__(self, attn: Any, hidden_states: Any, encoder_hidden_states: Any = None, **k: Any) -> Any:
            return processor(attn, hidden_states, encoder_hidden_states)

    unet.set_attn_processor({name: Broadcast() for name in unet.attn_processors})


@pytest.mark.parametrize("shape", list(SHAPES))
def test_fused_reuse_is_broadcast_maps(shape: str) -> None:
    unet = tiny(shape)
    family = GraphFamily(unet, TEXT)
    text = family.text_samples(4, seed=3)
    sample, t = torch.randn(4, 4, 16, 16, generator=torch.Generator().manual_seed(4)), torch.tensor([301.0])
    plain = reference(unet, sample, t, text)
    with torch.no_grad():
        inputs = {"sample": sample, "timestep": t, **family.text(**text)}
    got = run(family, StepGraphSpec("reuse"), inputs)["model_output"]
    keeping = run(family, StepGraphSpec("reuse", 0, ("attention", "skips")), inputs)
    broadcast_maps(unet, pivot=0)
    expected = reference(unet, sample, t, text)
    assert (got - expected).abs().max() <= 1e-5
    assert (keeping["model_output"] - expected).abs().max() <= 1e-5
    assert (got - plain).abs().max() > 1e-4  # the pivot's maps are not the rows' own
    cached = run(family, StepGraphSpec("attn_cached"), {**inputs, **keeping})["model_output"]
    assert (cached - expected).abs().max() <= 1e-5


def test_reuse_makes_one_attention_call_a_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    """No map is materialised: the N value tensors lie side by side in one fused call."""
    family = GraphFamily(tiny("sd1"), TEXT)
    shapes: list[tuple[int, ...]] = []
    fused = F.scaled_dot_product_attention

    def spy(query: Any, key: Any, value: Any) -> Any:
        shapes.append((len(query), value.shape[-1] // query.shape[-1]))
        return fused(query, key, value)

    monkeypatch.setattr(F, "scaled_dot_product_attention", spy)
    run(family, StepGraphSpec("reuse"), family.samples(StepGraphSpec("reuse"), 5))
    assert set(shapes) == {(1, 5)}
    assert len(shapes) == len(family.layout.attention)
    assert PivotAttention.__doc__


def every_spec() -> Iterator[StepGraphSpec]:
    for kind, (_, writes) in KINDS.items():
        yield StepGraphSpec(kind, 1, writes)


@pytest.mark.parametrize("spec", list(every_spec()), ids=lambda s: s.name)
def test_names_are_read_back(spec: StepGraphSpec) -> None:
    assert StepGraphSpec.parse(spec.name) == spec
    with pytest.raises(ValueError, match="no step graph"):
        StepGraphSpec.parse("full.deep")  # no cut: not the name of any


@pytest.mark.parametrize(
    "spec", [s for s in every_spec() if s.kind in ("reuse", "shallow", "decoder_cached")], ids=lambda s: s.name
)
def test_onnx_is_torch(spec: StepGraphSpec, tmp_path: Path) -> None:
    family = GraphFamily(tiny("stickers"), TEXT)
    path = tmp_path / "graph.onnx"
    onnx_graphs.convert(onnx_graphs.step_graph(family, spec), path)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    for rows in (2, 3):  # the batch is free
        inputs = family.samples(spec, rows, seed=rows)
        # The graph has no input that its UNet does not read: a shallow one may have no cross-attention.
        fed = {i.name: inputs[i.name].numpy() for i in session.get_inputs()}
        got = session.run(list(spec.outputs), fed)
        for name, value in zip(spec.outputs, got, strict=True):
            assert np.abs(value - run(family, spec, inputs)[name].numpy()).max() <= 1e-4, name


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"class_embed_type": "timestep"}, "class_embed_type"),
        ({"dual_cross_attention": True}, "dual_cross_attention"),
        ({"down_block_types": ("DownBlock2D", "AttnDownBlock2D")}, "AttnDownBlock2D"),
        ({"sample_size": 15}, "15"),
    ],
)
def test_other_unets_are_refused_by_name(change: dict[str, Any], says: str) -> None:
    from .unets import _COMMON

    with pytest.raises(UnsupportedUNetError, match=says):
        GraphFamily(UNet2DConditionModel(**{**_COMMON, **change}), TEXT)


def test_a_cut_that_is_not_there() -> None:
    family = GraphFamily(tiny("sd1"), TEXT)
    with pytest.raises(UnsupportedUNetError, match=f"cuts 0 to {family.max_cut}"):
        family.step(StepGraphSpec("shallow", family.max_cut + 1))
    with pytest.raises(ValueError, match="no step graph"):
        StepGraphSpec("middle")
    with pytest.raises(ValueError, match="does not write"):
        StepGraphSpec("shallow", 0, ("deep",))
