"""The device's benchmark: its format, what does not count, the report, and a run on a real bundle."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from benchmarks.cli import command
from benchmarks.device import result as results
from benchmarks.device.report import STEPS, picture, plot, table
from benchmarks.device.run import measure
from benchmarks.errors import BenchmarkError


def times(**changed: Any) -> dict[str, Any]:
    return {
        "median": 3.0, "low_quartile": 2.0, "high_quartile": 4.0, "least": 1.0, "most": 9.0, "count": 700, "warmup": 2,
        "seconds": 2.1, **changed,
    }  # fmt: skip


def document(**changed: Any) -> dict[str, Any]:
    return {
        "format": results.FORMAT,
        "device": {"name": "A phone", "system": "Android 16"},
        "runner": {"sdk": "kotlin", "runtime": "litert", "version": "2.3.0", "threads": 4},
        "accelerator": {"asked": "gpu", "used": "gpu", "whole": True},
        "pair": {"model": "stickers", "pair_sha256": "a" * 64, "precision": "int8"},
        "load": {"cold": 90.0, "warm": times(count=5)},
        "phases": {name: times() for name in results.PHASES},
        "taken_at": "2026-11-29T10:00:00Z",
        **changed,
    }


def read(**changed: Any) -> results.Result:
    return results.Result.model_validate(document(**changed))


def test_the_schema_beside_the_code_is_up_to_date() -> None:
    assert results.SCHEMA_FILE.read_text() == results.schema(), "obclip bench device --schema > device.schema.json"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, None),
        ({"device": {"name": "A phone", "system": "Android", "emulated": True}}, "emulated"),
        ({"accelerator": {"asked": "npu", "used": "cpu"}}, "npu was asked for and cpu ran"),
        ({"accelerator": {"asked": "gpu", "used": "gpu", "whole": False}}, "only a part ran on the gpu"),
        ({"accelerator": {"asked": "gpu", "used": "gpu", "whole": None}}, None),
        ({"thermal": "critical"}, "hot"),
        ({"phases": {name: times(count=4) for name in results.PHASES}}, "at least 5 are needed"),
        ({"phases": {name: times(seconds=1.0) for name in results.PHASES}}, "at least 2 are needed"),
        ({"phases": {name: times(warmup=0) for name in results.PHASES}}, "no call to warm up"),
    ],
)
def test_what_does_not_count_is_said(changed: dict[str, Any], said: str | None) -> None:
    faults = "; ".join(read(**changed).faults)
    assert (said in faults) if said else not faults
    row = table([read(**changed)]).splitlines()[2]
    assert ("| no (1) |" if said else "| yes |") in row


@pytest.mark.parametrize(
    "changed",
    [
        {"format": "obclip-device-benchmark/2"},
        {"surplus": 1},
        {"phases": {"text": times(), "step": times()}},
        {"phases": {name: times(median=5.0) for name in results.PHASES}},  # above its own quartile
        {"phases": {name: times(least=0.0) for name in results.PHASES}},
        {"accelerator": {"asked": "cpu", "used": "abacus"}},
        {"taken_at": "yesterday"},
    ],
)
def test_other_documents_are_refused(changed: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "result.json"
    file.write_text(json.dumps(document(**changed)))
    with pytest.raises(BenchmarkError, match="is no result of a device's benchmark"):
        results.read_result(file)


@pytest.mark.parametrize("text", ["a\nb", "a\x1b[2J", "a\x00", "a\x85", "x" * 201])
def test_texts_that_would_break_a_table_are_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "result.json"
    file.write_text(json.dumps(document(device={"name": text, "system": "Linux"})))
    with pytest.raises(BenchmarkError, match="is no result of a device's benchmark"):
        results.read_result(file)


def test_a_report_never_writes_over_what_it_reads(tmp_path: Path) -> None:
    file = tmp_path / "one.json"
    file.write_text(read().to_json())
    before = file.read_bytes()
    done = CliRunner().invoke(command, ["report", str(file), "--markdown", str(file)])
    assert done.exit_code == 2
    assert "would be lost" in done.output
    assert file.read_bytes() == before


def test_a_plot_of_another_kind_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "one.json"
    file.write_text(read().to_json())
    done = CliRunner().invoke(command, ["report", str(file), "--plot", str(tmp_path / "one.jpg")])
    assert done.exit_code == 2
    assert "has to end with .png" in done.output


def test_outputs_make_their_folders(tmp_path: Path) -> None:
    file, written = tmp_path / "one.json", tmp_path / "a" / "b.md"
    file.write_text(read().to_json())
    done = CliRunner().invoke(command, ["report", str(file), "--markdown", str(written)])
    assert done.exit_code == 0, done.output
    assert written.read_text()


@pytest.mark.parametrize("threads", ["0", "70000"])
def test_threads_that_no_device_has_are_refused(threads: str, random_bundles: Path) -> None:
    arguments = ["device", "--bundle", str(random_bundles / "edge"), "--threads", threads]
    assert CliRunner().invoke(command, arguments).exit_code == 2


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BenchmarkError, match=r"none\.json cannot be read"):
        results.read_result(tmp_path / "none.json")


def test_calls_go_on_until_both_limits_are_reached() -> None:
    calls: list[int] = []

    def call() -> None:
        calls.append(1)
        time.sleep(0.001)

    found = measure(call, seconds=0.05, count=7, warmup=3)
    assert found.warmup == 3
    assert found.count == len(calls) - 3 >= 7
    assert found.seconds >= 0.05
    assert found.least <= found.median <= found.most


def test_a_report_of_several(tmp_path: Path) -> None:
    files = []
    for i, changed in enumerate(({}, {"pair": {"model": "other", "pair_sha256": "b" * 64, "precision": "fp16"}})):
        files.append(tmp_path / f"{i}.json")
        files[-1].write_text(read(**changed).to_json())
    plotted, written = tmp_path / "devices.png", tmp_path / "devices.md"
    arguments = ["report", *map(str, files), "--plot", str(plotted), "--markdown", str(written)]
    done = CliRunner().invoke(command, arguments)
    assert done.exit_code == 0, done.output
    assert "not comparable" in done.output
    assert written.read_text() == done.output
    assert plotted.read_bytes().startswith(b"\x89PNG")
    assert picture(read()) == 3.0 + STEPS * 3.0 + 3.0


def test_a_plot_of_what_does_not_count(tmp_path: Path) -> None:
    plot([read(), read(thermal="serious")], tmp_path / "one.png")
    assert (tmp_path / "one.png").stat().st_size > 5000


def test_a_real_bundle_is_measured(random_bundles: Path, tmp_path: Path) -> None:
    out = tmp_path / "made" / "device.json"
    arguments = ["device", "--bundle", str(random_bundles / "edge"), "--seconds", "0", "--count", "2", "--threads", "1"]
    done = CliRunner().invoke(command, [*arguments, "--warmup", "1", "--json", str(out)])
    assert done.exit_code == 0, done.output
    made = results.read_result(out)
    assert {made.phases[name].count for name in results.PHASES} == {2}
    assert made.pair.precision == "fp32"
    assert made.runner.sdk == "python"
    assert any("at least 5" in fault for fault in made.faults)  # it was told to be short, and says so
