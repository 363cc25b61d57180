"""Connections that cannot be held: half a header, half a body, nobody reading, nothing at all; and too many of them."""

from __future__ import annotations

import asyncio
import contextlib
import io
import resource
import socket
import time
from collections.abc import Iterator

import httpx
import pytest

from cloud_engine.engine import Engine
from cloud_engine.service.logs import Sparse, set_up_logs
from cloud_engine.service.server import listen
from obclip_contract import limits

from .serving import Running, body, connect, get, head, post, running, until_closed, wait_for


@pytest.fixture(scope="module")
def shared(engine: Engine) -> Iterator[Running]:
    """For tests that change nothing."""
    with running(engine) as server:
        yield server


def dropped(server: Running, reason: str) -> float:
    return server.service.metrics.dropped.labels(reason=reason)._value.get()


def seconds_until_closed(connection: socket.socket) -> float:
    began = time.monotonic()
    until_closed(connection)
    return time.monotonic() - began


@contextlib.contextmanager
def many(url: str, count: int, first: bytes) -> Iterator[list[socket.socket]]:
    made: list[socket.socket] = []
    try:
        for _ in range(count):
            connection = connect(url)
            with contextlib.suppress(ConnectionError):
                connection.sendall(first)
            made.append(connection)
        yield made
    finally:
        for connection in made:
            connection.close()


def test_half_sent_headers_keep_nobody_out(engine: Engine) -> None:
    """Three times as many as the cap: each newcomer takes the place of the slowest header."""
    with running(engine, max_connections=50, header_seconds=30) as server:
        with many(server.url, 150, b"POST /v1/latents HTTP/1.1\r\nhost: lo"):
            began = time.monotonic()
            assert all(post(server.url, body()).status_code == 200 for _ in range(3))
            assert time.monotonic() - began < 10
            assert server.service.metrics.connections._child_samples()[0].value <= 58
            assert dropped(server, "room") >= 100
        wait_for(lambda: server.service.metrics.connections._child_samples()[0].value == 0)


def test_a_header_has_a_deadline_however_it_drips(engine: Engine) -> None:
    with running(engine, header_seconds=0.5) as server:
        silent, dripping = connect(server.url), connect(server.url)
        began = time.monotonic()
        with contextlib.suppress(ConnectionError):
            for letter in b"POST /v1/latents HTTP/1.1\r\nhost: localhost\r\n":
                dripping.sendall(bytes([letter]))
                time.sleep(0.1)
        assert time.monotonic() - began < 3
        assert until_closed(silent) == b""
        assert dropped(server, "header") == 2
        silent.close()
        dripping.close()


def test_a_body_that_does_not_arrive(engine: Engine) -> None:
    with running(engine, body_seconds=0.3) as server, connect(server.url) as connection:
        connection.sendall(head(512) + b"{")
        answer = until_closed(connection)
    assert answer.startswith(b"HTTP/1.1 408")
    assert b'"code":"too_slow"' in answer


def test_a_body_that_was_refused_unread_is_not_waited_for_long(engine: Engine) -> None:
    with running(engine, body_seconds=0.2, header_seconds=0.3) as server, connect(server.url) as connection:
        connection.sendall(b"POST /nowhere HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100000\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 404")
        assert seconds_until_closed(connection) < 3


def test_an_idle_connection_is_closed(engine: Engine) -> None:
    with running(engine, idle_seconds=0.4) as server, connect(server.url) as connection:
        connection.sendall(b"GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")
        assert seconds_until_closed(connection) < 3
        assert dropped(server, "idle") == 0  # that is how connections end


