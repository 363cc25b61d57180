"""``obclip bench paper``: what it counts, that a stopped run goes on, and that every row is of the same sets."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from benchmarks.cli import command
from benchmarks.errors import BenchmarkError
from benchmarks.paper import run, scores, show
from benchmarks.paper.sides import Sides
from benchmarks.prompts import STICKERS
from models.stickers.recipe.glyphs import read_labels

HEAD: dict[str, Any] = {
    **{"pictures": 4, "seed": 0, "steps": 25, "guidance_scale": 2.0, "weights": {"large": "a"}, "edge": {"unet": "a"}},
    "sizes": [6],
}
SIDES = Sides(Path("cloud"), None, Path("edge"), steps=25, guidance=2.0, rows=6, seed=0)


class _Rows:
    """Stands for the measuring: counts the parts it is asked for, and stops where told."""

    def __init__(self, stop_at: str = "") -> None:
        self.asked: list[str] = []
        self.measured: list[str] = []
        self.stop_at = stop_at

    def __call__(
        self, bench: Any, few: Any, name: str, sets: int, tick: Any, held: Collection[str]
    ) -> Iterator[tuple[str, Any]]:
        self.asked.append(name)
        for row in ("first", "second"):
            if row in held:
                continue
            if f"{name}/{row}" == self.stop_at:
                raise KeyboardInterrupt
            self.measured.append(f"{name}/{row}")
            yield row, {"sets": sets}


def _measure(rows: _Rows, path: Path, head: dict[str, Any] = HEAD, again: tuple[str, ...] = ()) -> dict[str, Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "_rows", rows)
        patch.setattr(run, "open_sides", lambda _: (None, None))
        return run.run(SIDES, head, 4, (6,), path, lambda _: None, again=again)


def test_a_run_that_was_stopped_goes_on_with_the_row_that_is_due(tmp_path: Path) -> None:
    path = tmp_path / "paper.json"
    with pytest.raises(KeyboardInterrupt):
        _measure(_Rows(stop_at="hand-over/second"), path)
    again = _Rows()
    result = _measure(again, path)
    assert again.measured == ["hand-over/second"]
    assert all(part["done"] and list(part["rows"]) == ["first", "second"] for part in result["parts"].values())
    anew = _Rows()
    _measure(anew, path)
    assert anew.asked == ["N=6", "hand-over"]  # a whole result is measured anew


def test_a_file_with_some_parts_done_and_none_begun_goes_on_too(tmp_path: Path) -> None:
    """As a run leaves it that was stopped in the first row of its next part."""
    path = tmp_path / "paper.json"
    run.write(path, {**HEAD, "parts": {"N=6": {"rows": {"first": {}}, "done": True}}})
    rows = _Rows()
    assert list(_measure(rows, path)["parts"]) == ["N=6", "hand-over"]
    assert rows.asked == ["hand-over"]


def test_a_row_is_measured_again_and_the_others_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "paper.json"
    whole = _measure(_Rows(), path, {**HEAD, "command": "first"})
    rows = _Rows()
    result = _measure(rows, path, {**HEAD, "command": "second"}, ("N=6/first",))
    assert rows.measured == ["N=6/first"]
    assert {part: list(p["rows"]) for part, p in result["parts"].items()} == {
        part: list(p["rows"]) for part, p in whole["parts"].items()
    }
    assert result["command"] == "first"
    assert result["again"] == [{"rows": ["N=6/first"], "command": "second"}]
    with pytest.raises(BenchmarkError, match="N=6/third"):
        _measure(_Rows(), path, HEAD, ("N=6/third",))


def test_measuring_again_without_the_cloud_of_few_steps_keeps_its_part(tmp_path: Path) -> None:
    path = tmp_path / "paper.json"
    few = {"rows": {"third": {}}, "done": True}
    whole = _measure(_Rows(), path)
    run.write(path, {**whole, "parts": {**whole["parts"], run.FEW: few}})
    result = _measure(_Rows(), path, HEAD, ("N=6/first",))
    assert result["parts"][run.FEW] == few
    with pytest.raises(BenchmarkError, match="few-bundle"):
        _measure(_Rows(), path, HEAD, (f"{run.FEW}/third",))


def test_measuring_again_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    path = tmp_path / "paper.json"
    _measure(_Rows(), path, {**HEAD, "command": "first"})
    with pytest.raises(KeyboardInterrupt):
        _measure(_Rows(stop_at="hand-over/first"), path, HEAD, ("N=6/second", "hand-over/first"))
    assert "| second |" not in run.table({"parts": {"N=6": {"rows": {"second": None}}}})
    rows = _Rows()
    result = _measure(rows, path)
    assert rows.measured == ["hand-over/first"]
    assert (result["command"], len(result["again"])) == ("first", 1)
    assert all(part["done"] for part in result["parts"].values())


def test_other_numbers_or_weights_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "paper.json"
    with pytest.raises(KeyboardInterrupt):
        _measure(_Rows(stop_at="N=6/second"), path)
    with pytest.raises(BenchmarkError, match="weights"):
        _measure(_Rows(), path, {**HEAD, "weights": {"large": "b"}})


def test_parts_have_enough_sets_for_the_pictures() -> None:
    assert run.sections(1000, (30, 6, 2)) == {"N=30": 34, "N=6": 167, "N=2": 500, "hand-over": 150}
    assert run.sections(1000, (30,), few=True)["few steps"] == 50


def test_the_plot_needs_the_whole_hand_over(tmp_path: Path) -> None:
    db = {"picture_db": {"mean": 30.0, "low": 29.0, "high": 31.0}}
    names = ("curve k=0", "curve k=5", "curve k=10", "carry", "ddim", "level T'=10", "share T'=10", "index T'=15")
    part = {"rows": {"curve k=25": {}, **dict.fromkeys(names, db)}, "done": True}
    show.plot({"steps": 25, "parts": {"hand-over": part}}, tmp_path / "plot.png")
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")
    for parts in ({}, {"hand-over": {**part, "done": False}}):
        with pytest.raises(BenchmarkError, match="nothing to draw"):
            show.plot({"steps": 25, "parts": parts}, tmp_path / "none.png")
    assert not (tmp_path / "none.png").exists()


def test_an_unknown_size_is_told() -> None:
    done = CliRunner().invoke(command, ["paper", "--size", "7"])
    assert isinstance(done.exception, BenchmarkError)


def test_held_out_members_are_known_by_their_drawing() -> None:
    labels = read_labels(STICKERS / "glyphs.json")
    held = scores.held_out_triples(labels)
    seen = {(g.role, g.gender, g.tone, g.age) for g in labels if not g.held_out and not g.hair}
    assert held
    assert not held & seen
