"""The runner: exactness against naive, the arena, buckets, and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cloud_engine.arena import Arena, ArenaMap, arena_map
from cloud_engine.backends.steps import Buckets, serving_graph
from cloud_engine.backends.torch.steps import TorchSteps
from cloud_engine.engine import Engine
from cloud_engine.errors import (
    BucketError,
    CacheShapeError,
    NonFiniteError,
    PlanUnavailableError,
    UnknownPlanError,
)
from cloud_engine.plans import CacheRead, Evaluation, PlanError, StepPlan, StepRow, preset
from cloud_engine.plans.partitions import Rows
from cloud_engine.plans.schedules import Branching, Schedule, scheduled
from cloud_engine.plans.slots import Slot
from cloud_engine.runners.planned import PlanRunner
from cloud_engine.runners.steps import Job
from cloud_engine.step_graphs import StepGraphSpec
from edge_sdk.privacy import release
from obclip_contract import GenerateRequest, apply_step, guide, standard_normal

AXES = (("gender", 2), ("skin_tone", 5))
NAMES = ("gender", "skin_tone")


def request(**change: Any) -> GenerateRequest:
    made = release("a woman firefighter with dark skin").request(
        seed=5, **{"cloud_steps": 5, "steps": 10, "guidance_scale": 3.0, "plan": "naive", **change}
    )
    assert made.grid.count == 10
    return made


@pytest.fixture(scope="module")
def torch_only(torch_bundle: Path) -> Engine:
    return Engine.from_bundle(torch_bundle, "torch")


def latents(engine: Engine, **change: Any) -> np.ndarray:
    return list(engine.steps(request(**change)))[-1].latents


def run(engine: Engine, plan: StepPlan) -> np.ndarray:
    """A plan that has no name, on the request's own inputs."""
    prepared = engine.prepare(request())
    *_, last = PlanRunner(plan, engine.backend.step_executor(16)).steps(prepared.job(), prepared.table)
    return last.latents


@pytest.mark.parametrize(
    "schedule",
    [
        Schedule(5, full=range(5)),
        Schedule(5, full=range(5), shared=[0]),  # one unconditional row where all latents are equal
        Schedule(5, full=range(5), uncond_rows={0: Rows(((),)), 1: Rows((NAMES,))}),
    ],
    ids=["no shortcut", "step 0 shared", "by stages"],
)
def test_what_is_exact_equals_naive(torch_only: Engine, schedule: Schedule) -> None:
    expected = latents(torch_only)
    got = run(torch_only, scheduled("x", AXES, 10, schedule))
    assert np.abs(got - expected).max() <= 1e-5


@pytest.mark.parametrize(
    "name",
    [
        "paper-r9-s9",
        "deepcache-1",
        "deepcache-2",
        "tree",
        "nearest",
        "close",
        "dense",
        "balanced",
        "fast",
        "paper",
        "paper-cache",
    ],
)
def test_every_preset_runs_and_gives_the_same_bytes(torch_only: Engine, name: str) -> None:
    asked = request(plan=name)
    steps = list(torch_only.steps(asked))
    assert [s.index for s in steps] == list(range(5))
    assert all(s.latents.shape == (10, 4, 16, 16) for s in steps)
    assert torch_only.run(asked).to_bytes() == torch_only.run(asked).to_bytes()
    off = np.abs(steps[-1].latents - latents(torch_only)).max()
    exact = name in ("deepcache-1", "nearest", "close")  # of so few steps none is skipped
    assert off <= 1e-4 if exact else off > 1e-4


def test_the_first_shallow_step_depends_on_its_own_latent(torch_only: Engine) -> None:
    """Shared deep features do not merge members: all stay apart."""
    last = latents(torch_only, plan="balanced")
    assert all(np.abs(last[i] - last[j]).max() > 1e-4 for i in range(10) for j in range(i))


def test_tree_branches_where_it_says(torch_only: Engine) -> None:
    plan = scheduled(
        "x", AXES, 10, Schedule(5, full=range(5), shared=range(5), branching=Branching(("skin_tone",), (2,)))
    )
    asked = request()
    text = torch_only.prepare(asked).job()
    job = Job(standard_normal(5, (4, 16, 16)), text.members, text.negative, text.scale)
    executor = torch_only.backend.step_executor(16)
    steps = [s.latents for s in PlanRunner(plan, executor).steps(job, torch_only.prepare(asked).table)]
    assert np.array_equal(steps[1][0], steps[1][4])
    assert not np.array_equal(steps[1][0], steps[1][5])
    assert not np.array_equal(steps[2][0], steps[2][4])


