"""The server behind ``obclip web``: a table of files over HTTP, for one person's browsers.

It never turns what is asked into a path: a name is in the table or it is not. It answers only to its own names, so that
a page of another host whose name was bound to this address (DNS rebinding) gets nothing.
"""

from __future__ import annotations

import gzip
import ipaddress
import re
import socket
import ssl
import sys
import threading
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import TCPServer, ThreadingMixIn
from typing import Any, Final
from urllib.parse import unquote

from ..errors import InputError
from .headers import FIXED, cache_of, is_packed, type_of
from .page import INDEX
from .site import Part, Site

__all__ = ["Address", "WebServer", "make_tls"]

#: Seconds that a silent connection is kept.
_IDLE: Final = 30
_BACKLOG: Final = 64
_CHUNK: Final = 1 << 16
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
_EVERY: Final = ("", "0.0.0.0", "::")
_HOST: Final = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^\[\]:@/?#\s]+)(?::([0-9]{1,5}))?")
_RANGE: Final = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})")


@dataclass(frozen=True)
class Address:
    """Where the page is: ``host`` as it was given, the port that was taken, and whether by TLS."""

    host: str
    port: int
    tls: bool = False

    @property
    def local(self) -> bool:
        """Whether only this machine reaches it."""
        return self.host in _LOOPBACK

    @property
    def everywhere(self) -> bool:
        """Whether it is every address of this machine."""
        return self.host in _EVERY

    @property
    def origin(self) -> str:
        """As a browser names it. On every address, it is the one that this machine's own browser uses."""
        host = "127.0.0.1" if self.everywhere else self.host.lower()
        name = f"[{host}]" if ":" in host else host
        usual = 443 if self.tls else 80
        return f"http{'s' if self.tls else ''}://{name}" + ("" if self.port == usual else f":{self.port}")

    def name_of(self, header: str) -> str | None:
        """The name in a ``Host`` header, if it is one of this server's. An IP address cannot be rebound; a name can."""
        found = _HOST.fullmatch(header.strip())
        if found is None or int(found[2] or (443 if self.tls else 80)) != self.port:
            return None
        name = found[1].strip("[]").lower()
        known = name in (self.host.lower(), *_LOOPBACK)
        return name if known or (not self.local and _is_ip(name)) else None


