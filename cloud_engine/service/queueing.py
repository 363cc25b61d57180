"""A bounded queue that is fair between clients by the work they ask for.

Start-time fair queueing (Goyal, Vin and Cheng, SIGCOMM 1996): each client's first waiting job has a start tag in
virtual time, the least goes next, and a job moves its client's clock on by its cost. So clients that always have
something waiting get equal shares of the work, whatever the sizes of their requests and however many they send; one
that was idle has no claim on the past. When the queue is full, a newcomer takes the last place of whoever holds the
most, if that holds more than the newcomer would.

It looks at costs and at who asks, never at what is asked.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

__all__ = ["FairQueue", "QueuedJob"]


class QueuedJob(Protocol):
    """What the queue must know: who asks, and the UNet evaluations."""

    client: str
    cost: int


J = TypeVar("J", bound=QueuedJob)


@dataclass
class _Flow(Generic[J]):
    start: float
    jobs: deque[J] = field(default_factory=deque)
    cost: int = 0


class FairQueue(Generic[J]):
    """Waiting jobs, at most ``most_jobs`` (1 or more) with at most ``most_cost`` evaluations; one always fits."""

    def __init__(self, most_jobs: int, most_cost: int) -> None:
        self._most_jobs, self._most_cost = most_jobs, most_cost
        self._flows: dict[str, _Flow[J]] = {}
        self._finish: dict[str, float] = {}
        self._clock = 0.0
        self.cost = 0
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def ahead(self, client: str, cost: int) -> int:
        """Evaluations that are done before a new job of this client is done, its own included: an estimate.

        Of every other client at most as much as this client has waiting, since they take turns.
        """
        own = cost + (self._flows[client].cost if client in self._flows else 0)
        return own + sum(min(flow.cost, own) for name, flow in self._flows.items() if name != client)

    def put(self, job: J) -> list[J] | None:
        """Add a job; the jobs that lost their place to it. ``None``: there is no place, and nothing was changed."""
        victims = self._room_for(job)
        if victims is None:
            return None
        for victim in victims:
            self.remove(victim)
        flow = self._flows.get(job.client)
        if flow is None:
            start = max(self._clock, self._finish.get(job.client, 0.0))
            flow = self._flows[job.client] = _Flow(start)
        flow.jobs.append(job)
        self._add(flow, job.cost, 1)
        return victims

    def take(self) -> J | None:
        """The next job, or ``None``."""
        if not self._flows:
            return None
        client = min(self._flows, key=lambda c: self._flows[c].start)  # of equal tags, who came first
        flow = self._flows[client]
        job = flow.jobs[0]
        self._clock = flow.start
        flow.start += job.cost
        self._finish[client] = flow.start
        self.remove(job)
        # A clock that the virtual time has passed says nothing any more.
        self._finish = {c: f for c, f in self._finish.items() if f > self._clock}
        return job

    def remove(self, job: J) -> bool:
        """Take a job out, wherever it stands: nobody is charged for it. False if it is not here."""
        flow = self._flows.get(job.client)
        if flow is None or not any(j is job for j in flow.jobs):
            return False
        flow.jobs = deque(j for j in flow.jobs if j is not job)
        self._add(flow, -job.cost, -1)
        if not flow.jobs:
            del self._flows[job.client]
        return True

    def waiting(self) -> list[J]:
        """Every job, in no order that matters."""
        return [job for flow in self._flows.values() for job in flow.jobs]

    def _add(self, flow: _Flow[J], cost: int, jobs: int) -> None:
        flow.cost += cost
        self.cost += cost
        self._count += jobs

    def _fits(self, cost: int, jobs: int) -> bool:
        return jobs == 0 or (jobs < self._most_jobs and cost <= self._most_cost)

    def _room_for(self, job: J) -> list[J] | None:
        """Jobs that must go; the newest of whoever has the most waiting, while that is more than the asker's."""
        cost, jobs, victims = self.cost + job.cost, self._count, list[J]()
        left = {name: list(flow.jobs) for name, flow in self._flows.items()}
        held = {name: flow.cost for name, flow in self._flows.items()}
        mine = held.get(job.client, 0) + job.cost
        while not self._fits(cost, jobs):
            greedy = max(held, key=lambda name: held[name])
            if greedy == job.client or held[greedy] <= mine or not left[greedy]:
                return None
            victim = left[greedy].pop()
            victims.append(victim)
            held[greedy] -= victim.cost
            cost -= victim.cost
            jobs -= 1
        return victims