@pytest.mark.parametrize("name", ["nearest", "close", "dense", "balanced", "tree", "fast"])
def test_a_member_gets_the_same_wherever_it_stands(torch_only: Engine, name: str) -> None:
    """Reversing an axis's values reverses the answers: no position is favoured (Interface: same up to float noise)."""
    asked = request(plan=name)
    grid = asked.grid
    axis = 1
    size = len(grid.axes[axis].values)
    axes = tuple(replace(a, values=tuple(reversed(a.values))) if i == axis else a for i, a in enumerate(grid.axes))
    phrases = {}
    for key, phrase in grid.phrases.items():
        shape = [len(grid.axes[i].values) for i in phrase.axes]
        text = np.array(phrase.text, dtype=object).reshape(shape)
        if axis in phrase.axes:
            text = np.flip(text, phrase.axes.index(axis))
        phrases[key] = replace(phrase, text=tuple(text.reshape(-1)))
    turned = replace(asked, grid=replace(grid, axes=axes, phrases=phrases))
    one, other = (list(torch_only.steps(r))[-1].latents.reshape(2, size, -1) for r in (asked, turned))
    assert np.abs(one - other[:, ::-1]).max() <= 1e-4


def test_guidance_one_runs_no_unconditional_row(torch_only: Engine) -> None:
    calls: list[int] = []
    executor = torch_only.backend.step_executor(16)

    class Counting(TorchSteps):
        def __init__(self) -> None:
            self.__dict__.update(executor.__dict__)

        def run(self, spec: StepGraphSpec, inputs: Any) -> Any:
            calls.append(len(inputs["text_emb"]))
            return super().run(spec, inputs)

    asked = request(guidance_scale=1.0)
    text = torch_only.prepare(asked).job()
    job = Job(standard_normal(5, (4, 16, 16)), text.members, text.negative, 1.0)
    plan = scheduled("x", AXES, 10, Schedule(5, full=range(5)))
    *_, last = PlanRunner(plan, Counting()).steps(job, torch_only.prepare(asked).table)
    assert calls == [10] * 5
    assert np.abs(last.latents - latents(torch_only, guidance_scale=1.0)).max() <= 1e-5


def test_held_forecast_and_corrected_reads(torch_only: Engine) -> None:
    base = Schedule(5, full=(0, 2), held=(1, 3), cut=1)
    held = run(torch_only, scheduled("x", AXES, 10, base))
    forecast = run(torch_only, scheduled("x", AXES, 10, replace(base, held=(), forecast=True)))
    hold = run(torch_only, scheduled("x", AXES, 10, replace(base, held=())))
    assert np.isfinite(held).all()
    assert not np.array_equal(forecast, hold)
    both = {b: (("deep", f"{b}.deep"),) for b in ("cond", "uncond")}
    # The base tells all members apart here, so that the correction is exact: own + (now - then) is now.
    base_rows = Evaluation("cond", "full", NAMES, writes=(("deep", "cond.base"),), is_output=False)
    first = StepRow(
        NAMES,
        "each",
        (
            Evaluation("uncond", "full", NAMES, writes=both["uncond"]),
            Evaluation("cond", "full", NAMES, writes=both["cond"]),
            base_rows,
        ),
    )
    read = CacheRead("deep", "cond.deep", "corrected", "cond.base")
    later = StepRow(
        NAMES,
        "each",
        (
            Evaluation("uncond", "full", NAMES),
            base_rows,
            Evaluation("cond", "shallow", NAMES, (read,)),
        ),
    )
    corrected = run(torch_only, StepPlan("x", AXES, 10, 1, (first, *[later] * 4)))
    assert np.abs(corrected - latents(torch_only)).max() <= 1e-4


def test_a_skipped_step_extends_the_last_two_outputs(torch_only: Engine) -> None:
    asked = request()
    prepared = torch_only.prepare(asked)
    job, table = prepared.job(), prepared.table
    assert job.negative is not None
    latents, x0 = np.repeat(job.noise[None], 10, axis=0), None
    outputs: list[tuple[float, np.ndarray]] = []
    for index, step in enumerate(table.steps):
        if index in (2, 4):
            (t0, g0), (t1, g1) = outputs[-2:]
            output = g1 + (g1 - g0) * np.float32((t1 - step.timestep) / (t0 - t1))
        else:
            denoise = torch_only.backend.denoise
            without = np.repeat(job.negative, 10, axis=0)
            output = guide(
                denoise(latents, step.timestep, job.members), denoise(latents, step.timestep, without), job.scale
            )
            outputs.append((step.timestep, output))
        latents, x0 = apply_step(step, latents, output, x0)
    got = run(torch_only, scheduled("x", AXES, 10, Schedule(5, full=range(5), skipped=(2, 4))))
    assert np.abs(got - latents).max() <= 1e-4


