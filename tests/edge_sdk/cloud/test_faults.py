"""A cloud that cannot be reached is told at once, with what is wrong; a busy one is asked again as it asks."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from email.utils import formatdate

import pytest

from edge_sdk.cloud import retries
from edge_sdk.cloud.client import CloudClient
from edge_sdk.errors import CloudError, DeadlineError, LatentError, RefusedError, UnreachableError

from .answers import PAIR, SHAPE, good_body, http, make_request
from .raw_server import Authority, Raw, raw_server, read_request

#: What "at once" may take on a busy machine; one pointless try more would wait for longer.
_AT_ONCE = 1.5
Play = Callable[[socket.socket, Raw], None]


@pytest.fixture
def real_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The waits of the shipped client: a pointless try shows in the time."""
    monkeypatch.setattr(retries, "WAITS", (3.0, 3.0))


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _unreachable(client: CloudClient, says: str) -> UnreachableError:
    began = time.monotonic()
    with pytest.raises(UnreachableError, match=says) as caught:
        client.latents(make_request(), SHAPE, pair_sha256=PAIR)
    assert time.monotonic() - began < _AT_ONCE
    assert caught.value.exit_code == 3
    return caught.value


@pytest.mark.usefixtures("real_waits")
def test_nobody_listens() -> None:
    _unreachable(CloudClient(f"http://127.0.0.1:{_free_port()}"), r"refused; is 'obclip serve' running there\?")


@pytest.mark.usefixtures("real_waits")
@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 63 + ".invalid"])
def test_a_name_that_does_not_exist(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(*_: object, **__: object) -> list[object]:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    _unreachable(CloudClient(f"http://{host}"), r"its name is not known .*; check the address")


@pytest.mark.usefixtures("real_waits")
@pytest.mark.parametrize("host", ["a..b", ".", "a" * 70 + ".example"])
def test_a_name_that_cannot_exist(host: str) -> None:
    began = time.monotonic()
    with pytest.raises(CloudError):
        CloudClient(f"http://{host}").health()
    assert time.monotonic() - began < _AT_ONCE


@pytest.mark.usefixtures("real_waits")
def test_a_certificate_of_nobody_known(authority: Authority) -> None:
    with raw_server(_good(), authority.context()) as server:
        _unreachable(CloudClient(server.tls_url), r"certificate is not accepted .*verify=FILE")
        assert server.connections == 1
        assert server.seen == []


@pytest.mark.usefixtures("real_waits")
def test_a_certificate_of_another_name(authority: Authority) -> None:
    with raw_server(_good(), authority.context("elsewhere")) as server:
        _unreachable(CloudClient(server.tls_url, verify=authority.path("root.pem")), r"[Hh]ostname mismatch")
        assert server.seen == []


@pytest.mark.usefixtures("real_waits")
def test_a_server_that_asks_for_a_client_certificate(authority: Authority) -> None:
    with raw_server(_good(), authority.context(asks=True)) as server:
        _unreachable(CloudClient(server.tls_url, verify=authority.path("root.pem")), r"client certificate \(cert=\)")
        assert server.connections == 1


@pytest.mark.usefixtures("real_waits")
def test_https_to_a_server_without_tls() -> None:
    def play(connection: socket.socket, _: Raw) -> None:
        connection.recv(1 << 16)
        connection.sendall(http(b"", "400 Bad Request"))

    with raw_server(play) as server:
        _unreachable(CloudClient(server.tls_url), r"does not speak TLS .*http://")
        assert server.connections == 1


@pytest.mark.usefixtures("real_waits")
@pytest.mark.parametrize("garbage", [b"SSH-2.0-OpenSSH_9.2\r\n\r\n", b"\x00\x01\x02\r\n\r\n", b"HTTP/9 what\r\n\r\n"])
def test_a_server_that_speaks_something_else_is_asked_once(garbage: bytes) -> None:
    def play(connection: socket.socket, server: Raw) -> None:
        read_request(connection, server)
        connection.sendall(garbage)

    began = time.monotonic()
    with raw_server(play) as server, pytest.raises(CloudError, match="not as HTTP asks for"):
        CloudClient(server.url).health()
    assert time.monotonic() - began < _AT_ONCE
    assert server.connections == 1


@pytest.mark.parametrize(
    "part", [b"", b"HTTP/1.1 200 OK\r\ncontent-len", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"]
)
def test_a_server_that_hangs_up_gets_the_same_bytes_again(part: bytes) -> None:
    request = make_request()

    def play(connection: socket.socket, server: Raw) -> None:
        read_request(connection, server)
        connection.sendall(part if len(server.seen) < 3 else http(good_body(request)))

    with raw_server(play) as server:
        CloudClient(server.url).latents(request, SHAPE, pair_sha256=PAIR)
        assert len(server.seen) == 3
        assert len(set(server.seen)) == 1


def _good() -> Play:
    request = make_request()

    def play(connection: socket.socket, server: Raw) -> None:
        read_request(connection, server)
        connection.sendall(http(good_body(request)))

    return play


def _busy_first(*headers: str, status: str = "503 Busy") -> Play:
    request = make_request()

    def play(connection: socket.socket, server: Raw) -> None:
        read_request(connection, server)
        connection.sendall(http(good_body(request)) if len(server.seen) > 1 else http(b"", status, *headers))

    return play


@pytest.mark.parametrize("status", ["408 Slow", "425 Early", "429 Many", "502 Gateway", "503 Busy", "504 Gateway"])
def test_a_busy_cloud_is_asked_again(status: str) -> None:
    with raw_server(_busy_first(status=status)) as server:
        CloudClient(server.url).latents(make_request(), SHAPE, pair_sha256=PAIR)
        assert len(server.seen) == 2
        assert server.seen[0] == server.seen[1]


@pytest.mark.parametrize("seconds", [1, 2])
@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_is_honoured(seconds: int, form: str) -> None:
    # A date has whole seconds: one more keeps what is left of it at `seconds` or above.
    told = str(seconds) if form == "seconds" else formatdate(time.time() + seconds + 1, usegmt=True)
    with raw_server(_busy_first(f"retry-after: {told}")) as server:
        began = time.monotonic()
        CloudClient(server.url).latents(make_request(), SHAPE, pair_sha256=PAIR)
        took = time.monotonic() - began
    assert seconds - 0.3 <= took < 1.25 * (seconds + 1) + _AT_ONCE


def test_a_wait_over_the_deadline_is_not_begun() -> None:
    began = time.monotonic()
    with raw_server(_busy_first("retry-after: 600")) as server:
        with pytest.raises(RefusedError, match="503") as caught:
            CloudClient(server.url, deadline=30).latents(make_request(), SHAPE, pair_sha256=PAIR)
        assert server.connections == 1
    assert time.monotonic() - began < _AT_ONCE
    assert caught.value.status == 503


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("0", 0.0),
        ("7", 7.0),
        (" 7 ", 7.0),
        ("99999999999999999999", float("inf")),
        ("-1", 0.0),
        ("1.5", 0.0),
        ("soon", 0.0),
        ("", 0.0),
        ("\u0667", 0.0),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 0.0),
        ("Sun, 06 Nov 1994 08:49:47 GMT", 10.0),
        ("Sunday, 06-Nov-94 08:49:47 GMT", 10.0),
        ("Sun Nov  6 08:49:47 1994", 10.0),
        ("Sun, 99 Nov 1994 08:49:37 GMT", 0.0),
        ("Sun, 06 Nov 99999999999 08:49:37 GMT", 0.0),
    ],
)
def test_what_retry_after_says(told: str, seconds: float) -> None:
    assert retries.told_wait(told, now=784111777.0) == seconds  # 06 Nov 1994 08:49:37 GMT


