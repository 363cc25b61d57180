"""Both wheels, built by the script that builds the real ones, with the random pair's bundles."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from testing.watching import ROOT


@pytest.fixture(scope="session")
def wheels(random_bundles: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the two wheels."""
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, str(ROOT / "scripts" / "build_wheels"), "--bundles", str(random_bundles), "--no-page"]
    done = subprocess.run([*command, "--out", str(out)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return out