def test_rows_of_effects_are_means_and_members_their_sums(torch_only: Engine) -> None:
    asked = request(cloud_steps=1)
    prepared = torch_only.prepare(asked)
    job, executor = prepared.job(), torch_only.backend.step_executor(16)
    assert job.negative is not None
    row = StepRow(
        NAMES,
        "shared",
        (
            Evaluation("uncond", "full", ()),
            Evaluation("cond", "full", NAMES, effects=(("gender",), ("skin_tone",))),
        ),
    )
    plan = StepPlan("x", AXES, 10, 0, (row,))
    assert plan.batch(row.evaluations[1]) == 7
    (got,) = PlanRunner(plan, executor).steps(job, prepared.table)
    (step,) = prepared.table.steps

    def call(text: dict[str, Any]) -> np.ndarray:
        count = len(text["text_kv"])
        sample = executor.upload(np.repeat(job.noise[None], count, axis=0))
        when = executor.upload(np.array([step.timestep], dtype=np.float32))
        out = executor.run(StepGraphSpec("full"), {"sample": sample, "timestep": when, **text})
        return executor.download(out["model_output"])

    members = {n: t.reshape(2, 5, *t.shape[1:]) for n, t in executor.text(job.members).items()}
    gender, tone = (call({n: t.mean(axis) for n, t in members.items()}) for axis in (1, 0))
    mean = (gender.mean(0) + tone.mean(0)) / 2
    within = (gender[:, None] + tone[None] - mean).reshape(10, *job.noise.shape)
    output = guide(within, call(executor.text(job.negative)), job.scale)
    expected, _ = apply_step(step, np.repeat(job.noise[None], 10, axis=0), output, None)
    assert np.abs(got.latents - expected).max() <= 1e-4


def test_a_neutral_pivot_adds_a_row_and_favours_nobody(torch_only: Engine) -> None:
    row = StepRow(NAMES, "each", tuple(Evaluation(b, "reuse", NAMES, pivot="neutral") for b in ("uncond", "cond")))
    plan = StepPlan("x", AXES, 10, 0, (row,) * 5)
    assert plan.batch(row.evaluations[0]) == 11
    got = run(torch_only, plan)
    assert got.shape == (10, 4, 16, 16)


