"""One export by the command, watched, whose bundles serve every test of this folder."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from .watching import Seen, watch


@pytest.fixture(scope="session")
def export_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where :func:`exported` writes."""
    return tmp_path_factory.mktemp("exported")


@pytest.fixture(scope="session")
def exported(random_pair: Path, export_folder: Path) -> Seen:
    """What ``obclip export all --compact`` touched."""
    command = [sys.executable, "-m", "edge_sdk", "export", "all", "--compact", "--pictures", "0"]
    command += ["--large", str(random_pair / "large"), "--small", str(random_pair / "small")]
    return watch([*command, "--out", str(export_folder / "bundles")], export_folder)


@pytest.fixture(scope="session")
def ready_bundles(exported: Seen, export_folder: Path) -> Path:
    """Folder with ``edge`` and a compact ``cloud``, of the random pair."""
    assert exported.done.returncode == 0, exported.done.stderr
    return export_folder / "bundles"
