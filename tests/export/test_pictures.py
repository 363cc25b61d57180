"""The picture check: its judge, its verdict, and the torch side against the engine's own path."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from export.errors import OptionError, VerificationError
from export.pair import load_source
from export.verify.graphs import settle
from export.verify.judging import find_jury
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


def test_other_pairs_need_no_judge_but_a_named_one_must_be_there(tmp_path: Path) -> None:
    assert find_jury(tmp_path / "judge", 4) is None
    with pytest.raises(OptionError, match="holds no judge"):
        find_jury(tmp_path / "judge", 4, required=True)


def test_another_pair_may_name_its_own_jury(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = "def convene(folder, count, required):\n    return folder.name, count, required\n"
    (tmp_path / "own_jury.py").write_text(own)
    monkeypatch.syspath_prepend(str(tmp_path))
    assert find_jury(tmp_path / "judge", 4, where="own_jury:convene") == ("judge", 4, False)
    for where in ("own_jury:nothing", "own_jury", "no_such_module:convene"):
        with pytest.raises(OptionError):
            find_jury(tmp_path / "judge", 4, where=where)


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
