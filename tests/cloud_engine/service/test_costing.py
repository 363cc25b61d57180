"""The cost that is counted without torch is an upper bound of the exact one, and near it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cloud_engine.cost import CostModel
from cloud_engine.engine import Engine
from cloud_engine.service.costing import count_evaluations, naive_evaluations
from cloud_engine.step_graphs.spec import StepGraphSpec
from obclip_contract import Axis, GenerateRequest, Phrase, PromptGrid
from tests.cloud_engine.unets import TEXT, tiny

ROOT = Path(__file__).resolve().parents[3]


def asked(n: int, plan: str, k: int, guidance: float = 5.0) -> GenerateRequest:
    texts = tuple(f"x{i}" for i in range(n))
    grid = PromptGrid("{w}", (Axis("gender", texts),), {"w": Phrase((0,), texts)})
    return GenerateRequest(
        model="stickers", lexicon="5", grid=grid, seed=1, plan=plan, cloud_steps=k, steps=25, guidance_scale=guidance
    )


@pytest.mark.parametrize("plan", ["naive", "balanced"])
@pytest.mark.parametrize(("n", "k"), [(2, 5), (6, 10), (30, 10)])
def test_a_cheaper_plan_costs_less_and_none_more_than_naive(engine: Engine, plan: str, n: int, k: int) -> None:
    request = asked(n, plan, k)
    cost = count_evaluations(request, engine.runner(request))
    assert 0 < cost <= naive_evaluations(request)
    assert (cost == naive_evaluations(request)) == (plan == "naive")
    plain = asked(n, plan, k, guidance=1.0)
    assert count_evaluations(plain, engine.runner(plain)) < cost


@pytest.mark.parametrize("shape", ["sd1", "stickers"])
def test_tiny_graphs_take_no_more_than_their_share_of_a_full_one(shape: str) -> None:
    """Of the kinds whose share does not hang on the depth; the default pair and SD 1 are compared below."""
    model = CostModel(tiny(shape), TEXT)
    full = model.graph_flops(StepGraphSpec("full", 0, ()))
    for kind, share in (("reuse", 1.0), ("attn_cached", 0.98)):
        assert model.graph_flops(StepGraphSpec(kind, 0, ()), 4) <= share * 4 * full


def test_the_default_pairs_cost_is_bounded_within_a_third() -> None:
    folder = ROOT / "build" / "bundles" / "stickers" / "cloud"
    if not (folder / "bundle.json").is_file():
        pytest.skip("the default pair is not exported here")
    from cloud_engine.plans import preset
    from cloud_engine.runners.planned import PlanRunner
    from obclip_contract import open_bundle

    model = CostModel.of_bundle(open_bundle(folder, "cloud"))
    runner = object.__new__(PlanRunner)
    for n, k in ((6, 10),):
        for name in ("balanced", "fast"):
            request = asked(n, name, k)
            runner.plan = preset(name, (("gender", n),), k, 25)
            exact = (
                model.cost(runner.plan).relative_flops
                * model.baseline(25)
                / model.graph_flops(StepGraphSpec("full", 1, ()))
            )
            assert exact <= count_evaluations(request, runner) + 1 <= 1.35 * exact + 2, (name, n, k)
