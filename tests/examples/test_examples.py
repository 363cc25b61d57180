"""Every example runs as its first lines say, against a real engine."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from PIL import Image

from tests.conftest import RunningServer

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(name: str, *arguments: str, folder: Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(EXAMPLES / name), *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
    assert done.returncode == code, done.stderr
    return done


def size(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        return image.size


def test_one_picture(random_bundles: Path, cloud_url: str, tmp_path: Path) -> None:
    edge = str(random_bundles / "edge")
    done = run("one_picture.py", edge, cloud_url, "a woman with dark skin", "a.png", folder=tmp_path)
    assert "10 candidates go to the cloud" in done.stdout
    assert "hidden: gender, skin_tone" in done.stdout
    assert size(tmp_path / "a.png") == size(tmp_path / "a.png.preview.png") == (64, 64)


def test_one_picture_says_errors_in_one_line(random_bundles: Path, tmp_path: Path) -> None:
    edge = str(random_bundles / "edge")
    done = run("one_picture.py", edge, "http://127.0.0.1:9", "a woman", "a.png", folder=tmp_path, code=1)
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "a.png").exists()


def test_batch_goes_on_and_lists_what_is_refused(random_bundles: Path, cloud_url: str, tmp_path: Path) -> None:
    (tmp_path / "prompts.txt").write_text("a woman\n\na man\x07\nan old man\n")
    edge = str(random_bundles / "edge")
    done = run("batch.py", edge, cloud_url, "prompts.txt", "out", folder=tmp_path, code=1)
    assert "control characters" in done.stderr
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["0000.png", "0002.png"]
    (tmp_path / "out" / "0002.png").unlink()
    again = run("batch.py", edge, cloud_url, "prompts.txt", "out", folder=tmp_path, code=1)
    assert again.stdout.startswith("2: ")  # 0 was there


def test_asyncio_pictures(random_bundles: Path, cloud_url: str, tmp_path: Path) -> None:
    run("asyncio_pictures.py", str(random_bundles / "edge"), cloud_url, "a woman", "an old man", folder=tmp_path)
    assert size(tmp_path / "picture_0.png") == size(tmp_path / "picture_1.png") == (64, 64)


def test_fastapi_app(random_bundles: Path, cloud_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGE_BUNDLE", str(random_bundles / "edge"))
    monkeypatch.setenv("CLOUD", cloud_url)
    monkeypatch.syspath_prepend(str(EXAMPLES))
    import fastapi_app

    server = RunningServer(fastapi_app.app)
    try:
        made = httpx.get(f"{server.url}/picture", params={"prompt": "a woman", "seed": 7}, timeout=120)
        assert (made.status_code, made.headers["content-type"]) == (200, "image/png")
        assert made.content.startswith(b"\x89PNG")
        refused = httpx.get(f"{server.url}/picture", params={"prompt": " "}, timeout=120)
        assert (refused.status_code, refused.json()) == (422, {"error": "the prompt is empty"})
    finally:
        server.stop()


def test_curl(cloud_url: str, tmp_path: Path) -> None:
    """With curl alone: the example of the service's own description is served."""
    if not (shutil.which("curl") and shutil.which("jq")):
        pytest.skip("needs curl and jq")
    script = str(EXAMPLES / "curl.sh")
    done = subprocess.run([script, cloud_url, "out"], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == f"200 {(tmp_path / 'out').stat().st_size} bytes"
    (tmp_path / "wrong").write_text("{")
    refused = subprocess.run([script, cloud_url, "out", "wrong"], cwd=tmp_path, capture_output=True, text=True)
    assert refused.returncode == 22
    assert "bad_request" in (tmp_path / "out").read_text()
    assert subprocess.run([script], capture_output=True, text=True).returncode == 2


def test_wrong_arguments_are_told_in_words(random_bundles: Path, tmp_path: Path) -> None:
    edge = str(random_bundles / "edge")
    for name, arguments in (
        ("spec_client.py", ()),
        ("spec_client.py", ("http://127.0.0.1:9", edge, "first")),
        ("batch.py", (edge, "http://127.0.0.1:9", "no-such-file.txt", "out")),
        ("one_picture.py", ()),
    ):
        done = run(name, *arguments, folder=tmp_path, code=1)
        assert done.stderr
        assert "Traceback" not in done.stderr
