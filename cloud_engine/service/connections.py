"""Connections that cannot be held: deadlines for header, body, answer and idleness, and a cap on their number.

uvicorn bounds none of these but the idle time between requests. Here every connection has one timer, set anew at each
phase; what does not come in time is closed. At the cap, the connection that has waited longest for its header makes
room for a newcomer, so that half-sent headers keep nobody out.
"""

from __future__ import annotations

import asyncio
import errno
import json
import logging
import re
import select
import socket
import time
from collections.abc import Callable
from typing import Any, Final, NoReturn

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from .answers import error_body
from .metrics import Metrics
from .settings import Settings

__all__ = ["Connections", "Listener", "protocol_class"]

#: Bytes of one request's header. A browser's is below 4 KiB.
_MOST_HEADER_BYTES: Final = 16 * 1024
#: Where h11 sees the end of a header.
_HEADER_END: Final = re.compile(rb"\n\r?\n")
_NO_HTTP: Final = 400, "bad_http", "this is no HTTP/1.1 request that can be read"
_TOO_LONG: Final = 431, "header", f"a request's header has at most {_MOST_HEADER_BYTES} bytes"
#: Errors that say that the system has no more to give.
_NO_MORE: Final = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
#: Seconds until a new connection is known to wait for its header, and one that makes room is closed.
_SETTLING: Final = 0.005
_log = logging.getLogger("obclip.cloud")


class Connections:
    """What the connections of one server share."""

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        self.settings, self.metrics = settings, metrics
        self.open = 0
        self._settled = 0.0
        self._waiting: dict[BoundedProtocol, None] = {}  # for a header, the longest first
        metrics.watch(lambda: self.open)

    def wait_for_header(self, protocol: BoundedProtocol) -> None:
        """It has sent no whole header yet."""
        self._waiting.pop(protocol, None)
        self._waiting[protocol] = None

    def stop_waiting(self, protocol: BoundedProtocol) -> None:
        """Its header is here, or it is gone."""
        self._waiting.pop(protocol, None)

    @property
    def settling(self) -> bool:
        """Whether what happened just now may still change who is slow."""
        return time.monotonic() < self._settled

    def enter(self) -> None:
        """One more is open."""
        self.open += 1
        self._settled = time.monotonic() + _SETTLING

    def leave(self) -> None:
        """One is closed."""
        self.open -= 1

    def make_room(self) -> bool:
        """Close the connection that has waited longest for its header; false if none waits."""
        if not self._waiting:
            return False
        protocol = next(iter(self._waiting))
        self.drop("room")
        self._settled = time.monotonic() + _SETTLING
        protocol.abort()
        return True

    def drop(self, reason: str) -> None:
        """Count a connection that the server closes, and tell the log (which holds back what comes too often)."""
        self.metrics.dropped.labels(reason=reason).inc()
        _log.info("dropped", extra={"facts": {"reason": reason}})


class _Counted(socket.socket):
    """An accepted connection, counted until it is closed, TLS handshake included."""

    gone: Callable[[], None] | None = None

    def close(self) -> None:
        if self.gone is not None:
            gone, self.gone = self.gone, None
            gone()
        super().close()


class Listener(socket.socket):
    """A listening socket that knows the cap, and says in one line when the system has no more to give."""

    connections: Connections | None = None

    def accept(self) -> tuple[socket.socket, Any]:
        """As ``socket.accept``. At the cap somebody slow makes room first; if nobody is slow, the newcomer is closed.

        Raises:
            BlockingIOError: nobody is there, or the room is not there yet; the event loop asks again.
        """
        shared = self.connections
        if shared is None:
            return super().accept()
        while True:
            full = shared.open >= shared.settings.max_connections
            if full and self._is_asked() and (shared.settling or shared.make_room()):
                raise BlockingIOError(errno.EAGAIN, "room is being made")
            try:
                descriptor, address = self._accept()  # type: ignore[attr-defined]
            except OSError as error:
                if error.errno in _NO_MORE:
                    shared.drop("system")
                    if shared.make_room():
                        raise BlockingIOError(errno.EAGAIN, "room is being made") from None
                raise
            connection = _Counted(self.family, self.type, self.proto, fileno=descriptor)
            if full:
                shared.drop("cap")
                connection.close()
                continue
            shared.enter()
            connection.gone = shared.leave
            return connection, address

    def _is_asked(self) -> bool:
        """Whether a newcomer waits: nobody is closed for nobody."""
        poll = select.poll()
        poll.register(self.fileno(), select.POLLIN)
        return bool(poll.poll(0))


