"""The tuner on a real (tiny, random) UNet: budgets, determinism, going on after a stop, and the bundle."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from cloud_engine.backends.torch.steps import TorchSteps
from cloud_engine.engine import Engine
from cloud_engine.errors import ConfigError
from cloud_engine.plans import PlanError, StepPlan, preset, store, validate
from cloud_engine.runners.planned import PlanRunner
from cloud_engine.runners.steps import Job
from cloud_engine.tuner import search as tuner
from cloud_engine.tuner.journal import Journal
from cloud_engine.tuner.space import Genome, mutate, plan_of, starts
from cloud_engine.tuner.timing import stand_in_request
from obclip_contract import MAX_PSNR, BundleError, open_bundle, sampler_table, standard_normal
from obclip_contract.schedule import NoiseSchedule

AXES = (("gender", 2), ("age", 3))
K, STEPS = 4, 8
SHARE = {"full": 1.0, "shallow": 0.3}


def cost(plan: StepPlan) -> float:
    """Rows by graph, relative to one guided picture."""
    work = sum(SHARE[e.graph] * plan.batch(e) for row in plan.rows for e in row.evaluations)
    return work / (2 * plan.steps)


def problem(budget: float = 0.75, **changes: Any) -> tuner.Problem:
    values = {"name": "tuned", "max_cut": 2, "cost": cost, "available": lambda plan: True, **changes}
    return tuner.Problem(axes=AXES, cloud_steps=K, steps=STEPS, budget=budget, **values)


@pytest.fixture(scope="module")
def run_anew(random_pair: Path) -> Callable[[StepPlan, int], np.ndarray]:
    from diffusers import UNet2DConditionModel

    unet = UNet2DConditionModel.from_pretrained(str(random_pair / "large" / "unet")).float().eval()
    steps = TorchSteps(unet, 32, 8 * unet.config.sample_size, torch.device("cpu"), 16)
    table = sampler_table("dpmpp_2m", NoiseSchedule(prediction_type="v_prediction"), STEPS).head(K)

    def run(plan: StepPlan, index: int) -> np.ndarray:
        rng = np.random.default_rng(index)
        text = rng.normal(size=(7, 32, 32)).astype(np.float32)
        job = Job(standard_normal(index, (4, 16, 16)), text[:6], text[6:], 3.0)
        *_, last = PlanRunner(plan, steps).steps(job, table)
        return last.latents

    return run


@pytest.fixture(scope="module")
def run_plan(run_anew: Callable[[StepPlan, int], np.ndarray]) -> Callable[[StepPlan, int], np.ndarray]:
    """The same, each plan once."""
    known: dict[tuple[str, int], np.ndarray] = {}

    def run(plan: StepPlan, index: int) -> np.ndarray:
        key = plan.to_json(), index
        if key not in known:
            known[key] = run_anew(plan, index)
        return known[key]

    return run


def runs(run: Callable[[StepPlan, int], np.ndarray], **changes: Any) -> tuner.Runs:
    return tuner.Runs(run, preset("naive", AXES, K, STEPS), **{"sets": 2, **changes})


def search(run: Any, journal: Journal | None = None, **options: Any) -> tuner.Front:
    values = {"seed": 1, "evaluations": 12, **options}
    return tuner.tune(problem(), runs(run), journal or Journal(None, {}), **values)


def test_the_front_is_a_front_within_the_budget(run_plan: Any, run_anew: Any) -> None:
    front = search(run_plan)
    assert front.searched == 12
    costs = [t.figures["cost"] for t in front.trials]
    nearness = [t.figures["latent_psnr"] for t in front.trials]
    assert costs == sorted(costs)
    assert nearness == sorted(nearness)  # more work is worth it, or it would not be on the front
    assert max(costs) <= 0.75
    assert front.chosen is max(front.trials, key=lambda t: t.figures["latent_psnr"])
    for trial in front.trials:
        validate(trial.plan)
        assert trial.figures["cost"] == cost(trial.plan)
    # The figure is the plan's own: run again, it comes out the same.
    again = runs(run_anew).thorough(front.chosen.plan)
    assert again["latent_psnr"] == front.chosen.figures["latent_psnr"]


def test_the_uncached_plan_is_nearest_and_psnr_says_so(run_plan: Any) -> None:
    found = runs(run_plan).thorough(preset("naive", AXES, K, STEPS))
    assert found["latent_psnr"] == MAX_PSNR
    cheap = plan_of(Genome((0,), shared=tuple(range(K))), "tuned", AXES, K, STEPS)
    assert cheap is not None
    assert runs(run_plan).thorough(cheap)["latent_psnr"] < 60


def test_one_seed_one_front(run_plan: Any) -> None:
    first, second = search(run_plan), search(run_plan)
    assert [t.row() for t in first.trials] == [t.row() for t in second.trials]
    assert first.chosen.plan.to_json() == second.chosen.plan.to_json()
    other = search(run_plan, seed=2)
    assert other.searched == 12


def test_a_stopped_search_goes_on(run_plan: Any, tmp_path: Path) -> None:
    path, header = tmp_path / "deep" / "journal.jsonl", {"seed": 1, "axes": [list(a) for a in AXES]}
    counted = Journal(None, header)
    whole = search(run_plan, counted)
    stop_at = 9
    seen: list[str] = []

    def stop(text: str) -> None:
        seen.append(text)
        if len(seen) == stop_at:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        search(run_plan, Journal(path, header), tick=stop)
    with path.open("a") as file:
        file.write('{"key": "cut off')
    journal = Journal(path, header)
    resumed = search(run_plan, journal)
    assert [t.row() for t in resumed.trials] == [t.row() for t in whole.trials]
    assert journal.measured == counted.measured - stop_at
    again = Journal(path, header)
    assert search(run_plan, again).chosen.plan == whole.chosen.plan
    assert again.measured == 0
    with pytest.raises(ConfigError, match="another search"):
        Journal(path, {**header, "seed": 2})
    path.write_text(path.read_text().replace('{"figures"', "x", 1))
    with pytest.raises(ConfigError, match="not JSON"):
        Journal(path, header)


def test_a_scorer_can_rule_a_plan_out(run_plan: Any) -> None:
    def scorer(latents: Any) -> dict[str, float]:
        return {"worst_member": 90.0, "frechet": float(np.abs(np.stack(latents)).mean())}

    found = tuner.tune(problem(), runs(run_plan, scorer=scorer), Journal(None, {}), seed=1, evaluations=10)
    assert found.uncached["worst_member"] == 90.0
    assert all("frechet" in t.figures for t in found.trials)
    trials = [
        tuner.Trial(Genome((0,)), found.chosen.plan, {"cost": 0.2, "latent_psnr": 50.0, "worst_member": 80.0}),
        tuner.Trial(Genome((0, 1)), found.chosen.plan, {"cost": 0.3, "latent_psnr": 40.0, "worst_member": 89.0}),
    ]
    assert tuner.choose(trials, found.uncached) is trials[1]  # nearer, but its worst member lost ten points
    assert tuner.choose(trials[:1], found.uncached) is trials[0]


def test_unavailable_plans_and_small_budgets(run_plan: Any) -> None:
    def no_cuts(plan: StepPlan) -> bool:
        return plan.cut == 0

    found = tuner.tune(problem(available=no_cuts), runs(run_plan), Journal(None, {}), seed=1, evaluations=12)
    assert {t.plan.cut for t in found.trials} == {0}
    with pytest.raises(ConfigError, match=r"no plan costs at most 0\.01"):
        tuner.tune(problem(0.01), runs(run_plan), Journal(None, {}), evaluations=5)
    with pytest.raises(ConfigError, match="no calibration set"):
        tuner.tune(problem(), runs(run_plan, sets=0), Journal(None, {}), evaluations=5)


def test_genomes_stay_in_the_space() -> None:
    import random

    rng = random.Random(0)
    genomes = starts(K)
    for _ in range(400):
        genomes.append(mutate(rng.choice(genomes), rng, K, ("gender", "age"), 3))
    plans = {g: plan_of(g, "tuned", AXES, K, STEPS) for g in genomes}
    assert sum(p is not None for p in plans.values()) > len(plans) / 2
    assert len({g.name for g in plans}) == len(plans)  # names tell genomes apart
    for genome, plan in plans.items():
        assert 0 in genome.full
        assert max(genome.full) < K
        assert 0 <= genome.cut <= 3
        if plan is not None:
            assert plan.cloud_steps == K
            assert plan.candidates == 6
    some = [p for g, p in plans.items() if g.late and p is not None]
    assert some  # branching occurs
    assert any(p.rows[0].axes != ("gender", "age") for p in some)


def test_a_save_that_fails_leaves_the_old_bundle(
    run_plan: Any, random_bundles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "cloud"
    shutil.copytree(random_bundles / "cloud", root)
    front = search(run_plan)
    store.save(root, problem().name, front.entry(problem(), {"seed": 1}))
    manifest, plan = (root / "bundle.json").read_bytes(), (root / "plans" / "tuned.json").read_bytes()

    def full(part: Path, manifest: object) -> None:
        (part / "bundle.json").write_text("half of i")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "write_bundle", full)
    with pytest.raises(ConfigError, match="No space left"):
        store.save(root, problem().name, front.entry(problem(), {"seed": 2}))
    assert ((root / "bundle.json").read_bytes(), (root / "plans" / "tuned.json").read_bytes()) == (manifest, plan)
    assert store.names(open_bundle(root, "cloud")) == ("tuned",)
    assert [p.name for p in tmp_path.iterdir()] == ["cloud"]


def test_tuned_plans_live_in_the_bundle(run_plan: Any, random_bundles: Path, tmp_path: Path) -> None:
    root = tmp_path / "cloud"
    shutil.copytree(random_bundles / "cloud", root)
    front = search(run_plan)
    path = store.save(root, problem().name, front.entry(problem(), {"seed": 1}))
    first = path.read_bytes()
    bundle = open_bundle(root, "cloud")  # every hash fits
    assert store.names(bundle) == ("tuned",)
    assert store.load(bundle) == (front.chosen.plan,)
    assert store.save(root, problem().name, search(run_plan).entry(problem(), {"seed": 1})).read_bytes() == first
    engine = Engine.from_bundle(root, "torch")
    assert "tuned" in engine.plans
    made = engine.run(replace(stand_in_request(engine, AXES, K, STEPS, "tuned"), sampler="ddim"))
    assert made.plan == "tuned"
    assert made.latents.shape == (6, 4, 16, 16)
    raw = json.loads(first)
    for damage in ({"format": 2}, {"entries": [{**raw["entries"][0], "cloud_steps": K - 1}]}, {"entries": [{}]}):
        path.write_text(json.dumps({**raw, **damage}))
        with pytest.raises(PlanError, match="tune it again"):
            store.load(bundle)
    with pytest.raises(BundleError, match="altered"):
        open_bundle(root, "cloud")
    for bad in ("naive", "Tuned", "../x", ""):
        with pytest.raises(ConfigError, match="name of its own"):
            store.check_name(bad)
