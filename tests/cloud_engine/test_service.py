"""The HTTP face on a real socket: every refusal has its status and a JSON body; nothing quotes the prompt."""

from __future__ import annotations

import contextlib
import json
import logging
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np
import pytest

from cloud_engine.engine import Engine, Run
from cloud_engine.service import create_app
from edge_sdk.privacy import release
from obclip_contract import MEDIA_TYPE, LatentsResponse, limits
from tests.conftest import RunningServer

from .altered import altered, scaled_output

PROMPT = "a sticker of a woman firefighter with dark skin"


def body(**change: object) -> bytes:
    return release(PROMPT).request(seed=3, **{"cloud_steps": 2, "steps": 8, **change}).to_bytes()


def edited(**change: object) -> bytes:
    return json.dumps({**json.loads(body()), **change}, sort_keys=True, separators=(",", ":")).encode()


def post(url: str, data: bytes) -> httpx.Response:
    return httpx.post(url + "/v1/latents", content=data, timeout=60, trust_env=False)


def test_a_request_is_answered_with_every_latent(cloud_url: str, engine: Engine) -> None:
    answer = post(cloud_url, body())
    assert answer.status_code == 200
    assert answer.headers["content-type"] == MEDIA_TYPE
    request = release(PROMPT).request(seed=3, cloud_steps=2, steps=8)
    parsed = LatentsResponse.from_bytes(
        answer.content,
        candidates=10,
        latent_shape=(4, 16, 16),
        request_sha256=request.sha256,
        pair_sha256=engine.manifest.pair_sha256,
    )
    assert parsed.latents.shape == (10, 4, 16, 16)


def test_health_says_what_runs(cloud_url: str, engine: Engine) -> None:
    health = httpx.get(cloud_url + "/v1/health", trust_env=False).json()
    assert health["status"] == "ok"
    assert health["model"] == "stickers"
    assert health["pair_sha256"] == engine.bundle.manifest.pair_sha256


@pytest.mark.parametrize(
    ("data", "status", "code", "field"),
    [
        (b"", 422, "bad_request", "request"),
        (b"{", 422, "bad_request", "request"),
        (b"[1]", 422, "bad_request", "request"),
        (edited(steps=0), 422, "bad_request", "steps"),
        (edited(surprise=1), 422, "bad_request", "surprise"),
        (body(model="other"), 404, "wrong_model", "model"),
        (body(plan="cheapest"), 409, "unknown_plan", "plan"),
        (body(negative_prompt="word " * 60), 422, "prompt_too_long", "negative_prompt"),
        (b"x" * (limits.MAX_REQUEST_BYTES + 1), 413, "too_large", None),
    ],
)
def test_a_refusal_has_a_status_and_a_json_body(
    cloud_url: str, data: bytes, status: int, code: str | None, field: str | None
) -> None:
    answer = post(cloud_url, data)
    assert answer.status_code == status
    error = answer.json()["error"]
    assert error["message"]
    if code is not None:
        assert (error["code"], error["field"]) == (code, field)
    assert "firefighter" not in answer.text
    assert "word" not in error["message"]


def test_a_body_without_a_length_is_cut_off_at_the_cap(cloud_url: str) -> None:
    sent = 0

    def long() -> object:
        nonlocal sent
        for _ in range(4096):
            sent += 65536
            yield b"x" * 65536

    try:
        answer = httpx.post(cloud_url + "/v1/latents", content=long(), timeout=30, trust_env=False)  # type: ignore[arg-type]
    except httpx.TransportError:
        answer = None  # the server closed while we were still sending: refused as well
    assert answer is None or answer.status_code == 413
    assert sent < 4096 * 65536


def test_other_paths_and_methods(cloud_url: str) -> None:
    assert httpx.get(cloud_url + "/", trust_env=False).json()["error"]["code"] == "not_found"
    assert httpx.get(cloud_url + "/v1/latents", trust_env=False).status_code == 405


