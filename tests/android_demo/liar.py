"""A cloud that lies, dies or says nothing: one server whose base path says in which way; the rest is a real engine's.

``http://127.0.0.1:PORT/WAY`` is a cloud's address, and ``/WAY~NAME`` another of the same kind, for a test of its own.
What was asked there is told by ``/WAY/_seen``. Folders that are given are served under ``/_files/NAME/``, whole or by
Range, and under ``/_cut/NAME/`` with every answer cut after half of it.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import httpx

from obclip_contract.limits import MAX_RESPONSE_BYTES

#: Seconds that a silent server keeps a connection.
SILENCE: Final = 30.0
#: What asks for a login: without a realm, as it should be, and what no parser expects.
CHALLENGES: Final = {"login": "Basic", "login-realm": 'Basic realm="x"', "login-strange": ', ,="\\'}
#: An answer: status, headers, body, and how many bytes of the body are sent before the server hangs up (all: ``None``).
Reply = tuple[int, dict[str, str], bytes, int | None]


class Liar:
    """What the server knows. ``engine``: a real engine's address, asked once for each body."""

    def __init__(self, engine: str, folders: dict[str, Path]) -> None:
        self.engine, self.folders, self.url = engine, folders, ""
        self.seen: dict[str, list[dict[str, Any]]] = {}
        self.stopping = threading.Event()
        self._lock = threading.Lock()
        self._answers: dict[tuple[str, bytes], tuple[int, bytes]] = {}

    def honest(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        with self._lock:
            if (path, body) not in self._answers:
                passed = {name: value for name, value in headers.items() if name in ("content-type", "accept")}
                answer = httpx.request(method, self.engine + path, headers=passed, content=body, timeout=120)
                self._answers[path, body] = (answer.status_code, answer.content)
            return self._answers[path, body]

    def reply(self, way: str, method: str, path: str, headers: dict[str, str], body: bytes) -> Reply:
        """The answer to one request, as ``way`` gives it."""
        sha256 = hashlib.sha256(body).hexdigest()
        note = {"path": path, "sha256": sha256, "headers": headers}
        with self._lock:
            before = [s for s in self.seen.setdefault(way, []) if s["path"] == path]
            self.seen[way].append(note)
        way = way.partition("~")[0]
        is_health = path == "/v1/health"
        if (way, is_health) in (("silent", False), ("silent-health", True)):
            self.stopping.wait(SILENCE)
            return 503, {}, b"", None
        status, answer = self.honest(method, path, headers, body)
        if is_health:
            if way == "other-pair":
                return 200, {}, json.dumps({**json.loads(answer), "pair_sha256": "0" * 64}).encode(), None
            if way == "no-engine":
                return 200, {"content-type": "text/html"}, b"<html>hello</html>", None
            if way == "redirect":
                return 302, {"location": f"{self.url}/honest/v1/health"}, b"", None
            return status, {}, answer, None
        if way == "busy" and len(before) < 2:
            return 503, {"retry-after": "0"}, b"", None
        if way == "always-busy":
            return 503, {}, b"", None
        if way == "dies":
            return status, {}, answer, len(answer) // 2
        if way == "garbage":
            return 200, {}, bytes(range(256)) * 8, None
        if way == "short":
            return 200, {}, answer[:-2], None
        if way == "other-request":
            return 200, {}, answer.replace(sha256.encode(), b"0" * 64), None
        if way == "not-finite":
            return 200, {}, answer[:-2] + b"\x00\x7e", None
        if way == "large":
            return 200, {}, bytes(MAX_RESPONSE_BYTES + 1), None
        if way == "refuses":
            said = f"no: {headers.get('authorization', '')}"
            return 400, {}, json.dumps({"error": {"code": "bad", "field": "seed", "message": said}}).encode(), None
        if way in CHALLENGES:
            return 401, {"www-authenticate": CHALLENGES[way]}, b"who are you?" if "realm" in way else b"", None
        return status, {}, answer, None

    def file(self, path: str, asked: str) -> Reply:
        """A file of a folder, or the rest of it."""
        kind, name, rest = path.split("/", 2)
        root = self.folders[name]
        full = (root / rest).resolve()
        if root.resolve() not in full.parents or not full.is_file():
            return 404, {}, b"", None
        body, status, more = full.read_bytes(), 200, {}
        if asked.startswith("bytes=") and asked.endswith("-"):
            start = int(asked[6:-1])
            more = {"content-range": f"bytes {start}-{len(body) - 1}/{len(body)}"}
            body, status = body[start:], 206
        with self._lock:
            self.seen.setdefault(kind, []).append({"path": rest, "range": asked})
        return status, more, body, len(body) // 2 if kind == "_cut" and len(body) > 1000 else None


@contextmanager
def lying(engine: str, folders: dict[str, Path]) -> Iterator[Liar]:
    """Serve on a free loopback port."""
    liar = Liar(engine, folders)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            way, _, rest = self.path.strip("/").partition("/")
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            if rest == "_seen":
                self.answer(200, {}, json.dumps(liar.seen.get(way, [])).encode(), None)
            elif way in ("_files", "_cut"):
                self.answer(*liar.file(f"{way}/{rest}", self.headers.get("range", "")))
            else:
                headers = {k.lower(): v for k, v in self.headers.items()}
                self.answer(*liar.reply(way, self.command, f"/{rest}", headers, body))

        do_POST = do_GET  # noqa: N815

        def answer(self, status: int, headers: dict[str, str], body: bytes, sent: int | None) -> None:
            try:
                self.send_response(status)
                for name, value in {**headers, "content-length": str(len(body)), "connection": "close"}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body[:sent])
            except OSError:
                pass  # the client has hung up, as some of these tests want it
            self.close_connection = True

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    liar.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield liar
    finally:
        liar.stopping.set()
        server.shutdown()
        server.server_close()
