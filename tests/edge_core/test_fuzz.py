"""The core's fuzz targets find nothing in a few seconds each; ``OBCLIP_FUZZ_SECONDS`` gives them longer."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from .building import CORE
from .fuzzing import SEEDS, run, write_seeds

SECONDS = int(os.environ.get("OBCLIP_FUZZ_SECONDS", "5"))


def test_every_target_is_run() -> None:
    assert sorted(SEEDS) == sorted(path.stem for path in (CORE / "fuzz").glob("*.cc"))


@pytest.mark.parametrize("target", sorted(SEEDS))
def test_it_finds_nothing(target: str, tmp_path: Path) -> None:
    seeds = write_seeds(target, tmp_path / "corpus", most=24)
    ran = run(target, SECONDS, tmp_path / "corpus", tmp_path / "findings")
    assert ran.returncode == 0, ran.said[-6000:]
    assert list((tmp_path / "findings").iterdir()) == []
    assert ran.inputs > seeds
