"""The layer at Ray's proxy, the merged metrics, and what the application refuses; none of it needs Ray."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import ValidationError

from cloud_engine.errors import ConfigError
from cloud_engine.service.metrics import Metrics
from cloud_engine.spread.arguments import Arguments
from cloud_engine.spread.door import ANSWERED, Door
from cloud_engine.spread.environment import REQUIRED, check_environment, one_box_environment
from cloud_engine.spread.gathering import merge_metrics

Headers = list[tuple[bytes, bytes]]


def ask(app: Any, headers: Headers = [], path: str = "/v1/latents") -> tuple[int, dict[str, str], bytes]:  # noqa: B006
    """Status, headers and body of what goes out."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError("nothing is to be read")

    scope = {"type": "http", "path": path, "headers": headers}
    asyncio.run(Door(app)(scope, receive, send))
    begin, *rest = sent
    told = {key.decode(): value.decode() for key, value in begin["headers"]}
    assert len(told) == len(begin["headers"])
    return begin["status"], told, b"".join(m.get("body", b"") for m in rest)


def answering(status: int, headers: Headers, body: bytes = b"body") -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


@pytest.mark.parametrize(
    ("status", "headers", "expected", "code", "after"),
    [
        (503, [], 503, "unavailable", "2"),
        (404, [], 503, "unavailable", "2"),
        (500, [], 503, "unavailable", "2"),
        (429, [(b"retry-after", b"7")], 429, "busy", "7"),
        (429, [], 429, "busy", "2"),
        (408, [], 504, "deadline", None),
    ],
)
def test_rays_own_answer_becomes_the_contracts(
    status: int, headers: Headers, expected: int, code: str, after: str | None
) -> None:
    got, told, body = ask(answering(status, [(b"content-type", b"text/plain"), *headers], b"of Ray"))
    assert (got, json.loads(body)["error"]["code"]) == (expected, code)
    assert told.get("retry-after") == after
    assert told["content-length"] == str(len(body))
    assert b"Ray" not in body


def test_no_answer_and_a_failure_are_a_lost_replica() -> None:
    async def silent(scope: Any, receive: Any, send: Any) -> None:
        pass

    async def failing(scope: Any, receive: Any, send: Any) -> None:
        raise RuntimeError("zqtemplate")

    for app in (silent, failing):
        status, told, body = ask(app)
        assert (status, json.loads(body)["error"]["code"], told["retry-after"]) == (503, "unavailable", "2")
        assert b"zqtemplate" not in body


def test_an_answer_that_breaks_off_is_not_completed() -> None:
    async def breaking(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(ANSWERED, b"1")]})
        raise RuntimeError

    with pytest.raises(RuntimeError):
        ask(breaking)


def test_a_replicas_answer_goes_out_as_it_is_with_one_id() -> None:
    headers = [(b"x-request-id", b"own"), (b"content-type", b"x/y"), (ANSWERED, b"1"), (b"X-Request-ID", b"rays")]
    assert ask(answering(503, headers)) == (503, {"x-request-id": "own", "content-type": "x/y"}, b"body")


def test_rays_own_pages_are_left_alone() -> None:
    assert ask(answering(200, [(b"content-type", b"text/plain")], b"success"), path="/-/healthz")[2] == b"success"


def given_on(headers: Headers) -> dict[bytes, bytes]:
    seen: dict[bytes, bytes] = {}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.update(scope["headers"])

    ask(app, headers)
    return seen


def test_no_order_of_a_client_reaches_ray() -> None:
    names = (
        *("x-request-id", "x-request-timeout-seconds", "x-request-disconnect-disabled", "x-session-id", "traceparent"),
        *("serve_multiplexed_model_id", "serve-multiplexed-model-id", "obclip-answered", "tracestate", "baggage"),
    )
    headers = [(name.encode(), b"chosen") for name in names]
    assert given_on([*headers, (b"authorization", b"Bearer t")]) == {b"authorization": b"Bearer t"}


@pytest.mark.parametrize(
    ("told", "limit"), [("30", b"32.0"), ("2.5", b"4.5"), ("0", None), ("soon", None), ("-1", None)]
)
def test_a_deadline_counts_while_ray_holds_the_request(told: str, limit: bytes | None) -> None:
    assert given_on([(b"obclip-deadline", told.encode())]).get(b"x-request-timeout-seconds") == limit


def test_websockets_are_closed() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(Door(answering(200, []))({"type": "websocket", "path": "/", "headers": []}, lambda: None, send))  # type: ignore[arg-type,return-value]
    assert [m["type"] for m in sent] == ["websocket.close"]


def test_metrics_of_replicas_are_told_apart() -> None:
    one, two = Metrics(), Metrics()
    one.requests.labels(outcome="ok").inc(3)
    two.requests.labels(outcome="busy").inc()
    two.latency.observe(0.3)
    families = {
        f.name: f
        for f in text_string_to_metric_families(merge_metrics([("a", one.text()), ("b", two.text())]).decode())
    }
    plain = {f.name: f for f in text_string_to_metric_families(one.text().decode())}
    assert set(families) == set(plain)
    assert {n: f.type for n, f in families.items()} == {n: f.type for n, f in plain.items()}
    counts = {
        (s.labels["outcome"], s.labels["replica"]): s.value
        for s in families["obclip_requests"].samples
        if s.name.endswith("_total")
    }
    assert counts == {("ok", "a"): 3.0, ("ok", "b"): 0.0, ("busy", "b"): 1.0}
    assert {s.labels["replica"] for s in families["obclip_request_latency_seconds"].samples} == {"a", "b"}


def test_ray_that_was_started_otherwise_is_refused() -> None:
    good = {**REQUIRED, "RAY_AUTH_MODE": "token"}
    check_environment(good)
    check_environment(one_box_environment())
    for name in good:
        with pytest.raises(ConfigError, match=name):
            check_environment({k: v for k, v in good.items() if k != name})
    with pytest.raises(ConfigError, match="RAY_USAGE_STATS_ENABLED=0"):
        check_environment({**good, "RAY_USAGE_STATS_ENABLED": "1"})
    assert one_box_environment()["RAY_AUTH_TOKEN"] != one_box_environment()["RAY_AUTH_TOKEN"]


@pytest.mark.parametrize("wrong", [{"replicas": 0}, {"gpus": -1}, {"cpus": 0}, {"max_replicas": 0}, {"other": 1}])
def test_arguments_out_of_bounds_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Arguments(**wrong)
