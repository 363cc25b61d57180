"""What people type for a model: ids of a hub (a real client against a hub on loopback), and its cache's folders."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from export.sources import HubError, wanted_files
from testing.folders import write_folder

COMMIT = "0123456789abcdef0123456789abcdef01234567"
REPO = "somebody/tiny-sd"


class Hub(ThreadingHTTPServer):
    """One repository at one commit. ``broken``: how many bytes of the UNet are sent before the line drops."""

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder, self.broken, self.asked = folder, 0, list[tuple[str, str]]()
        self.files = sorted(str(f.relative_to(folder)) for f in folder.rglob("*") if f.is_file())


class _Handler(BaseHTTPRequestHandler):
    server: Hub
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.server.asked.append((self.command, path))
        api = f"/api/models/{REPO}"
        if path in (api, *(f"{api}/revision/{r}" for r in ("main", COMMIT))):
            return self._json({"id": REPO, "sha": COMMIT, "siblings": [{"rfilename": f} for f in self.server.files]})
        if path in (f"{api}/tree/{r}" for r in ("main", COMMIT)):
            return self._json([self._entry(f) for f in self.server.files])
        start = f"/{REPO}/resolve/{COMMIT}/"
        if path.startswith(start) and path.removeprefix(start) in self.server.files:
            return self._file(self.server.folder / path.removeprefix(start))
        body = b'{"error":"Repository not found"}'
        self._head(404, len(body), [("content-type", "application/json"), ("x-error-code", "RepoNotFound")])
        self._send(body)

    do_HEAD = do_GET  # noqa: N815 (the name that http.server asks for)

    def _entry(self, name: str) -> dict[str, object]:
        data = (self.server.folder / name).read_bytes()
        return {"type": "file", "path": name, "size": len(data), "oid": hashlib.sha1(data).hexdigest()}

    def _json(self, value: object) -> None:
        body = json.dumps(value).encode()
        self._head(200, len(body), [("content-type", "application/json")])
        self._send(body)

    def _file(self, file: Path) -> None:
        data = file.read_bytes()
        said = [("etag", f'"{hashlib.sha1(data).hexdigest()}"'), ("x-repo-commit", COMMIT), ("accept-ranges", "bytes")]
        first = int((self.headers.get("range") or "bytes=0-").removeprefix("bytes=").partition("-")[0] or 0)
        if first:
            said.append(("content-range", f"bytes {first}-{len(data) - 1}/{len(data)}"))
        self._head(206 if first else 200, len(data) - first, said)
        if self.command == "GET" and self.server.broken and file.match("unet/*.safetensors"):
            self.wfile.write(data[first : first + self.server.broken])
            self.close_connection = True
            return
        self._send(data[first:])

    def _head(self, status: int, length: int, headers: list[tuple[str, str]]) -> None:
        self.send_response(status)
        for name, value in [*headers, ("content-length", str(length))]:
            self.send_header(name, value)
        self.end_headers()

    def _send(self, body: bytes) -> None:
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing on the tests' output."""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_folder(tmp_path_factory.mktemp("hub") / "model", "bk-sdm-tiny")
    (folder / "README.md").write_text("---\nlicense: mit\n---\nA model.\n")
    (folder / "unet" / "diffusion_pytorch_model.bin").write_bytes(b"a pickle")
    (folder / "tiny.ckpt").write_bytes(b"a pickle")
    return folder


@pytest.fixture
def hub(model: Path) -> Iterator[Hub]:
    server = Hub(model)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def _dry_run(text: str, home: Path, endpoint: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "HF_ENDPOINT": endpoint, "HF_HOME": str(home), "HF_HUB_DISABLE_XET": "1"}
    environment.pop("HF_HUB_OFFLINE", None)
    command = [sys.executable, "-m", "edge_sdk", "export", "cloud", "--large", text, "--out", str(home / "out")]
    return subprocess.run(
        [*command, "--dry-run"], capture_output=True, text=True, env=environment, timeout=900, check=False
    )


def test_a_hub_id_is_downloaded_resumed_and_kept(hub: Hub, tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{hub.server_address[1]}"
    hub.broken = 5000
    broken = _dry_run(REPO, tmp_path, url)
    assert broken.returncode == 2
    assert "run the command again, and it goes on" in broken.stderr
    assert "Traceback" not in broken.stderr
    snapshot = next((tmp_path / "hub").glob(f"models--*/snapshots/{COMMIT}"))
    whole = [str(f.relative_to(snapshot)) for f in snapshot.rglob("*") if f.is_file()]
    hub.broken = 0
    hub.asked.clear()
    done = _dry_run(REPO, tmp_path, url)
    assert done.returncode == 0, done.stderr
    assert COMMIT in done.stderr
    assert "cloud: custom (sd)" in done.stdout
    fetched = {path.partition(f"{COMMIT}/")[2] for method, path in hub.asked if method == "GET"}
    assert "unet/diffusion_pytorch_model.safetensors" in fetched
    assert not [p for p in fetched if p.endswith((".bin", ".ckpt")) or p in whole]  # it went on where it was
    assert (snapshot / "unet" / "config.json").is_symlink()
    # Without a network the cache is enough; the folder itself, all links, is one that can be named.
    for text in (REPO, f"{REPO}@{COMMIT}", str(snapshot)):
        again = _dry_run(text, tmp_path, "http://127.0.0.1:9")
        assert again.returncode == 0, again.stderr
        assert again.stdout == done.stdout


def test_no_network_no_model_and_no_such_id_are_told(hub: Hub, tmp_path: Path) -> None:
    nowhere = _dry_run(REPO, tmp_path, "http://127.0.0.1:9")
    assert (nowhere.returncode, "Traceback" in nowhere.stderr) == (2, False)
    assert "the hub cannot be reached" in nowhere.stderr
    unknown = _dry_run("somebody/nothing", tmp_path, f"http://127.0.0.1:{hub.server_address[1]}")
    assert (unknown.returncode, "Traceback" in unknown.stderr) == (2, False)
    assert "no model of that name" in unknown.stderr


FILES = [
    "model_index.json", "README.md", "x.ckpt", "scheduler/scheduler_config.json", "unet/config.json",
    "unet/diffusion_pytorch_model.bin", "unet/diffusion_pytorch_model.safetensors",
    "unet/diffusion_pytorch_model.fp16.safetensors", "unet/diffusion_pytorch_model.non_ema.safetensors",
    "text_encoder/config.json", "text_encoder/model.safetensors.index.json",
    "text_encoder/model-00001-of-00002.safetensors", "text_encoder/model-00002-of-00002.safetensors",
    "safety_checker/config.json", "safety_checker/model.safetensors", "tokenizer/vocab.json", "tokenizer/merges.txt",
]  # fmt: skip


def test_only_what_is_read_is_wanted() -> None:
    plain = wanted_files(FILES, None)
    assert "unet/diffusion_pytorch_model.safetensors" in plain
    assert [f for f in plain if "fp16" in f or "non_ema" in f or "safety" in f or f.endswith((".bin", ".ckpt"))] == []
    assert len([f for f in plain if f.startswith("text_encoder/model")]) == 3
    half = wanted_files(FILES, "fp16")
    assert set(half) ^ set(plain) == {
        "unet/diffusion_pytorch_model.safetensors",
        "unet/diffusion_pytorch_model.fp16.safetensors",
    }
    with pytest.raises(HubError, match="unet has no safetensors"):
        wanted_files([f for f in FILES if not f.startswith("unet/diff")], None)
