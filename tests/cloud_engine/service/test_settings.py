"""Settings: where they come from, what is refused, and that docs/SERVICE.md lists them all as they are."""

from __future__ import annotations

import json
import ssl
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic_core import PydanticUndefined

from cloud_engine.engine import Engine
from cloud_engine.errors import ConfigError
from cloud_engine.service.settings import Settings, read_settings
from tests.edge_sdk.cloud.raw_server import make_authority

from .serving import body, get, post, running

ROOT = Path(__file__).resolve().parents[3]


def test_the_file_the_environment_and_the_command_line_each_over_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "serve.toml"
    file.write_text('port = 1\nqueue_requests = 1\ndeadline = 1.0\nhosts = ["a.example"]\n')
    monkeypatch.setenv("OBCLIP_QUEUE_REQUESTS", "2")
    monkeypatch.setenv("OBCLIP_DEADLINE", "2")
    monkeypatch.setenv("OBCLIP_ORIGINS", "https://a.example, https://b.example")
    settings = read_settings(file, deadline=3.0, port=None)
    assert (settings.port, settings.queue_requests, settings.deadline) == (1, 2, 3.0)
    assert settings.hosts == ("a.example",)
    assert settings.origins == ("https://a.example", "https://b.example")
    assert read_settings(private=True).queue_requests == Settings.model_fields["queue_requests"].default


def test_the_bundle_that_every_command_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBCLIP_CLOUD_BUNDLE", "/some/bundle")
    assert read_settings().bundles == (Path("/some/bundle"),)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"port": 99999}, "port"),
        ({"deadline": 0}, "deadline"),
        ({"deadline": float("nan")}, "deadline"),
        ({"bundles": ()}, "bundles"),
        ({"max_candidates": 65}, "max_candidates"),
        ({"surprise": 1}, "surprise: no such setting"),
        ({"origins": ("nonsense",)}, "no origin"),
        ({"host": "0.0.0.0"}, "--allow-anonymous"),
        ({"host": "cloud.example", "allow_anonymous": True}, "--insecure"),
        ({"tls_key": Path("/nowhere")}, "no file /nowhere"),
        ({"queue_evaluations": 10}, "queue_evaluations"),
    ],
)
def test_what_is_refused(given: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        read_settings(private=True, **given)


@pytest.mark.parametrize("text", ["port = ", "surprise = 1", "port = 'x'"])
def test_a_file_that_is_wrong(tmp_path: Path, text: str) -> None:
    file = tmp_path / "serve.toml"
    file.write_text(text)
    with pytest.raises(ConfigError):
        read_settings(file)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.0.0.9"])
def test_this_machine_needs_no_tokens(host: str) -> None:
    assert read_settings(private=True, host=host).host == host


def table() -> str:
    """The settings as docs/SERVICE.md shows them."""
    rows = ["| setting | default | what it is |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = "" if field.default is PydanticUndefined else field.default
        shown = "the default pair" if name == "bundles" else "none" if default in (None, ()) else json.dumps(default)
        rows.append(f"| `{name}` | {shown} | {field.description} |")
    return "\n".join(rows) + "\n"


def test_the_page_lists_every_setting_with_its_default() -> None:
    assert table() in (ROOT / "docs" / "SERVICE.md").read_text("utf-8"), table()


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import shutil

    if shutil.which("openssl") is None:
        pytest.skip("needs the openssl command")
    folder = tmp_path_factory.mktemp("tls")
    make_authority(folder)
    return folder


def trust(folder: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(folder / "root.pem"))


def test_tls_and_client_certificates(engine: Engine, certificates: Path) -> None:
    server_files = {"tls_certificate": certificates / "server.pem", "tls_key": certificates / "server.key"}
    with running(engine, **server_files) as server:
        assert server.url.startswith("https://")
        url = server.url.replace("127.0.0.1", "localhost") + "/v1/health"
        assert httpx.get(url, verify=trust(certificates), trust_env=False).status_code == 200
    with running(engine, **server_files, tls_client_ca=certificates / "root.pem") as server:
        url = server.url.replace("127.0.0.1", "localhost") + "/v1/health"
        with pytest.raises(httpx.TransportError):
            httpx.get(url, verify=trust(certificates), trust_env=False)
        known = trust(certificates)
        known.load_cert_chain(certificates / "client.pem", certificates / "client.key")
        assert httpx.get(url, verify=known, trust_env=False).status_code == 200


def test_a_wrong_tls_file_is_named(certificates: Path, tmp_path: Path) -> None:
    import subprocess

    from cloud_engine.service.server import _context_of

    good = {"tls_certificate": certificates / "server.pem", "tls_key": certificates / "server.key"}
    nonsense, sealed = tmp_path / "nonsense.pem", tmp_path / "sealed.key"
    nonsense.write_text("nonsense")
    command = ["openssl", "pkey", "-aes256", "-passout", "pass:x", "-in", str(good["tls_key"]), "-out", str(sealed)]
    subprocess.run(command, check=True, capture_output=True)
    for change, says in (
        ({"tls_certificate": nonsense}, f"tls_certificate: {nonsense} holds no certificate"),
        ({"tls_certificate": good["tls_key"]}, "tls_certificate: .* holds no certificate"),
        ({"tls_key": nonsense}, f"tls_key: {nonsense} holds no key"),
        ({"tls_key": certificates / "client.key"}, "tls_key: .*client.key is not the key of the certificate"),
        ({"tls_key": sealed}, "is encrypted"),
        ({"tls_client_ca": nonsense}, f"tls_client_ca: {nonsense} holds no certificate"),
    ):
        settings = read_settings(private=True, **{**good, **change})
        with pytest.raises(ConfigError, match=says):
            _context_of(settings)
    assert _context_of(read_settings(private=True, **good)) is not None


@pytest.mark.parametrize(
    "given", [{"port": "x"}, {"port": -1}, {"warm": "x"}, {"deadline": []}, {"backend": "x"}, {"bundles": 7}, {"x": 1}]
)
def test_a_wrong_setting_is_told_in_words_of_ours(given: dict[str, Any]) -> None:
    with pytest.raises(ConfigError) as raised:
        read_settings(private=True, **given)
    assert next(iter(given)) in str(raised.value)
    assert not any(word in str(raised.value) for word in ("Input", "valid", "pydantic", "Extra", "dictionary"))


def test_a_tls_handshake_has_a_deadline_and_a_place(engine: Engine, certificates: Path) -> None:
    from .serving import connect, until_closed, wait_for

    server_files = {"tls_certificate": certificates / "server.pem", "tls_key": certificates / "server.key"}
    with running(engine, **server_files, header_seconds=0.4) as server, connect(server.url) as silent:
        wait_for(lambda: server.service.metrics.connections._child_samples()[0].value == 1)
        assert until_closed(silent) == b""
        wait_for(lambda: server.service.metrics.connections._child_samples()[0].value == 0)


def test_one_application_for_any_server(engine: Engine) -> None:
    """As a Ray Serve ingress uses it: the ASGI application alone, without this project's own server."""
    from cloud_engine.service import create_app
    from tests.conftest import RunningServer

    server = RunningServer(create_app([engine], read_settings(private=True)))
    try:
        assert get(server.url, "/readyz").status_code == 200
        assert post(server.url, body()).status_code == 200
    finally:
        server.stop()
