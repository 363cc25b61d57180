"""What the server says of itself: health, models, readiness, metrics, its description; loading and unloading."""

from __future__ import annotations

import json
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from cloud_engine.backends import BackendOptions
from cloud_engine.engine import Engine
from cloud_engine.service import Models
from cloud_engine.service.costing import SHARES
from cloud_engine.service.models import warm_up
from cloud_engine.service.openapi import example_request
from cloud_engine.service.tokens import make_token, write_tokens
from obclip_contract import GenerateRequest

from .serving import Gated, Running, body, code_of, get, post, running


def renamed(bundle: Path, folder: Path, model: str) -> Path:
    """The same bundle under another model's name."""
    shutil.copytree(bundle, folder)
    manifest = folder / "bundle.json"
    raw = json.loads(manifest.read_text())
    raw["model"] = model
    manifest.write_text(json.dumps(raw))
    return folder


def start(folder: Path) -> Engine:
    return Engine.from_bundle(folder, "onnxruntime", options=BackendOptions(threads=1))


@pytest.fixture(scope="module")
def two(random_bundles: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("two")
    one = folder / "stickers"
    shutil.copytree(random_bundles / "cloud", one)
    return [one, renamed(one, folder / "other", "other")]


@pytest.fixture
def served(two: list[Path], tmp_path: Path) -> Any:
    """Two bundles, the first of them loaded, and an administrator's headers."""
    text, record = make_token("admin")
    write_tokens(tmp_path / "tokens.json", [record])
    models = Models.of_bundles(two, start, warm=False)
    models.load("stickers")
    with running(models, tokens=tmp_path / "tokens.json") as server:
        yield server, {"authorization": f"Bearer {text}"}


def ask(server: Running, admin: dict[str, str], what: str) -> httpx.Response:
    return httpx.post(f"{server.url}/v2/repository/{what}", headers=admin, timeout=60, trust_env=False)


def test_health_says_what_runs(cloud_url: str, engine: Engine) -> None:
    health = get(cloud_url, "/v1/health").json()
    assert health["status"] == "ok"
    assert health["model"] == "stickers"
    assert health["pair_sha256"] == engine.bundle.manifest.pair_sha256
    assert list(health) == ["status", "model", "backend", "pair_sha256", "plans", "limits"]


def test_models_tell_their_plans_buckets_limits_and_costs(cloud_url: str, engine: Engine) -> None:
    (model,) = get(cloud_url, "/v1/models").json()["models"]
    assert (model["name"], model["state"], model["changed_on_disk"]) == ("stickers", "ready", False)
    assert model["pair_sha256"] == engine.manifest.pair_sha256
    assert model["plans"] == list(engine.plans)
    assert model["buckets"] == list(range(1, 17))
    assert model["limits"]["evaluations"] == 2560
    assert model["limits"]["candidates"] == 64
    assert model["cost"]["graphs"] == SHARES


def test_the_open_inference_protocols_names(cloud_url: str, engine: Engine) -> None:
    assert get(cloud_url, "/v2/health/live").status_code == get(cloud_url, "/livez").status_code == 200
    assert get(cloud_url, "/v2/health/ready").json() == get(cloud_url, "/readyz").json() == {"ready": True}
    told = get(cloud_url, "/v2/models/stickers").json()
    assert told["versions"] == [engine.manifest.pair_sha256]
    assert {t["name"]: t["datatype"] for t in [*told["inputs"], *told["outputs"]]} == {
        "request": "BYTES", "latents": "FP16", "x0": "FP16",
    }  # fmt: skip
    assert get(cloud_url, "/v2/models/stickers/ready").json()["ready"] is True
    assert code_of(get(cloud_url, "/v2/models/none")) == (404, "wrong_model")
    assert code_of(get(cloud_url, "/v2/models/none/ready")) == (404, "wrong_model")


def test_the_description_is_openapi_and_its_example_is_served(cloud_url: str) -> None:
    document = get(cloud_url, "/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    names = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document)))
    assert names <= set(document["components"]["schemas"])
    operation = document["paths"]["/v1/latents"]["post"]
    assert operation["requestBody"]["content"]["application/json"]["example"]["grid"]["template"]
    assert {"401", "413", "415", "422", "429", "503", "504"} <= set(operation["responses"])
    request = example_request()
    assert GenerateRequest.from_bytes(request.to_bytes()) == request
    assert post(cloud_url, request.to_bytes()).status_code == 200


def test_the_metrics_count_and_name_nobody(engine: Engine) -> None:
    with running(engine) as server:
        post(server.url, body(cloud_steps=4))
        post(server.url, b"{")
        text = get(server.url, "/metrics").text
    assert 'obclip_requests_total{outcome="ok"} 1.0' in text
    assert 'obclip_requests_total{outcome="bad_request"} 1.0' in text
    assert re.search(r"^obclip_unet_evaluations_total \d\d\.0$", text, re.MULTILINE)
    for name in ("obclip_num_queue_reqs", "obclip_num_running_reqs"):
        assert f"{name} 0.0" in text
    for name in ("obclip_request_latency_seconds", "obclip_queue_time_seconds"):
        assert f"{name}_count 1.0" in text
    assert float(re.search(r"^obclip_cache_bytes (\S+)", text, re.MULTILINE)[1]) > 0  # type: ignore[index]
    labels = set(re.findall(r"[{,](\w+)=", text))
    assert labels <= {"outcome", "le", "reason"}


def test_a_model_is_loaded_used_unloaded_and_loaded_again(served: Any) -> None:
    server, admin = served
    waiting = post(server.url, body(model="other"), admin)
    assert code_of(waiting) == (503, "model_not_loaded")
    assert int(waiting.headers["retry-after"]) > 0
    states = {m["name"]: m["state"] for m in ask(server, admin, "index").json()}
    assert states == {"stickers": "READY", "other": "UNLOADED"}
    loaded = ask(server, admin, "models/other/load")
    assert loaded.status_code == 200, loaded.text
    assert post(server.url, body(model="other"), admin).status_code == 200
    assert ask(server, admin, "models/stickers/unload").status_code == 200
    assert code_of(post(server.url, body(), admin)) == (503, "model_not_loaded")
    assert get(server.url, "/readyz").status_code == 200  # the other is served
    assert get(server.url, "/v1/health").json()["model"] == "other"
    assert ask(server, admin, "models/other/unload").status_code == 200
    assert get(server.url, "/readyz").status_code == 503
    assert code_of(get(server.url, "/v1/health")) == (503, "model_not_loaded")
    unknown = ask(server, admin, "models/none/load")
    assert code_of(unknown) == (404, "wrong_model")
    assert unknown.json()["error"]["message"] == "this server has no such model; it has 'stickers', 'other'"


def test_loading_needs_an_administrator(served: Any, cloud_url: str) -> None:
    server, _ = served
    assert code_of(ask(server, {}, "models/other/load")) == (401, "no_token")
    anonymous = httpx.post(cloud_url + "/v2/repository/models/stickers/unload", trust_env=False)
    assert code_of(anonymous) == (403, "forbidden")
    assert get(cloud_url, "/readyz").status_code == 200


def test_what_was_begun_is_finished_while_its_model_is_unloaded(served: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    server, admin = served
    gate = Gated(monkeypatch)
    with ThreadPoolExecutor(2) as pool:
        runs = pool.submit(post, server.url, body(), admin)
        assert gate.began.acquire(timeout=20)
        waits = pool.submit(post, server.url, body(), admin)
        while server.service.metrics.queued._value.get() == 0:
            pass
        assert ask(server, admin, "models/stickers/unload").status_code == 200
        gate.go.set()
        assert runs.result().status_code == waits.result().status_code == 200


def test_loads_and_unloads_at_once_under_requests(served: Any) -> None:
    server, admin = served
    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(post, server.url, body(), admin) for _ in range(6)]
        work = [pool.submit(ask, server, admin, f"models/{m}/{w}") for _ in range(2) for m in ("other", "stickers")
                for w in ("load", "unload")]  # fmt: skip
        assert {f.result().status_code for f in work} == {200}
        assert {f.result().status_code for f in answers} <= {200, 503}
    ask(server, admin, "models/stickers/load")
    assert post(server.url, body(), admin).status_code == 200


def test_a_bundle_that_changed_on_disk_is_told_and_not_served_by_halves(served: Any, two: list[Path]) -> None:
    server, admin = served
    manifest = two[0] / "bundle.json"
    before = manifest.read_bytes()
    victim = next(two[0].glob("tokenizer.json"))
    content = victim.read_bytes()
    try:
        manifest.write_bytes(before + b"\n")
        told = {m["name"]: m for m in get(server.url, "/v1/models").json()["models"]}
        assert told["stickers"]["changed_on_disk"] is True
        manifest.write_bytes(before)
        victim.write_bytes(content + b" ")
        refused = ask(server, admin, "models/stickers/load")
        assert code_of(refused) == (409, "bundle")
        assert post(server.url, body(), admin).status_code == 200  # what was loaded stays
    finally:
        manifest.write_bytes(before)
        victim.write_bytes(content)
    assert ask(server, admin, "models/stickers/load").status_code == 200


def test_a_model_is_warmed_on_every_plan_that_devices_ask_for(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    run = Engine.run
    monkeypatch.setattr(Engine, "run", lambda self, request: seen.append(request.plan) or run(self, request))
    warm_up(engine)
    assert seen == ["naive", "balanced"]
