"""The tree is as ARCHITECTURE.md draws it: no import circles, and small files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("obclip_contract", "edge_sdk", "cloud_engine", "export", "attacks", "benchmarks", "models", "testing")
FILES = sorted(f for p in PACKAGES for f in (ROOT / p).rglob("*.py"))


def test_the_import_graph_is_drawn_as_it_is_and_has_no_circle() -> None:
    done = subprocess.run([sys.executable, "scripts/import_graph", "--check"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(ROOT)))
def test_no_file_is_over_400_lines(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 400
