"""POST /v1/latents on a real socket: every refusal has its status and a JSON body; nothing quotes the prompt."""

from __future__ import annotations

import json
import logging
import re
import socket
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from cloud_engine.engine import Engine
from edge_sdk.privacy import release
from obclip_contract import MEDIA_TYPE, GenerateRequest, LatentsResponse, RequestError, limits
from tests.cloud_engine.altered import altered, scaled_output

from .serving import PROMPT, WORD, Gated, body, code_of, edited, get, post, running


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


@pytest.mark.parametrize(
    ("data", "status", "code", "field"),
    [
        (b"", 422, "bad_request", "request"),
        (b"{", 422, "bad_request", "request"),
        (b"[1]", 422, "bad_request", "request"),
        (b"[" * 100_000, 422, "bad_request", "request"),
        (b'{"steps":NaN}', 422, "bad_request", "request"),
        (b'{"steps":1e999}', 422, "bad_request", "version"),
        (b"\xff\xfe{}", 422, "bad_request", "request"),
        (edited(steps=0), 422, "bad_request", "steps"),
        (edited(steps=float("inf")), 422, "bad_request", "request"),
        (edited(guidance_scale="nan"), 422, "bad_request", "guidance_scale"),
        (edited(guidance_scale="99.0000"), 422, "bad_request", "guidance_scale"),
        (edited(negative_prompt="null \x00 character"), 422, "bad_request", "negative_prompt"),
        (edited(surprise=1), 422, "bad_request", "surprise"),
        (body(model="other"), 404, "wrong_model", "model"),
        (body(plan="cheapest"), 409, "unknown_plan", "plan"),
        (body(plan="deepcache-0"), 409, "unknown_plan", "plan"),
        (body(plan="naive", steps=200, cloud_steps=200), 422, "too_costly", None),
        (body(plan="deepcache-1", steps=200, cloud_steps=200), 422, "too_costly", None),
        (body(negative_prompt="word " * 60), 422, "prompt_too_long", "negative_prompt"),
        (b"x" * (limits.MAX_REQUEST_BYTES + 1), 413, "too_large", None),
    ],
)
def test_a_refusal_has_a_status_and_a_json_body(
    cloud_url: str, data: bytes, status: int, code: str, field: str | None
) -> None:
    answer = post(cloud_url, data)
    assert code_of(answer) == (status, code)
    error = answer.json()["error"]
    assert error["message"]
    assert error["field"] == field
    assert WORD not in answer.text
    assert "word" not in error["message"]


def test_no_message_names_what_is_inside() -> None:
    """No class, no library and no phrase of one, whatever is wrong."""
    values = (None, 7, 1.5, True, "", "\u00e9", "x", [], [7], {}, {"x": 7}, [{"name": 7}], [[1]], [[]] * 65, ["x"] * 65)
    whole = json.loads(body())
    changes: list[dict[str, Any]] = [{name: value} for name in whole for value in values]
    changes += [{"grid": {**whole["grid"], name: value}} for name in (*whole["grid"], "rows", "x") for value in values]
    changes += [{"negative_prompt": "x" * 2001}, {"steps": 10**30}, {"version": 2}, {"x": 1}]
    told = set()
    for change in changes:
        try:
            GenerateRequest.from_bytes(edited(**change))
        except RequestError as error:
            told.add(str(error))
    assert len(told) > 35
    inside = re.compile(r"wire|pydantic|input should|field required|dictionary|instance|pattern|valid ", re.IGNORECASE)
    assert [text for text in told if inside.search(text) or not re.fullmatch(r"[^\n]{8,200}", text)] == []


@pytest.mark.parametrize("data", [b"[1]", b"1", b"null", b'"x"', b"true", b"{}"])
def test_a_body_of_another_kind_is_told_so(data: bytes) -> None:
    with pytest.raises(RequestError, match=r"request: must be an object|version: is missing"):
        GenerateRequest.from_bytes(data)


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": ""},
        {"content-encoding": "gzip"},
    ],
)
def test_what_is_not_announced_as_plain_json_is_not_read(cloud_url: str, headers: dict[str, str]) -> None:
    assert code_of(post(cloud_url, body(), headers)) == (415, "media_type")


def test_json_may_say_its_encoding(cloud_url: str) -> None:
    assert post(cloud_url, body(), {"content-type": "Application/JSON; charset=utf-8"}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "[::1", "", "localhost.evil.example"])
def test_another_name_is_not_answered_to(cloud_url: str, host: str) -> None:
    assert code_of(get(cloud_url, "/v1/health", host=host)) == (421, "host")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1", "[::1]:80", "10.0.0.7:443"])
def test_addresses_and_localhost_are(cloud_url: str, host: str) -> None:
    assert get(cloud_url, "/v1/health", host=host).status_code == 200


def test_a_listed_name_is_answered_to(engine: Engine) -> None:
    with running(engine, hosts="cloud.example") as server:
        assert get(server.url, "/v1/health", host="Cloud.Example:443").status_code == 200
        assert get(server.url, "/v1/health", host="other.example").status_code == 421


