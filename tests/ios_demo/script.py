"""scripts/test-ios as a module: it finds the tools, and runs commands where Swift is."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]


def load_script() -> ModuleType:
    """It has no suffix, so that it is not imported by its name."""
    loader = importlib.machinery.SourceFileLoader("test_ios", str(ROOT / "scripts/test-ios"))
    spec = importlib.util.spec_from_loader("test_ios", loader)
    assert spec is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules["test_ios"] = made
    loader.exec_module(made)
    return made
