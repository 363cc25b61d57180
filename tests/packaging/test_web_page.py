"""The built page in the wheel: whole, and found there; a wheel without it says what to do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from testing.watching import ROOT
from tests.edge_sdk.web.made import MAIN, make_bundle, make_page

_PLACE = "edge_sdk/web/page/"


def _build(out: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "scripts" / "build_wheels"), "--only", "obclip", "--out", str(out)]
    return subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)


def _unpacked(out: Path, *arguments: str) -> Path:
    done = _build(out, *arguments)
    assert done.returncode == 0, done.stderr
    (wheel,) = out.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(out / "unpacked")
    return out / "unpacked"


def _export(code: Path, bundle: Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """``obclip export web`` by the code of the wheel and nothing of the checkout."""
    command = [sys.executable, "-m", "edge_sdk", "export", "web", "--out", "site", "--cloud", "https://cloud.example"]
    environment = {**os.environ, "PYTHONPATH": str(code)}
    return subprocess.run(
        [*command, "--bundle", str(bundle), "--json"],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=environment,
        check=False,
    )


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return make_bundle(tmp_path / "bundle")


def test_a_wheel_with_the_page(tmp_path: Path, bundle: Path) -> None:
    page = make_page(tmp_path / "page")
    code = _unpacked(tmp_path / "dist", "--page", str(page))
    held = {p.relative_to(code / _PLACE).as_posix(): p.read_bytes() for p in (code / _PLACE).rglob("*") if p.is_file()}
    assert held == {p.relative_to(page).as_posix(): p.read_bytes() for p in page.rglob("*") if p.is_file()}
    done = _export(code, bundle, tmp_path)
    assert done.returncode == 0, done.stderr
    assert MAIN in json.loads(done.stdout)["files"]


def test_a_wheel_without_it_says_what_to_do(tmp_path: Path, bundle: Path) -> None:
    code = _unpacked(tmp_path / "dist", "--no-page")
    assert not (code / _PLACE).exists()
    done = _export(code, bundle, tmp_path)
    assert done.returncode == 2
    assert "scripts/build_web" in json.loads(done.stderr)["error"]["message"]
    assert not (tmp_path / "site").exists()


def test_half_a_page_is_not_shipped(tmp_path: Path) -> None:
    page = make_page(tmp_path / "page")
    (page / "core" / "obclip.wasm").unlink()
    done = _build(tmp_path / "dist", "--page", str(page))
    assert done.returncode == 1
    assert "lacks core/obclip.wasm" in done.stderr
    assert not list((tmp_path / "dist").glob("*.whl"))
