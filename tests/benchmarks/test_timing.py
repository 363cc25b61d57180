"""Order and arithmetic of the timing, with a clock that the test turns."""

from __future__ import annotations

import itertools
from collections import Counter

import pytest

from benchmarks import cost
from benchmarks.errors import BenchmarkError
from benchmarks.timing import Timings, alternate, turns


def test_every_place_of_a_round_is_everyones() -> None:
    names = ["a", "b", "c"]
    orders = [turns(names, i) for i in range(6)]
    assert all(sorted(o) == names for o in orders)
    for place in range(3):
        assert Counter(o[place] for o in orders) == {"a": 2, "b": 2, "c": 2}


def test_rounds_are_divided_by_their_own_baseline() -> None:
    now = itertools.count()
    speed = {"base": 2.0, "fast": 1.0}
    clock = [0.0]
    ran: list[tuple[str, int]] = []

    def job(name: str, index: int) -> str:
        ran.append((name, index))
        clock[0] += speed[name] * (1 + index)  # the machine gets slower from round to round
        next(now)
        return name

    jobs = {n: (lambda i, n=n: job(n, i)) for n in speed}
    timings = Timings("base")
    results = list(alternate(jobs, 5, "base", timings, clock=lambda: clock[0]))
    assert [r[2] for r in results] == [r[1] for r in results]
    assert len(ran) == 12  # one run of each beforehand
    assert timings.relative("fast").median == pytest.approx(0.5)
    assert timings.relative("fast").most == pytest.approx(0.5)
    assert timings.absolute("base").median == 6.0


def test_too_few_rounds_are_refused() -> None:
    with pytest.raises(BenchmarkError, match="at least 5"):
        list(alternate({"a": lambda i: None}, 4, "a", Timings("a")))
    with pytest.raises(BenchmarkError, match="baseline"):
        list(alternate({"a": lambda i: None}, 5, "b", Timings("b")))


def test_aims_hold_for_flops_and_for_time() -> None:
    row = {
        "plan": "balanced",
        "candidates": 6,
        "cloud_steps": 10,
        "relative_flops": 0.44,
        "relative_ms": {"median": 0.45, "low_quartile": 0.4, "high_quartile": 0.5},
    }
    (aim,) = cost.aims([row, {**row, "plan": "fast"}, {**row, "candidates": 2}])
    assert (aim["aim"], aim["flops_met"], aim["ms_met"]) == (0.45, True, True)
    (aim,) = cost.aims([{**row, "relative_flops": 0.46, "relative_ms": {"median": 0.46}}])
    assert (aim["flops_met"], aim["ms_met"]) == (False, False)
