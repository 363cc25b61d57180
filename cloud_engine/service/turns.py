"""Requests take turns: one is computed at a time, fairly between clients; a bounded amount of work waits.

What a client does decides nothing once its work has begun. Before, it has seen nothing of the answer, so that leaving
the queue tells nothing; afterwards, an end that came when the client left would tie the moment to what the client saw.
So *queued* work of a client that left is dropped, and *started* work runs on, whoever listens, until it is done, its
deadline has passed or the server stops (docs/PRIVACY.md, docs/SERVICE.md).
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
import traceback
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

from obclip_contract import ContractError

from ..errors import BusyError, CancelledError, EngineError, StoppingError, TooLateError
from .metrics import Metrics
from .queueing import FairQueue

__all__ = ["LEFT", "STOPPING", "Job", "Turns", "guard"]

T = TypeVar("T")
_log = logging.getLogger("obclip.cloud")
#: How much a new measurement of the engine's speed counts; the rest is what was known.
_NEWS: Final = 0.2
_FULL: Final = "the engine is busy; send the same request again later"
_NO_TIME: Final = "the queue is too long for this request's deadline; send the same request again later"
_LATE: Final = "the request's deadline passed before it was done; nothing of it is returned"
LEFT: Final = "the client left before its request was computed"
STOPPING: Final = "the server is stopping; send the same request again later"


@dataclass(eq=False)
class Job:
    """Work that waits for its turn.

    Args:
        client: who asks, for fairness alone.
        cost: UNet evaluations.
        until: deadline, by ``time.monotonic()``.
        work: makes the answer's body; asked after each step whether it has to stop.
    """

    client: str
    cost: int
    until: float
    work: Callable[[Callable[[], bool]], bytes]
    arrived: float = field(default_factory=time.monotonic)
    began: float | None = None
    ended: float | None = None

    @property
    def seconds(self) -> float:
        """How long its work took, or has taken so far."""
        return 0.0 if self.began is None else (self.ended or time.monotonic()) - self.began


class Turns:
    """Runs jobs on one thread, outside the event loop."""

    def __init__(self, most_jobs: int, most_cost: int, metrics: Metrics) -> None:
        self._queue: FairQueue[Job] = FairQueue(most_jobs, most_cost)
        self._metrics = metrics
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="cloud-engine")
        self._answers: dict[int, asyncio.Future[bytes]] = {}
        self._running: Job | None = None
        self._per_second: float | None = None
        self._stop = threading.Event()
        self.stopping = False

    async def run(self, job: Job, left: Callable[[], Coroutine[Any, Any, None]]) -> bytes:
        """The body of the job's answer.

        Args:
            left: returns when the client has left.

        Raises:
            BusyError: too much waits, or more than can be done before the deadline.
            StoppingError, TooLateError: before or while it was computed. CancelledError: the client left before.
            EngineError, obclip_contract.ContractError: from the work.
        """
        answer = self._enter(job)
        loop = asyncio.get_running_loop()
        timer = loop.call_later(max(0.0, job.until - time.monotonic()), self._drop, job, TooLateError(_LATE))
        leaving = asyncio.ensure_future(left())
        either: list[asyncio.Future[Any]] = [answer, leaving]
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not answer.done():
                self._drop(job, CancelledError(LEFT))
            return await answer
        finally:
            timer.cancel()
            leaving.cancel()
            self._drop(job, StoppingError(STOPPING))  # if this was cancelled; else it is not queued any more
            self._answers.pop(id(job), None)

    def wait_estimate(self, client: str, cost: int) -> float:
        """Seconds until a new job would be done; 0 while the engine's speed is not known."""
        if self._per_second is None:
            return 0.0
        running = self._running.cost / 2 if self._running else 0.0  # of which some is done
        return (self._queue.ahead(client, cost) + running) / self._per_second

    async def drain(self, grace: float) -> None:
        """Refuse what waits and what comes; let what runs run for ``grace`` seconds, then to the end of its step."""
        self.stopping = True
        for job in self._queue.waiting():
            self._drop(job, StoppingError(STOPPING))
        until = time.monotonic() + grace
        while self._running is not None:
            if time.monotonic() >= until:
                self._stop.set()
            await asyncio.sleep(0.02)

    def close(self) -> None:
        """End the thread, after the step that it computes."""
        self.stopping = True
        self._stop.set()
        self._worker.shutdown(wait=False, cancel_futures=True)

    def _enter(self, job: Job) -> asyncio.Future[bytes]:
        if self.stopping:
            raise StoppingError(STOPPING)
        seconds = self.wait_estimate(job.client, job.cost)
        if job.arrived + seconds > job.until and (self._running or len(self._queue)):
            raise _busy(_NO_TIME, seconds)
        victims = self._queue.put(job)
        if victims is None:
            raise _busy(_FULL, seconds)
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._answers[id(job)] = answer
        for victim in victims:
            self._fail(victim, _busy(_FULL, seconds))
        self._begin_next()
        self._count()
        return answer

    def _begin_next(self) -> None:
        if self._running is not None or (job := self._queue.take()) is None:
            return
        self._running = job
        job.began = time.monotonic()
        self._metrics.queue_time.observe(job.began - job.arrived)
        loop = asyncio.get_running_loop()
        loop.run_in_executor(self._worker, self._compute, job).add_done_callback(lambda done: self._end(job, done))

    def _compute(self, job: Job) -> bytes:
        def should_stop() -> bool:
            return self._stop.is_set() or time.monotonic() > job.until

        try:
            return guard(lambda: job.work(should_stop))
        except CancelledError:
            raise (StoppingError(STOPPING) if self._stop.is_set() else TooLateError(_LATE)) from None

    def _end(self, job: Job, done: asyncio.Future[bytes]) -> None:
        self._running = None
        job.ended = time.monotonic()
        answer = self._answers.get(id(job))
        error = done.exception() if not done.cancelled() else StoppingError(STOPPING)
        if error is None:
            self._learn(job)
            self._metrics.evaluations.inc(job.cost)
            if answer is not None and not answer.done():
                answer.set_result(done.result())
        else:
            self._fail(job, error)
        self._begin_next()
        self._count()

    def _learn(self, job: Job) -> None:
        rate = job.cost / max(1e-6, job.seconds)
        self._per_second = rate if self._per_second is None else _NEWS * rate + (1 - _NEWS) * self._per_second

    def _drop(self, job: Job, reason: Exception) -> None:
        """Of queued work alone."""
        if self._queue.remove(job):
            self._fail(job, reason)
            self._count()

    def _fail(self, job: Job, reason: BaseException) -> None:
        answer = self._answers.get(id(job))
        if answer is not None and not answer.done():
            answer.set_exception(reason)
            answer.exception()  # whoever waited may be gone

    def _count(self) -> None:
        self._metrics.queued.set(len(self._queue))
        self._metrics.running.set(self._running is not None)


def _busy(message: str, seconds: float) -> BusyError:
    error = BusyError(message)
    error.retry_after = max(2, min(60, round(seconds / 2)))
    return error


def guard(work: Callable[[], T]) -> T:
    """Run ``work``; errors of libraries become one of ours that quotes nothing.

    Raises:
        EngineError, obclip_contract.ContractError: as they are, or in place of any other error.
    """
    try:
        return work()
    except (EngineError, ContractError):
        raise
    except Exception as error:
        # A library's message may quote what it was given: the log gets the type and the place only.
        places = [f"{Path(f.filename).name}:{f.lineno}" for f in traceback.extract_tb(error.__traceback__)]
        _log.error("fault", extra={"facts": {"kind": type(error).__name__, "at": " > ".join(places)}})
        raise EngineError("the engine failed on this request; its log says where") from None
