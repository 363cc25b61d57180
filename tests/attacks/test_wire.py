"""The recorder sees what a server sees: raw bytes, order, and how connections end."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from attacks.wire import Answer, Recorder, forward, http, recording

_REQUEST = b"POST /v1/latents HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nhello"


def _connect(url: str) -> socket.socket:
    where = urlsplit(url)
    assert where.hostname is not None
    assert where.port is not None
    return socket.create_connection((where.hostname, where.port), timeout=10)


@pytest.fixture
def server() -> Iterator[Recorder]:
    with recording(lambda _: http(200, b"x" * 100_000)) as made:
        yield made


def test_raw_bytes_and_a_clean_end(server: Recorder) -> None:
    with _connect(server.url) as client:
        for i in range(len(_REQUEST)):  # however it arrives
            client.sendall(_REQUEST[i : i + 1])
        while client.recv(1 << 16):
            pass
    (exchange,) = server.take()
    assert exchange.request.raw == _REQUEST
    assert (exchange.request.path, exchange.request.body) == ("/v1/latents", b"hello")
    assert exchange.request.head.endswith(b"\r\n\r\n")
    assert exchange.end == "closed"
    assert list(exchange.times) == sorted(exchange.times)
    assert server.take() == ()


def test_a_client_that_stops_reading_is_seen(server: Recorder) -> None:
    client = _connect(server.url)
    client.sendall(_REQUEST)
    client.recv(10)
    client.close()
    assert [e.end for e in server.take()] == ["reset"]


def test_a_client_that_says_more_is_seen(server: Recorder) -> None:
    with _connect(server.url) as client:
        client.sendall(_REQUEST)
        while client.recv(1 << 16):
            pass
        client.sendall(b"thanks")
        (exchange,) = server.take()
    assert exchange.end == "spoke"


def test_the_proxy_passes_bytes_on_and_remembers(server: Recorder) -> None:
    memory: dict[bytes, bytes] = {}
    with recording(forward(server.url, memory)) as proxy:
        for _ in range(2):
            headers = {"connection": "close"}
            assert len(httpx.post(f"{proxy.url}/v1/latents", content=b"a", headers=headers).content) == 100_000
        assert len(proxy.take()) == 2
    assert len(server.take()) == 1
    assert len(memory) == 1


def test_a_dropped_connection_is_a_reset_for_the_client() -> None:
    with recording(lambda _: Answer((b"HTTP/1.1 200 X\r\ncontent-length: 9\r\n\r\nhalf",), drop=True)) as server:
        with pytest.raises(httpx.TransportError):
            httpx.get(server.url, timeout=5)
        assert [e.end for e in server.take()] == ["dropped"]
