"""Plans as data: presets, validation, what they may depend on."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from cloud_engine.cli.plan import command, parse_axes
from cloud_engine.planning import plan_axes, plan_for
from cloud_engine.plans import PRESETS, CacheRead, Evaluation, PlanError, StepPlan, StepRow, preset, validate
from cloud_engine.plans.partitions import Rows, merged, rows_of
from cloud_engine.plans.schedules import Schedule, scheduled
from cloud_engine.plans.slots import Slot, cache_use
from obclip_contract import Axis, Phrase, PromptGrid

GRIDS = [
    (),
    (("gender", 2),),
    (("gender", 2), ("age", 3)),
    (("gender", 2), ("skin_tone", 3)),
    (("gender", 2), ("age", 3), ("skin_tone", 5)),
    (("member", 40),),
]


@pytest.mark.parametrize("name", [*PRESETS, "deepcache-1", "paper-r2-s4"])
@pytest.mark.parametrize("axes", GRIDS, ids=len)
def test_presets_are_valid_for_all_numbers_and_survive_json(name: str, axes: Any) -> None:
    for k in (1, 2, 3, 5, 10, 25):
        plan = preset(name, axes, k, 25)
        assert (plan.cloud_steps, plan.axes) == (k, axes)
        assert StepPlan.from_json(plan.to_json()) == plan
        validate(plan)


def test_a_plan_is_a_function_of_public_numbers() -> None:
    def grid(words: tuple[str, str], template: str) -> PromptGrid:
        return PromptGrid(template, (Axis("gender", words),), {"s": Phrase((0,), words)})

    plans = [plan_for("balanced", grid(w, t), 10, 25) for w, t in ((("a", "b"), "{s}"), (("x", "y"), "an old {s}"))]
    assert plans[0] == plans[1]
    axes = (Axis("gender", ("a", "b")), Axis("age", ("c", "d")))
    rows = PromptGrid("{s}", axes, {"s": Phrase((0, 1), tuple("abcd"))}, ((0, 0), (1, 1)))
    assert plan_axes(rows) == (("member", 2),)


def test_unknown_names_and_numbers() -> None:
    for name in ("other", "deepcache-x", "paper-r3", "naive2", ""):
        with pytest.raises(PlanError, match="no plan of this name"):
            preset(name, (), 5, 25)
    for name in ("deepcache-0", "paper-r3-s2", "paper-r0-s2"):
        with pytest.raises(PlanError, match="needs"):
            preset(name, (), 5, 25)
    with pytest.raises(PlanError, match="1 to 25"):
        preset("naive", (), 26, 25)
    for text in ("{", "[]", '{"format":2}', '{"format":1,"rows":[{}]}'):
        with pytest.raises(PlanError):
            StepPlan.from_json(text)


AXES = (("gender", 2), ("tone", 3))
NAMES = ("gender", "tone")


def _full(branch: Any = "cond", axes: tuple[str, ...] = NAMES, **change: Any) -> Evaluation:
    return Evaluation(branch, "full", axes, **change)


def _row(*evaluations: Evaluation, guidance: Any = "each", **change: Any) -> StepRow:
    return StepRow(NAMES, guidance, evaluations, **change)


GOOD = _row(
    _full("uncond", writes=(("deep", "uncond.deep"), ("output", "uncond.output"))),
    _full(writes=(("deep", "cond.deep"),)),
)


def _shallow(branch: Any = "cond", axes: tuple[str, ...] = NAMES, **read: Any) -> Evaluation:
    return Evaluation(branch, "shallow", axes, (CacheRead(**{"tensor": "deep", "cache": f"{branch}.deep", **read}),))


EFFECTS = (("gender",), ("tone",))


def _shallow_effects() -> Evaluation:
    return replace(_shallow(), effects=EFFECTS, is_output=False)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ((), "1 to T rows"),
        ((_row(_full("uncond"), _shallow()),), "nobody wrote"),
        ((GOOD, _row(_shallow("uncond"), _shallow(cache="uncond.deep"))), "must begin with 'cond.'"),
        ((GOOD, _row(_shallow("uncond", cache="uncond.output"), _full())), "but it holds output"),
        ((GOOD, _row(_shallow("uncond"), _shallow(how="forecast"))), "two earlier writes"),
        ((GOOD, _row(_shallow("uncond"), _shallow(how="corrected", base="cond.deep"))), "written together"),
        ((GOOD, _row(_shallow("uncond"), _shallow(how="guess"))), "hold, forecast or corrected"),
        ((GOOD, _row(_shallow("uncond", axes=()), _full(), guidance="shared")), "tells members apart"),
        ((_row(_full("uncond"), _full(axes=("gender",))),), "a row for each latent"),
        ((_row(_full("uncond"), _full(axes=("tone", "gender"))),), "another order"),
        ((_row(_full()),), "one unconditional output"),
        ((_row(_full("uncond"), _full(), guidance="shared"),), "has fewer"),
        ((_row(_full(), guidance="held"),), "reads one cached output"),
        ((GOOD, _row(_full(), guidance="held", uncond=CacheRead("output", "cond.deep"))), "must begin with 'uncond.'"),
        ((_row(_full("uncond"), Evaluation("cond", "reuse", NAMES)),), "needs a pivot"),
        ((_row(_full("uncond"), _full(pivot="rotate")),), "reuse alone"),
        ((_row(_full("uncond"), Evaluation("cond", "magic", NAMES)),), "unknown branch or graph"),
        ((_row(_full("uncond"), _full(writes=(("cloud", "cond.x"),))),), "at most once"),
        ((StepRow(("gender",), "each", (_full("uncond", ("gender",)), _full(axes=("gender",)))),), "of its own"),
        ((GOOD, StepRow((), "each", (_full("uncond", ()), _full(axes=())))), "merged again"),
        ((GOOD, StepRow(NAMES, "skipped", ())), "needs 2 steps before it"),
        ((GOOD, GOOD, _row(_full(), guidance="skipped")), "evaluates and reads nothing"),
        ((GOOD, GOOD, StepRow(NAMES, "skipped", (), CacheRead("output", "uncond.output"))), "reads nothing"),
        ((_row(_full("uncond"), _full(effects=(NAMES,))),), "two or more groups"),
        ((_row(_full("uncond"), _full(effects=(("gender",), NAMES))),), "share no axis"),
        ((_row(_full("uncond"), _full(effects=(("gender",), ("age",)))),), "all of the evaluation's"),
        ((_row(_full("uncond"), Evaluation("cond", "reuse", NAMES, pivot="rotate", effects=EFFECTS)),), "no pivot"),
        ((GOOD, _row(_full("uncond"), _shallow(), _shallow_effects(), guidance="each")), "tells members apart"),
    ],
)
def test_an_ill_formed_plan_is_refused(rows: tuple[StepRow, ...], says: str) -> None:
    with pytest.raises(PlanError, match=says) as error:
        validate(StepPlan("x", AXES, 25, 0, rows))
    assert error.value.exit_code == 2


def test_held_and_corrected_reads_are_valid() -> None:
    own = _full(writes=(("deep", "cond.deep"),))
    mean = _full(axes=(), writes=(("deep", "cond.mean"),), is_output=False)
    held = CacheRead("output", "uncond.output")
    rows = (
        _row(_full("uncond", (), writes=(("output", "uncond.output"),)), own, mean, guidance="shared"),
        _row(mean, _shallow(how="corrected", base="cond.mean"), guidance="held", uncond=held),
    )
    plan = StepPlan("x", AXES, 25, 0, rows)
    validate(plan)
    read = rows[1].evaluations[1].reads[0]
    assert cache_use(plan).slots(1, read) == (Slot("cond.deep", 0), Slot("cond.mean", 1), Slot("cond.mean", 0))


def test_rows_of_partitions() -> None:
    assert rows_of(("gender",), NAMES, AXES).tolist() == [0, 0, 0, 1, 1, 1]
    assert rows_of(("tone",), NAMES, AXES).tolist() == [0, 1, 2, 0, 1, 2]
    assert rows_of((), ("tone",), AXES).tolist() == [0, 0, 0]
    x = np.arange(12.0).reshape(6, 2)
    assert merged(x, NAMES, ("gender",), AXES).tolist() == [[2, 3], [8, 9]]
    assert merged(x, NAMES, ("tone",), AXES).tolist() == [[3, 4], [5, 6], [7, 8]]
    assert merged(x, NAMES, (), AXES).tolist() == [[5, 6]]
    assert merged(x, NAMES, NAMES, AXES) is x


def test_rows_of_effects_add_up_where_members_do() -> None:
    axes = (("gender", 2), ("age", 3), ("tone", 5))
    names = tuple(n for n, _ in axes)
    rng = np.random.default_rng(0)
    gender, age, tone = (rng.normal(size=(s, 7)) for _, s in axes)
    members = (gender[:, None, None] + age[None, :, None] + tone[None, None]).reshape(30, 7)
    for groups in ((("gender",), ("age",), ("tone",)), (("gender", "age"), ("tone",)), (("gender", "tone"), ("age",))):
        rows = Rows(groups)
        few = rows.merge(members, names, axes, np.concatenate)
        assert len(few) == rows.count(axes) < 30
        assert np.allclose(rows.spread(few, names, axes), members)
    alone = rng.normal(size=(30, 7))  # what is not additive keeps its means by value
    rows = Rows((("gender", "age"), ("tone",)))
    back = rows.spread(rows.merge(alone, names, axes, np.concatenate), names, axes)
    for group in rows.groups:
        assert np.allclose(merged(back, names, group, axes), merged(alone, names, group, axes))


def test_effects_and_skips_survive_json_and_fit_the_slots() -> None:
    groups = Rows((("gender", "age"), ("skin_tone",)))
    schedule = Schedule(
        10, full=(0, 3), skipped=(2, 4, 6), deep_rows={0: groups, 3: groups}, uncond_rows={0: Rows(((),)), 3: groups}
    )
    plan = scheduled("x", GRIDS[4], 25, schedule)
    validate(plan)
    assert StepPlan.from_json(plan.to_json()) == plan
    assert [not row.evaluations for row in plan.rows] == [i in (2, 4, 6) for i in range(10)]
    maker = next(e for e in plan.rows[3].evaluations if e.effects and not e.is_output)
    assert (plan.batch(maker), maker.axes) == (11, ("gender", "age", "skin_tone"))
    assert cache_use(plan).tensor[Slot("cond.deep", 3)][1] == groups
    older = json.loads(plan.to_json())
    for row in older["rows"]:
        for evaluation in row["evaluations"]:
            del evaluation["effects"]
    assert all(not e.effects for row in StepPlan.from_json(json.dumps(older)).rows for e in row.evaluations)


@pytest.mark.parametrize("name", [*(p for p in PRESETS if p != "paper"), "paper-cache"])
def test_no_member_is_treated_apart(name: str) -> None:
    """Every call's rows are a full product of values: permuting an axis's values permutes the rows and nothing else.
    Only ``reuse`` has a row of its own, and there the pivot rotates or is neutral."""
    plan = preset(name, GRIDS[4], 10, 25)
    for row in plan.rows:
        for e in row.evaluations:
            assert e.graph != "reuse"
            assert plan.batch(e) == e.rows.count(plan.axes)


@pytest.mark.parametrize("name", ["nearest", "close", "dense", "balanced"])
@pytest.mark.parametrize("axes", GRIDS, ids=str)
def test_every_member_has_rows_of_its_own(name: str, axes: Any) -> None:
    """With the prompt, in every step that is evaluated: none is nearer to the uncached run by where it stands. So what
    the axes are called is not looked at."""
    plan = preset(name, axes, 10, 25)
    for row in plan.rows:
        assert all(e.axes == plan.axis_names and not e.effects for e in row.evaluations if e.branch == "cond")
    called = tuple((f"x{i}", size) for i, (_, size) in enumerate(axes))
    told = str(plan.rows)
    for (old, _), (new, _) in zip(axes, called, strict=True):
        told = told.replace(repr(old), repr(new))
    assert told == str(preset(name, called, 10, 25).rows)


def _letters(plan: StepPlan) -> str:
    return "".join(
        "." if not row.evaluations else "F" if any(e.graph == "full" for e in row.evaluations) else "s"
        for row in plan.rows
    )


@pytest.mark.parametrize(
    ("name", "n", "k", "letters"),
    [
        ("nearest", 6, 10, "FFsFsFFFFF"),
        ("nearest", 30, 5, "FFsFs"),
        ("close", 6, 13, "Fs.sF.FsFsFsF"),
        ("dense", 6, 13, "Fs.F.s.F.s.F."),
        ("balanced", 6, 14, "Fs..s..F..s..F"),
        ("balanced", 6, 5, "Fs.s."),
        ("balanced", 6, 4, "Fss."),
        ("balanced", 2, 2, "Fs"),
        ("balanced", 30, 5, "Fs.s."),
        ("balanced", 30, 10, "Fs......s."),
        ("balanced", 30, 15, "Fs.....F.....s."),
        ("balanced", 30, 25, "Fs......F.......s......s."),
        ("fast", 6, 5, "Fs..."),
        ("fast", 6, 10, "Fs......s."),
    ],
)
def test_steps_of_the_presets(name: str, n: int, k: int, letters: str) -> None:
    assert _letters(preset(name, (("a", n),), k, 25)) == letters


def test_the_papers_pivot_rotates() -> None:
    plan = preset("paper", GRIDS[2], 10, 25)
    assert {e.pivot for row in plan.rows for e in row.evaluations if e.graph == "reuse"} == {"rotate"}


def test_show(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: Callable[..., Any] = CliRunner().invoke
    text = shown(command, ["show", "--plan", "paper", "--cloud-steps", "5"])
    assert text.exit_code == 0
    assert "decoder_cached" in text.output
    data = shown(command, ["show", "--candidates", "30", "--json"])
    assert json.loads(data.output)["axes"] == [["gender", 2], ["age", 3], ["skin_tone", 5]]
    fast = shown(command, ["show", "--plan", "fast", "--candidates", "30"]).output
    assert "step  2  skipped" in fast
    assert "effects genderxage + skin_tone" in fast
    bad = shown(command, ["show", "--axes", "gender=2", "--candidates", "6"])
    assert bad.exit_code == 2
    assert "2 members" in bad.output
    assert parse_axes(None, 7) == (("member", 7),)
    assert replace(preset("naive", (), 1, 1), name="x").name == "x"
