"""The report on a plan: made of known pictures' scores, so that every figure can be worked out by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from benchmarks import frechet
from benchmarks.errors import BenchmarkError
from benchmarks.finishing import Finisher
from benchmarks.judging import BESIDE, Scored, judge_set, judged_axes
from benchmarks.plan_quality import measure, report, table
from benchmarks.prompts import STICKERS
from benchmarks.quality import reference_moments
from benchmarks.sets import SetCase, grid, set_cases
from models.stickers.recipe.judge import Judge

KIND = grid("gender-tone")


def scored(rng: np.random.Generator, sets: int) -> Scored:
    out = Scored()
    for axis in (*judged_axes(KIND), *BESIDE):
        out.right[axis] = list(rng.random((sets, 6)) < 0.8)
    out.features = list(rng.normal(size=(sets, 6, 256)))
    return out


def changed(base: Scored, position: int, sets: int) -> Scored:
    """The same pictures, but one member's gender is never right."""
    out = Scored({a: [r.copy() for r in rows] for a, rows in base.right.items()}, list(base.features))
    for row in out.right["gender"][:sets]:
        row[position] = False
    return out


def test_equal_pictures_give_no_difference_and_nothing_is_favoured() -> None:
    rng = np.random.default_rng(0)
    naive = scored(rng, 12)
    db = rng.normal(40, 1, (12, 6))
    found = report(KIND, naive, naive, db, db, reference_moments())
    assert found["protected"]["difference"] == {"mean": 0.0, "low": 0.0, "high": 0.0}
    assert found["frechet_distance"]["ratio"] == 1.0
    assert found["frechet_distance"]["plan_to_naive"] == pytest.approx(0.0, abs=1e-6)
    assert found["axes"]["tone"]["naive"]["by_position"] == [
        round(100 * float(p), 1) for p in naive.accuracy("tone").mean(0)
    ]
    assert all(aim["met"] for aim in found["aims"].values())
    json.dumps(found)


def test_a_member_that_pays_is_found() -> None:
    rng = np.random.default_rng(1)
    naive = scored(rng, 40)
    db = rng.normal(40, 1, (40, 6))
    found = report(KIND, naive, changed(naive, 2, 40), db, db, reference_moments())
    lost = 100 * naive.accuracy("gender")[:, 2].mean()
    assert found["axes"]["gender"]["plan"]["by_position"][2] == 0.0
    assert found["axes"]["gender"]["difference"]["mean"] == pytest.approx(-lost / 6, abs=0.01)
    assert "accuracy gender" in found["favoured"]["found"]
    assert "accuracy tone" not in found["favoured"]["found"]
    assert not found["aims"]["no member favoured"]["met"]
    assert not found["aims"]["worst member"]["met"]
    assert not found["aims"]["mean accuracy"]["met"]
    db[:, 0] += 3.0  # a pivot that is always the first
    again = report(KIND, naive, naive, db, db, reference_moments())
    assert again["favoured"]["found"] == ["psnr latent", "psnr picture"]
    assert again["favoured"]["tests"]["psnr latent"]["deviation"][0] == pytest.approx(2.5, abs=0.5)


def test_frechet_distance_by_hand() -> None:
    mean, eye = np.zeros(3), np.eye(3)
    assert frechet.distance((mean, eye), (mean + 2.0, eye)) == pytest.approx(12.0)
    assert frechet.distance((mean, 4 * eye), (mean, eye)) == pytest.approx(3.0)
    flat = np.diag([4.0, 0.0, 0.0])  # fewer pictures than features
    assert frechet.distance((mean, flat), (mean, flat)) == pytest.approx(0.0, abs=1e-9)


def test_the_judge_reads_real_renders_of_a_whole_set() -> None:
    judge = Judge.load(STICKERS / "judge")
    case = set_cases(KIND, 1)[0]
    into = Scored()
    noise = np.random.default_rng(0).uniform(-1, 1, (6, 3, 64, 64)).astype(np.float32)
    judge_set(judge, noise, case, ("gender", "tone"), into)
    with torch.inference_mode():
        logits = judge(torch.from_numpy(noise))
    for axis in ("gender", "tone"):
        says = [judge.values[axis][i] for i in logits[axis].argmax(1)]
        assert into.right[axis][0].tolist() == [s == w[axis] for s, w in zip(says, case.wants, strict=True)]
    assert into.features[0].shape == (6, 256)


class OneNoise:
    """A cloud whose plan "off" hands over latents that are a little off, at member 1 most."""

    def latents(self, case: SetCase, plan: str, cloud_steps: int) -> tuple[np.ndarray[Any, Any], float]:
        base = np.random.default_rng(case.seed % 2**32).normal(size=(6, 4, 16, 16)).astype(np.float32)
        if plan == "off":
            base[1] += 0.5
            base += 0.01
        return base, -1.0


def test_measure_runs_finishing_and_judge(random_pair: Path) -> None:
    finisher = Finisher(random_pair / "small", 2.0, 4)
    judge = Judge.load(STICKERS / "judge")
    ticks: list[int] = []
    kind = grid("gender-age")  # the shortest prompts: the random pair's tokenizer knows few words
    found = measure(OneNoise(), finisher, judge, kind, "off", 2, 2, 0, lambda: ticks.append(1), reference_moments())
    assert len(ticks) == 2
    by_position = found["psnr_latent_db"]["by_position"]
    assert by_position.index(min(by_position)) == 1
    assert found["psnr_latent_db"]["worst_member"] == by_position[1]
    assert found["sets"] == 2
    assert "gender-age" in table({"grids": [found]})
    with pytest.raises(BenchmarkError, match="more tokens"):
        finisher.pictures(np.zeros((1, 4, 16, 16), np.float32), ["person " * 40], -1.0)
