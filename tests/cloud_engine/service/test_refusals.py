"""What an operator's day brings: each fault has a status, a code and a message of its own, and tells of nobody else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cloud_engine.engine import Engine
from cloud_engine.service import Models
from cloud_engine.service.tokens import make_token, write_tokens

from .serving import JSON, WORD, body, get, post, running

_RELOAD = "/v2/repository/models/stickers/"


def test_every_fault_is_told_apart(random_bundles: Path, tmp_path: Path) -> None:
    """Token, model, plan and bundle on one server; what is loaded serves on beside a damaged disk."""
    bundle = tmp_path / "cloud"
    shutil.copytree(random_bundles / "cloud", bundle)
    (user, first), (admin, second) = make_token(), make_token("admin")
    write_tokens(tmp_path / "tokens.json", [first, second])
    mine, theirs = {"authorization": f"Bearer {user}"}, {"authorization": f"Bearer {admin}"}
    models = Models.of_bundles([bundle], Engine.from_bundle, warm=False)
    models.load("stickers")
    told: dict[str, tuple[int, str, str]] = {}

    def note(name: str, answer: object) -> None:
        error = answer.json()["error"]  # type: ignore[attr-defined]
        told[name] = (answer.status_code, error["code"], error["message"])  # type: ignore[attr-defined]

    with running(models, tokens=tmp_path / "tokens.json") as server:
        assert post(server.url, body(), mine).status_code == 200
        note("no token", post(server.url, body()))
        note("wrong token", post(server.url, body(), {"authorization": "Bearer obclip_" + "x" * 43}))
        note("token without the right", _admin(server.url, "unload", mine))
        note("unknown model", post(server.url, body(model="other"), mine))
        note("unknown plan", post(server.url, body(plan="cheapest"), mine))
        (bundle / "unet.onnx").write_bytes(b"damaged")
        note("altered bundle", _admin(server.url, "load", theirs))
        assert post(server.url, body(), mine).status_code == 200  # what was loaded before serves on
        (bundle / "bundle.json").unlink()
        note("no bundle", _admin(server.url, "load", theirs))
        (model,) = get(server.url, "/v1/models").json()["models"]
        assert (model["changed_on_disk"], model["state"]) == (True, "ready")
        assert _admin(server.url, "unload", theirs).status_code == 200
        note("unloaded", post(server.url, body(), mine))
        server.service.turns.stopping = True
        note("stopping", post(server.url, body(), mine))
        server.service.turns.stopping = False
    assert {name: (status, code) for name, (status, code, _) in told.items()} == {
        "no token": (401, "no_token"),
        "wrong token": (401, "wrong_token"),
        "token without the right": (403, "forbidden"),
        "unknown model": (404, "wrong_model"),
        "unknown plan": (409, "unknown_plan"),
        "altered bundle": (409, "bundle"),
        "no bundle": (409, "bundle"),
        "unloaded": (503, "model_not_loaded"),
        "stopping": (503, "stopping"),
    }
    messages = [message for _, _, message in told.values()]
    assert len(set(messages)) == len(messages)
    assert all(":" in message or ";" in message or "," in message for message in messages)  # what to do stands behind
    everything = repr(told)
    assert not [word for word in (WORD, user, admin, first.id, second.id, "queue", "client") if word in everything]


def _admin(url: str, what: str, token: dict[str, str]) -> object:
    import httpx

    return httpx.post(f"{url}{_RELOAD}{what}", headers={**JSON, **token}, timeout=60, trust_env=False)


@pytest.mark.parametrize("path", ["/v1/latents", "/metrics", "/v2/repository/index"])
def test_a_wrong_token_is_told_the_same_everywhere(engine: Engine, tmp_path: Path, path: str) -> None:
    _, record = make_token("admin")
    write_tokens(tmp_path / "tokens.json", [record])
    import httpx

    with running(engine, tokens=tmp_path / "tokens.json") as server:
        method = "GET" if path == "/metrics" else "POST"
        for headers, code in (({}, "no_token"), ({"authorization": "Bearer wrong"}, "wrong_token")):
            answer = httpx.request(method, server.url + path, headers={**JSON, **headers}, timeout=60, trust_env=False)
            assert (answer.status_code, answer.json()["error"]["code"]) == (401, code)
            assert answer.headers["www-authenticate"].startswith("Bearer")
