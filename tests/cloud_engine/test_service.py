"""The HTTP face on a real socket: every refusal has its status and a JSON body; nothing quotes the prompt."""

from __future__ import annotations

import json
import logging
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from cloud_engine.engine import Engine
from cloud_engine.errors import NonFiniteError
from cloud_engine.service import create_app
from contract import MEDIA_TYPE, LatentsResponse, limits
from edge_sdk.candidates import candidate_set
from tests.conftest import RunningServer

PROMPT = "a sticker of a woman firefighter with dark skin"


def body(**change: object) -> bytes:
    return candidate_set(PROMPT).request(seed=3, **{"cloud_steps": 2, "steps": 8, **change}).to_bytes()


def edited(**change: object) -> bytes:
    return json.dumps({**json.loads(body()), **change}, sort_keys=True, separators=(",", ":")).encode()


def post(url: str, data: bytes) -> httpx.Response:
    return httpx.post(url + "/v1/latents", content=data, timeout=60, trust_env=False)


def test_a_request_is_answered_with_every_latent(cloud_url: str) -> None:
    answer = post(cloud_url, body())
    assert answer.status_code == 200
    assert answer.headers["content-type"] == MEDIA_TYPE
    request = candidate_set(PROMPT).request(seed=3, cloud_steps=2, steps=8)
    parsed = LatentsResponse.from_bytes(
        answer.content, candidates=10, latent_shape=(4, 16, 16), request_sha256=request.sha256
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
        (body(plan="fast"), 422, "bad_request", "plan"),
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


def test_a_non_finite_result_is_a_500_without_latents(engine: Engine) -> None:
    class Overflowing(Engine):
        def run(self, *args: object, **kwargs: object) -> LatentsResponse:
            raise NonFiniteError("the latents are not finite")

    server = RunningServer(create_app(Overflowing(engine.bundle, engine.backend)))
    try:
        answer = post(server.url, body())
    finally:
        server.stop()
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "non_finite"


def test_requests_are_computed_one_at_a_time_and_the_queue_ends(engine: Engine) -> None:
    running = threading.Semaphore(0)
    release = threading.Event()
    together: list[int] = []
    now = 0

    class Slow(Engine):
        def run(self, *args: object, **kwargs: object) -> LatentsResponse:
            nonlocal now
            now += 1
            together.append(now)
            running.release()
            release.wait(30)
            now -= 1
            return super().run(*args, **kwargs)  # type: ignore[arg-type]

    server = RunningServer(create_app(Slow(engine.bundle, engine.backend), queue=1))
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
    assert sorted(a.status_code for a in answers) == [200, 200, 503]
    assert max(together) == 1
    good = [a.content for a in answers if a.status_code == 200]
    assert good[0] == good[1]


def _as_completed(futures: list) -> object:  # type: ignore[type-arg]
    from concurrent.futures import as_completed

    return iter(as_completed(futures, timeout=30))


def test_the_log_holds_no_word_of_the_prompt(cloud_url: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        post(cloud_url, body())
        post(cloud_url, edited(steps=0))
    assert "firefighter" not in caplog.text


def test_serve_prints_its_url_answers_and_stops(random_bundles: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "edge_sdk",
        "serve",
        "--bundle",
        str(random_bundles / "cloud"),
        "--port",
        "0",
        "--json",
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        assert post(url, body()).status_code == 200
    finally:
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=30)
    assert "Traceback" not in err
    assert "firefighter" not in err


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
