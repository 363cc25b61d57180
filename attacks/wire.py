"""A loopback server under the attacker's control: it records raw bytes and answers as it is told.

It sees what any server sees: every byte of every connection, when each arrived, and how the device let go
of the connection (a reset tells that it stopped reading early).
"""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

__all__ = ["Answer", "Exchange", "Recorder", "Request", "forward", "http", "recording"]

#: How long a device may stay silent or keep a connection before that itself is recorded, in seconds.
_PATIENCE: Final = 20.0
#: After an answer the device closes at once; longer than this is recorded as "held".
_LINGER: Final = 5.0
_CHUNK: Final = 1 << 16


@dataclass(frozen=True)
class Request:
    """One request as it came: ``raw`` is everything, head and body."""

    raw: bytes
    path: str
    body: bytes

    @property
    def head(self) -> bytes:
        """Request line and headers."""
        return self.raw[: len(self.raw) - len(self.body)]


@dataclass(frozen=True)
class Answer:
    """Raw response bytes in pieces. ``pause``: seconds between pieces; ``drop``: reset instead of closing."""

    parts: tuple[bytes, ...]
    pause: float = 0.0
    drop: bool = False


@dataclass(frozen=True)
class Exchange:
    """One connection: what was asked, how it ended ("closed", "reset" or "held") and when things happened.

    ``times``: seconds since the recorder's start, in order: accepted, first byte, request complete, answer
    begins, answer sent, end.
    """

    request: Request
    end: str
    times: tuple[float, ...] = field(compare=False)


Respond = Callable[[Request], Answer]


def http(status: int, body: bytes, headers: Mapping[str, str] | None = None, declared: int | None = None) -> Answer:
    """An HTTP/1.1 answer; ``declared`` is the Content-Length to claim."""
    lines = [f"HTTP/1.1 {status} X"]
    lines += [f"{k}: {v}" for k, v in (headers or {}).items()]
    lines += [f"content-length: {len(body) if declared is None else declared}", "", ""]
    return Answer(("\r\n".join(lines).encode(), body))


class Recorder:
    """Listens on a free loopback port; one thread per connection."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond
        self._began = time.perf_counter()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._lock = threading.Lock()
        self._open: list[threading.Thread] = []
        self._seen: list[tuple[float, Exchange]] = []
        self._stop = False
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def take(self) -> tuple[Exchange, ...]:
        """All exchanges since the last call, in order of arrival, once every connection has ended."""
        while True:
            with self._lock:
                waiting = [t for t in self._open if t.is_alive()]
                if not waiting:
                    done = [e for _, e in sorted(self._seen, key=lambda pair: pair[0])]
                    self._seen, self._open = [], []
                    return tuple(done)
            for thread in waiting:
                thread.join(timeout=_PATIENCE)

    def close(self) -> None:
        """Stop listening."""
        self._stop = True
        with suppress(OSError), socket.create_connection(self._listener.getsockname(), timeout=1):
            pass  # wakes the accept loop
        self._thread.join(timeout=_PATIENCE)
        self._listener.close()

    def _now(self) -> float:
        return time.perf_counter() - self._began

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            if self._stop:
                connection.close()
                return
            thread = threading.Thread(target=self._serve, args=(connection, self._now()), daemon=True)
            with self._lock:
                self._open.append(thread)
                thread.start()

    def _serve(self, connection: socket.socket, accepted: float) -> None:
        with connection:
            connection.settimeout(_PATIENCE)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                request, first = self._read(connection)
            except (OSError, ValueError):
                return
            complete = self._now()
            answer = self.respond(request)
            begins, sent, end = self._now(), 0.0, "reset"
            try:
                for i, part in enumerate(answer.parts):
                    if i and answer.pause:
                        time.sleep(answer.pause)
                    connection.sendall(part)
                sent = self._now()
                end = self._ending(connection, answer.drop)
            except OSError:
                sent = sent or self._now()
            times = (accepted, first, complete, begins, sent, self._now())
            with self._lock:
                self._seen.append((accepted, Exchange(request, end, times)))

    def _ending(self, connection: socket.socket, drop: bool) -> str:
        if drop:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return "dropped"
        with suppress(OSError):
            connection.shutdown(socket.SHUT_WR)
        connection.settimeout(_LINGER)
        try:
            return "closed" if connection.recv(1) == b"" else "spoke"
        except TimeoutError:
            return "held"

    def _read(self, connection: socket.socket) -> tuple[Request, float]:
        data = bytearray()
        first = 0.0
        while b"\r\n\r\n" not in data:
            piece = connection.recv(_CHUNK)
            if not piece:
                raise ValueError("no request")
            first = first or self._now()
            data += piece
        head, _, body = bytes(data).partition(b"\r\n\r\n")
        need = 0
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.strip().lower() == b"content-length":
                need = int(value)
        while len(body) < need:
            piece = connection.recv(_CHUNK)
            if not piece:
                raise ValueError("request broke off")
            body += piece
        return Request(head + b"\r\n\r\n" + body, head.split(b" ")[1].decode("latin-1"), body), first


@contextmanager
def recording(respond: Respond) -> Iterator[Recorder]:
    """A recorder for the length of a block."""
    recorder = Recorder(respond)
    try:
        yield recorder
    finally:
        recorder.close()


def forward(url: str, memory: dict[bytes, bytes] | None = None) -> Respond:
    """A recording proxy's answer: the request's bytes go to the real engine at ``url``, its bytes come back.

    ``memory`` replays the engine's earlier answer to the same path and body: the engine is a function of the
    request's bytes, so this saves time and nothing else.
    """
    where = urlsplit(url)
    assert where.hostname is not None
    assert where.port is not None
    address = (where.hostname, where.port)

    def respond(request: Request) -> Answer:
        key = request.path.encode() + b"\n" + request.body
        known = None if memory is None else memory.get(key)
        if known is None:
            with socket.create_connection(address, timeout=120) as upstream:
                upstream.sendall(request.raw)
                received = bytearray()
                while piece := upstream.recv(_CHUNK):
                    received += piece
            known = bytes(received)
            if memory is not None:
                memory[key] = known
        return Answer((known,))

    return respond


def split(answer: Answer) -> tuple[int, bytes]:
    """Status and body of an answer made by :func:`forward` (Content-Length framing)."""
    head, _, body = b"".join(answer.parts).partition(b"\r\n\r\n")
    return int(head.split(b" ")[1]), body


def json_body(answer: Answer) -> Any:
    """The JSON of an answer."""
    return json.loads(split(answer)[1])