def test_caches_and_text_are_zero_afterwards(torch_only: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    arenas: list[Arena] = []
    sizes: list[float] = []

    class Watched(Arena):
        def __init__(self, where: ArenaMap, buffer: Any) -> None:
            super().__init__(where, buffer)
            arenas.append(self)

        def clear(self) -> None:
            sizes.append(float(self._buffer.abs().sum()))
            super().clear()

    monkeypatch.setattr("cloud_engine.runners.planned.Arena", Watched)
    torch_only.run(request(plan="balanced"))
    steps = torch_only.steps(request(plan="balanced"))
    next(steps)
    steps.close()  # a cancelled run is cleared too
    assert len(arenas) == 2
    assert all(s > 0 for s in sizes)
    assert all(float(a._buffer.abs().sum()) == 0 for a in arenas)


def test_arena_places_never_overlap_while_alive() -> None:
    plan = preset("paper-r2-s20", AXES, 25, 25)
    where = arena_map(plan, lambda tensor, cut: (7,) if tensor == "skips" else (5,))
    assert where.bytes < 4 * sum(int(np.prod(s)) for _, s in where.places.values())  # memory is used again
    arena = Arena(where, np.zeros(where.floats, dtype=np.float32))
    slot, (_, shape) = next(iter(where.places.items()))
    arena.store(slot, np.ones(shape, dtype=np.float32))
    assert arena.load(slot).sum() == np.prod(shape)
    with pytest.raises(CacheShapeError, match=slot.cache):
        arena.store(slot, np.ones((3, 3), dtype=np.float32))
    arena.store(Slot("cond.unread", 0), np.ones(3))  # dropped


def test_buckets() -> None:
    buckets = Buckets((2, 4, 8))
    assert buckets.pieces(3) == [(0, 3, 4)]
    assert buckets.pieces(17) == [(0, 8, 8), (8, 16, 8), (16, 17, 2)]
    with pytest.raises(BucketError, match="9 rows in one call, this server takes 8"):
        buckets.pieces(9, divisible=False)


@pytest.mark.parametrize("sizes", [(4,), (1, 2, 4, 8, 16), (16,)])
def test_padding_to_a_bucket_changes_nothing(torch_only: Engine, sizes: tuple[int, ...]) -> None:
    executor = torch_only.backend.step_executor(16)
    executor.buckets = Buckets(sizes)
    asked = request()
    text = torch_only.prepare(asked).job()
    job = Job(standard_normal(5, (4, 16, 16)), text.members, text.negative, text.scale)
    *_, last = PlanRunner(preset("balanced", AXES, 5, 10), executor).steps(job, torch_only.prepare(asked).table)
    assert np.abs(last.latents - run(torch_only, preset("balanced", AXES, 5, 10))).max() <= 1e-5


def test_refusals_come_before_any_work(torch_bundle: Path) -> None:
    small = Engine.from_bundle(torch_bundle, "torch", max_rows=4)
    with pytest.raises(BucketError, match="10 rows"):
        small.run(request(plan="paper"))
    with pytest.raises(UnknownPlanError, match="balanced"):
        small.run(request(plan="cheapest"))
    with pytest.raises(UnknownPlanError, match="needs"):
        small.run(request(plan="paper-r3-s2"))
    row = StepRow(NAMES, "each", (Evaluation("cond", "shallow", NAMES, (CacheRead("deep", "cond.deep"),)),))
    executor = small.backend.step_executor(4)
    with pytest.raises(PlanError, match="nobody wrote"):
        PlanRunner(StepPlan("x", AXES, 10, 0, (row,)), executor)
    deep = StepPlan("x", AXES, 10, 30, preset("balanced", AXES, 5, 10).rows)
    with pytest.raises(PlanUnavailableError, match="the plan needs 30"):
        small.add_plans([deep])


def test_a_tuned_plan_runs_for_its_numbers_only(torch_bundle: Path) -> None:
    engine = Engine.from_bundle(torch_bundle, "torch")
    engine.add_plans([replace(preset("fast", AXES, 5, 10), name="mine")])
    assert "mine" in engine.plans
    assert np.array_equal(latents(engine, plan="mine"), latents(engine, plan="fast"))
    with pytest.raises(UnknownPlanError, match="mine"):
        engine.run(request(plan="mine", cloud_steps=4))


def test_a_wrong_shape_or_a_nan_returns_nothing(torch_only: Engine) -> None:
    class Faulty(TorchSteps):
        fault = "shape"

        def __init__(self) -> None:
            self.__dict__.update(torch_only.backend.step_executor(16).__dict__)

        def run(self, spec: StepGraphSpec, inputs: Any) -> Any:
            out = dict(super().run(spec, inputs))
            if self.fault == "shape" and "deep" in out:
                out["deep"] = out["deep"][:, :-1]
            elif self.fault == "nan":
                out["model_output"] = out["model_output"] * float("nan")
            return out

    text = torch_only.prepare(request()).job()
    job = Job(standard_normal(5, (4, 16, 16)), text.members, text.negative, text.scale)
    faulty = Faulty()
    runner = PlanRunner(preset("balanced", AXES, 5, 10), faulty)
    with pytest.raises(CacheShapeError, match="deep"):
        next(runner.steps(job, torch_only.prepare(request()).table))
    faulty.fault = "nan"
    with pytest.raises(NonFiniteError):
        next(runner.steps(job, torch_only.prepare(request()).table))


def test_the_graph_that_writes_least_besides_serves() -> None:
    have = [
        StepGraphSpec("full", 1, ("deep",)),
        StepGraphSpec("full", 1, ("deep", "skips")),
        StepGraphSpec("shallow", 1),
    ]
    assert serving_graph(StepGraphSpec("full"), have) == have[0]
    assert serving_graph(StepGraphSpec("full", 0, ("skips",)), have) == have[1]
    for missing in (StepGraphSpec("full", 2, ("deep",)), StepGraphSpec("shallow", 0), StepGraphSpec("decoder")):
        with pytest.raises(PlanUnavailableError, match=missing.name):
            serving_graph(missing, have)
