"""Clean virtual environments whose third-party packages come from somewhere that is there already."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
from functools import cache
from pathlib import Path

import pytest

from testing.watching import ROOT

#: Dependencies of other Pythons, installed once; a changed list is another folder.
CACHE = ROOT / "build" / "test_environments"
HERE = f"{sys.version_info.major}.{sys.version_info.minor}"


@cache
def find_python(version: str) -> str:
    """An interpreter of this version that runs; the test is skipped by name where there is none."""
    if version == HERE:
        return sys.executable
    places = [shutil.which(f"python{version}"), *map(str, Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))]
    say = "import sys; print('%d.%d' % sys.version_info[:2])"
    for place in filter(None, places):
        done = subprocess.run([place, "-c", say], capture_output=True, text=True, check=False)
        if done.stdout.strip() == version:
            return place
    pytest.skip(f"there is no Python {version} on this machine")


def make_environment(version: str, wheels: Path, requirements: list[str], folder: Path) -> Path:
    """A virtual environment with both wheels installed, as ``pip install obclip obclip-stickers[cloud]`` does.

    pip resolves every requirement itself, from what lies beside the environment; nothing is downloaded for it.
    Returns the environment's folder of commands.
    """
    python = find_python(version)
    beside = _own_packages(folder / "beside") if version == HERE else _installed(version, python, requirements)
    subprocess.run([python, "-m", "venv", "--without-pip", str(folder / "venv")], check=True)
    (site,) = (folder / "venv").glob("lib/python*/site-packages")
    (site / "beside.pth").write_text(f"{beside}\n")
    # Each Python by a pip of its own: an old pip does not run for a newer Python than its own.
    owner = sys.executable if version == HERE else str(beside.parents[2] / "bin" / "python")
    pip = [owner, "-m", "pip", "--python", str(folder / "venv" / "bin" / "python"), "install", "--quiet"]
    names = ["--no-index", "--find-links", str(wheels), "obclip", "obclip-stickers[cloud]"]
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "PYTHON"))}
    done = subprocess.run([*pip, *names], capture_output=True, text=True, env=clean, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "venv" / "bin"


def _own_packages(folder: Path) -> Path:
    """Links to what is installed for the Python that runs the tests, without this project."""
    folder.mkdir()
    for name in ("purelib", "platlib"):
        for item in Path(sysconfig.get_path(name)).iterdir():
            own = item.name.startswith(("obclip", "__editable__")) or item.suffix == ".pth"
            if not own and not (folder / item.name).exists():
                (folder / item.name).symlink_to(item)
    return folder


def _installed(version: str, python: str, requirements: list[str]) -> Path:
    """The dependencies for another Python, installed once below ``build``; skipped where no index has them."""
    key = hashlib.sha256("\n".join([version, *requirements]).encode()).hexdigest()[:12]
    folder = CACHE / f"{version}-{key}"
    if not (folder / ".whole").is_file():
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([python, "-m", "venv", str(folder)], check=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        command = [*pip, "-c", str(ROOT / "constraints.txt"), *requirements]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            lines = done.stderr.strip().splitlines() or ["no reason given"]
            pytest.skip(f"the dependencies cannot be installed for Python {version}: {lines[-1]}")
        (folder / ".whole").touch()
    (site,) = folder.glob("lib/python*/site-packages")
    return site
