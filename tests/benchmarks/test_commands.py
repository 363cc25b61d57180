"""The commands' helps and refusals, and the GPU script's arithmetic (no GPU is needed for either)."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

import benchmarks
from benchmarks import gpu
from benchmarks.cli import command
from benchmarks.errors import BenchmarkError
from cloud_engine.plans import preset
from cloud_engine.step_graphs import StepGraphSpec

README = Path(benchmarks.__file__).parent / "README.md"


def invoke(*arguments: str):  # type: ignore[no-untyped-def]
    return CliRunner().invoke(command, list(arguments))


@pytest.mark.parametrize("name", ["cost", "peers", "gpu", "quality"])
def test_helps_name_options_and_an_example(name: str) -> None:
    result = invoke(name, "--help")
    assert result.exit_code == 0
    assert "Example" in result.output
    assert "--json" in result.output


def test_the_readme_lists_every_command_and_no_other() -> None:
    rows = [line for line in README.read_text().splitlines() if line.startswith("| `")]
    listed = set(re.findall(r"`obclip bench ([a-z]+)", "\n".join(row.split("|")[1] for row in rows)))
    assert listed == set(command.commands)
    for module in re.findall(r"`(?:python -m )?benchmarks\.([a-z_]+)`", "\n".join(rows)):
        assert '__name__ == "__main__"' in (README.parent / f"{module}.py").read_text(), module


def test_one_benchmark_at_a_time() -> None:
    result = invoke("quality", "--plan", "balanced", "--mode", "cloud")
    assert result.exit_code == 2
    assert "give one of them" in result.output
    assert invoke("quality", "--plan", "balanced", "--candidates", "7").exit_code == 2
    assert invoke("cost", "--rounds", "4").exit_code == 2


def test_missing_bundles_and_unknown_grids(tmp_path: Path) -> None:
    result = invoke("cost", "--cloud-bundle", str(tmp_path / "none"))
    assert result.exit_code != 0
    assert "there is no bundle" in str(result.exception)
    result = invoke("peers", "--grid", "hair")
    assert isinstance(result.exception, BenchmarkError)
    assert "there is no grid 'hair'" in str(result.exception)


def test_the_cpu_times_every_call_of_a_plan(random_pair: Path, tmp_path: Path) -> None:
    out = tmp_path / "cpu.json"
    options = ("--device", "cpu", "--shape", "stickers", "--large", str(random_pair / "large"), "--repeats", "5")
    result = invoke("gpu", *options, "--plan", "balanced", "--plan", "fast", "--json", str(out))
    assert result.exit_code == 0, result.output
    told = json.loads(out.read_text())
    assert [(r["plan"], r["mode"], r["memory_mib"]) for r in told["rows"]] == [
        ("balanced", "cpu", None),
        ("fast", "cpu", None),
    ]
    assert all(r["relative_ms"] > 0 and r["milliseconds"] > 0 for r in told["rows"])


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu_nothing_is_measured(tmp_path: Path) -> None:
    out = tmp_path / "gpu.json"
    result = invoke("gpu", "--json", str(out))
    assert isinstance(result.exception, BenchmarkError)
    assert "GPU" in str(result.exception)
    assert result.exception.exit_code == 2
    assert not out.exists()


def test_a_plans_calls_are_counted() -> None:
    naive = gpu.plan_calls(preset("naive", gpu.AXES[6], 10, 25))
    assert naive == {(StepGraphSpec("full"), 12): 10}
    shallow = StepGraphSpec("shallow")
    deep = gpu.plan_calls(preset("deepcache-3", gpu.AXES[6], 10, 25))
    assert deep[shallow, 12] == 6
    assert sum(deep.values()) == 10
    paper = gpu.plan_calls(preset("paper", gpu.AXES[6], 10, 25))
    # Each branch's pivot is its own, so each is a call of its own.
    assert sum(n for (spec, rows), n in paper.items() if spec.kind == "reuse" and rows == 6) == 8


def test_times_of_calls_make_a_plans_time() -> None:
    plans = {"naive": preset("naive", gpu.AXES[6], 10, 25), "deepcache-3": preset("deepcache-3", gpu.AXES[6], 10, 25)}
    measured = {gpu.baseline_call(): gpu.Measured(2.0, 5.0)}
    for plan in plans.values():
        for spec, rows in gpu.plan_calls(plan):
            measured[spec, rows] = gpu.Measured(rows * (1.0 if spec.kind == "full" else 0.25), float(rows))
    rows = gpu.summarise("sd-1.4", "eager", plans, measured, 25)
    assert rows[0]["milliseconds"] == 120.0
    assert rows[0]["relative_ms"] == 2.4  # the paper's naive oblivious at N = 6, k = 10
    assert rows[1]["milliseconds"] == 4 * 12.0 + 6 * 3.0
    assert rows[1]["memory_mib"] == 12.0
    assert "| sd-1.4 | eager | naive | 120.0 | 2.40 | 12 |" in gpu.table({"rows": rows})
    with pytest.raises(BenchmarkError, match="no shape 'sd-9'"):
        gpu.unet_of("sd-9", Path("models/stickers/large"))
    json.dumps(rows)
