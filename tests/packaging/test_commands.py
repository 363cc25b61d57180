"""The command in its own process: which commands there are, what is missing, and whose lines reach the terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from edge_sdk.cli.commands import CHECKOUT, checkout_commands
from obclip_contract import places
from testing.watching import ROOT

_NOISY = """
import logging, os, sys, warnings
from edge_sdk.cli.hushing import hush
hush()
logging.getLogger("torchao").warning("a library's line")
logging.getLogger("diffusers.quantizers").info("a library's line")
os.write(2, b"a native line\\n")
warnings.warn("a library's warning")
logging.getLogger("torchao").error("a library's error")
logging.getLogger("obclip.cloud").warning("ours")
from obclip_contract import UnverifiedBundleWarning
warnings.warn("not verified", UnverifiedBundleWarning)
print("to the person", file=sys.stderr)
"""


def _run(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code]
    return subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, env={**os.environ, **environment}, check=False
    )


def test_only_errors_of_other_libraries_reach_the_terminal() -> None:
    done = _run(_NOISY)
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines() == ["a library's error", "ours", "warning: not verified", "to the person"]


def test_everything_is_shown_to_whoever_asks() -> None:
    shown = _run(_NOISY, OBCLIP_SHOW_ALL="1").stderr
    for line in ("a library's line", "a native line", "a library's warning", "to the person"):
        assert line in shown


def test_a_command_without_a_standard_error_runs() -> None:
    done = subprocess.run(
        ["bash", "-c", f"exec 2>&-; exec {sys.executable} -m edge_sdk --version"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert (done.returncode, done.stdout.startswith("obclip")) == (0, True)


#: Folders that are there: what is cheap to see is refused before anything is loaded.
PAIR = f"'--large', {str(ROOT / 'models/stickers/large')!r}, '--small', {str(ROOT / 'models/stickers/small')!r}"


def test_a_package_that_is_missing_is_named(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['torch'] = None\nfrom edge_sdk.cli.main import main\n"
        f"main(['export', 'all', {PAIR}, '--out', {str(tmp_path / 'c')!r}])"
    )
    done = _run(code)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "torch" in done.stderr
    assert "pip install 'obclip[torch]'" in done.stderr


def test_a_module_of_ours_that_is_missing_is_a_bug(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['export.bundles'] = None\nfrom edge_sdk.cli.main import main\n"
        f"main(['export', 'all', {PAIR}, '--out', {str(tmp_path / 'c')!r}])"
    )
    assert "Traceback" in _run(code).stderr


def test_a_checkout_has_more_commands_than_a_wheel(tmp_path: Path) -> None:
    assert set(checkout_commands(ROOT)) == set(CHECKOUT)
    (tmp_path / "benchmarks").mkdir()
    (tmp_path / "benchmarks" / "cli.py").write_text("raise SystemExit('an app of its own')")
    assert checkout_commands(tmp_path) == {}  # no setup.py beside it: not ours


def test_a_bundle_here_comes_before_an_installed_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work, installed = tmp_path / "work", tmp_path / "site" / places.PACKAGE / "bundles"
    work.mkdir()
    monkeypatch.chdir(work)
    assert places.default_bundle("edge") == places.DEFAULT_FOLDER / "edge"  # neither is there: told by who opens it
    (installed / "edge").mkdir(parents=True)
    (installed / "edge" / "bundle.json").write_text("{}")
    (installed.parent / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    assert places.default_bundle("edge") == installed / "edge"
    (work / places.DEFAULT_FOLDER / "edge").mkdir(parents=True)
    (work / places.DEFAULT_FOLDER / "edge" / "bundle.json").write_text("{}")
    assert places.default_bundle("edge") == places.DEFAULT_FOLDER / "edge"
    assert places.default_bundle("cloud") == places.DEFAULT_FOLDER / "cloud"
