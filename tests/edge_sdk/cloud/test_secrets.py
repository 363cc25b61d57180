"""What an address, a token or a header holds is sent to the cloud, and shown nowhere else."""

from __future__ import annotations

import json
import logging
import socket
import traceback
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge_sdk.cloud.client import CloudClient
from edge_sdk.errors import CloudError, InputError, ObclipError, RefusedError

from ..http_server import Answer as HttpAnswer
from ..http_server import serving
from .answers import PAIR, SHAPE, good_body, http, make_request
from .raw_server import Authority, Raw, raw_server, read_request

USER, PASSWORD, KEY, TOKEN, HEADER = "anna-7f3", "pass:w%rd-9c", "key-51d0e2", "token-ab44e1", "header-0d9f7a"
SECRETS = (USER, PASSWORD, "pass%3Aw%25rd-9c", KEY, TOKEN, HEADER, b64encode(f"{USER}:{PASSWORD}".encode()).decode())


def _address(port: int, scheme: str = "http") -> str:
    return f"{scheme}://{USER}:pass%3Aw%25rd-9c@localhost:{port}/base?key={KEY}"


def _look(*texts: object) -> None:
    for text in texts:
        for secret in SECRETS:
            assert secret not in str(text), (secret, str(text)[:200])


@contextmanager
def _nothing_shown(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Logs at any level, standard output and error, and the whole text of an error that is raised."""
    with caplog.at_level(logging.DEBUG):
        try:
            yield
        except ObclipError as error:
            seen: list[BaseException] = []
            cause: BaseException | None = error
            while cause is not None and cause not in seen:
                seen.append(cause)
                _look(cause, repr(cause), cause.args, vars(cause))
                cause = cause.__cause__ or cause.__context__
            _look("".join(traceback.format_exception(error)))
            # What a crash reporter would send: the variables of our frames that the error passed.
            ours = [f for f, _ in traceback.walk_tb(error.__traceback__) if "/edge_sdk/" in f.f_code.co_filename]
            ours = [f for f in ours if "/tests/" not in f.f_code.co_filename]
            assert ours
            _look(*(repr(value) for f in ours for value in f.f_locals.values()))
    _look(caplog.text, [r.args for r in caplog.records], *capfd.readouterr())


def _echo(connection: socket.socket, server: Raw) -> None:
    """Sends back everything it was told as its reason."""
    told = read_request(connection, server).decode("latin-1")
    text = json.dumps({"error": {"code": KEY, "field": HEADER, "message": told.replace("\r\n", " ")[:250]}})
    connection.sendall(http(text.encode(), "403 Forbidden"))


def _redirect(connection: socket.socket, server: Raw) -> None:
    read_request(connection, server)
    connection.sendall(http(b"", "307 There", f"location: http://{USER}@elsewhere.example/?key={KEY}"))


def _answer(status: str) -> Callable[[socket.socket, Raw], None]:
    def play(connection: socket.socket, server: Raw) -> None:
        read_request(connection, server)
        connection.sendall(http(b"{", status, f"x-key: {'x'}"))

    return play


def _cut(connection: socket.socket, server: Raw) -> None:
    read_request(connection, server)
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nx")


@pytest.mark.parametrize("play", [_echo, _redirect, _answer("500 Oops"), _answer("503 Busy"), _answer("200 OK"), _cut])
@pytest.mark.parametrize("call", ["health", "latents"])
def test_no_failure_shows_a_secret(
    play: Callable[[socket.socket, Raw], None],
    call: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    with raw_server(play) as server, _nothing_shown(caplog, capfd):
        client = CloudClient(_address(server.port), headers={"X-Api-Key": HEADER})
        _look(client, client.url, client.urls)
        with pytest.raises(CloudError) as caught:
            client.health() if call == "health" else client.latents(make_request(), SHAPE, pair_sha256=PAIR)
        assert server.seen[0].startswith(f"{'GET' if call == 'health' else 'POST'} /base/v1/{call}?key={KEY} ".encode())
        raise caught.value


def test_no_fault_on_the_way_shows_a_secret(
    authority: Authority,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with raw_server(_echo, authority.context()) as server, _nothing_shown(caplog, capfd):
        CloudClient(_address(server.port, "https")).health()  # nobody known
    with raw_server(_echo) as server, _nothing_shown(caplog, capfd):
        CloudClient(_address(server.port, "https")).health()  # no TLS
    with _nothing_shown(caplog, capfd):
        CloudClient([_address(server.port), _address(server.port, "https")]).health()  # nobody listens

    def look_up(*_: object, **__: object) -> list[object]:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with _nothing_shown(caplog, capfd):
        CloudClient(_address(1)).health()


def test_a_good_exchange_sends_the_secrets_and_shows_none(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    request = make_request()

    def play(connection: socket.socket, server: Raw) -> None:
        read_request(connection, server)
        connection.sendall(http(good_body(request)))

    with raw_server(play) as server, _nothing_shown(caplog, capfd):
        client = CloudClient(_address(server.port), headers={"X-Api-Key": HEADER})
        received = client.latents(request, SHAPE, pair_sha256=PAIR)
        _look(received, received.url, client)
        tokened = CloudClient(f"http://localhost:{server.port}", token=TOKEN)
        tokened.latents(request, SHAPE, pair_sha256=PAIR)
        _look(tokened)
    assert received.url == f"http://localhost:{server.port}/base"
    heads = [data.partition(b"\r\n\r\n")[0].decode().lower().split("\r\n") for data in server.seen]
    login = b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    assert f"authorization: basic {login.lower()}" in heads[0]
    assert f"x-api-key: {HEADER}" in heads[0]
    assert f"host: localhost:{server.port}" in heads[0]
    assert f"authorization: bearer {TOKEN}" in heads[1]


@pytest.mark.parametrize(
    "url",
    [
        f"ftp://{USER}:{KEY}@host",
        f"http://{USER}:{KEY}@host:99999",
        f"http://{USER}:pa?{KEY}@host",
        f"http://{USER}:{KEY}@[::1",
        f"//{USER}:{KEY}@host",
        f"{USER}:{KEY}@host",
        f"host?key={KEY}",
        f"http://?key={KEY}",
        f"http://host/#{KEY}",
        f"http://host:port?key={KEY}",
        f"http://host\n@{KEY}",
    ],
)
def test_an_address_that_is_no_url_is_not_quoted_with_its_secrets(url: str) -> None:
    with pytest.raises(CloudError, match="URL") as caught:
        CloudClient(url)
    _look(caught.value, repr(caught.value), "".join(traceback.format_exception(caught.value)))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"token": f"{TOKEN} with spaces"}, "token="),
        ({"token": f"{TOKEN}\r\nx: y"}, "token="),
        ({"token": ""}, "token="),
        ({"token": TOKEN, "headers": {"Authorization": HEADER}}, "one login"),
        ({"headers": {"x-key": f"{HEADER}\r\nhost: y"}}, "x-key"),
        ({"headers": {"x key": HEADER}}, "a name"),
        ({"headers": {"Content-Type": "text/plain"}}, "Content-Type"),
        ({"headers": {"accept-encoding": "gzip"}}, "accept-encoding"),
        ({"headers": {"Host": "elsewhere"}}, "Host"),
        ({"headers": {"transfer-encoding": "chunked"}}, "transfer-encoding"),
        ({"proxy": f"ftp://{USER}:{KEY}@proxy"}, "proxy="),
        ({"proxy": f"{USER}:{KEY}@proxy"}, "proxy="),
        ({"proxy": f"http://{USER}:{KEY}@[::1"}, "proxy="),
        ({"pins": "sha256/abc"}, "pins="),
        ({"pins": ["sha256/abc"]}, "pin 1"),
        ({"pins": ["md5/" + "A" * 44]}, "pin 1"),
        ({"pins": ["a" * 64, "b" * 63]}, "pin 2"),
        ({"pins": ["a" * 64]}, "https://"),
        ({"cert": "/nowhere.pem"}, "https://"),
        ({"deadline": 0}, "deadline"),
        ({"deadline": float("nan")}, "deadline"),
        ({"deadline": float("inf")}, "deadline"),
        ({"connect_timeout": -1}, "connect_timeout"),
        ({"connect_timeout": True}, "connect_timeout"),
        ({"connect_timeout": "10"}, "connect_timeout"),
        ({"connect_timeout": 10**400}, "connect_timeout"),
        ({"deadline": 1e300}, "deadline"),
        ({"headers": [("x-key", HEADER)]}, "headers="),
        ({"headers": HEADER}, "headers="),
        ({"headers": 5}, "headers="),
        ({"proxy": f"http://{USER}:{KEY}@proxy:99999"}, "proxy="),
        ({"proxy": "http://proxy:0"}, "proxy="),
        ({"pins": None}, "pins="),
        ({"pins": 5}, "pins="),
        ({"pins": b"abc"}, "pins="),
        ({"verify": None}, "verify="),
        ({"verify": 0}, "verify="),
        ({"verify": ""}, "verify="),
        ({"verify": b"/root.pem"}, "verify="),
        ({"verify": []}, "verify="),
    ],
)
def test_an_argument_that_cannot_be_used_is_refused_when_it_is_given(arguments: dict[str, object], says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        CloudClient("http://127.0.0.1:1", **arguments)  # type: ignore[arg-type]
    _look(caught.value, "".join(traceback.format_exception(caught.value)))


@pytest.mark.parametrize("address", [[], ()])
def test_no_address(address: list[str]) -> None:
    with pytest.raises(InputError, match="no cloud address"):
        CloudClient(address)


@pytest.mark.parametrize("address", [None, 5, b"http://cloud", Path("cloud"), {"http://cloud": 1}])
def test_an_address_of_another_kind(address: Any) -> None:
    with pytest.raises(InputError, match="the cloud's address"):
        CloudClient(address)


def test_numbers_of_numpy_are_seconds() -> None:
    CloudClient("http://cloud", connect_timeout=np.float32(3), deadline=np.int64(3))  # type: ignore[arg-type]


@pytest.mark.parametrize("kept", range(8, len(TOKEN)))
def test_a_secret_that_is_cut_where_a_long_message_ends_is_not_shown(kept: int) -> None:
    message = "y" * (300 - kept) + TOKEN
    body = json.dumps({"error": {"code": "x", "field": "", "message": message}}).encode()
    with serving(lambda _: HttpAnswer(status=400, body=body)) as server, pytest.raises(RefusedError) as caught:
        CloudClient(server.url, token=TOKEN).health()
    assert str(caught.value).endswith("y…")


def test_a_broken_header_that_holds_a_secret_is_in_no_variable_beside_the_error() -> None:
    def play(connection: socket.socket, server: Raw) -> None:
        read_request(connection, server)
        connection.sendall(f"HTTP/1.1 200 OK\r\n{TOKEN}\r\n\r\n".encode())

    with raw_server(play) as server, pytest.raises(CloudError, match="illegal header line") as caught:
        CloudClient(server.url, token=TOKEN).health()
    frame = caught.value.__traceback__
    seen = []
    while frame is not None:
        if "edge_sdk/cloud" in frame.tb_frame.f_code.co_filename and "/tests/" not in frame.tb_frame.f_code.co_filename:
            seen += [repr(value) for value in frame.tb_frame.f_locals.values()]
        frame = frame.tb_next
    assert seen
    assert not any(TOKEN in value for value in seen)