def test_limits_below_the_contracts(engine: Engine) -> None:
    with running(engine, max_candidates=4, max_evaluations=8) as server:
        assert post(server.url, body()).json()["error"]["field"] == "grid"
    with running(engine, max_steps=7, max_guidance=5.0) as server:
        assert post(server.url, body()).json()["error"]["field"] == "steps"
        answer = post(server.url, body(steps=6, guidance_scale=6.0))
        assert answer.json()["error"]["field"] == "guidance_scale"
    with running(engine, max_evaluations=8) as server:
        answer = post(server.url, body())
        assert code_of(answer) == (422, "too_costly")
        assert "at most 8" in answer.json()["error"]["message"]


def test_other_paths_and_methods(cloud_url: str) -> None:
    assert code_of(get(cloud_url, "/")) == (404, "not_found")
    assert code_of(get(cloud_url, "/v1/latents")) == (405, "method")
    assert code_of(get(cloud_url, "/v1/latents/")) == (404, "not_found")


def test_the_answers_header_has_one_form(engine: Engine) -> None:
    """Names, and lengths of the values: nothing on the wire tells two requests of one size apart."""
    forms = set()
    with running(engine) as server:
        for change in ({"seed": 3}, {"seed": 2**64 - 1}, {"guidance_scale": 2.5}, {"negative_prompt": "rain"}):
            answer = post(server.url, body(**change))
            assert answer.status_code == 200
            forms.add(tuple((name, len(value)) for name, value in answer.headers.items()))
    assert len(forms) == 1
    names = {name for name, _ in next(iter(forms))}
    assert names == {"date", "content-length", "content-type", "x-request-id", "cache-control"}


def test_the_server_names_each_request_itself(cloud_url: str) -> None:
    given = {"x-request-id": "mine"}
    names = {post(cloud_url, body(), given).headers["x-request-id"] for _ in range(2)}
    names.add(post(cloud_url, b"{").headers["x-request-id"])
    assert len(names) == 3
    assert all(len(name) == 32 for name in names)


def test_a_non_finite_result_is_a_500_without_latents(random_bundles: Path, tmp_path: Path) -> None:
    bundle = altered(random_bundles / "cloud", tmp_path / "b", scaled_output(1e30))
    with running(Engine.from_bundle(bundle, "torch")) as server:
        answer = post(server.url, body())
    assert code_of(answer) == (500, "non_finite")
    assert len(answer.content) < 300


def test_a_failure_inside_is_a_500_that_quotes_nothing(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    class Failing:
        name = "failing"
        denoise = staticmethod(engine.backend.denoise)

        def encode_text(self, input_ids: np.ndarray) -> np.ndarray:
            raise RuntimeError(f"a library quotes its input: {PROMPT}")

    with running(Engine(engine.bundle, Failing())) as server, caplog.at_level(logging.DEBUG):  # type: ignore[arg-type]
        answer = post(server.url, body(plan="naive"))
        again = post(server.url, body(plan="naive"))
    assert answer.status_code == again.status_code == 500
    assert answer.json()["error"]["code"] == "engine"
    faults = [record.facts for record in caplog.records if record.msg == "fault"]  # type: ignore[attr-defined]
    assert faults[0]["kind"] == "RuntimeError"
    assert "turns.py" in faults[0]["at"]
    for text in (answer.text, caplog.text, repr(faults)):
        assert WORD not in text


def test_requests_are_computed_one_at_a_time_and_the_queue_ends(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gated(monkeypatch)
    with running(engine, queue_requests=1) as server, ThreadPoolExecutor(3) as pool:
        first = pool.submit(post, server.url, body())
        assert gate.began.acquire(timeout=20)
        rest = [pool.submit(post, server.url, body()) for _ in range(2)]
        busy = next(iter(as_completed(rest, timeout=30))).result()
        gate.go.set()
        answers = [first.result(), *(f.result() for f in rest)]
    assert code_of(busy) == (429, "busy")
    assert int(busy.headers["retry-after"]) > 0
    assert sorted(a.status_code for a in answers) == [200, 200, 429]
    assert gate.most == 1
    good = [a.content for a in answers if a.status_code == 200]
    assert good[0] == good[1]


def test_no_report_leaves_whatever_the_shell_says(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as collector:
        collector.settimeout(0.5)
        monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{collector.getsockname()[1]}")
        with running(engine) as server:
            assert post(server.url, body()).status_code == 200
        with pytest.raises(TimeoutError):
            collector.accept()


def test_the_log_holds_no_word_of_the_prompt(cloud_url: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        post(cloud_url, body())
        post(cloud_url, edited(steps=0))
    assert any(record.msg == "request" for record in caplog.records)
    assert WORD not in caplog.text + repr([vars(record) for record in caplog.records])


def test_the_deadline_header(cloud_url: str) -> None:
    for wrong in ("", "0", "-1", "1e3", "nan", "inf", "9999999", "1.0000", "soon"):
        answer = post(cloud_url, body(), {"obclip-deadline": wrong})
        assert code_of(answer) == (422, "bad_request"), wrong
        assert answer.json()["error"]["field"] == "obclip-deadline"
    assert post(cloud_url, body(), {"obclip-deadline": "30.5"}).status_code == 200


def test_a_client_of_old_is_served(cloud_url: str) -> None:
    """Without a host, as HTTP/1.0 allows."""
    answer = httpx.get(cloud_url + "/livez", trust_env=False)
    assert answer.json() == {"live": True}
