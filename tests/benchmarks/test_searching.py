"""``obclip bench tune``: a search of plans for the price of a preset, beside the presets, that goes on where it was."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from benchmarks import searching
from benchmarks.errors import BenchmarkError
from cloud_engine.tuner.search import Calibration
from obclip_contract import Axis, Phrase, PromptGrid


class _Judge:
    def __call__(self, latents: Sequence[Any]) -> dict[str, float]:
        return {"protected": 90.0, "worst_member": 90.0}


def _calibration(candidates: int, sets: int, seed: int, **options: Any) -> list[Calibration]:
    grid = PromptGrid("a {s0}", (Axis("gender", ("woman", "man")),), {"s0": Phrase((0,), ("woman", "man"))})
    return [Calibration("gender", tuple((grid, seed + i) for i in range(sets)), _Judge())]


@pytest.fixture
def search(random_bundles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> searching.Search:
    monkeypatch.setattr(searching, "calibration", _calibration)
    return searching.Search(random_bundles / "cloud", "onnxruntime", 25, 1, 3, 0, 1, tmp_path / "journals")


def test_the_front_keeps_the_presets_price_and_stands_beside_them(search: searching.Search) -> None:
    ticks: list[str] = []
    (front,) = searching.run(search, (2,), (6,), ticks.append)
    assert (front["candidates"], front["cloud_steps"]) == (2, 6)
    assert all(row["cost"] <= front["budget"] + 1e-4 for row in front["front"])
    assert set(front["presets"]) == set(searching.PRESETS)
    assert front["presets"]["balanced"]["cost"] == front["budget"]
    assert front["chosen"] in front["front"]
    assert len(ticks) <= searching.ticks(search.evaluations, (2,), (6,))
    lines = searching.table([front]).splitlines()
    assert len(lines) == 2 + len(front["front"]) + len(searching.PRESETS)
    kept = [p.read_bytes() for p in Path(str(search.journals)).iterdir()]
    assert searching.run(search, (2,), (6,), ticks.append) == [front]  # nothing is measured again
    assert [p.read_bytes() for p in Path(str(search.journals)).iterdir()] == kept


def test_a_size_without_a_grid_is_told_before_anything_runs(search: searching.Search) -> None:
    with pytest.raises(BenchmarkError, match="no grid has 7 members"):
        searching.run(search, (2, 7), (5,), lambda _: None)
