"""Whom the client speaks to: roots, client certificates, pinned keys; and the way through a proxy."""

from __future__ import annotations

import base64
import socket
import ssl
import subprocess
from contextlib import suppress
from typing import Any

import pytest

from edge_sdk.cloud.client import CloudClient
from edge_sdk.cloud.tls import public_key_info, read_pins
from edge_sdk.errors import InputError, UnreachableError

from .answers import PAIR, SHAPE, good_body, http, make_request
from .raw_server import Authority, Raw, raw_server, read_request

_OTHER = "sha256/" + base64.b64encode(bytes(32)).decode()


def _play(connection: socket.socket, server: Raw) -> None:
    read_request(connection, server)
    connection.sendall(http(good_body(make_request())))


def _ask(url: str, **arguments: Any) -> None:
    with CloudClient(url, **arguments) as client:
        client.latents(make_request(), SHAPE, pair_sha256=PAIR)


def _pin(authority: Authority, name: str = "server") -> str:
    """By the openssl command, as RFC 7469's own example does it."""
    command = (
        f"openssl x509 -in {name}.pem -pubkey -noout | openssl pkey -pubin -outform der | "
        "openssl dgst -sha256 -binary | openssl enc -base64"
    )
    done = subprocess.run(command, shell=True, cwd=authority.folder, capture_output=True, text=True, check=True)
    return "sha256/" + done.stdout.strip()


def test_roots_of_ones_own(authority: Authority) -> None:
    with raw_server(_play, authority.context()) as server:
        _ask(server.tls_url, verify=authority.path("root.pem"))
        _ask(server.tls_url, verify=ssl.create_default_context(cafile=authority.path("root.pem")))
        _ask(server.tls_url, verify=False)
        assert server.connections == 3


def test_a_client_certificate(authority: Authority) -> None:
    root = authority.path("root.pem")
    pair = (authority.path("client.pem"), authority.path("client.key"))
    with raw_server(_play, authority.context(asks=True)) as server:
        _ask(server.tls_url, verify=root, cert=pair)
        _ask(server.tls_url, verify=root, cert=(pair[0], authority.path("locked.key"), "geheim99"))


def test_the_pinned_key_and_the_backup(authority: Authority) -> None:
    root, pin = authority.path("root.pem"), _pin(authority)
    digest = base64.b64decode(pin.removeprefix("sha256/")).hex()
    with raw_server(_play, authority.context()) as server:
        plain = pin.removeprefix("sha256/")
        colons = ":".join(digest[i : i + 2] for i in range(0, 64, 2))
        spelled = [[digest], [digest.upper()], [colons], [plain], [f"sha256//{plain}"], [f"sha256:{digest}"]]
        for pins in ([pin], [_OTHER, pin], *spelled):
            _ask(server.tls_url, verify=root, pins=pins)
        _ask(server.tls_url, verify=False, pins=[pin])  # the pin alone says who it must be


@pytest.mark.parametrize("verified", [True, False])
def test_another_key_gets_nothing(authority: Authority, verified: bool) -> None:
    verify = authority.path("root.pem") if verified else False
    with raw_server(_play, authority.context("other")) as server:
        with pytest.raises(UnreachableError, match=r"another key than the pinned ones .*Nothing was sent"):
            _ask(server.tls_url, verify=verify, pins=[_pin(authority), _OTHER])
        assert server.connections == 1
        assert server.seen == []


@pytest.mark.parametrize("first", [0x00, 0xFC, 0xFF])  # the last two begin with a slash in base64
@pytest.mark.parametrize("prefix", ["", "sha256/", "sha256//", "sha256:", "sha256-"])
def test_a_pin_may_begin_with_a_slash(prefix: str, first: int) -> None:
    digest = bytes([first, *range(31)])
    assert read_pins([prefix + base64.b64encode(digest).decode()]) == {digest}


def test_the_error_names_the_pin_that_would_fit(authority: Authority) -> None:
    with raw_server(_play, authority.context()) as server, pytest.raises(UnreachableError) as caught:
        _ask(server.tls_url, verify=False, pins=[_OTHER])
    assert _pin(authority) in str(caught.value)


@pytest.mark.parametrize("name", ["root", "server", "other", "client"])
def test_the_public_key_is_where_the_certificate_has_it(authority: Authority, name: str) -> None:
    der = ssl.PEM_cert_to_DER_cert((authority.folder / f"{name}.pem").read_text())
    done = subprocess.run(
        f"openssl x509 -in {name}.pem -pubkey -noout | openssl pkey -pubin -outform der",
        shell=True,
        cwd=authority.folder,
        capture_output=True,
        check=True,
    )
    assert public_key_info(der) == done.stdout


