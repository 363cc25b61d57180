"""``obclip doctor``: what is found, what is wrong, what to do, and that it asks nobody but the cloud it was given."""

from __future__ import annotations

import datetime
import json
import shutil
import socket
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from edge_sdk.cli.doctor import command as doctor
from edge_sdk.cli.doctoring import clouds, machine
from edge_sdk.cloud.tls import make_context
from edge_sdk.ledger.schema import FILE
from obclip_contract.telemetry import SWITCHES

from ..cloud.answers import http
from ..cloud.raw_server import Raw, make_authority, raw_server, read_request
from ..conftest import Scripted
from ..http_server import Answer, Recorded, serving


def run(bundles: Path, *arguments: str | Path) -> Result:
    places = ["--bundle", bundles / "edge", "--cloud-bundle", bundles / "cloud"]
    return CliRunner().invoke(doctor, [str(a) for a in [*places, *arguments]])


def told(bundles: Path, *arguments: str | Path) -> tuple[int, dict[str, dict[str, Any]]]:
    done = run(bundles, *arguments, "--json")
    report = json.loads(done.stdout)
    assert (report["ok"], report["exit_code"]) == (done.exit_code == 0, done.exit_code)
    findings = {f["name"]: f for f in report["findings"]}
    for finding in findings.values():
        if finding["status"] in ("warning", "error"):
            assert finding["remedy"], finding
        if finding["status"] == "error":
            assert finding["code"], finding
    return done.exit_code, findings


def test_everything_is_here(random_bundles: Path, honest: Scripted, own_home: Path) -> None:
    with serving(honest) as server:
        code, found = told(random_bundles, "--cloud", server.url)
        asked = [(r.method, r.path, r.body) for r in server.requests]
        assert asked == [("GET", "/v1/health", b""), ("POST", "/v1/latents", b"{}")]
    assert code == 0
    assert found["login"]["says"] == "the cloud wants no token"
    for name in ("obclip", "edge bundle", "device runtime", "cloud bundle", "LiteRT", "cloud", "outbound", "ledger"):
        assert found[name]["status"] == "ok", found[name]
    assert {"ONNX Runtime", "torch", "TensorRT", "CoreML", "accelerators", "TLS"} <= set(found)
    assert found["edge bundle"]["more"]["pair_sha256"] == found["cloud"]["more"]["pair_sha256"]
    assert found["LiteRT"]["more"]["version"]
    assert found["outbound"]["more"]["switches"] == dict(SWITCHES)
    assert list(own_home.iterdir()) == []
    assert "everything that a picture needs is here" in run(random_bundles).stdout


def test_a_missing_and_an_altered_bundle(random_bundles: Path, tmp_path: Path) -> None:
    code, found = told(tmp_path)
    assert (code, found["edge bundle"]["status"], found["cloud bundle"]["status"]) == (4, "error", "warning")
    assert "obclip-stickers" in found["edge bundle"]["remedy"]
    shutil.copytree(random_bundles, tmp_path, dirs_exist_ok=True)
    (tmp_path / "cloud" / "tokenizer.json").write_text("{}")
    code, found = told(tmp_path)
    assert (code, found["edge bundle"]["status"], found["cloud bundle"]["status"]) == (4, "ok", "error")
    assert "altered" in found["cloud bundle"]["says"]


def test_bundles_of_two_pairs(random_bundles: Path, tmp_path: Path) -> None:
    shutil.copytree(random_bundles / "cloud", tmp_path / "cloud")
    path = tmp_path / "cloud" / "bundle.json"
    path.write_text(path.read_text().replace(json.loads(path.read_text())["pair_sha256"], "0" * 64))
    code, found = told(random_bundles, "--cloud-bundle", tmp_path / "cloud")
    assert (code, found["cloud bundle"]["status"]) == (4, "error")
    assert "another pair" in found["cloud bundle"]["says"]


