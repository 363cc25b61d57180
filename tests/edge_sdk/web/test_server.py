"""What the server answers, byte by byte: files, headers, ranges, and everything that is refused."""

from __future__ import annotations

import gzip
import json
import os
import socket
import ssl
import subprocess
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from pathlib import Path

import pytest

from edge_sdk.errors import InputError
from edge_sdk.web.page import open_page
from edge_sdk.web.server import Address, WebServer, make_tls
from edge_sdk.web.site import Site, make_site

from .conftest import CLOUD, running
from .made import MAIN

UNET = "bundle/unet.tflite"


def _get(server: WebServer, path: str, method: str = "GET", **headers: str) -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection("127.0.0.1", server.address.port, timeout=10)
    connection.putrequest(method, path, skip_host="host" in headers, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer, body


def _bytes(site: Site, name: str) -> bytes:
    with site.parts[name].open() as file:
        return file.read()


def test_every_file_is_served_as_it_is_and_with_its_type(server: WebServer) -> None:
    types = {
        "index.html": "text/html; charset=utf-8",
        MAIN: "text/javascript; charset=utf-8",
        "assets/style-abcd1234.css": "text/css; charset=utf-8",
        "core/obclip.wasm": "application/wasm",
        "litert/litert_wasm_internal.wasm": "application/wasm",
        "manifest.webmanifest": "application/manifest+json",
        "config.json": "application/json",
        "icon.svg": "image/svg+xml",
        UNET: "application/octet-stream",
    }
    for name in server.site.parts:
        answer, body = _get(server, f"/{name}")
        assert (answer.status, body) == (200, _bytes(server.site, name)), name
        assert answer.headers["content-type"] == types.get(name, answer.headers["content-type"])
        head, nothing = _get(server, f"/{name}", "HEAD")
        assert (head.status, nothing, head.headers["content-length"]) == (200, b"", str(len(body)))
    assert _get(server, "/")[1] == _get(server, "/index.html?x=1")[1]
    assert json.loads(_get(server, "/config.json")[1]) == {"cloud": CLOUD, "bundle": "bundle/"}


def test_every_answer_has_the_headers_refusals_too(server: WebServer) -> None:
    for path, method in (("/", "GET"), ("/none", "GET"), ("/", "POST"), (f"/{MAIN}", "HEAD")):
        headers = _get(server, path, method)[0].headers
        assert headers["content-security-policy"] == server.site.policy
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cross-origin-embedder-policy"] == "require-corp"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "geolocation=()" in headers["permissions-policy"]
        assert "access-control-allow-origin" not in headers
        assert headers["server"] == "obclip"


def test_only_names_that_change_with_their_content_are_kept(server: WebServer) -> None:
    for name in server.site.parts:
        kept = "immutable" in _get(server, f"/{name}", "HEAD")[0].headers["cache-control"]
        assert kept == name.startswith("assets/"), name


def test_what_a_browser_has_already_is_not_sent_again(server: WebServer) -> None:
    for accepted in ("", "gzip"):
        tag = _get(server, "/", accept_encoding=accepted)[0].headers["etag"]
        answer, body = _get(server, "/", if_none_match=f'"x", W/{tag}', accept_encoding=accepted)
        assert (answer.status, body, answer.headers["etag"]) == (304, b"", tag)
        assert _get(server, f"/{MAIN}", if_none_match=tag)[0].status == 200


def test_packed_for_who_takes_it(server: WebServer) -> None:
    plain = _bytes(server.site, MAIN)
    for accepted in ("gzip", "br, GZIP;q=0.5", "deflate, gzip; q=1.0"):
        answer, body = _get(server, f"/{MAIN}", accept_encoding=accepted)
        assert answer.headers["content-encoding"] == "gzip"
        assert gzip.decompress(body) == plain
        assert len(body) < len(plain)
    for accepted in ("", "br", "gzip;q=0", "gzip; q=0.00", "xgzip"):
        answer, body = _get(server, f"/{MAIN}", accept_encoding=accepted)
        assert (answer.headers["content-encoding"], body) == (None, plain)
        assert answer.headers["vary"] == "Accept-Encoding"
    assert _get(server, f"/{UNET}", accept_encoding="gzip")[0].headers["content-encoding"] is None


def test_ranges(server: WebServer) -> None:
    whole = _bytes(server.site, UNET)
    size = len(whole)
    for given, begin, end in (
        ("bytes=0-0", 0, 1),
        ("bytes=100-299", 100, 300),
        ("bytes=100-", 100, size),
        ("bytes=-7", size - 7, size),
        (f"bytes=5-{size * 2}", 5, size),
        (f"bytes=-{size * 2}", 0, size),
    ):
        answer, body = _get(server, f"/{UNET}", range=given)
        assert (answer.status, body) == (206, whole[begin:end]), given
        assert answer.headers["content-range"] == f"bytes {begin}-{end - 1}/{size}"
        head, nothing = _get(server, f"/{UNET}", "HEAD", range=given)
        assert (head.status, nothing, head.headers["content-length"]) == (206, b"", str(end - begin))
    for given in (f"bytes={size}-", "bytes=-0", "bytes=99999999999-"):
        answer, _ = _get(server, f"/{UNET}", range=given)
        assert (answer.status, answer.headers["content-range"]) == (416, f"bytes */{size}")
    for given in ("bytes=5-3", "bytes=-", "bytes=a-b", "items=0-1", "bytes=0-1,5-6"):
        assert _get(server, f"/{UNET}", range=given)[0].status == 200
    tag = _get(server, f"/{UNET}")[0].headers["etag"]
    assert _get(server, f"/{UNET}", range="bytes=0-1", if_range=tag)[0].status == 206
    assert _get(server, f"/{UNET}", range="bytes=0-1", if_range='"old"')[1] == whole


@pytest.mark.parametrize(
    "path",
    [
        "/../bundle.json",
        "/assets/../../bundle/bundle.json",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/..%2f..%2fetc/passwd",
        "/..\\..\\etc\\passwd",
        "//etc/passwd",
        "/./index.html",
        "/assets/",
        "/assets",
        "/bundle/",
        "/%00",
        "/index.html%00.js",
        "/%ff",
        "/.hidden",
        "/left-over.txt",
    ],
)
def test_what_is_not_in_the_table_is_not_there(server: WebServer, path: str) -> None:
    answer, body = _get(server, path)
    assert (answer.status, body) == (404, b"there is no such file\n")


def test_another_method_is_refused_and_its_body_left_unread(server: WebServer) -> None:
    for method in ("POST", "PUT", "OPTIONS", "DELETE", "CONNECT", "X"):
        answer, _ = _get(server, "/", method, content_length="0")
        assert (answer.status, answer.headers["allow"], answer.headers["connection"]) == (405, "GET, HEAD", "close")


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:{port}", 200),
        ("localhost:{port}", 308),
        ("LOCALHOST:{port}", 308),
        ("evil.example:{port}", 421),
        ("127.0.0.1:1", 421),
        ("127.0.0.1", 421),
        ("127.0.0.1.evil.example:{port}", 421),
        ("localhost.evil.example:{port}", 421),
        ("evil.example@127.0.0.1:{port}", 421),
        ("192.168.1.7:{port}", 421),
        ("", 421),
    ],
)
def test_only_its_own_names(server: WebServer, host: str, status: int) -> None:
    answer, body = _get(server, "/config.json", host=host.format(port=server.address.port))
    assert answer.status == status
    if status == 308:
        assert answer.headers["location"] == f"{server.address.origin}/config.json"
    assert (b"cloud.example" in body) == (status == 200)


