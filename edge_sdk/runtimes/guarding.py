"""One graph call at a time. An interpreter has one set of buffers: two threads in it give each other's numbers."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ..errors import ClosedError, DeviceError

__all__ = ["Guard"]


class Guard:
    """Let one call into a runtime, whichever thread it comes from; the others wait for that one call alone.

    Theorem (no deadlock). The lock is held during one graph call or one load, which call nothing of a user's. A signal
    handler is the one thing that can run in between in the same thread, and it is refused. ∎
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._busy = False
        self._closed = False
        self._process = os.getpid()

    @contextmanager
    def calling(self) -> Iterator[None]:
        """Inputs in, run, outputs copied out: as one.

        Raises:
            ClosedError: :meth:`close` was called. DeviceError: called from a signal handler that broke into a call,
                or in a process that was forked off, where the interpreter's threads are missing.
        """
        if os.getpid() != self._process:
            raise DeviceError("a pipeline does not work in a forked process: open the bundle there")
        with self._lock:
            if self._closed:
                raise ClosedError("the runtime is closed; open another")
            if self._busy:
                raise DeviceError("the runtime was called from a signal handler in the midst of another call")
            self._busy = True
            try:
                yield
            finally:
                self._busy = False

    def close(self, free: Callable[[], None]) -> None:
        """Refuse further calls and free the graphs, when the call in progress has ended. A second time does nothing."""
        self._closed = True
        if os.getpid() == self._process:
            with self._lock:
                if not self._busy:
                    free()
