"""One try: a connection, a request, the whole answer.

The socket work is done by a thread of its own while the caller waits with a clock in its hand. Whatever the other side
does (a name that does not resolve, a handshake or headers in drips, 1xx answers without end), the wait ends at the
deadline, or when the run is stopped; the connection is then shut down, and nothing more is sent on it.
"""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, Final

import httpx

from ..cancelling import Cancellation
from ..errors import ClosedError, CloudError, DeadlineError, UnreachableError
from .faults import told

__all__ = ["Answer", "Exchange", "Limits", "Stop"]

#: Seconds between looks at the clock of the connection and at pending signals.
_LOOK: Final = 0.1
_THREAD: Final = "obclip-exchange"
#: Bytes of an answer that is no latents: an error, or the health report.
SMALL_ANSWER: Final = 64 * 1024


@dataclass(frozen=True)
class Answer:
    """Status, headers (lower-case names) and body, exactly as they came; ``cut``: the body is longer than allowed."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    cut: bool = False


@dataclass(frozen=True)
class Limits:
    """``until``: the deadline, by ``time.monotonic()``. ``connecting``: seconds for name, connection and handshake.

    ``body``: bytes of an answer with status 200; any other may have 64 KiB.
    """

    until: float
    connecting: float
    body: int


@dataclass(frozen=True)
class Stop:
    """What ends a wait from outside: the run's own cancellation, and the client's (its ``close()``)."""

    run: Cancellation
    closing: Cancellation

    def check(self) -> None:
        """Go on only if neither was cancelled.

        Raises:
            StoppedError: the run was. ClosedError: the client was closed.
        """
        self.run.check()
        if self.closing.cancelled:
            raise ClosedError("the cloud client was closed")

    def sleep(self, seconds: float) -> None:
        """Wait; :meth:`check` raises at once when one is cancelled."""
        woken: SimpleQueue[None] = SimpleQueue()
        until = time.monotonic() + seconds
        with self.run.calling(lambda: woken.put(None)), self.closing.calling(lambda: woken.put(None)):
            while (left := until - time.monotonic()) > 0:
                with suppress(Empty):
                    woken.get(timeout=min(left, _LOOK))
                self.check()


class _Quiet(logging.Filter):
    """Drops what the transport says of our own exchanges at DEBUG: a server's headers may hold our secrets again."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.threadName != _THREAD


for _name in ("connection", "http11", "proxy", "socks"):
    logging.getLogger(f"httpcore.{_name}").addFilter(_Quiet())


class Exchange:
    """One request on one connection; :meth:`run` once."""

    def __init__(
        self,
        request: httpx.Request,
        transport: Callable[[], httpx.BaseTransport],
        limits: Limits,
        admit: Callable[[Any], None],
    ) -> None:
        """``admit`` is given the TLS object of the connection (or ``None``) before anything is sent, and may raise."""
        self._request, self._transport, self._limits, self._admit = request, transport, limits, admit
        self._done: SimpleQueue[Answer | BaseException | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._tls: Any = None
        self._sent = self._given_up = False

    def run(self, stop: Stop, shown: str) -> Answer:
        """The whole answer.

        Raises:
            UnreachableError: no connection within the time for it. DeadlineError: no whole answer by the deadline.
            StoppedError, ClosedError: stopped from outside. BrokenOffError: the connection ended early. CloudError: any
            other fault of transport or protocol.
        """
        stop.check()
        began = time.monotonic()
        thread = threading.Thread(target=self._work, name=_THREAD, daemon=True)
        with ExitStack() as stack:
            stack.callback(self._give_up)
            stack.enter_context(stop.run.calling(lambda: self._done.put(None)))
            stack.enter_context(stop.closing.calling(lambda: self._done.put(None)))
            thread.start()
            while True:
                connecting = began + self._limits.connecting
                until = self._limits.until if self._sent else min(self._limits.until, connecting)
                try:
                    outcome = self._done.get(timeout=max(0.0, min(until - time.monotonic(), _LOOK)))
                except Empty:
                    if time.monotonic() < until:
                        continue
                    outcome = TimeoutError()
                break
        stop.check()
        if isinstance(outcome, Answer):
            return outcome
        assert outcome is not None
        late = time.monotonic() >= self._limits.until
        if isinstance(outcome, TimeoutError | httpx.TimeoutException):
            if self._sent or late:
                raise DeadlineError(f"{shown} did not answer in time")
            raise UnreachableError(f"no connection to {shown} within {self._limits.connecting:g} s")
        if isinstance(outcome, CloudError):
            raise outcome
        fault = told(outcome, shown)
        del outcome  # it may hold what the other side sent back, for a crash reporter that prints variables
        raise fault

    def _work(self) -> None:
        try:
            outcome: Answer | BaseException = self._exchange()
        except BaseException as error:  # for the thread that waits
            outcome = error
        finally:
            with self._lock:
                if self._socket is not None:
                    self._socket.close()
                self._socket = None
        self._done.put(outcome)

    def _exchange(self) -> Answer:
        left = max(0.001, self._limits.until - time.monotonic())
        connecting = min(self._limits.connecting, left)
        self._request.extensions = {
            "timeout": {"connect": connecting, "read": left, "write": left, "pool": left},
            "trace": self._watch,
        }
        with self._transport() as transport, closing(transport.handle_request(self._request)) as response:
            limit = self._limits.body if response.status_code == 200 else SMALL_ANSWER
            body, cut = bytearray(), False
            stream = response.stream
            assert isinstance(stream, httpx.SyncByteStream)
            for chunk in stream:  # as sent: nothing is ever unpacked
                body += chunk
                if len(body) > limit:
                    cut = True
                    break
            headers = {k.lower(): v for k, v in response.headers.items()}
            return Answer(response.status_code, headers, bytes(body[:limit]), cut)

    def _watch(self, event: str, info: Mapping[str, Any]) -> None:
        """Called by the transport between its steps."""
        if event.endswith(".connect_tcp.complete"):
            stream = info["return_value"]
            with self._lock:
                if self._given_up:
                    stream.close()
                    raise TimeoutError
                # A second handle of the same socket: the first is out of reach while TLS shakes hands.
                self._socket = stream.get_extra_info("socket").dup()
        elif event.endswith(".start_tls.complete"):
            self._tls = info["return_value"].get_extra_info("ssl_object")
        elif event.endswith(".send_request_headers.started") and info["request"].method != b"CONNECT":
            self._admit(self._tls)
            with self._lock:
                if self._given_up:
                    raise TimeoutError
                self._sent = True

    def _give_up(self) -> None:
        """Shut the connection down; the thread then ends by itself."""
        with self._lock:
            self._given_up = True
            if self._socket is not None:
                with suppress(OSError):
                    self._socket.shutdown(socket.SHUT_RDWR)
