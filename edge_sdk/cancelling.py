"""Stop a run from anywhere: another thread, a callback, a signal handler, a cancelled task.

No lock is held and none is waited for, so that :meth:`Cancellation.cancel` may be called from a signal handler that
breaks into any of these methods.
"""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import Any, Final, TypeVar

from .errors import StoppedError

__all__ = ["Cancellation", "wait_for"]

_T = TypeVar("_T")
#: Seconds between looks at pending signals: Windows does not wake a waiting thread for Ctrl-C.
_LOOK: Final = 0.2


class Cancellation:
    """Whether a run is to stop, and what has to be called when it is."""

    def __init__(self) -> None:
        self._reason = ""
        self._calls: dict[object, Callable[[], object]] = {}

    @property
    def cancelled(self) -> bool:
        """Whether :meth:`cancel` was called."""
        return bool(self._reason)

    def cancel(self, reason: str = "it was interrupted") -> None:
        """Stop. What was given to :meth:`calling` runs in this thread; later calls change nothing."""
        self._reason = self._reason or reason
        self._call_all()

    def check(self) -> None:
        """Go on only if nothing was cancelled.

        Raises:
            StoppedError: it was.
        """
        if self._reason:
            raise StoppedError(f"the run was stopped: {self._reason}")

    def wait(self, seconds: float) -> bool:
        """Sleep; ends early, and returns True, if the run is cancelled."""
        woken: SimpleQueue[None] = SimpleQueue()
        with self.calling(lambda: woken.put(None)):
            try:
                woken.get(timeout=seconds)
            except Empty:
                return self.cancelled
        return True

    @contextmanager
    def calling(self, call: Callable[[], object]) -> Iterator[None]:
        """While the block runs, a cancellation calls ``call`` once (at once if it has happened already).

        ``call`` wakes up whoever waits: it shuts a socket down, or puts something into a queue. It may not block.
        """
        key = object()
        self._calls[key] = call
        if self._reason:
            self._call_all()
        try:
            yield
        finally:
            self._calls.pop(key, None)

    def _call_all(self) -> None:
        while self._calls:
            try:
                _, call = self._calls.popitem()  # one step: no two threads get the same call
            except KeyError:
                return
            call()


def wait_for(work: Callable[[], _T], stop: Cancellation) -> _T:
    """``work`` in a thread of its own, and its result. Whatever ``work`` waits for, this ends when ``stop`` does.

    Raises:
        StoppedError: cancelled first; ``work`` is left to end by itself. Else whatever ``work`` raises. An exception
            in this thread (Ctrl-C) cancels ``stop`` too, so that ``work`` lets its connection go.
    """
    stop.check()
    done: SimpleQueue[tuple[bool, Any]] = SimpleQueue()
    context = contextvars.copy_context()

    def run() -> None:
        try:
            done.put((True, context.run(work)))
        except BaseException as error:  # handed to the thread that waits
            done.put((False, error))

    threading.Thread(target=run, name="obclip-cloud", daemon=True).start()
    with stop.calling(lambda: done.put((False, None))):
        try:
            fine, value = _get(done)
        except BaseException:
            stop.cancel()
            raise
    if fine:
        return value  # type: ignore[no-any-return]
    stop.check()
    try:
        raise value
    finally:
        del value  # the exception's own frames would keep it alive


def _get(done: SimpleQueue[_T]) -> _T:
    while True:
        try:
            return done.get(timeout=_LOOK)
        except Empty:
            continue
