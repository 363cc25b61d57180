"""Fair shares by work, whatever the sizes; bounds; nobody is charged for what was not computed."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass

import pytest

from cloud_engine.service.queueing import FairQueue


@dataclass(eq=False)
class Ask:
    client: str
    cost: int


def served(queue: FairQueue[Ask], sizes: dict[str, list[int]], rounds: int) -> Counter[str]:
    """Work done for each client, all of which always have something waiting."""
    rng, done = random.Random(1), Counter[str]()
    for client, costs in sizes.items():
        assert queue.put(Ask(client, rng.choice(costs))) == []
    for _ in range(rounds):
        job = queue.take()
        assert job is not None
        done[job.client] += job.cost
        assert queue.put(Ask(job.client, rng.choice(sizes[job.client]))) == []
    return done


@pytest.mark.parametrize(
    "sizes",
    [
        {"a": [100], "b": [100]},
        {"small": [5], "large": [1000]},
        {"a": [1, 2000], "b": [7, 90], "c": [300], "d": [50, 60, 70]},
    ],
)
def test_shares_are_equal_within_a_tenth(sizes: dict[str, list[int]]) -> None:
    done = served(FairQueue(100, 10**9), sizes, 20_000)
    fair = sum(done.values()) / len(sizes)
    assert all(abs(work - fair) < 0.1 * fair for work in done.values())


def test_many_requests_bring_no_larger_share() -> None:
    queue: FairQueue[Ask] = FairQueue(1000, 10**9)
    for _ in range(100):
        queue.put(Ask("many", 10))
    for _ in range(10):
        queue.put(Ask("few", 10))
    first = [job.client for job in (queue.take() for _ in range(20)) if job]
    assert Counter(first) == {"many": 10, "few": 10}


def test_who_was_idle_has_no_claim_on_the_past() -> None:
    queue: FairQueue[Ask] = FairQueue(1000, 10**9)
    for _ in range(200):
        queue.put(Ask("busy", 10))
    for _ in range(100):
        queue.take()
    for _ in range(50):
        queue.put(Ask("late", 10))
    next_ones = [job.client for job in (queue.take() for _ in range(40)) if job]
    assert abs(next_ones.count("late") - 20) <= 1


def test_the_queue_is_bounded_by_number_and_by_work() -> None:
    queue: FairQueue[Ask] = FairQueue(3, 100)
    assert [queue.put(Ask("a", 10)) for _ in range(4)] == [[], [], [], None]
    queue = FairQueue(30, 100)
    assert [queue.put(Ask("a", 60)) for _ in range(2)] == [[], None]
    assert queue.put(Ask("a", 40)) == []
    assert (len(queue), queue.cost) == (2, 100)


def test_a_job_over_the_bound_is_taken_if_nothing_waits() -> None:
    queue: FairQueue[Ask] = FairQueue(30, 100)
    assert queue.put(Ask("a", 1000)) == []
    assert queue.put(Ask("a", 1)) is None


def test_a_newcomer_takes_the_last_place_of_whoever_holds_the_most() -> None:
    queue: FairQueue[Ask] = FairQueue(4, 10**6)
    held = [Ask("greedy", 10) for _ in range(4)]
    for job in held:
        queue.put(job)
    first, second, third = (Ask("new", 10) for _ in range(3))
    assert queue.put(first) == [held[3]]
    assert queue.put(second) == [held[2]]
    assert queue.put(third) is None  # both hold the same now
    assert queue.put(Ask("greedy", 10)) is None
    assert len(queue) == 4


def test_what_cannot_be_placed_costs_nobody_a_place() -> None:
    queue: FairQueue[Ask] = FairQueue(10, 100)
    for _ in range(5):
        queue.put(Ask("greedy", 20))
    assert queue.put(Ask("huge", 99)) is None
    assert (len(queue), queue.cost) == (5, 100)


def test_a_job_that_is_taken_out_is_not_charged() -> None:
    queue: FairQueue[Ask] = FairQueue(100, 10**9)
    gone = Ask("a", 10**6)
    queue.put(gone)
    assert queue.remove(gone)
    assert not queue.remove(gone)
    queue.put(Ask("b", 10))
    mine = Ask("a", 10)
    queue.put(mine)
    assert {queue.take(), queue.take()} >= {mine}
    assert queue.take() is None
    assert (len(queue), queue.cost) == (0, 0)


def test_the_wait_of_a_newcomer_is_what_comes_before_it() -> None:
    queue: FairQueue[Ask] = FairQueue(100, 10**9)
    for _ in range(10):
        queue.put(Ask("many", 10))
    assert queue.ahead("new", 10) == 20  # one of theirs, and its own
    assert queue.ahead("many", 10) == 110