class _Bounded(h11.Connection):
    """h11 looks at the length of a header only while it is not whole; here it is the same however it arrives."""

    too_long = False

    def next_event(self) -> Any:
        """As h11's.

        Raises:
            h11.RemoteProtocolError: also for a header, or the trailer of a body in chunks, over the limit.
        """
        if self.their_state is h11.IDLE:
            come = self.trailing_data[0]
            if len(come) > _MOST_HEADER_BYTES and not _HEADER_END.search(come, 0, _MOST_HEADER_BYTES):
                self._refuse()
        event = super().next_event()
        if isinstance(event, h11.EndOfMessage) and sum(len(n) + len(v) for n, v in event.headers) > _MOST_HEADER_BYTES:
            self._refuse()
        return event

    def _refuse(self) -> NoReturn:
        self.too_long = True
        raise h11.RemoteProtocolError("header too long", error_status_hint=431)


class BoundedProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 with a deadline for every phase. One per connection."""

    shared: Connections  # set by protocol_class

    def __init__(self, config: Config, server_state: ServerState, app_state: dict[str, Any], _loop: Any = None) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.conn: _Bounded = _Bounded(h11.SERVER, _MOST_HEADER_BYTES)
        self._timer: asyncio.TimerHandle | None = None
        self._phase = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # So that it is known when an answer is not being taken. (With 0 asyncio's TLS would pause on nothing.)
        transport.set_write_buffer_limits(high=1, low=0)
        self._enter("header")

    def connection_lost(self, exc: Exception | None) -> None:
        self._enter("")
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._phase == "idle":
            self._enter("header")
        super().data_received(data)
        self._look()

    def handle_events(self) -> None:
        super().handle_events()
        self._look()

    def on_response_complete(self) -> None:
        # The rest of a body that was refused unread is waited for, but not for ever.
        super().on_response_complete()
        self._look()

    def send_400_response(self, msg: str) -> None:
        """A request that is no HTTP or has too long a header, in the envelope that every refusal has."""
        status, code, told = _TOO_LONG if self.conn.too_long else _NO_HTTP
        body = json.dumps(error_body(code, told)).encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            for event in (h11.Response(status_code=status, headers=headers), h11.Data(data=body), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def abort(self) -> None:
        """Close without waiting for anybody."""
        self._enter("")
        self.transport.abort()

    def _look(self) -> None:
        """Into which phase what has just come has brought the connection."""
        cycle = self.cycle
        if self.transport.is_closing() or self.flow.write_paused:
            self._enter("write")  # what is written is still sent; a client that does not take it is left
        elif cycle is None or cycle.response_complete:
            if self.conn.their_state is h11.SEND_BODY:
                self._enter("body")
            elif cycle is not None and self.conn.their_state is h11.IDLE and not self.conn.trailing_data[0]:
                self._enter("idle")
            else:
                self._enter("header")
        elif cycle.more_body:
            self._enter("body")
        else:
            self._enter("answer")

    def _enter(self, phase: str) -> None:
        if phase == self._phase:
            return
        self._phase = phase
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if phase == "header":
            self.shared.wait_for_header(self)
        else:
            self.shared.stop_waiting(self)
        settings = self.shared.settings
        seconds = {
            "header": settings.header_seconds,
            # The application answers 408 first; this is for a body that nobody reads any more.
            "body": settings.body_seconds + settings.header_seconds,
            "idle": settings.idle_seconds,
            "write": settings.write_seconds,
        }.get(phase)
        if seconds is not None:
            self._timer = self.loop.call_later(seconds, self._expire)

    def _expire(self) -> None:
        phase, self._timer = self._phase, None
        if phase != "idle":
            self.shared.drop(phase)
        self.abort()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._enter("write")

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._phase == "write" and not self.transport.is_closing():
            self._look()


def protocol_class(shared: Connections) -> type[BoundedProtocol]:
    """The protocol for one server."""
    return type("Protocol", (BoundedProtocol,), {"shared": shared})


def header_limit() -> int:
    """Bytes of a request's header."""
    return _MOST_HEADER_BYTES
