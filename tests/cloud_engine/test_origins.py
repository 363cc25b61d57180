"""Which web pages may use the engine, from what a browser would send."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from cloud_engine.engine import Engine
from cloud_engine.errors import ConfigError
from cloud_engine.service import create_app
from cloud_engine.service.origins import read_origins
from tests.conftest import RunningServer

APP = "https://app.example"


@pytest.fixture(scope="module")
def url(engine: Engine) -> Iterator[str]:
    server = RunningServer(create_app(engine, origins=[APP, "http://localhost:5173"]))
    yield server.url
    server.stop()


def _ask(url: str, method: str, path: str, **headers: str) -> httpx.Response:
    named = {k.replace("_", "-"): v for k, v in headers.items()}
    named |= {"content-type": "application/json"} if method == "POST" else {}
    return httpx.request(method, url + path, headers=named, content=b"{" if method == "POST" else None, trust_env=False)


def _preflight(url: str, origin: str, **more: str) -> httpx.Response:
    asked = {"access_control_request_method": "POST", "access_control_request_headers": "content-type"}
    return _ask(url, "OPTIONS", "/v1/latents", origin=origin, **asked, **more)


@pytest.mark.parametrize("origin", [APP, "http://localhost:5173"])
def test_a_listed_page_may_ask_and_read_everything_errors_included(url: str, origin: str) -> None:
    asked = _preflight(url, origin)
    assert asked.status_code == 204
    assert asked.headers["access-control-allow-origin"] == origin
    assert "POST" in asked.headers["access-control-allow-methods"]
    assert "content-type" in asked.headers["access-control-allow-headers"]
    for method, path, status in (("GET", "/v1/health", 200), ("POST", "/v1/latents", 422), ("GET", "/", 404)):
        answer = _ask(url, method, path, origin=origin)
        assert answer.status_code == status
        assert answer.headers["access-control-allow-origin"] == origin
        assert answer.headers["access-control-expose-headers"] == "retry-after"
        assert answer.headers["vary"] == "origin"
        assert "access-control-allow-credentials" not in answer.headers


def test_the_pages_headers_pass_and_the_browser_asks_once_a_day(url: str) -> None:
    """What web_demo/src/sdk/cloud.ts sends: the core's content-type and accept, and the person's token."""
    asked = _preflight(url, APP)
    allowed = {name.strip() for name in asked.headers["access-control-allow-headers"].split(",")}
    assert {"authorization", "content-type"} <= allowed
    assert int(asked.headers["access-control-max-age"]) >= 7200  # browsers' own limits are from here up
    assert asked.content == b""
    assert "access-control-allow-credentials" not in asked.headers


def test_the_engine_serves_no_page(url: str) -> None:
    """A page of the cloud's could send it the prompt (docs/PRIVACY.md, "Who serves the page")."""
    for path in ("/", "/index.html", "/config.json", "/sw.js", "/assets/", "/core/obclip.wasm"):
        answer = _ask(url, "GET", path, origin=APP, accept="text/html")
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "https://app.example.evil", "http://app.example", ""]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_any_other_page_is_refused_unread(url: str, origin: str, method: str) -> None:
    for answer in (_ask(url, method, "/v1/latents" if method == "POST" else "/v1/health", origin=origin),):
        assert answer.status_code == 403
        assert answer.json()["error"]["code"] == "origin"
        assert "access-control-allow-origin" not in answer.headers
    assert _preflight(url, origin).status_code == 403


def test_a_page_of_the_same_name_is_no_exception(url: str) -> None:
    """A name of an attacker's that was bound to this machine's address (DNS rebinding)."""
    answer = _ask(url, "POST", "/v1/latents", origin=url.replace("127.0.0.1", "evil.example"), host="evil.example")
    assert answer.status_code == 403


def test_programs_that_are_no_browsers_name_no_origin(url: str) -> None:
    answer = _ask(url, "GET", "/v1/health")
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"


def test_a_page_of_the_internet_may_reach_an_engine_at_home_if_it_is_listed(url: str) -> None:
    asked = _preflight(url, APP, access_control_request_private_network="true")
    assert asked.headers["access-control-allow-private-network"] == "true"


def test_no_page_is_allowed_unless_told(cloud_url: str) -> None:
    assert _ask(cloud_url, "GET", "/v1/health", origin=APP).status_code == 403


def test_all_pages_if_told(engine: Engine) -> None:
    server = RunningServer(create_app(engine, origins=["*"]))
    try:
        assert _ask(server.url, "GET", "/v1/health", origin="https://any.example").status_code == 200
    finally:
        server.stop()


@pytest.mark.parametrize(
    "origin", ["app.example", "https://app.example/", "https://", "ftp://app.example", "https://a b"]
)
def test_what_is_no_origin(origin: str) -> None:
    with pytest.raises(ConfigError, match="no origin"):
        read_origins([origin])