def _is_ip(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def make_tls(certificate: Path, key: Path) -> ssl.SSLContext:
    """TLS with this certificate.

    Raises:
        InputError: a file cannot be read, or the two do not belong together.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key, "")  # an empty password: none is asked for at the terminal
    except ssl.SSLError as error:
        why = (
            "they do not belong together" if error.reason == "KEY_VALUES_MISMATCH" else "no PEM files without password"
        )
        raise InputError(f"--tls-cert {certificate} and --tls-key {key} cannot be used: {why}") from None
    except (OSError, ValueError) as error:
        raise InputError(f"--tls-cert or --tls-key cannot be read: {getattr(error, 'strerror', '') or error}") from None
    return context


class WebServer(ThreadingMixIn, TCPServer):
    """Serves one site until :meth:`shutdown`. Connections are taken from the moment it is made."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = _BACKLOG

    def __init__(self, site: Site, host: str, port: int, tls: ssl.SSLContext | None = None) -> None:
        """
        Raises:
            InputError: the address is not this machine's, or the port is taken.
        """
        self.site = site
        self._tls = tls
        self._packed: dict[str, bytes] = {}
        self._packing = threading.Lock()
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            super().__init__((host, port), _Handler)
        except OSError as error:
            what = f"cannot listen on {host}:{port}: {error.strerror or error}"
            raise InputError(f"{what}; choose another --host or --port (0 takes any free port)") from None
        self.address = Address(host, self.socket.getsockname()[1], tls is not None)

    def get_request(self) -> tuple[socket.socket, Any]:
        """A connection; its TLS handshake is its own thread's, or one that never ends would stop all others."""
        connection, peer = super().get_request()
        connection.settimeout(_IDLE)
        if self._tls is not None:
            connection = self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, peer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that goes away, or speaks no TLS, is nothing to tell; anything else is a fault of ours."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def packed(self, name: str, part: Part) -> bytes:
        """A file gzipped, once for all requests."""
        with self._packing:
            if name not in self._packed:
                with part.open() as file:
                    self._packed[name] = gzip.compress(file.read(), 6, mtime=0)
            return self._packed[name]


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: WebServer
    protocol_version = "HTTP/1.1"
    timeout = _IDLE
    # Head and body leave together: one after the other, each waits for the browser to confirm the one before.
    wbufsize = _CHUNK
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer with a file."""
        if not self._is_for_us():
            return
        name = _name_of(self.path)
        part = None if name is None else self.server.site.parts.get(name)
        if name is None or part is None:
            self._say(HTTPStatus.NOT_FOUND, "there is no such file")
            return
        try:
            self._send(name, part)
        except InputError as error:
            self._say(HTTPStatus.SERVICE_UNAVAILABLE, str(error))

    def do_HEAD(self) -> None:
        """The same without the bytes."""
        self.do_GET()

    def _is_for_us(self) -> bool:
        """Whether the request may be answered; it is answered here if not."""
        hosts = self.headers.get_all("host") or []
        address = self.server.address
        if len(hosts) != 1 or not self.path.startswith("/"):
            self._say(HTTPStatus.BAD_REQUEST, "one Host header and a path are needed")
        elif (name := address.name_of(hosts[0])) is None:
            self._say(HTTPStatus.MISDIRECTED_REQUEST, f"this server has no such name: open {address.origin}/")
        elif address.local and name != address.host.lower():
            # One origin: what the browser keeps, and what the cloud allows, go by it.
            self._answer(HTTPStatus.PERMANENT_REDIRECT, {"Location": address.origin + self.path, "Content-Length": "0"})
        else:
            return True
        return False

    def _send(self, name: str, part: Part) -> None:
        ranged = self.headers.get("range")
        packed = is_packed(name) and ranged is None and _takes_gzip(self.headers.get("accept-encoding", ""))
        tag = f'"{urlsafe_b64encode(part.sha384[:18]).decode()}{"-gz" if packed else ""}"'
        headers = {"ETag": tag, "Cache-Control": cache_of(name)}
        headers |= {"Vary": "Accept-Encoding"} if is_packed(name) else {}
        if _is_known(self.headers.get("if-none-match"), tag):
            self._answer(HTTPStatus.NOT_MODIFIED, headers)
            return
        headers |= {"Content-Type": type_of(name), "Accept-Ranges": "bytes"}
        if packed:
            body = self.server.packed(name, part)
            self._answer(HTTPStatus.OK, {**headers, "Content-Encoding": "gzip", "Content-Length": str(len(body))}, body)
            return
        begin, end = 0, part.size
        status = HTTPStatus.OK
        if ranged is not None and self.headers.get("if-range", tag) == tag:
            wanted = _read_range(ranged, part.size)
            if wanted == (0, 0):
                self._say(
                    HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
                    "no such bytes",
                    {"Content-Range": f"bytes */{part.size}"},
                )
                return
            if wanted is not None:
                begin, end = wanted
                status = HTTPStatus.PARTIAL_CONTENT
                headers["Content-Range"] = f"bytes {begin}-{end - 1}/{part.size}"
        with part.open() as file:
            self._answer(status, {**headers, "Content-Length": str(end - begin)})
            if self.command == "HEAD":
                return
            file.seek(begin)
            left = end - begin
            while left and (chunk := file.read(min(_CHUNK, left))):
                self.wfile.write(chunk)
                left -= len(chunk)
            self.close_connection = self.close_connection or left > 0

    def _answer(self, status: HTTPStatus, headers: Mapping[str, str], body: bytes = b"") -> None:
        self.send_response(status)
        for name, value in {**headers, **FIXED, "Content-Security-Policy": self.server.site.policy}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _say(self, status: HTTPStatus, text: str, more: Mapping[str, str] | None = None) -> None:
        """A refusal in a sentence."""
        body = f"{text}\n".encode()
        own = {"Content-Type": type_of(".txt"), "Content-Length": str(len(body)), "Cache-Control": "no-store"}
        self._answer(status, {**own, **(more or {})}, body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """The library's own refusals: a malformed request, or a method that is not here."""
        self.close_connection = True  # a body may follow, which nobody reads
        self.command = self.command or "GET"
        self.request_version = (
            self.protocol_version
        )  # of an unreadable request none is known, and no header would be sent
        more = {"Connection": "close"}
        if code == HTTPStatus.NOT_IMPLEMENTED:
            self._say(HTTPStatus.METHOD_NOT_ALLOWED, "use GET or HEAD", {**more, "Allow": "GET, HEAD"})
        else:
            self._say(HTTPStatus(code), "this is no request that can be read", more)

    def version_string(self) -> str:
        """What the ``Server`` header says."""
        return "obclip"

    def log_message(self, format: str, *_: Any) -> None:
        """Nothing: what a person opens, and when, stands nowhere."""


def _name_of(target: str) -> str | None:
    """The name in the table that a request's target means."""
    path = target.partition("?")[0].partition("#")[0]
    try:
        return unquote(path, errors="strict")[1:] or INDEX
    except UnicodeDecodeError:
        return None


def _takes_gzip(accepted: str) -> bool:
    for item in accepted.lower().split(","):
        coding, _, parameter = item.strip().partition(";")
        if coding.strip() == "gzip":
            weight = parameter.strip().removeprefix("q=").strip()
            return not weight or weight.strip("0.") != ""
    return False


def _is_known(given: str | None, tag: str) -> bool:
    return given is not None and (
        given.strip() == "*" or tag in [t.strip().removeprefix("W/") for t in given.split(",")]
    )


def _read_range(given: str, size: int) -> tuple[int, int] | None:
    """First byte and end of a range; ``(0, 0)`` where there are none such, ``None`` for a form that may be ignored."""
    found = _RANGE.fullmatch(given.strip())
    if found is None or found[1] == found[2] == "":
        return None
    if found[1] == "":
        begin, end = max(0, size - int(found[2])), size
    else:
        begin, end = int(found[1]), min(size, int(found[2]) + 1 if found[2] else size)
        if found[2] and int(found[2]) < begin:
            return None
    return (begin, end) if begin < end else (0, 0)
