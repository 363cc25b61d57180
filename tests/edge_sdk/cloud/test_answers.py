"""Answers that are no answers: declared errors, in one line, whatever the bytes are."""

from __future__ import annotations

import gc
import json
import os
import socket
import threading
import zlib

import pytest

from edge_sdk.cloud.client import CloudClient
from edge_sdk.errors import CloudError, LatentError, RefusedError

from .answers import PAIR, SHAPE, good_body, http, make_request
from .raw_server import Raw, raw_server, read_request

_DEEP = b"[" * 200_000
_BOMB = zlib.compress(bytes(50_000_000), 9)
BODIES = {
    "empty": b"",
    "html": b"<html>log in first</html>",
    "deep": _DEEP[:60_000],
    "deep object": b'{"error":' * 6_000,
    "deep message": b'{"error": {"message": ' + b"[" * 20_000 + b"]" * 20_000 + b"}}",
    "over 64 KiB": _DEEP,
    "no utf-8": b'{"error": {"message": "\xff\xfe"}}',
    "utf-16": '{"error": {"message": "x"}}'.encode("utf-16"),
    "half a surrogate": b'{"error": {"message": "\\ud800", "code": "\\udfff"}, "model": "\\ud800"}',
    "terminal codes": b'{"error": {"message": "\\u001b[31m\\u202e\\u0000red"}}',
    "huge number": b'{"error": {"message": ' + b"9" * 10_000 + b"}}",
    "not a number": b'{"error": {"message": NaN, "field": Infinity}}',
    "other types": b'{"error": {"message": ["a"], "field": {"b": 1}, "code": true}}',
    "list": b'[{"error": 1}]',
    "text": b'"error"',
    "null": b"null",
    "zip bomb": _BOMB,
}


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("status", ["200 OK", "422 No", "500 Oops"])
@pytest.mark.parametrize("packed", ["", "gzip", "br, deflate, \u00e9"])
def test_any_body_is_one_declared_error(name: str, status: str, packed: str) -> None:
    headers = [f"content-encoding: {packed}"] if packed else []

    def play(connection: socket.socket, server: Raw) -> None:
        read_request(connection, server)
        connection.sendall(http(BODIES[name], status, *headers))

    with raw_server(play) as server:
        client = CloudClient(server.url)
        for call in (client.health, lambda: client.latents(make_request(), SHAPE, pair_sha256=PAIR)):
            with pytest.raises(CloudError) as caught:
                call()
            text = str(caught.value)
            assert text.isprintable()
            assert len(text) < 600
            text.encode()
        assert server.connections == 2


def test_a_good_body_that_claims_to_be_packed_is_read_as_it_is() -> None:
    """Nothing is ever unpacked: the bytes are the answer, or they are none."""
    request = make_request()

    def play(connection: socket.socket, server: Raw) -> None:
        read_request(connection, server)
        packed = zlib.compress(good_body(request)) if len(server.seen) > 1 else good_body(request)
        connection.sendall(http(packed, "200 OK", "content-encoding: deflate"))

    with raw_server(play) as server:
        client = CloudClient(server.url)
        client.latents(request, SHAPE, pair_sha256=PAIR)
        with pytest.raises(LatentError, match="packs answers"):
            client.latents(request, SHAPE, pair_sha256=PAIR)


@pytest.mark.parametrize(
    "status",
    ["201 X", "202 X", "203 X", "204 X", "206 X", "226 X", "299 X", "418 X", "451 X", "511 X", "599 X", "999 X"],
)
def test_an_odd_status_with_good_latents_is_refused(status: str) -> None:
    request = make_request()

    def play(connection: socket.socket, server: Raw) -> None:
        read_request(connection, server)
        connection.sendall(http(b"" if status[:3] == "204" else good_body(request), status))

    with raw_server(play) as server:
        with pytest.raises(RefusedError, match=status[:3]) as caught:
            CloudClient(server.url).latents(request, SHAPE, pair_sha256=PAIR)
        assert server.connections == 1
    assert caught.value.status == int(status[:3])


