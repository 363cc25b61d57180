"""Work that falls into parts, spread over processes; what they find comes back as they find it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, TypeVar

from .errors import BenchmarkError

Job = TypeVar("Job")
Found = TypeVar("Found")
#: Told of each small step, for a progress bar.
Tick = Callable[[str], None]
#: Yields what a job finds; pickled into each process, so a function or a dataclass of a module.
Work = Callable[[Job, Tick], Iterator[Found]]


@dataclass(frozen=True)
class _Next:
    """A process is free for another job."""


@dataclass(frozen=True)
class _Ticked:
    what: str


@dataclass(frozen=True)
class _Failed:
    text: str


@dataclass
class _Worker(Generic[Job]):
    process: Any
    pipe: Connection


def share_of_cores(workers: int) -> int:
    """Threads of each process; 0, for the libraries' own choice, where there is one."""
    return 0 if workers <= 1 else max(1, (os.cpu_count() or 1) // workers)


def spread(jobs: Sequence[Job], work: Work[Job, Found], workers: int, tick: Tick) -> Iterator[Found]:
    """Yield what ``work`` finds: a job after another in this process, or ``workers`` processes with one each.

    NumPy's own threads are held to a process's share of the cores: threads beyond that wait in circles.

    Ending the iteration, or an error, ends the processes; they end too when this one is killed.

    Raises:
        BenchmarkError: a process ended or failed; it says with what.
    """
    if workers <= 1:
        for job in jobs:
            yield from work(job, tick)
        return
    context = multiprocessing.get_context("spawn")
    due, running = list(reversed(jobs)), []
    threads = str(share_of_cores(workers))
    try:
        for _ in range(min(workers, len(jobs))):
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs, work), daemon=True)
            with _environment(OMP_NUM_THREADS=threads, OPENBLAS_NUM_THREADS=threads):
                process.start()
            theirs.close()
            running.append(_Worker[Job](process, ours))
        by_pipe = {w.pipe: w for w in running}
        while by_pipe:
            for pipe in wait(list(by_pipe)):
                worker = by_pipe[pipe]  # type: ignore[index]
                found = _receive(worker)
                if isinstance(found, _Ticked):
                    tick(found.what)
                elif not isinstance(found, _Next):
                    yield found
                elif due:
                    worker.pipe.send(due.pop())
                else:
                    del by_pipe[worker.pipe]
    finally:
        for worker in running:
            worker.process.terminate()
            worker.process.join()
            worker.pipe.close()


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _receive(worker: _Worker[Any]) -> Any:
    try:
        found = worker.pipe.recv()
    except (EOFError, OSError):
        worker.process.join()
        raise BenchmarkError(f"a process of the benchmark ended with {worker.process.exitcode}") from None
    if isinstance(found, _Failed):
        raise BenchmarkError(f"a process of the benchmark failed: {found.text}")
    return found


def _serve(pipe: Connection, work: Work[Any, Any]) -> None:
    """A process: ask for a job, do it, until the parent ends it or is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends its processes itself
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        while True:
            pipe.send(_Next())
            for found in work(pipe.recv(), lambda what: pipe.send(_Ticked(what))):
                pipe.send(found)
    except (EOFError, BrokenPipeError):
        return
    except Exception as error:
        pipe.send(_Failed(f"{type(error).__name__}: {error}"))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