def test_a_cloud_that_is_not_there_and_one_of_another_pair(random_bundles: Path) -> None:
    code, found = told(random_bundles, "--cloud", "http://127.0.0.1:9")
    assert (code, found["cloud"]["status"]) == (3, "error")
    code, found = told(random_bundles, "--cloud", "nonsense")
    assert (code, found["cloud"]["status"]) == (3, "error")

    def other(_: Recorded) -> Answer:
        return Answer(body=json.dumps({"status": "ok", "model": "stickers", "pair_sha256": "0" * 64}).encode())

    with serving(other) as server:
        code, found = told(random_bundles, "--cloud", server.url)
    assert (code, found["cloud"]["status"]) == (4, "error")
    assert "another pair" in found["cloud"]["says"]


def test_the_end_of_a_certificate() -> None:
    def after(days: float) -> str:
        when = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days)
        return when.strftime("%b %d %H:%M:%S %Y GMT")

    assert clouds._lasting(after(90.5), "TLSv1.3").status == "ok"
    soon = clouds._lasting(after(3.5), "TLSv1.3")
    assert (soon.status, soon.remedy) == ("warning", "renew the certificate")
    assert "3 days" in soon.says or "4 days" in soon.says
    assert clouds._tls("http://cloud.example")[0].status == "warning"
    assert clouds._tls("http://127.0.0.1:8000")[0].status == "absent"


def test_tls(random_bundles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("needs the openssl command")
    authority = make_authority(tmp_path)
    pair = json.loads((random_bundles / "edge" / "bundle.json").read_text())
    report = {"status": "ok", "model": pair["model"], "pair_sha256": pair["pair_sha256"]}

    def play(connection: socket.socket, server: Raw) -> None:
        if read_request(connection, server):
            connection.sendall(http(json.dumps(report).encode()))

    with raw_server(play, authority.context()) as server:
        code, found = told(random_bundles, "--cloud", server.tls_url)
        assert (code, found["cloud"]["status"]) == (3, "error")  # nobody trusts this authority
        assert server.seen == []
        for module in ("tls", "client"):
            monkeypatch.setattr(
                f"edge_sdk.cloud.{module}.default_context", lambda: make_context(tmp_path / "root.pem", None)
            )
        code, found = told(random_bundles, "--cloud", server.tls_url)
        asked = [request.split(b"\r\n")[0] for request in server.seen]
        assert asked == [b"GET /v1/health HTTP/1.1", b"POST /v1/latents HTTP/1.1"]
    assert (code, found["cloud"]["status"]) == (0, "ok")
    assert (found["TLS"]["status"], found["TLS"]["remedy"]) == ("warning", "renew the certificate")
    assert 1 < found["TLS"]["more"]["days"] <= 2


def test_a_damaged_ledger(random_bundles: Path, own_home: Path) -> None:
    (own_home / FILE).write_bytes(b"nonsense" * 1000)
    code, found = told(random_bundles)
    assert (code, found["ledger"]["status"]) == (2, "error")
    assert "obclip ledger wipe" in found["ledger"]["remedy"]


def test_switches_that_were_taken_back(random_bundles: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORT_DISABLE_TELEMETRY", "0")
    code, found = told(random_bundles)
    assert (code, found["outbound"]["status"]) == (1, "error")
    assert "ORT_DISABLE_TELEMETRY" in found["outbound"]["says"]


def test_what_is_not_installed(random_bundles: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "find_spec", lambda name: None)
    code, found = told(random_bundles)
    assert (code, found["LiteRT"]["status"], found["torch"]["status"]) == (1, "error", "absent")


def test_a_gpu_that_nothing_can_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_nvidia", lambda: ["NVIDIA H200"])
    monkeypatch.setattr(machine, "find_spec", lambda name: None)
    (found,) = machine.examine_accelerators()
    assert (found.status, found.more["gpus"]) == ("warning", ["NVIDIA H200"])
    assert found.remedy
