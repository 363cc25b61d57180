"""What the service's tests share: requests, raw connections, a service in a thread and one in a process."""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from cloud_engine.engine import Engine
from cloud_engine.service import Models, create_app, read_settings
from cloud_engine.service.server import BoundedServer, listen
from cloud_engine.service.service import Service
from edge_sdk.privacy import release

PROMPT = "a sticker of a woman firefighter with dark skin"
#: A word of it that no answer and no log may hold.
WORD = "firefighter"
JSON = {"content-type": "application/json"}


def body(**change: Any) -> bytes:
    """A valid request of ten candidates; quick."""
    return release(PROMPT).request(**{"seed": 3, "cloud_steps": 2, "steps": 8, **change}).to_bytes()


def edited(**change: Any) -> bytes:
    """A request with keys that no writer would write."""
    return json.dumps({**json.loads(body()), **change}, sort_keys=True, separators=(",", ":")).encode()


def post(url: str, data: bytes, headers: dict[str, str] | None = None, timeout: float = 60) -> httpx.Response:
    """One request on a connection of its own."""
    return httpx.post(
        url + "/v1/latents", content=data, headers={**JSON, **(headers or {})}, timeout=timeout, trust_env=False
    )


def get(url: str, path: str, **headers: str) -> httpx.Response:
    return httpx.get(url + path, headers=headers, timeout=20, trust_env=False)


def code_of(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json()["error"]["code"]


def connect(url: str, receive_buffer: int | None = None) -> socket.socket:
    parsed = httpx.URL(url)
    connection = socket.socket()
    if receive_buffer is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    connection.settimeout(20)
    connection.connect((parsed.host, parsed.port or 80))
    return connection


def until_closed(connection: socket.socket) -> bytes:
    answer = b""
    with contextlib.suppress(ConnectionError):  # closed on unread data: the answer was there before
        while data := connection.recv(65536):
            answer += data
    return answer


def head(length: int, *more: str, path: str = "/v1/latents") -> bytes:
    """The header of a request with a body of that length."""
    lines = [f"POST {path} HTTP/1.1", "host: localhost", "content-type: application/json", f"content-length: {length}"]
    return "\r\n".join([*lines, *more, "", ""]).encode()


def wait_for(true: Any, seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it did not come true"
        time.sleep(0.005)


class Running:
    """The whole service in a thread: application, bounded connections, draining."""

    def __init__(self, models: Models | Engine, **settings: Any) -> None:
        values = read_settings(private=True, port=0, **settings)
        app = create_app(models, values)
        self.service: Service = app.state.service
        self._server = BoundedServer(app, values)
        self.listener, self.url = listen(values.host, 0, values.tls_certificate is not None)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self.listener]}, daemon=True)
        self._thread.start()
        wait_for(lambda: self._server.started)

    def begin_to_stop(self) -> None:
        self._server.should_exit = True

    def stop(self) -> None:
        self.begin_to_stop()
        self._thread.join(timeout=30)
        assert not self._thread.is_alive()


@contextlib.contextmanager
def running(models: Models | Engine, **settings: Any) -> Iterator[Running]:
    server = Running(models, **settings)
    try:
        yield server
    finally:
        server.stop()


class Process:
    """``obclip serve`` as a process of its own; ``url`` is from its JSON line."""

    def __init__(self, bundle: Path, *arguments: str, env: dict[str, str] | None = None) -> None:
        command = [sys.executable, "-m", "edge_sdk", "serve", "--bundle", str(bundle), "--port", "0", "--json"]
        self.process = subprocess.Popen(
            [*command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(self.process.communicate()[1])
        self.ready = json.loads(line)
        self.url = self.ready["url"]

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Exit code and standard error."""
        self.process.send_signal(number)
        _, error = self.process.communicate(timeout=30)
        return self.process.returncode, error


def lines_of(log: str, event: str) -> list[dict[str, Any]]:
    """The log's JSON lines of one kind."""
    found = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    return [line for line in found if line.get("event") == event]


class Gated:
    """Holds the engine's work until it is let go, and says when it began."""

    def __init__(self, monkeypatch: Any) -> None:
        from cloud_engine.engine import Run

        self.began = threading.Semaphore(0)
        self.go = threading.Event()
        self.together = self.most = 0
        respond = Run.response

        def slow(run: Run, should_stop: Any = None) -> Any:
            self.together += 1
            self.most = max(self.most, self.together)
            self.began.release()
            try:
                while not self.go.wait(0.01):
                    if should_stop is not None and should_stop():
                        break
                return respond(run, should_stop)
            finally:
                self.together -= 1

        monkeypatch.setattr(Run, "response", slow)
