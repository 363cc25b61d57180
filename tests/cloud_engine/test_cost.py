"""The cost model: the paper's per-step ratios, the presets' cost on the default pair's shape, linear rows."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from diffusers import UNet2DConditionModel

from cloud_engine.cost import CostModel
from cloud_engine.plans import preset
from cloud_engine.step_graphs import StepGraphSpec
from obclip_contract import open_bundle

LARGE = Path(__file__).parents[2] / "models" / "stickers" / "large"


@pytest.fixture(scope="module")
def sd14() -> CostModel:
    """Stable Diffusion 1.4's shape (diffusers' own defaults at 64×64, 768 wide text), on the meta device."""
    with torch.device("meta"):
        unet = UNet2DConditionModel(sample_size=64, cross_attention_dim=768, attention_head_dim=8)
    return CostModel(unet, 77)


@pytest.mark.parametrize(
    ("kind", "rows", "paper"),
    [("reuse", 30, 1 - 0.16 * 29 / 30), ("attn_cached", 1, 0.82), ("decoder_cached", 1, 0.56)],
)
def test_the_papers_cost_per_step(sd14: CostModel, kind: str, rows: int, paper: float) -> None:
    """Relative to our ``full`` graph of as many rows; PLANS.md says what is counted."""
    full = sd14.graph_flops(StepGraphSpec("full"), rows)
    assert sd14.graph_flops(StepGraphSpec(kind), rows) / full == pytest.approx(paper, rel=0.05)


def test_the_papers_whole_run(sd14: CostModel) -> None:
    axes = (("gender", 2), ("age", 3))
    for k, paper in ((5, 0.90), (10, 1.77)):
        assert sd14.cost(preset("paper", axes, k, 25)).relative_flops == pytest.approx(paper, rel=0.08)


@pytest.mark.parametrize(("n", "k", "cost"), [(6, 10, 0.391), (6, 5, 0.225), (30, 10, 1.028)])
def test_the_presets_price_at_a_real_shape(sd14: CostModel, n: int, k: int, cost: float) -> None:
    """The aims (0.45, 0.25, 1.08 of a picture) hold at SD-1.4's shape too; quoted in benchmarks/PLANS.md."""
    tones = (("gender", 2), ("skin_tone", 3)) if n == 6 else (("gender", 2), ("age", 3), ("skin_tone", 5))
    assert sd14.cost(preset("balanced", tones, k, 25)).relative_flops == pytest.approx(cost, abs=0.001)


@pytest.mark.parametrize(
    ("n", "k", "aim"), [(6, 10, 0.45), (6, 5, 0.25), (10, 10, 0.60), (30, 10, 1.08), (30, 5, 1.08), (60, 10, 2.0)]
)
def test_balanced_keeps_its_budget_on_the_default_pair(n: int, k: int, aim: float) -> None:
    from transformers import CLIPTextConfig, CLIPTextModel

    with torch.device("meta"):
        unet = UNet2DConditionModel.from_config(UNet2DConditionModel.load_config(LARGE / "unet"))
        encoder = CLIPTextModel(CLIPTextConfig.from_pretrained(LARGE / "text_encoder"))
    model = CostModel(unet, 32, encoder.eval())
    tones = (("gender", 2), ("skin_tone", 3))
    ages = (("gender", 2), ("age", 3))
    all_tones = (("gender", 2), ("skin_tone", 5))
    thirty = (*ages, ("skin_tone", 5))
    grids = {6: (tones, ages), 10: (all_tones,), 30: (thirty,), 60: ((*thirty, ("gender.2", 2)),)}
    for axes in grids[n]:
        cost = model.cost(preset("balanced", axes, k, 25))
        assert cost.relative_flops <= aim
        assert len(cost.flops_per_step) == k
        assert cost.cache_bytes < 16_000_000


def test_naive_costs_n_pictures_share(torch_bundle: Path) -> None:
    model = CostModel.of_bundle(open_bundle(torch_bundle, "cloud"))
    cost = model.cost(preset("naive", (("gender", 2),), 5, 10))
    rows = model.graph_flops(StepGraphSpec("full"), 4)
    assert cost.flops_per_step == (rows,) * 5
    assert cost.cache_bytes == 0
    assert cost.relative_flops == pytest.approx((5 * rows + cost.text_flops) / model.baseline(10))
    assert rows == 4 * model.graph_flops(StepGraphSpec("full"))