def test_waits_have_jitter_and_are_never_shorter_than_told() -> None:
    waits = {retries.wait_before(0, "10") for _ in range(50)}
    assert len(waits) > 40
    assert all(10.0 <= w <= 12.5 for w in waits)


def test_an_answer_of_another_pair_is_refused_and_not_asked_for_again() -> None:
    request = make_request()

    def play(connection: socket.socket, server: Raw) -> None:
        read_request(connection, server)
        connection.sendall(http(good_body(request, pair="6" * 64)))

    with raw_server(play) as server:
        with pytest.raises(LatentError, match="another pair of models"):
            CloudClient(server.url).latents(request, SHAPE, pair_sha256=PAIR)
        assert server.connections == 1


# Several addresses.


def test_the_next_cloud_is_asked_at_once_with_the_same_bytes_and_named() -> None:
    request = make_request()
    with raw_server(_busy_first("retry-after: 60")) as busy, raw_server(_good()) as good:
        client = CloudClient([f"http://127.0.0.1:{_free_port()}", busy.url, good.url + "/base/"])
        began = time.monotonic()
        received = client.latents(request, SHAPE, pair_sha256=PAIR)
        assert time.monotonic() - began < _AT_ONCE
        assert received.url == f"{good.url}/base"
        client.latents(request, SHAPE, pair_sha256=PAIR)
        assert (busy.connections, good.connections) == (1, 2)  # who answered last is asked first
        bodies = {data.partition(b"\r\n\r\n")[2] for data in (*busy.seen, *good.seen)}
        assert bodies == {request.to_bytes()}
        assert good.seen[0].startswith(b"POST /base/v1/latents HTTP/1.1\r\n")


def test_no_cloud_answers() -> None:
    with raw_server(_busy_first("retry-after: 600")) as busy:
        gone = f"http://127.0.0.1:{_free_port()}"
        with pytest.raises(CloudError, match=r"no cloud answered: .*refused.*; .*503") as caught:
            CloudClient([gone, busy.url]).health()
        assert not isinstance(caught.value, UnreachableError)
    with pytest.raises(UnreachableError, match="no cloud answered"):
        CloudClient([gone, f"http://127.0.0.1:{_free_port()}"]).health()


def test_a_silent_cloud_spends_the_deadline_of_all() -> None:
    def silent(connection: socket.socket, server: Raw) -> None:
        read_request(connection, server)
        server.stop.wait(20)

    with raw_server(silent) as server, raw_server(_good()) as good:
        with pytest.raises(DeadlineError):
            CloudClient([server.url, good.url], deadline=0.5).latents(make_request(), SHAPE, pair_sha256=PAIR)
        assert good.connections == 0
