"""A relay in front of a server: writes down every request as it came, and spoils answers where a test says so.

The page's host and the cloud each stand behind one. What a browser sends is seen here as the other side sees it, to the
byte, and the same relay takes what the Python SDK sends.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

_CHUNK: Final = 1 << 16
_WAIT: Final = 120.0
_ARRIVES: Final = 0.3


@dataclass(frozen=True)
class Seen:
    """One request."""

    head: bytes
    body: bytes

    @property
    def line(self) -> str:
        """Method and target."""
        return self.head.split(b"\r\n", 1)[0].rsplit(b" ", 1)[0].decode()

    @property
    def headers(self) -> dict[str, str]:
        """By their names in small letters."""
        lines = self.head.decode().split("\r\n")[1:]
        return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}


#: What becomes of a request: given it and what sends it on, the answer's bytes; `None` closes the connection.
Fault = Callable[[Seen, Callable[[], bytes]], bytes | None]


@dataclass
class Relay:
    """Listens on a loopback port; ``faults`` by the request's line, each for as often as it stands there."""

    target: str
    port: int = 0
    seen: list[Seen] = field(default_factory=list)
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    #: Every connection is closed at once, as if nobody were there.
    is_down: bool = False
    _listening: socket.socket | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def spoil(self, line: str, *faults: Fault) -> None:
        """The next requests of this line (``GET /path``) end so; then it is as it was."""
        self.faults[line] = list(faults)

    def of(self, line: str) -> list[Seen]:
        """The requests of this line so far."""
        return [seen for seen in self.seen if seen.line == line]

    def serve(self) -> None:
        """Take connections until :meth:`stop`."""
        self._listening = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listening,), daemon=True).start()

    def stop(self) -> None:
        """No more connections."""
        if self._listening is not None:
            self._listening.close()

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            connection.settimeout(_WAIT)
            if self.is_down or (seen := _read(connection)) is None:
                return
            self.seen.append(seen)
            queue = self.faults.get(seen.line)
            fault = queue.pop(0) if queue else None
            answer = self._pass_on(seen) if fault is None else fault(seen, lambda: self._pass_on(seen))
            if answer is not None:
                connection.sendall(answer)
                if fault is not None:
                    time.sleep(_ARRIVES)  # of an answer that is cut, the browser has the first part by then
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(_CHUNK):  # the other side closes: what was sent has arrived
                    pass

    def _pass_on(self, seen: Seen) -> bytes:
        parts = urlsplit(self.target)
        first, *lines = seen.head.rstrip(b"\r\n").split(b"\r\n")
        kept = [line for line in lines if line.split(b":", 1)[0].lower() not in (b"host", b"connection")]
        head = b"\r\n".join([first, f"Host: {parts.netloc}".encode(), *kept, b"Connection: close", b"", b""])
        with socket.create_connection((parts.hostname or "", parts.port or 80), _WAIT) as onward:
            onward.sendall(head + seen.body)
            answer = bytearray()
            while piece := onward.recv(_CHUNK):
                answer += piece
        return bytes(answer)


def _read(connection: socket.socket) -> Seen | None:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(_CHUNK)
        if not piece:
            return None
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    seen = Seen(head + b"\r\n", body)
    need = int(seen.headers.get("content-length", "0"))
    while len(body) < need:
        body += connection.recv(_CHUNK)
    return Seen(seen.head, body)


@contextmanager
def relaying(target: str) -> Iterator[Relay]:
    """A relay in front of ``target``."""
    relay = Relay(target)
    relay.serve()
    try:
        yield relay
    finally:
        relay.stop()


# -- faults


def drop(_: Seen, __: Callable[[], bytes]) -> bytes | None:
    """No answer."""
    return None


def hold(until: threading.Event, reached: threading.Event) -> Fault:
    """The answer comes when ``until`` is set; ``reached`` tells that the request is here."""

    def wait(_: Seen, send: Callable[[], bytes]) -> bytes | None:
        reached.set()
        until.wait(_WAIT)
        return send()

    return wait


def cut(share: float) -> Fault:
    """The body ends after this share of it."""

    def shorten(_: Seen, send: Callable[[], bytes]) -> bytes | None:
        head, __, body = send().partition(b"\r\n\r\n")
        return head + b"\r\n\r\n" + body[: int(share * len(body))]

    return shorten


def flip(at: int = -1) -> Fault:
    """One bit of the body is another one; its last byte's by default."""

    def change(_: Seen, send: Callable[[], bytes]) -> bytes | None:
        answer = bytearray(send())
        answer[answer.index(b"\r\n\r\n") + 4 + at if at >= 0 else at] ^= 1
        return bytes(answer)

    return change


def say(status: str, *headers: str, body: bytes = b"") -> Fault:
    """Another answer, which the page may read."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]

    def answer(seen: Seen, _: Callable[[], bytes]) -> bytes | None:
        allowed = f"Access-Control-Allow-Origin: {seen.headers.get('origin', '*')}"
        return "\r\n".join([*lines, allowed, "", ""]).encode() + body

    return answer
