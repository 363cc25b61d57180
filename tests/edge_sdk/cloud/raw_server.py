"""Servers that speak in raw bytes, at their own pace: what no HTTP library would send."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

Play = Callable[[socket.socket, "Raw"], None]


@dataclass
class Raw:
    """``seen``: what each connection sent in its first read; ``stop`` is set when the test is over."""

    port: int
    seen: list[bytes] = field(default_factory=list)
    connections: int = 0
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def tls_url(self) -> str:
        return f"https://localhost:{self.port}"

    def drip(self, connection: socket.socket, piece: bytes) -> None:
        """``piece`` fifty times a second until the client has gone or the test is over."""
        while not self.stop.wait(0.02):
            connection.sendall(piece)


def read_request(connection: socket.socket, server: Raw) -> bytes:
    """One whole request with a Content-Length."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(1 << 16)
        if not piece:
            return data
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    need = next((int(h.split(b":")[1]) for h in head.lower().split(b"\r\n") if h.startswith(b"content-length:")), 0)
    while len(body) < need:
        body += connection.recv(1 << 16)
    server.seen.append(head + b"\r\n\r\n" + body)
    return server.seen[-1]


@contextmanager
def raw_server(play: Play, context: ssl.SSLContext | None = None) -> Iterator[Raw]:
    """``play(connection, server)`` for each connection on a free loopback port; behind TLS with ``context``."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = Raw(listening.getsockname()[1])
        threads: list[threading.Thread] = []

        def serve(connection: socket.socket) -> None:
            with suppress(OSError), connection:
                if context is None:
                    play(connection, server)
                    return
                with context.wrap_socket(connection, server_side=True) as wrapped:
                    play(wrapped, server)

        def accept() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                if server.stop.is_set():
                    connection.close()
                    return
                server.connections += 1
                connection.settimeout(20)
                threads.append(threading.Thread(target=serve, args=(connection,), daemon=True))
                threads[-1].start()

        acceptor = threading.Thread(target=accept, daemon=True)
        acceptor.start()
        try:
            yield server
        finally:
            server.stop.set()
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", server.port), timeout=1).close()
            for thread in (acceptor, *threads):
                thread.join(timeout=5)


@dataclass(frozen=True)
class Authority:
    """An authority of one's own, and what it signed for ``localhost`` and for a client."""

    folder: Path

    def path(self, name: str) -> str:
        return str(self.folder / name)

    def context(self, name: str = "server", *, asks: bool = False) -> ssl.SSLContext:
        """A server's TLS settings; ``asks`` for a client certificate of this authority."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path(f"{name}.pem"), self.path(f"{name}.key"))
        if asks:
            context.load_verify_locations(self.path("root.pem"))
            context.verify_mode = ssl.CERT_REQUIRED
        return context


def make_authority(folder: Path) -> Authority:
    """With the ``openssl`` command: a root; ``server``, ``other`` (another key), ``elsewhere`` and ``client``."""

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True, timeout=60)

    new = ("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-sha256")
    openssl(*new, "-x509", "-subj", "/CN=obclip test root", "-keyout", "root.key", "-out", "root.pem", "-days", "2")
    names = {"server": "localhost", "other": "localhost", "elsewhere": "elsewhere.example", "client": "phone"}
    for name, host in names.items():
        (folder / f"{name}.cnf").write_text(f"subjectAltName=DNS:{host}\n")
        openssl(*new, "-subj", f"/CN={host}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        sign = ("x509", "-req", "-in", f"{name}.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial")
        openssl(*sign, "-days", "2", "-sha256", "-extfile", f"{name}.cnf", "-out", f"{name}.pem")
    openssl("ec", "-in", "client.key", "-aes128", "-passout", "pass:geheim99", "-out", "locked.key")
    return Authority(folder)
