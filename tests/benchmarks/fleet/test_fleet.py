"""The simulated fleet: against the formula where one holds, and what clients see when engines are few or lost."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from benchmarks.cli import command
from benchmarks.fleet.load import Burst, Load
from benchmarks.fleet.service import of_samples, of_workload
from benchmarks.fleet.simulate import TRIES, Fleet, Loss, simulate
from cloud_engine.capacity import Kind, Queue, Workload

STEADY = Load(devices=86_400, pictures=2.0, swing=0.0)  # two requests a second
WORK = Workload(((Kind("balanced", 6, 10, 400.0), 1.0),))


def test_one_engine_agrees_with_the_formula() -> None:
    made = simulate(STEADY, Fleet(1, of_workload(WORK), queue=10_000), 20_000, seed=1)
    waits = np.asarray(made.latencies) - 0.4
    queue = Queue(WORK, 2.0, 1)
    assert made.utilisation == pytest.approx(queue.utilisation, rel=0.03)
    assert 1000 * waits.mean() == pytest.approx(queue.mean_wait_ms, rel=0.1)
    assert made.refused == 0


def test_the_rate_follows_the_clock_and_bursts() -> None:
    load = Load(1_000_000, 2.0, swing=0.5, peak_hour=20.0, begins=20.0, bursts=(Burst(100.0, 50.0, 3.0),))
    assert load.rate(0.0) == pytest.approx(1.5 * load.mean_rate)
    assert load.rate(12 * 3600.0) == pytest.approx(0.5 * load.mean_rate)
    assert load.rate(120.0) == pytest.approx(3 * load.rate(90.0), rel=0.01)
    times = list(load.arrivals(150.0, random.Random(0)))
    assert times == sorted(times)
    before, during = sum(50 <= t < 100 for t in times), sum(100 <= t < 150 for t in times)
    assert during == pytest.approx(3 * before, rel=0.15)


def test_too_few_engines_refuse_and_nobody_is_forgotten() -> None:
    made = simulate(STEADY, Fleet(1, of_samples([2.0]), queue=3), 600, seed=2)
    assert made.asked == len(made.latencies) + made.refused
    assert made.refused > 0
    assert made.again <= (TRIES - 1) * made.asked
    assert made.longest_queue == 3
    assert made.utilisation > 0.95


def test_a_lost_engine_costs_time_and_no_answer() -> None:
    work, lost = of_samples([1.0]), tuple(Loss(at, 10.0, 0) for at in range(50, 550, 50))
    made, calm = (simulate(STEADY, Fleet(4, work, losses=some), 600, seed=3) for some in (lost, ()))
    assert made.lost >= 1
    assert made.refused == calm.refused == 0
    assert max(made.latencies) > max(calm.latencies)


def test_with_no_engine_up_everybody_is_refused() -> None:
    made = simulate(STEADY, Fleet(1, of_samples([0.4]), losses=(Loss(0.0, 10_000.0, 0),)), 60)
    assert made.refused == made.asked > 0
    assert not made.latencies


def test_the_same_seed_gives_the_same_day() -> None:
    fleet = Fleet(2, of_workload(Workload(((Kind("a", 6, 10, 400.0, 50.0), 1.0),))))
    one, two, other = (simulate(STEADY, fleet, 300, seed).latencies for seed in (5, 5, 6))
    assert one == two != other


def test_the_command(tmp_path: Path) -> None:
    cost = tmp_path / "cost.json"
    times = {"median": 390.0, "low_quartile": 380.0, "high_quartile": 400.0}
    cost.write_text(json.dumps({"rows": [{"plan": "balanced", "candidates": 6, "cloud_steps": 10, "ms": times}]}))
    out, plotted = tmp_path / "fleet.json", tmp_path / "fleet.png"
    arguments = ["fleet", "--devices", "100000", "--replicas", "2-4:2", "--mix", "6", "--hours", "0.1"]
    arguments += ["--measured", str(cost), "--loss", "60:30:1", "--burst", "120:30:2"]
    done = CliRunner().invoke(command, [*arguments, "--json", str(out), "--plot", str(plotted)])
    assert done.exit_code == 0, done.output
    told = json.loads(out.read_text())
    assert [row["replicas"] for row in told["rows"]] == [2, 4]
    assert told["rows"][0]["p95_s"] >= told["rows"][1]["p95_s"]
    assert plotted.read_bytes().startswith(b"\x89PNG")


def test_overlapping_bursts_are_drawn_at_their_product() -> None:
    bursts = (Burst(100.0, 50.0, 3.0), Burst(100.0, 50.0, 2.0))
    load = Load(1_000_000, 2.0, swing=0.0, bursts=bursts)
    times = list(load.arrivals(150.0, random.Random(0)))
    before, during = sum(50 <= t < 100 for t in times), sum(100 <= t < 150 for t in times)
    assert during == pytest.approx(6 * before, rel=0.1)
    assert load.count(150.0) == pytest.approx(len(times), rel=0.05)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--replicas", "0"],
        ["--replicas", "a"],
        ["--replicas", "1-1000000000"],
        ["--replicas", "5-1"],
        ["--burst", "1:2"],
        ["--burst", "1:2:inf"],
        ["--burst", "nan:2:3"],
        ["--burst", "1:2:1e9"],
        ["--loss", "1:2:99"],
        ["--loss", "nan:2:0"],
        ["--loss", "1:-2:0"],
        ["--pictures", "nan"],
        ["--pictures", "inf"],
        ["--swing", "nan"],
        ["--devices", "1000000000000"],
    ],
)
def test_wrong_options_are_refused(arguments: list[str]) -> None:
    done = CliRunner().invoke(command, ["fleet", *arguments])
    assert done.exit_code == 2, done.output
    assert "Error" in done.output
