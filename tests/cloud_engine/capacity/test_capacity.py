"""Sizing: the formulas against textbook values and against each other, and the command."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from click.testing import CliRunner

from cloud_engine.capacity import Kind, Queue, Workload, read_measured, size
from cloud_engine.capacity.queueing import erlang_c
from cloud_engine.cli.plan import command
from cloud_engine.errors import ConfigError


def workload(ms: float = 400.0, deviation: float = 0.0) -> Workload:
    return Workload(((Kind("balanced", 6, 10, ms, deviation, 1000), 1.0),))


def measured(folder: Path) -> Path:
    rows = [
        {"plan": "balanced", "candidates": n, "cloud_steps": 10, "cache_bytes": 100 * n,
         "ms": {"median": ms, "low_quartile": 0.9 * ms, "high_quartile": 1.1 * ms}}
        for n, ms in ((2, 160.0), (6, 390.0), (30, 1200.0))
    ]  # fmt: skip
    file = folder / "cost.json"
    file.write_text(json.dumps({"benchmark": "cost", "rows": rows}))
    return file


def test_erlang_c_of_the_textbook() -> None:
    # Two agents and a load of 1.5: Erlang's B is 9/29, so C is (9/29) / (1 - 0.75 * 20/29) = 9/14.
    assert erlang_c(2, 1.5) == pytest.approx(9 / 14)
    assert erlang_c(1, 0.3) == pytest.approx(0.3)
    assert erlang_c(5, 5.0) == erlang_c(5, 9.0) == 1.0
    assert 0 < erlang_c(2000, 1900.0) < 1


def test_one_engine_waits_as_pollaczek_and_khinchine_say() -> None:
    mixed = Workload(((Kind("a", 2, 10, 100.0), 0.5), (Kind("a", 30, 10, 1000.0), 0.5)))
    queue = Queue(mixed, 1.0, 1)
    second_moment = (0.1**2 + 1.0**2) / 2
    assert queue.mean_wait_ms == pytest.approx(1000 * 1.0 * second_moment / (2 * (1 - 0.55)))


def test_latency_is_the_work_where_nobody_waits_and_endless_where_all_do() -> None:
    assert Queue(workload(), 0.001, 4).latency_ms(0.95) == pytest.approx(400.0, rel=1e-3)
    assert Queue(workload(), 10.0, 4).latency_ms(0.5) == math.inf
    busy = Queue(workload(), 9.0, 4)
    assert busy.latency_ms(0.5) < busy.latency_ms(0.95) < busy.latency_ms(0.99)


def test_the_smallest_number_that_keeps_the_promise() -> None:
    found = size(workload(), 20.0, within_ms=1000.0, most_utilisation=0.9, spare=2)
    assert found.replicas == found.needed + 2
    assert found.queue.latency_ms(0.95) <= 1000.0
    fewer = Queue(workload(), 20.0, found.needed - 1)
    assert fewer.latency_ms(0.95) > 1000.0 or fewer.utilisation > 0.9


def test_a_promise_that_no_number_keeps_is_refused() -> None:
    with pytest.raises(ConfigError, match="the slowest kind alone takes 400 ms"):
        size(workload(), 20.0, within_ms=300.0)


def test_a_service_beyond_one_list_is_told_apart_from_an_impossible_promise() -> None:
    with pytest.raises(ConfigError, match="need more than 100,000 engines"):
        size(workload(), 1e7, within_ms=1000.0)


@pytest.mark.parametrize("per_second", [0.1, 3.0, 77.0, 5000.0, 150_000.0])
def test_one_engine_fewer_would_not_do(per_second: float) -> None:
    found = size(workload(deviation=100.0), per_second, within_ms=1500.0, most_utilisation=0.9, spare=0)
    assert found.queue.latency_ms(0.95) <= 1500.0
    assert found.queue.utilisation <= 0.9
    if found.needed > 1:
        fewer = Queue(workload(deviation=100.0), per_second, found.needed - 1)
        assert fewer.latency_ms(0.95) > 1500.0 or fewer.utilisation > 0.9


def test_shares_are_by_n_and_need_not_sum_to_one(tmp_path: Path) -> None:
    found = read_measured(measured(tmp_path), {2: 1.0, 6: 3.0})
    assert found.mean_ms == pytest.approx(0.25 * 160 + 0.75 * 390)
    assert found.cache_bytes == 600
    assert found.variation > 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--mix", "6:0.5,x"], "--mix is a list of N:share"),
        (["--mix", "6,6"], "twice"),
        (["--mix", "6:0"], "above 0"),
        (["--mix", "7"], "has no time of plan balanced, N = 7"),
        (["--rps", "0"], "0"),
        (["--rps", "nan"], "nan is not a finite number"),
        (["--rps", "inf"], "inf is not a finite number"),
        (["--within", "inf"], "inf is not a finite number"),
        (["--price", "nan"], "nan is not a finite number"),
        (["--measured", "none.json"], "none.json cannot be read"),
    ],
)
def test_what_cannot_be_sized_is_said(arguments: list[str], said: str, tmp_path: Path) -> None:
    given = ["capacity", "--rps", "5", "--measured", str(measured(tmp_path)), *arguments]
    result = CliRunner().invoke(command, given)
    assert result.exit_code != 0
    assert said in result.output + str(result.exception)


def test_the_command_with_a_bundle_and_a_price(tmp_path: Path, random_bundles: Path) -> None:
    arguments = ["capacity", "--rps", "20", "--measured", str(measured(tmp_path)), "--price", "0.5"]
    arguments += ["--bundle", str(random_bundles / "cloud")]
    done = CliRunner().invoke(command, [*arguments, "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.output)
    assert told["engines"] == told["needed"] + told["spare"]
    assert told["cost_hour"] == pytest.approx(0.5 * told["engines"])
    assert told["egress_mbit_s"] == pytest.approx(8 * told["answer_bytes"] * 20 / 1e6, rel=0.01)
    assert told["weights_bytes"] > 0
    words = CliRunner().invoke(command, arguments).output
    assert f"{told['engines']} engines for 20 requests a second" in words