@pytest.mark.parametrize(
    "request_text",
    [
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nHost: evil.example\r\n\r\n",
        "GET http://127.0.0.1:PORT/ HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n",
        "GET  /  HTTP/1.1 x\r\n\r\n",
        "nonsense\r\n\r\n",
    ],
)
def test_a_request_that_is_none(server: WebServer, request_text: str) -> None:
    port = server.address.port
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request_text.replace("PORT", str(port)).encode())
        connection.shutdown(socket.SHUT_WR)
        assert b" 400 " in connection.makefile("rb").readline()


def test_names_of_a_server_for_other_devices() -> None:
    open_to_all = Address("0.0.0.0", 8765)
    assert open_to_all.name_of("192.168.1.7:8765") == "192.168.1.7"
    assert open_to_all.name_of("[fe80::1]:8765") == "fe80::1"
    assert open_to_all.name_of("evil.example:8765") is None
    assert open_to_all.origin == "http://127.0.0.1:8765"
    named = Address("laptop.lan", 443, tls=True)
    assert named.name_of("laptop.lan") == "laptop.lan"
    assert named.name_of("other.lan") is None
    assert named.origin == "https://laptop.lan"
    assert Address("::1", 8765).origin == "http://[::1]:8765"


def test_a_file_that_was_changed_is_an_error_and_not_another_answer(page: Path, bundle: Path) -> None:
    site = make_site(open_page(page), bundle, None)
    with running(WebServer(site, "127.0.0.1", 0)) as server:
        secret = page.parent / "secret"
        secret.write_bytes((page / MAIN).read_bytes())
        for change in (
            lambda: (page / MAIN).write_text("other"),
            lambda: ((page / MAIN).unlink(), os.symlink(secret, page / MAIN)),
            (page / MAIN).unlink,
        ):
            change()
            answer, body = _get(server, f"/{MAIN}")
            assert answer.status == 503
            assert b"start again" in body