def test_a_client_that_does_not_take_its_answer_is_left(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    from cloud_engine.service.metrics import Metrics

    monkeypatch.setattr(Metrics, "text", lambda _: b"x" * 50_000_000)
    with running(engine, write_seconds=0.5) as server, connect(server.url, receive_buffer=4096) as connection:
        connection.sendall(b"GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n")
        wait_for(lambda: dropped(server, "write") == 1, 5)
        assert get(server.url, "/livez").status_code == 200


def test_open_connections_beyond_the_cap_are_closed_at_once(engine: Engine) -> None:
    """All of them with a whole header, so that nobody is slow."""
    with running(engine, max_connections=5) as server, many(server.url, 5, head(5000) + b"{"):
        wait_for(lambda: server.service.metrics.connections._child_samples()[0].value == 5)
        with connect(server.url) as late:
            assert until_closed(late) == b""
        assert dropped(server, "cap") == 1


def test_a_system_without_file_descriptors_costs_no_flood(engine: Engine) -> None:
    """What stopped the service before: its log grew by a megabyte a second."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    log = io.StringIO()
    with running(engine, header_seconds=2) as server:
        set_up_logs(stream=log)
        held: list[socket.socket] = []
        try:
            used = max(connect(server.url).detach() for _ in range(1))
            resource.setrlimit(resource.RLIMIT_NOFILE, (used + 12, hard))
            with contextlib.suppress(OSError):
                for _ in range(40):
                    held.append(connect(server.url))
            time.sleep(0.5)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            for connection in held:
                connection.close()
        wait_for(lambda: _served(server.url), 10)
    assert len(log.getvalue()) < 5000
    assert "Traceback" not in log.getvalue()
    assert "127.0.0.1" not in log.getvalue()


def _served(url: str) -> bool:
    try:
        return httpx.get(url + "/livez", timeout=2, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def test_one_kind_of_line_is_written_a_few_times_and_then_counted() -> None:
    import logging

    sparse = Sparse(most=2, period=0.2)
    records = [logging.LogRecord("x", logging.INFO, "", 0, "again", None, None) for _ in range(6)]
    assert [sparse.filter(r) for r in records[:5]] == [True, True, False, False, False]
    time.sleep(0.25)
    assert sparse.filter(records[5])
    assert records[5].facts == {"alike_not_shown": 3}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "sent",
    [
        b"nonsense\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 100 + b"\r\n\r\n",
        b"POST /v1/latents HTTP/1.1\r\nhost: localhost\r\ncontent-length: -1\r\n\r\n",
        b"POST /v1/latents HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n",
        b"POST /v1/latents HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\ntransfer-encoding: gzip\r\n\r\n",
        b"POST /v1/latents HTTP/1.1\r\nhost: localhost\r\nx: \x00\r\n\r\n",
        b"GET /livez HTTP/1.1\r\n\r\n",
    ],
)
def test_what_is_no_http_is_told_so(shared: Running, sent: bytes) -> None:
    with connect(shared.url) as connection:
        with contextlib.suppress(ConnectionError):
            connection.sendall(sent)
        answer = until_closed(connection)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b'"code": "bad_http"' in answer
    assert get(shared.url, "/livez").status_code == 200


_LIVE = b"GET /livez HTTP/1.1\r\nhost: localhost\r\n"


@pytest.mark.parametrize(
    "parts",
    [
        [_LIVE + b"long: " + b"x" * 70_000],
        [_LIVE + b"long: " + b"x" * 100_000 + b"\r\n\r\n"],
        [_LIVE + b"x: y\r\n" * 3000 + b"\r\n"],
        [_LIVE + b"long: " + b"x" * 10_000, b"x" * 10_000, b"\r\n\r\n"],
        [b"GET /livez?" + b"x" * 17_000 + b" HTTP/1.1\r\nhost: localhost\r\n\r\n"],
        [_LIVE.replace(b"\r", b"") + b"long: " + b"x" * 20_000 + b"\n\n"],
    ],
)
def test_a_header_over_the_limit_is_refused_however_it_arrives(shared: Running, parts: list[bytes]) -> None:
    with connect(shared.url) as connection:
        with contextlib.suppress(ConnectionError):
            for part in parts:
                connection.sendall(part)
                time.sleep(0.05)
        answer = until_closed(connection)
    assert answer.startswith(b"HTTP/1.1 431 ")
    assert b'"code": "header"' in answer
    assert answer.count(b"HTTP/1.1") == 1


def test_a_header_just_below_the_limit_is_read_alone_and_behind_another_request(shared: Running) -> None:
    long = _LIVE + b"long: " + b"x" * (16_384 - len(_LIVE) - 10) + b"\r\n\r\n"
    assert len(long) == 16_384
    with connect(shared.url) as connection:
        connection.sendall(long * 3 + _LIVE + b"long: " + b"x" * 16_384 + b"\r\n\r\n")
        answer = until_closed(connection)
    assert [answer.count(b"HTTP/1.1 200"), answer.count(b"HTTP/1.1 431")] == [3, 1]


def test_the_trailer_of_a_body_in_chunks_has_the_headers_limit(shared: Running) -> None:
    first = head(0).replace(b"content-length: 0", b"transfer-encoding: chunked")
    with connect(shared.url) as connection:
        connection.sendall(first + b"1\r\n{\r\n0\r\nlong: " + b"x" * 20_000 + b"\r\n\r\n")
        answer = until_closed(connection)
    assert b" 200 " not in answer
    assert get(shared.url, "/livez").status_code == 200


def test_a_declared_length_over_the_cap_is_refused_unread(shared: Running) -> None:
    for length, status in ((limits.MAX_REQUEST_BYTES + 1, b"413"), (999_999_999_999, b"413"), (10**30, b"400")):
        with connect(shared.url) as connection:
            connection.sendall(head(length))
            assert until_closed(connection).startswith(b"HTTP/1.1 " + status)


def test_a_body_shorter_than_announced_is_not_computed(engine: Engine) -> None:
    with running(engine) as server, connect(server.url) as connection:
        connection.sendall(head(len(body()) + 1) + body())
        connection.shutdown(socket.SHUT_WR)
        answer = until_closed(connection)
        assert b"200 OK" not in answer
        ended = server.service.metrics.requests.labels(outcome="cancelled")._value
        wait_for(lambda: ended.get() == 1 or answer.startswith(b"HTTP/1.1 400"))


def test_a_body_longer_than_announced_is_another_request(shared: Running) -> None:
    data = body()
    with connect(shared.url) as connection:
        connection.sendall(head(len(data)) + data + b"and some more\r\n\r\n")
        answer = until_closed(connection)
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"HTTP/1.1 400" in answer


def test_a_body_without_a_length_is_cut_off_at_the_cap(shared: Running) -> None:
    """413 comes while the sender still holds the connection, not after a last chunk."""
    with connect(shared.url) as connection:
        chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
        first = head(0).replace(b"content-length: 0", b"transfer-encoding: chunked")
        with contextlib.suppress(ConnectionError):
            connection.sendall(first + chunk * (limits.MAX_REQUEST_BYTES // 0x10000) + b"1\r\nx\r\n")
        answer = until_closed(connection)
    assert answer.startswith(b"HTTP/1.1 413")
    assert b'"code":"too_large"' in answer


def test_nothing_waits_for_an_acknowledgement() -> None:
    """A connection says at once what there is to say; otherwise kept ones wait for the client's delayed ACK."""

    async def accepted() -> int:
        asked = asyncio.get_running_loop().create_future()
        listener, url = listen("127.0.0.1", 0, secure=False)
        server = await asyncio.start_server(lambda _, writer: asked.set_result(writer), sock=listener)
        client = connect(url)
        writer = await asked
        option: int = writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        client.close()
        writer.close()
        server.close()
        return option

    assert asyncio.run(accepted()) != 0
