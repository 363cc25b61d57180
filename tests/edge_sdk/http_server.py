"""A small real HTTP server for the client's tests: records what arrives, answers as it is told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Answer:
    """``declared``: the Content-Length to claim (default: the truth). ``wait``: seconds of silence first."""

    status: int = 200
    body: bytes = b""
    declared: int | None = None
    wait: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Recorded:
    method: str
    path: str
    headers: list[tuple[str, str]]
    body: bytes


@dataclass
class Server:
    url: str
    requests: list[Recorded]

    def bodies(self, path: str = "/v1/latents") -> list[bytes]:
        return [r.body for r in self.requests if r.path == path]


@contextmanager
def serving(respond: Callable[[Recorded], Answer]) -> Iterator[Server]:
    """Serve on a free loopback port; ``respond`` maps each recorded request to its answer."""
    seen: list[Recorded] = []
    stopping = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            size = int(self.headers.get("content-length", 0))
            request = Recorded(self.command, self.path, list(self.headers.items()), self.rfile.read(size))
            seen.append(request)
            answer = respond(request)
            stopping.wait(answer.wait)
            try:
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                length = len(answer.body) if answer.declared is None else answer.declared
                self.send_header("content-length", str(length))
                self.end_headers()
                self.wfile.write(answer.body)
            except OSError:
                pass  # the client gave up first
            self.close_connection = True

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield Server(f"http://127.0.0.1:{server.server_port}", seen)
    finally:
        stopping.set()
        server.shutdown()
        thread.join()
        server.server_close()
