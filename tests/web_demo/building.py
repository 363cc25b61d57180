"""The built SDK, and the ways to run it: parts of it in Node, and the whole in a headless Chromium."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).parents[2]
WEB: Final = ROOT / "web_demo"
DIST: Final = WEB / "dist"
PAGE: Final = ROOT / "build/web"
_HERE: Final = Path(__file__).parent
_ALL: Final = (
    *("web_demo/src/sdk", "web_demo/vite.config.ts", "web_demo/package-lock.json", "scripts/build_web"),
    *("build/wasm/obclip.wasm", "edge_sdk/attributes/lexicon.bin", "edge_sdk/second_look/data/second_look.bin"),
)
_SDK: Final = (*_ALL, "web_demo/tsconfig.sdk.json")
_PAGE: Final = (*_ALL, "web_demo/src", "web_demo/public", "web_demo/index.html")
_CHROMIUM: Final = ("chromium", "chromium-browser", "google-chrome")
_SECONDS: Final = 240


@cache
def sdk() -> Path:
    """``web_demo/dist``, built again where its sources have changed. Skips where it cannot be built."""
    _build("--sdk", DIST / "sdk/worker.js", _SDK)
    return DIST


@cache
def page() -> Path:
    """``build/web``, the same."""
    _build("--no-check", PAGE / "sw.js", _PAGE)
    return PAGE


def _build(what: str, last: Path, made_of: tuple[str, ...]) -> None:
    """scripts/build_web, unless ``last``, which it writes last, is younger than all that it is made of.

    ``OBCLIP_WEB_BUILT=1`` takes what is there as it is.
    """
    takes_built = bool(os.environ.get("OBCLIP_WEB_BUILT")) and last.is_file()
    for tool, package in (("node", "nodejs"), *(() if takes_built else (("npm", "npm"), ("clang++", "clang")))):
        if shutil.which(tool) is None:
            pytest.skip(f"web_demo: no {tool} on this machine (apt-get install {package})")
    if not (WEB / "node_modules").is_dir():
        pytest.skip("web_demo: its packages are not installed (cd web_demo && npm ci)")
    if takes_built:
        return
    wasm = subprocess.run([sys.executable, ROOT / "scripts/build_wasm"], capture_output=True, text=True)
    if "cannot build for wasm32-wasi" in wasm.stderr:
        pytest.skip(f"web_demo: {wasm.stderr.strip().splitlines()[-1]}")
    assert wasm.returncode == 0, wasm.stderr[-4000:]
    if not last.is_file() or last.stat().st_mtime < max(p.stat().st_mtime for p in _sources(made_of)):
        done = subprocess.run(
            [sys.executable, ROOT / "scripts/build_web", what, "--no-wasm"], capture_output=True, text=True
        )
        assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]


def _sources(made_of: tuple[str, ...]) -> Iterable[Path]:
    for name in made_of:
        path = ROOT / name
        yield from (p for p in path.rglob("*") if p.is_file()) if path.is_dir() else (path,)


def node(**job: Any) -> Any:
    """What node/parts.mjs answers to a job."""
    return _run("parts.mjs", {"sdk": str(sdk() / "sdk"), "core": str(sdk() / "core"), **job})


def browser(calls: list[dict[str, Any]], bundle: Path, **more: Any) -> dict[str, Any]:
    """What node/browser.mjs tells of calls of pages/sdk.mjs: ``results``, ``served``, ``requests`` and ``console``."""
    job = {"web_demo": str(WEB), "dist": str(sdk()), "pages": str(_HERE / "pages"), "chromium": chromium()}
    answer: dict[str, Any] = _run("browser.mjs", {**job, "bundle": str(bundle), "calls": calls, **more})
    return answer


@cache
def chromium() -> str:
    """A browser to run in. Skips where there is none."""
    for name in _CHROMIUM:
        if (path := shutil.which(name)) is not None:
            return path
    pytest.skip("web_demo: no Chromium on this machine (apt-get install chromium)")


def _run(script: str, job: dict[str, Any]) -> Any:
    done = subprocess.run(
        ["node", str(_HERE / "node" / script)],
        input=json.dumps(job),
        capture_output=True,
        encoding="utf-8",
        timeout=_SECONDS,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout)
