"""Parts in processes of their own: everything found comes back, and a process that fails or is killed is told."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.errors import BenchmarkError
from benchmarks.spreading import Tick, share_of_cores, spread


def _count(job: int, tick: Tick) -> Iterator[tuple[int, int, int]]:
    for k in range(job):
        tick(f"{job}/{k}")
        yield job, k, os.getpid()


def _fail(job: int, tick: Tick) -> Iterator[int]:
    yield job
    raise ValueError("no such set")


def _die(job: int, tick: Tick) -> Iterator[int]:
    yield job
    os.kill(os.getpid(), signal.SIGKILL)


def _threads(job: int, tick: Tick) -> Iterator[str]:
    yield os.environ["OMP_NUM_THREADS"]


@pytest.mark.parametrize("workers", [1, 2])
def test_all_that_is_found_comes_back(workers: int) -> None:
    ticks: list[str] = []
    found = list(spread([3, 2, 1], _count, workers, ticks.append))
    assert sorted(row[:2] for row in found) == [(1, 0), (2, 0), (2, 1), (3, 0), (3, 1), (3, 2)]
    assert sorted(ticks) == sorted(f"{job}/{k}" for job, k, _ in found)
    processes = {pid for *_, pid in found}
    assert processes == {os.getpid()} if workers == 1 else os.getpid() not in processes


@pytest.mark.parametrize(("work", "told"), [(_fail, "ValueError: no such set"), (_die, "ended with -9")])
def test_a_process_that_does_not_finish_is_told(work: object, told: str) -> None:
    with pytest.raises(BenchmarkError, match=told):
        list(spread([1, 2], work, 2, lambda _: None))  # type: ignore[arg-type]


def test_who_stops_listening_leaves_no_process() -> None:
    found = spread([3, 3], _count, 2, lambda _: None)
    _, _, pid = next(found)
    found.close()  # type: ignore[attr-defined]
    assert not Path(f"/proc/{pid}/task").exists()


def test_threads_are_shared_out_and_the_environment_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert set(spread([1, 2], _threads, 2, lambda _: None)) == {str(share_of_cores(2))}
    assert "OMP_NUM_THREADS" not in os.environ
    assert share_of_cores(1) == 0
    assert share_of_cores(10_000) == 1
