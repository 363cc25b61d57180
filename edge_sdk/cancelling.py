"""Stop a run from anywhere: another thread, a callback, a signal handler, a cancelled task.

No lock is held and none is waited for, so that :meth:`Cancellation.cancel` may be called from a signal handler that
breaks into any of these methods.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue

from .errors import StoppedError

__all__ = ["Cancellation"]


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