def test_any_damage_of_a_certificate_is_no_crash(authority: Authority) -> None:
    der = ssl.PEM_cert_to_DER_cert((authority.folder / "server.pem").read_text())
    for cut in range(len(der)):
        with pytest.raises(ValueError, match=r".+"):
            public_key_info(der[:cut])
    for at in range(len(der)):
        with suppress(ValueError):
            public_key_info(der[:at] + bytes([der[at] ^ 0x83]) + der[at + 1 :])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"verify": "/nowhere/root.pem"}, "verify="),
        ({"verify": "KEY"}, "verify="),
        ({"cert": "/nowhere/client.pem"}, "cert="),
        ({"cert": ("CERT", "OTHER KEY")}, "cert="),
        ({"cert": ("CERT", "LOCKED", "wrong")}, "cert="),
        ({"cert": ("CERT", "LOCKED")}, "cert="),
        ({"cert": "LOCKED"}, "cert="),
        ({"cert": ()}, "cert="),
        ({"cert": 5}, "cert="),
        ({"cert": (None, "KEY")}, "cert="),
        ({"cert": ("CERT", 5)}, "cert="),
        ({"cert": ("CERT", "KEY"), "verify": ssl.create_default_context()}, "context of your own"),
    ],
)
def test_files_that_cannot_be_used(authority: Authority, arguments: dict[str, Any], says: str) -> None:
    names = {"KEY": "server.key", "CERT": "client.pem", "OTHER KEY": "other.key", "LOCKED": "locked.key"}

    def real(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(real(v) for v in value)
        return authority.path(names[value]) if value in names else value

    with pytest.raises(InputError, match=says):
        CloudClient("https://localhost", **{k: real(v) for k, v in arguments.items()})


# The proxy.


def _tunnel(connection: socket.socket, server: Raw) -> None:
    """A CONNECT proxy that sends everything to the server named in the request, whatever its name means."""
    head = read_request(connection, server).split(b"\r\n")[0].split(b" ")
    assert head[0] == b"CONNECT"
    with socket.create_connection(("127.0.0.1", int(head[1].rpartition(b":")[2]))) as onward:
        connection.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
        _pass_on(connection, onward)


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    import selectors

    with selectors.DefaultSelector() as selector:
        selector.register(one, selectors.EVENT_READ, other)
        selector.register(other, selectors.EVENT_READ, one)
        while True:
            for key, _ in selector.select(timeout=10) or [(None, 0)]:
                if key is None:
                    return
                data = key.fileobj.recv(1 << 16)  # type: ignore[union-attr]
                if not data:
                    return
                key.data.sendall(data)


def test_https_through_a_proxy_with_pins(authority: Authority) -> None:
    root = authority.path("root.pem")
    with raw_server(_play, authority.context()) as server, raw_server(_tunnel) as proxy:
        address = f"http://user-31:secret-77@127.0.0.1:{proxy.port}"
        _ask(server.tls_url, verify=root, pins=[_pin(authority)], proxy=address)
        assert len(server.seen) == 1
        assert b"proxy-authorization: basic" in proxy.seen[0].lower()
        assert b"proxy-authorization" not in server.seen[0].lower()
        with pytest.raises(UnreachableError, match="another key"):
            _ask(server.tls_url, verify=root, pins=[_OTHER], proxy=address)
        assert len(server.seen) == 1


def test_http_through_a_proxy() -> None:
    with raw_server(_play) as proxy:
        _ask("http://cloud.example/base", proxy=proxy.url)
        assert proxy.seen[0].startswith(b"POST http://cloud.example/base/v1/latents HTTP/1.1\r\n")


def test_a_proxy_that_refuses_is_told_at_once() -> None:
    def refuse(connection: socket.socket, server: Raw) -> None:
        read_request(connection, server)
        connection.sendall(http(b"", "407 Login"))

    with raw_server(refuse) as proxy:
        with pytest.raises(UnreachableError, match=r"the proxy refused the way \(407") as caught:
            _ask("https://cloud.example", proxy=f"http://user-31:secret-77@127.0.0.1:{proxy.port}")
        assert proxy.connections == 1
    assert "secret-77" not in str(caught.value)


def test_a_proxy_that_is_not_there_is_named_without_its_login() -> None:
    with pytest.raises(UnreachableError, match=r"by way of the proxy http://127\.0\.0\.1:9: ") as caught:
        _ask("https://cloud.example", proxy="http://user-31:secret-77@127.0.0.1:9")
    assert not any(part in str(caught.value) for part in ("user-31", "secret-77"))


def test_no_proxy_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with raw_server(_play) as server:
        _ask(server.url)
