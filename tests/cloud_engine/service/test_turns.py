"""What waits may be given up; what has begun runs on, bounded by its deadline."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from cloud_engine.engine import Engine

from .serving import Gated, Running, body, code_of, connect, head, post, running, until_closed, wait_for


def outcomes(server: Running, outcome: str) -> float:
    return server.service.metrics.requests.labels(outcome=outcome)._value.get()


def queued(server: Running) -> float:
    return server.service.metrics.queued._value.get()


def test_queued_work_of_a_client_that_left_is_dropped_and_started_work_runs_on(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gated(monkeypatch)
    data = body()
    with running(engine) as server:
        started, waiting = connect(server.url), connect(server.url)
        started.sendall(head(len(data)) + data)
        assert gate.began.acquire(timeout=20)
        waiting.sendall(head(len(data)) + data)
        wait_for(lambda: queued(server) == 1)
        started.close()
        waiting.close()
        wait_for(lambda: queued(server) == 0)
        assert outcomes(server, "cancelled") == 1
        assert gate.together == 1  # nothing has ended because somebody left
        gate.go.set()
        wait_for(lambda: outcomes(server, "ok") == 1)
        assert not gate.began.acquire(blocking=False)  # the other was never begun


def test_a_client_that_leaves_while_it_sends_costs_a_line(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    with running(engine) as server, caplog.at_level("DEBUG", "obclip"), caplog.at_level("DEBUG", "uvicorn"):
        connection = connect(server.url)
        connection.sendall(head(5000) + b"{")
        wait_for(lambda: server.service.metrics.connections._child_samples()[0].value == 1)
        connection.close()
        wait_for(lambda: outcomes(server, "cancelled") == 1)
        lines = [r for r in caplog.records if r.levelname != "DEBUG" and r.name.startswith(("obclip", "uvicorn.error"))]
    told = [r for r in lines if r.msg == "request"]
    assert len(told) == 1
    assert "Traceback" not in caplog.text
    assert all(r.exc_info is None for r in lines)


def test_a_deadline_drops_what_waits_and_ends_what_runs(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gated(monkeypatch)
    with running(engine) as server, ThreadPoolExecutor(2) as pool:
        began = time.monotonic()
        runs = pool.submit(post, server.url, body(), {"obclip-deadline": "1.5"})
        assert gate.began.acquire(timeout=20)
        waits = pool.submit(post, server.url, body(), {"obclip-deadline": "0.3"})
        assert code_of(waits.result()) == (504, "deadline")
        assert time.monotonic() - began < 1.5
        assert code_of(runs.result()) == (504, "deadline")
        assert 1.4 < time.monotonic() - began < 6
        gate.go.set()
        assert post(server.url, body()).status_code == 200


def test_the_servers_deadline_holds_too(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    Gated(monkeypatch)
    with running(engine, deadline=0.3) as server:
        assert code_of(post(server.url, body(), {"obclip-deadline": "60"})) == (504, "deadline")


def test_a_queue_that_is_too_long_for_the_deadline_is_said_at_once(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(engine) as server, ThreadPoolExecutor(4) as pool:
        gate = Gated(monkeypatch)
        server.service.turns._per_second = 1.0  # of the twenty or so that a request takes
        runs = pool.submit(post, server.url, body())
        assert gate.began.acquire(timeout=20)
        began = time.monotonic()
        refused = post(server.url, body(), {"obclip-deadline": "4"})
        assert code_of(refused) == (429, "busy")
        assert "deadline" in refused.json()["error"]["message"]
        assert int(refused.headers["retry-after"]) > 4
        assert time.monotonic() - began < 2
        gate.go.set()
        assert runs.result().status_code == 200


def test_the_last_place_of_the_greedy_goes_to_a_newcomer(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    from cloud_engine.service.service import Service
    from cloud_engine.service.tokens import Token

    # Who asks is said by a header here; tokens have tests of their own.
    def token_of(_: Service, request: object) -> Token:
        return Token(id=f"{int(request.headers.get('x-who', '0')):08d}", sha256="0" * 64)  # type: ignore[attr-defined]

    monkeypatch.setattr(Service, "token_of", token_of)
    gate = Gated(monkeypatch)
    with running(engine, queue_requests=2) as server, ThreadPoolExecutor(8) as pool:
        runs = pool.submit(post, server.url, body())
        assert gate.began.acquire(timeout=20)
        greedy = [pool.submit(post, server.url, body()) for _ in range(2)]
        wait_for(lambda: queued(server) == 2)
        newcomer = pool.submit(post, server.url, body(), {"x-who": "1"})
        wait_for(lambda: any(f.done() for f in greedy))
        gate.go.set()
        assert runs.result().status_code == newcomer.result().status_code == 200
        assert sorted(f.result().status_code for f in greedy) == [200, 429]


def test_a_budget_is_given_back_for_what_was_never_begun(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    from pathlib import Path

    from cloud_engine.service.tokens import make_token, write_tokens

    text, record = make_token(evaluations=1000, window=10**6)
    file = Path(str(tmp_path)) / "tokens.json"
    write_tokens(file, [record])
    gate = Gated(monkeypatch)
    mine = {"authorization": f"Bearer {text}"}
    with running(engine, tokens=file) as server, ThreadPoolExecutor(2) as pool:
        runs = pool.submit(post, server.url, body(), mine)
        assert gate.began.acquire(timeout=20)
        dropped = post(server.url, body(), {**mine, "obclip-deadline": "0.2"})
        gate.go.set()
        assert runs.result().headers["ratelimit"] == dropped.headers["ratelimit"]
        assert '"evaluations";r=0' in dropped.headers["ratelimit"]


def test_pipelined_requests_are_answered_in_order(engine: Engine) -> None:
    data = body()
    with running(engine) as server, connect(server.url) as connection:
        connection.sendall(head(len(data)) + data + head(1) + b"{" + head(len(data), "connection: close") + data)
        answer = until_closed(connection)
    assert re.findall(rb"HTTP/1\.1 (\d{3}) ", answer) == [b"200", b"422", b"200"]