def test_a_body_that_never_ends_is_answered_at_the_cap(cloud_url: str) -> None:
    """413 comes while the sender still holds the connection, not after a last chunk."""
    with _open(cloud_url) as connection:
        chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
        connection.sendall(b"POST /v1/latents HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n")
        connection.sendall(chunk * (limits.MAX_REQUEST_BYTES // 0x10000) + b"1\r\nx\r\n")
        answer = _until_closed(connection)
    assert answer.startswith(b"HTTP/1.1 413")
    assert b'"code":"too_large"' in answer


def test_a_declared_length_over_the_cap_is_refused_unread(cloud_url: str) -> None:
    with _open(cloud_url) as connection:
        connection.sendall(b"POST /v1/latents HTTP/1.1\r\nhost: x\r\ncontent-length: 999999999999\r\n\r\n")
        assert _until_closed(connection).startswith(b"HTTP/1.1 413")


def test_a_body_that_does_not_arrive(cloud_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cloud_engine.service.BODY_SECONDS", 0.2)
    with _open(cloud_url) as connection:
        connection.sendall(b"POST /v1/latents HTTP/1.1\r\nhost: x\r\ncontent-length: 512\r\n\r\n{")
        answer = _until_closed(connection)
    assert answer.startswith(b"HTTP/1.1 408")
    assert b'"code":"too_slow"' in answer


def _open(url: str) -> socket.socket:
    parsed = httpx.URL(url)
    return socket.create_connection((parsed.host, parsed.port or 80), timeout=20)


def _until_closed(connection: socket.socket) -> bytes:
    answer = b""
    with contextlib.suppress(ConnectionResetError):  # closed on unread data: the answer was there before
        while data := connection.recv(65536):
            answer += data
    return answer


def test_a_non_finite_result_is_a_500_without_latents(random_bundles: Path, tmp_path: Path) -> None:
    bundle = altered(random_bundles / "cloud", tmp_path / "b", scaled_output(1e30))
    with serving(Engine.from_bundle(bundle, "torch")) as url:
        answer = post(url, body())
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "non_finite"
    assert len(answer.content) < 300


def test_a_failure_inside_is_a_500_that_quotes_nothing(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    class Failing:
        name = "failing"
        denoise = staticmethod(engine.backend.denoise)

        def encode_text(self, input_ids: np.ndarray) -> np.ndarray:
            raise RuntimeError(f"a library quotes its input: {PROMPT}")

    with serving(Engine(engine.bundle, Failing())) as url, caplog.at_level(logging.DEBUG):
        answer = post(url, body(plan="naive"))
        again = post(url, body(plan="naive"))
    assert answer.status_code == again.status_code == 500
    assert answer.json()["error"]["code"] == "engine"
    assert "RuntimeError at turns.py" in caplog.text
    for text in (answer.text, caplog.text):
        assert "firefighter" not in text


@contextlib.contextmanager
def serving(engine: Engine, queue: int = 8) -> Iterator[str]:
    server = RunningServer(create_app(engine, queue=queue))
    try:
        yield server.url
    finally:
        server.stop()


def test_requests_are_computed_one_at_a_time_and_the_queue_ends(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = threading.Semaphore(0)
    release = threading.Event()
    together: list[int] = []
    now = 0

    respond = Run.response

    def slow(self: Run, *args: object, **kwargs: object) -> LatentsResponse:
        nonlocal now
        now += 1
        together.append(now)
        running.release()
        release.wait(30)
        now -= 1
        return respond(self, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(Run, "response", slow)
    server = RunningServer(create_app(engine, queue=1))
    try:
        with ThreadPoolExecutor(3) as pool:
            first = pool.submit(post, server.url, body())
            assert running.acquire(timeout=20)
            rest = [pool.submit(post, server.url, body()) for _ in range(2)]
            busy = next(f for f in _as_completed(rest))
            release.set()
            answers = [first.result(), *(f.result() for f in rest)]
    finally:
        release.set()
        server.stop()
    assert busy.result().status_code == 503
    assert busy.result().json()["error"]["code"] == "busy"
    assert int(busy.result().headers["retry-after"]) > 0
    assert sorted(a.status_code for a in answers) == [200, 200, 503]
    assert max(together) == 1
    good = [a.content for a in answers if a.status_code == 200]
    assert good[0] == good[1]


def _as_completed(futures: list) -> object:  # type: ignore[type-arg]
    from concurrent.futures import as_completed

    return iter(as_completed(futures, timeout=30))


def test_no_report_leaves_whatever_the_shell_says(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as collector:
        collector.settimeout(0.5)
        monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{collector.getsockname()[1]}")
        with serving(engine) as url:
            assert post(url, body()).status_code == 200
        with pytest.raises(TimeoutError):
            collector.accept()


def test_the_log_holds_no_word_of_the_prompt(cloud_url: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        post(cloud_url, body())
        post(cloud_url, edited(steps=0))
    assert "firefighter" not in caplog.text


class Serving:
    """``obclip serve`` as a process of its own; ``url`` is from its JSON line."""

    def __init__(self, bundle: Path, *arguments: str) -> None:
        command = [sys.executable, "-m", "edge_sdk", "serve", "--bundle", str(bundle), "--port", "0", "--json"]
        self.process = subprocess.Popen(
            [*command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.ready = json.loads(self.process.stdout.readline())
        self.url = self.ready["url"]

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Exit code and standard error."""
        self.process.send_signal(number)
        _, error = self.process.communicate(timeout=30)
        return self.process.returncode, error


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_prints_its_url_answers_and_stops(random_bundles: Path, number: int) -> None:
    serving = Serving(random_bundles / "cloud")
    try:
        assert serving.ready == {"url": serving.url, "model": "stickers", "backend": "onnxruntime"}
        assert serving.url.startswith("http://127.0.0.1:")
        assert post(serving.url, body()).status_code == 200
        assert post(serving.url, edited(negative_prompt="firefighter " * 20, pad="")).status_code == 422
    finally:
        code, error = serving.stop(number)
    assert code == 0
    assert "n=10 steps=2" in error
    assert "Traceback" not in error
    assert "firefighter" not in error


def test_an_open_address_is_warned_about(random_bundles: Path) -> None:
    code, error = Serving(random_bundles / "cloud", "--host", "0.0.0.0").stop()
    assert code == 0
    assert "unencrypted" in error


def test_a_signal_right_after_the_url_is_not_lost(random_bundles: Path) -> None:
    code, error = Serving(random_bundles / "cloud").stop()
    assert code == 0
    assert "Traceback" not in error


def test_stopping_ends_a_long_run_after_its_grace(random_bundles: Path) -> None:
    serving = Serving(random_bundles / "cloud", "--grace", "1", "--threads", "1")
    with ThreadPoolExecutor(1) as pool:
        long = pool.submit(post, serving.url, body(steps=200, cloud_steps=200))
        time.sleep(0.5)
        began = time.monotonic()
        code, error = serving.stop()
        took = time.monotonic() - began
        answer = long.result()
    assert code == 0
    assert "Traceback" not in error
    assert took < 10
    if answer.status_code != 200:  # a fast machine may be done within the grace
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "stopping")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--bundle", "/nowhere"], 4, "no bundle at"),
        (["--host", "203.0.113.1"], 2, "cannot listen"),
    ],
)
def test_serve_says_why_it_cannot(random_bundles: Path, arguments: list[str], code: int, says: str) -> None:
    given = arguments if "--bundle" in arguments else ["--bundle", str(random_bundles / "cloud"), *arguments]
    done = subprocess.run(
        [sys.executable, "-m", "edge_sdk", "serve", *given], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == code
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_taken_port_is_named(random_bundles: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "edge_sdk", "serve", "--bundle", str(random_bundles / "cloud"), "--port", port]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    # SO_REUSEADDR may let the bind pass on some systems; listening on it then fails.
    assert done.returncode == 2
    assert "cannot listen" in done.stderr
