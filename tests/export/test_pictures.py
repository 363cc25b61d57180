"""The picture check: its judge, its verdict, and the torch side against the engine's own path."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from export.errors import OptionError, VerificationError
from export.pair import load_source
from export.verify.graphs import settle
from export.verify.judging import AXES, find_jury
from export.verify.pictures import (
    ACCURACY_POINTS,
    CLOUD_STEPS,
    PICTURE_DB,
    SAMPLER,
    STEPS,
    PictureCheck,
    Pictures,
)
from export.verify.runtimes import TorchRuntime
from obclip_contract import apply_step, sampler_table, standard_normal

STICKERS = Path(__file__).resolve().parents[2] / "models" / "stickers"


def test_the_default_pairs_judge_has_prompts_it_can_score() -> None:
    jury = find_jury(STICKERS / "judge", 48, required=True)
    assert jury is not None
    assert len({w.prompt for w in jury.wishes}) == 48
    for wish in jury.wishes:
        assert set(wish.values) == set(AXES)
        assert all(wish.values[a] in jury.judge.values[a] for a in AXES)
        assert wish.values["background"] in wish.prompt or wish.values["background"] == "white"
    blank = np.ones((48, 3, 64, 64), np.float32)
    assert jury.accuracy(blank) < 50


def test_other_pairs_need_no_judge_but_a_named_one_must_be_there(tmp_path: Path) -> None:
    assert find_jury(tmp_path / "judge", 4) is None
    with pytest.raises(OptionError, match="holds no judge"):
        find_jury(tmp_path / "judge", 4, required=True)


def test_the_verdict_is_about_what_is_lost() -> None:
    def made(db: float, torch: float | None = None, ours: float | None = None) -> PictureCheck:
        return PictureCheck("litert", "int8", 48, db, db, torch, ours)

    assert made(PICTURE_DB).failure == ""
    assert "PSNR" in made(PICTURE_DB - 0.1).failure
    assert made(40, 90.0, 90.0 - ACCURACY_POINTS).failure == ""
    assert made(40, 90.0, 99.0).failure == ""  # better than torch is no fault
    bad = made(40, 90.0, 88.9)
    assert "lose judge accuracy" in bad.failure
    with pytest.raises(VerificationError, match=r"pictures litert .*--force"):
        settle([bad.check()])
    assert settle([bad.check()], force=True) == ["pictures litert (int8)"]


def test_batches_at_the_hand_over_are_the_same_as_rows_alone(random_pair: Path, random_bundles: Path) -> None:
    from obclip_contract import open_bundle

    large, small = load_source(random_pair / "large"), load_source(random_pair / "small")
    bundle = open_bundle(random_bundles / "edge", "edge")
    studio = Pictures(large, small, bundle, 2, None)
    assert studio.notes  # no judge beside the random pair
    runtime = TorchRuntime(large)
    states = runtime.encode_text(studio.ids[[1, 2]])
    x, previous = standard_normal(1001, large.latent_shape)[None], None
    guidance = np.float32(bundle.manifest.guidance_default)
    for step in sampler_table(SAMPLER, large.schedule, STEPS).head(CLOUD_STEPS).steps:
        both = runtime.denoise(np.concatenate([x, x]), step.timestep, states)
        following, x0 = apply_step(step, x, both[1:] + guidance * (both[:1] - both[1:]), previous)
        x, previous = following.astype(np.float32), x0.astype(np.float32)
    assert np.abs(studio.handed_over[1:2] - x).max() < 1e-3
    seen = studio.compare("litert", "fp32")
    assert seen.psnr_db > 60
    assert seen.failure == ""