def test_a_port_in_use_and_an_address_of_another_machine(server: WebServer) -> None:
    with pytest.raises(InputError, match=r"in use.*another --host or --port"):
        WebServer(server.site, "127.0.0.1", server.address.port)
    with pytest.raises(InputError, match=r"cannot listen on 192\.0\.2\.1:0"):
        WebServer(server.site, "192.0.2.1", 0)


def test_one_connection_serves_many_and_a_silent_one_holds_up_nobody(server: WebServer) -> None:
    silent = [socket.create_connection(("127.0.0.1", server.address.port)) for _ in range(5)]
    connection = HTTPConnection("127.0.0.1", server.address.port, timeout=10)
    for name in ("config.json", UNET, "none", MAIN) * 3:
        connection.request("GET", f"/{name}")
        answer = connection.getresponse()
        assert (answer.status == 404) == (name == "none")
        answer.read()
    connection.close()
    for one in silent:
        one.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    one, key = folder / "cert.pem", folder / "key.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2", "-nodes"]
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", *subject]
    subprocess.run([*command, "-out", str(one), "-keyout", str(key)], check=True, capture_output=True)
    return one, key


def test_tls(site: Site, certificate: tuple[Path, Path], capfd: pytest.CaptureFixture[str]) -> None:
    with running(WebServer(site, "127.0.0.1", 0, make_tls(*certificate))) as server:
        assert server.address.origin.startswith("https://127.0.0.1:")
        silent = socket.create_connection(("127.0.0.1", server.address.port))
        with socket.create_connection(("127.0.0.1", server.address.port)) as plain:
            plain.sendall(b"GET / HTTP/1.1\r\n\r\n")
            assert b"HTTP/1.1 200" not in plain.recv(100)
        context = ssl.create_default_context(cafile=str(certificate[0]))
        connection = HTTPSConnection("127.0.0.1", server.address.port, context=context, timeout=10)
        connection.request("GET", "/config.json")
        assert connection.getresponse().read() == _bytes(site, "config.json")
        connection.close()
        silent.close()
    assert capfd.readouterr().err == ""


def test_a_certificate_that_cannot_be_used(certificate: tuple[Path, Path], tmp_path: Path) -> None:
    one, key = certificate
    (tmp_path / "no.pem").write_text("nothing")
    for pair, says in (((one, one), "cannot be used"), ((tmp_path / "no.pem", key), "cannot be used")):
        with pytest.raises(InputError, match=says):
            make_tls(*pair)
    with pytest.raises(InputError, match="cannot be read"):
        make_tls(tmp_path / "none.pem", key)
