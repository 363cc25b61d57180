"""The fleet: engines that compute one request at a time behind a bounded queue, and clients that come back.

A request goes to the emptier of two engines drawn at random, as Ray Serve's router does. An engine with a full queue
answers 429, and the client sends the same bytes again after what it was told, up to three times in all
(:mod:`edge_sdk.cloud.retries`). An engine that is lost ends what it has with an error that the client tries again.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import simpy

from edge_sdk.cloud.retries import WAITS

#: As edge_sdk.cloud.retries adds it.
JITTER: Final = 0.25
TRIES: Final = len(WAITS) + 1
#: Seconds of one request's work, by chance.
Service = Callable[[random.Random], float]
Events = Generator[Any, Any, None]


class Arrivals(Protocol):
    """When requests come."""

    def arrivals(self, seconds: float, rng: random.Random, /) -> Iterator[float]:
        """Times below ``seconds``, in order."""


@dataclass(frozen=True)
class Loss:
    """Engine ``replica`` is gone from ``at`` for ``length`` seconds."""

    at: float
    length: float
    replica: int


@dataclass(frozen=True)
class Fleet:
    """Engines, how many requests may wait at each, and what a client that is refused is told to wait."""

    replicas: int
    service: Service
    queue: int = 8
    retry_after: float = 2.0
    deadline: float = 60.0
    losses: tuple[Loss, ...] = ()


@dataclass
class Outcome:
    """What clients saw. ``latencies``: seconds from the first try to the answer; tries again are in it."""

    latencies: list[float] = field(default_factory=list)
    asked: int = 0
    refused: int = 0
    again: int = 0
    lost: int = 0
    busy_seconds: float = 0.0
    longest_queue: int = 0
    seconds: float = 0.0
    replicas: int = 1

    @property
    def utilisation(self) -> float:
        return self.busy_seconds / (self.seconds * self.replicas)

    @property
    def refused_share(self) -> float:
        """Of the requests, those that got no answer at all."""
        return self.refused / max(1, self.asked)


class _Replica:
    def __init__(self, environment: simpy.Environment) -> None:
        self.turn = simpy.Resource(environment, 1)
        self.present: set[simpy.Process] = set()
        self.is_up = True


class _Simulation:
    def __init__(self, fleet: Fleet, seed: int) -> None:
        self.environment = simpy.Environment()
        self.fleet, self.rng = fleet, random.Random(seed)
        self.replicas = [_Replica(self.environment) for _ in range(fleet.replicas)]
        self.outcome = Outcome(replicas=fleet.replicas)

    def route(self) -> _Replica | None:
        up = [r for r in self.replicas if r.is_up]
        if not up:
            return None
        return min(self.rng.sample(up, min(2, len(up))), key=lambda r: len(r.present))

    def client(self) -> Events:
        began, outcome = self.environment.now, self.outcome
        outcome.asked += 1
        for again in range(TRIES):
            answered = yield self.environment.process(self.exchange())
            if answered:
                outcome.latencies.append(self.environment.now - began)
                return
            if again == TRIES - 1:
                break
            wait = max(self.fleet.retry_after, WAITS[again]) * (1.0 + JITTER * self.rng.random())
            if self.environment.now + wait - began >= self.fleet.deadline:
                break
            outcome.again += 1
            yield self.environment.timeout(wait)
        outcome.refused += 1

    def exchange(self) -> Generator[Any, Any, bool]:
        """One try; whether it was answered."""
        replica = self.route()
        if replica is None or len(replica.present) > self.fleet.queue:
            return False
        own = self.environment.active_process
        assert own is not None
        replica.present.add(own)
        self.outcome.longest_queue = max(self.outcome.longest_queue, len(replica.present) - 1)
        try:
            with replica.turn.request() as turn:
                yield turn
                began = self.environment.now
                try:
                    yield self.environment.timeout(self.fleet.service(self.rng))
                finally:
                    self.outcome.busy_seconds += self.environment.now - began
            return True
        except simpy.Interrupt:
            self.outcome.lost += 1
            return False
        finally:
            replica.present.discard(own)

    def lose(self, loss: Loss) -> Events:
        yield self.environment.timeout(loss.at)
        replica = self.replicas[loss.replica]
        replica.is_up = False
        for process in list(replica.present):
            process.interrupt()
        yield self.environment.timeout(loss.length)
        replica.is_up = True

    def arrive(self, load: Arrivals, seconds: float) -> Events:
        for at in load.arrivals(seconds, self.rng):
            yield self.environment.timeout(at - self.environment.now)
            self.environment.process(self.client())


def simulate(load: Arrivals, fleet: Fleet, seconds: float, seed: int = 0) -> Outcome:
    """Run ``seconds`` of arrivals, and on until the last client is done."""
    run = _Simulation(fleet, seed)
    for loss in fleet.losses:
        run.environment.process(run.lose(loss))
    run.environment.process(run.arrive(load, seconds))
    run.environment.run()
    run.outcome.seconds = max(seconds, run.environment.now)
    return run.outcome
