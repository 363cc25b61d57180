"""No wait outlasts its clock, whatever the other side does; and any wait ends when it is stopped."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from edge_sdk.cancelling import Cancellation
from edge_sdk.cloud.client import CloudClient
from edge_sdk.errors import ClosedError, CloudError, DeadlineError, StoppedError, UnreachableError

from .answers import PAIR, SHAPE, good_body, http, make_request
from .raw_server import Raw, raw_server, read_request

#: Seconds over the limit that a busy test machine may need to notice it.
_SLACK = 0.8
_LONG = 30.0


def _silent(connection: socket.socket, server: Raw) -> None:
    read_request(connection, server)
    server.stop.wait(_LONG)


def _status_line_in_drips(connection: socket.socket, server: Raw) -> None:
    read_request(connection, server)
    for byte in b"HTTP/1.1 200 " + b"O" * 10_000:
        if server.stop.wait(0.02):
            return
        connection.sendall(bytes([byte]))


def _headers_in_drips(connection: socket.socket, server: Raw) -> None:
    read_request(connection, server)
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    server.drip(connection, b"x: y\r\n")


def _interim_answers_for_ever(connection: socket.socket, server: Raw) -> None:
    read_request(connection, server)
    server.drip(connection, b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n")


def _continue_for_ever(connection: socket.socket, server: Raw) -> None:
    read_request(connection, server)
    server.drip(connection, b"HTTP/1.1 100 Continue\r\n\r\n")


def _body_in_drips(connection: socket.socket, server: Raw) -> None:
    read_request(connection, server)
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
    server.drip(connection, b"x")


def _chunks_in_drips(connection: socket.socket, server: Raw) -> None:
    read_request(connection, server)
    connection.sendall(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
    server.drip(connection, b"1\r\nx\r\n")


def _error_in_drips(connection: socket.socket, server: Raw) -> None:
    read_request(connection, server)
    connection.sendall(b"HTTP/1.1 500 Oops\r\ncontent-length: 100000\r\n\r\n")
    server.drip(connection, b"x")


def _unread(connection: socket.socket, server: Raw) -> None:
    """Takes the connection and reads nothing of it."""
    server.stop.wait(_LONG)


PLAYS = [
    _silent,
    _status_line_in_drips,
    _headers_in_drips,
    _interim_answers_for_ever,
    _continue_for_ever,
    _body_in_drips,
    _chunks_in_drips,
    _error_in_drips,
    _unread,
]
Play = Callable[[socket.socket, Raw], None]


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < seconds + _SLACK


@pytest.mark.parametrize("play", PLAYS)
def test_the_deadline_covers_everything_and_nothing_is_sent_twice(play: Play) -> None:
    with raw_server(play) as server:
        with _at_most(0.5), pytest.raises(DeadlineError, match=r"took over 0\.5 s"):
            CloudClient(server.url, deadline=0.5).latents(make_request(), SHAPE, pair_sha256=PAIR)
        assert server.connections == 1


@pytest.mark.parametrize("play", [_headers_in_drips, _silent])
def test_the_health_check_has_a_deadline_too(play: Play) -> None:
    with raw_server(play) as server, _at_most(0.3), pytest.raises(DeadlineError):
        CloudClient(server.url, deadline=0.3).health()


def test_a_handshake_that_never_ends_is_no_connection() -> None:
    with raw_server(_unread) as server, _at_most(0.3), pytest.raises(UnreachableError, match=r"within 0\.3 s"):
        CloudClient(server.tls_url, connect_timeout=0.3).health()


def test_a_handshake_in_drips_is_no_connection() -> None:
    def play(connection: socket.socket, server: Raw) -> None:
        connection.recv(1 << 16)
        connection.sendall(b"\x16\x03\x03\x40\x00")  # a TLS record of 16 KiB …
        server.drip(connection, b"\0")  # … byte by byte

    with raw_server(play) as server, _at_most(0.3), pytest.raises(UnreachableError, match=r"within 0\.3 s"):
        CloudClient(server.tls_url, connect_timeout=0.3).health()


def test_a_name_server_that_does_not_answer_is_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def look_up(*_: object, **__: object) -> list[object]:
        over.wait(_LONG)
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    try:
        with _at_most(0.3), pytest.raises(UnreachableError, match=r"no connection to http://cloud\.example within"):
            CloudClient("http://cloud.example", connect_timeout=0.3).health()
    finally:
        over.set()


def _busy(told: str) -> Play:
    def play(connection: socket.socket, server: Raw) -> None:
        read_request(connection, server)
        connection.sendall(http(b"", "503 Busy", f"retry-after: {told}"))

    return play


@pytest.mark.parametrize("play", [*PLAYS, _busy("20")])
def test_any_wait_ends_when_the_run_is_stopped(play: Play) -> None:
    stop = Cancellation()
    with raw_server(play) as server:
        timer = threading.Timer(0.3, stop.cancel)
        timer.start()
        began = time.monotonic()
        with pytest.raises(StoppedError):
            CloudClient(server.url).latents(make_request(), SHAPE, pair_sha256=PAIR, cancelled=stop)
        assert 0.25 < time.monotonic() - began < 0.3 + 0.3 + _SLACK
        timer.join()
        time.sleep(0.1)
        assert server.connections == 1  # nothing is asked again once it is stopped


@pytest.mark.parametrize("play", [_silent, _headers_in_drips, _busy("20")])
def test_close_ends_every_wait_and_refuses_later_calls(play: Play) -> None:
    outcomes: list[BaseException] = []
    with raw_server(play) as server, CloudClient(server.url) as client:

        def ask() -> None:
            try:
                client.latents(make_request(), SHAPE, pair_sha256=PAIR)
            except BaseException as error:
                outcomes.append(error)

        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        time.sleep(0.3)
        with _at_most(0.3):
            client.close()
            for thread in threads:
                thread.join(timeout=10)
        client.close()
        with pytest.raises(ClosedError):
            client.health()
    assert [type(o) for o in outcomes] == [ClosedError] * 3


def test_a_run_that_is_stopped_before_it_begins_sends_nothing() -> None:
    stop = Cancellation()
    stop.cancel()
    with raw_server(_silent) as server:
        with pytest.raises(StoppedError):
            CloudClient(server.url).latents(make_request(), SHAPE, pair_sha256=PAIR, cancelled=stop)
        assert server.connections == 0


def test_nothing_is_sent_on_a_connection_that_comes_too_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name resolves only when nobody waits any more; the thread that is left then lets go."""
    late = threading.Event()
    look_up = socket.getaddrinfo

    def slowly(*arguments: object, **named: object) -> object:
        late.wait(_LONG)
        return look_up(*arguments, **named)  # type: ignore[arg-type]

    def play(connection: socket.socket, server: Raw) -> None:
        server.seen.append(connection.recv(1 << 16))

    with raw_server(play) as server:
        monkeypatch.setattr(socket, "getaddrinfo", slowly)
        with pytest.raises(UnreachableError):
            CloudClient(server.url, connect_timeout=0.2).latents(make_request(), SHAPE, pair_sha256=PAIR)
        late.set()
        _wait_until(lambda: not _exchanges())
        assert [data for data in server.seen if data] == []


def _exchanges() -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t.name == "obclip-exchange"]


def _wait_until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not true():
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.mark.parametrize("play", PLAYS)
def test_no_thread_is_left_behind(play: Play) -> None:
    with raw_server(play) as server:
        with pytest.raises(CloudError):
            CloudClient(server.url, deadline=0.2).health()
        _wait_until(lambda: not _exchanges())


def test_one_client_serves_many_threads() -> None:
    requests = [make_request(p) for p in ("pilot", "cook", "king in a red hat", "doctor")]
    answers = {r.to_bytes(): good_body(r) for r in requests}

    def play(connection: socket.socket, server: Raw) -> None:
        body = read_request(connection, server).partition(b"\r\n\r\n")[2]
        connection.sendall(http(answers[body]))

    wrong: list[object] = []
    with raw_server(play) as server, CloudClient(server.url) as client:

        def ask(number: int) -> None:
            for i in range(6):
                request = requests[(number + i) % len(requests)]
                got = client.latents(request, SHAPE, pair_sha256=PAIR).response
                if got.request_sha256 != request.sha256:
                    wrong.append(number)

        threads = [threading.Thread(target=ask, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        assert not any(t.is_alive() for t in threads)
        assert server.connections == 48
    assert wrong == []
