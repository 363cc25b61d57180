"""A pipeline on the random pair, and a cloud that never finishes its answer."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from edge_sdk import ObliviousPipeline

from ..conftest import Scripted
from ..http_server import Answer, Recorded


@pytest.fixture
def device(random_bundles: Path) -> Iterator[ObliviousPipeline]:
    """A pipeline of its own, cold, without a cloud."""
    with ObliviousPipeline.from_bundle(random_bundles / "edge", num_threads=1) as pipe:
        yield pipe


@dataclass
class Slow:
    """A server whose answer to a picture's request comes in drips; ``left``: set when the client has gone."""

    url: str
    asked: threading.Event = field(default_factory=threading.Event)
    left: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def slow(honest: Scripted) -> Iterator[Slow]:
    """Health at once, then one byte of a header each 50 ms, for as long as the client listens."""
    with _slow(lambda path: honest(Recorded("GET", path, [], b""))) as server:
        yield server


@contextmanager
def _slow(health: Callable[[str], Answer]) -> Iterator[Slow]:
    listening = socket.create_server(("127.0.0.1", 0))
    stopping = threading.Event()
    server = Slow(f"http://127.0.0.1:{listening.getsockname()[1]}")

    def answer(client: socket.socket) -> None:
        with client:
            if client.recv(65536).startswith(b"GET"):
                body = health("/v1/health").body
                client.sendall(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
                return
            server.asked.set()
            try:
                client.sendall(b"HTTP/1.1 200 OK\r\nx-slow: ")
                while not stopping.wait(0.05):
                    client.sendall(b"a")
            except OSError:
                server.left.set()

    def accept() -> None:
        while True:
            try:
                client, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(client,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield server
    finally:
        stopping.set()
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()


def wait_until(seen: Callable[[], bool], seconds: float = 20.0) -> bool:
    """Whether ``seen`` became true in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if seen():
            return True
        time.sleep(0.005)
    return False