def test_a_protocol_that_nobody_asked_for() -> None:
    def play(connection: socket.socket, server: Raw) -> None:
        read_request(connection, server)
        connection.sendall(b"HTTP/1.1 101 Switching\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n")
        server.stop.wait(0.2)

    with raw_server(play) as server, pytest.raises(CloudError):
        CloudClient(server.url, deadline=5).latents(make_request(), SHAPE, pair_sha256=PAIR)


@pytest.mark.parametrize("headers", [b"x: " + b"y" * 1_000_000, b"x: y\r\n" * 100_000, b"\xff\xfe: \x80", b"no colon"])
def test_headers_that_no_client_should_keep(headers: bytes) -> None:
    def play(connection: socket.socket, server: Raw) -> None:
        read_request(connection, server)
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + headers + b"\r\n\r\n")

    with raw_server(play) as server, pytest.raises(CloudError):
        CloudClient(server.url).health()


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
@pytest.mark.parametrize("where", ["/elsewhere", "http://127.0.0.1:PORT/v1/latents", "//[::1", "\u00e9://"])
def test_no_redirect_is_followed(status: int, where: str) -> None:
    def play(connection: socket.socket, server: Raw) -> None:
        read_request(connection, server)
        connection.sendall(http(b"", f"{status} There", f"location: {where.replace('PORT', str(other.port))}"))

    with raw_server(play) as other, raw_server(play) as server:
        with pytest.raises(RefusedError, match="never followed") as caught:
            CloudClient(server.url).latents(make_request(), SHAPE, pair_sha256=PAIR)
        assert (server.connections, other.connections) == (1, 0)
    assert caught.value.status == status
    assert "elsewhere" not in str(caught.value)


def test_the_envelope_reaches_the_caller_in_parts() -> None:
    envelope = {"error": {"code": "unknown_plan", "field": "plan", "message": "no such plan"}}

    def play(connection: socket.socket, server: Raw) -> None:
        read_request(connection, server)
        connection.sendall(http(json.dumps(envelope).encode(), "409 Conflict"))

    with raw_server(play) as server, pytest.raises(RefusedError, match="plan: no such plan") as caught:
        CloudClient(server.url).latents(make_request(), SHAPE, pair_sha256=PAIR)
    assert (caught.value.status, caught.value.code, caught.value.field) == (409, "unknown_plan", "plan")


@pytest.mark.parametrize(
    "report", [{}, {"model": "m"}, {"model": "m", "pair_sha256": 5}, {"model": ["m"], "pair_sha256": "x"}, [1], None]
)
def test_a_report_that_lacks_something_is_no_engines(report: object) -> None:
    def play(connection: socket.socket, server: Raw) -> None:
        read_request(connection, server)
        connection.sendall(http(json.dumps(report).encode()))

    with raw_server(play) as server, pytest.raises(CloudError, match="not as an ObCLIP engine"):
        CloudClient(server.url).health()


def test_two_hundred_exchanges_leave_no_handle_and_no_thread() -> None:
    request = make_request()

    def play(connection: socket.socket, server: Raw) -> None:
        read_request(connection, server)
        part = http(good_body(request))
        connection.sendall(part if server.connections % 4 else part[: len(part) // 2])

    folder = "/proc/self/fd"
    if not os.path.isdir(folder):
        pytest.skip("needs /proc")
    with raw_server(play) as server, CloudClient(server.url) as client:

        def rounds(count: int) -> int:
            for _ in range(count):
                client.latents(request, SHAPE, pair_sha256=PAIR)
            gc.collect()
            return len(os.listdir(folder))

        first = rounds(20)
        assert rounds(200) <= first + 3  # the server's last connections may still be closing
    assert not any(t.name == "obclip-exchange" for t in threading.enumerate())
