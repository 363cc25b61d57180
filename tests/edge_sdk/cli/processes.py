"""The command in a process of its own, for what only a process shows: pipes, signals, terminals, exit codes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

__all__ = ["COMMAND", "ROOT", "environment", "obclip", "patience"]

ROOT = Path(__file__).parents[3]
#: Seconds from Ctrl-C to the end, on a machine that has nothing else to do.
STOP_SECONDS = 0.3
COMMAND = [sys.executable, "-m", "edge_sdk"]


def environment(bundles: Path | None = None) -> dict[str, str]:
    """The bundles given by the environment; nowhere if ``None``."""
    folder = bundles or Path("nowhere")
    places = {"OBCLIP_EDGE_BUNDLE": str(folder / "edge"), "OBCLIP_CLOUD_BUNDLE": str(folder / "cloud")}
    return {**os.environ, **places, "COLUMNS": "200"}


def obclip(*arguments: str | Path, bundles: Path | None = None, **more: Any) -> subprocess.CompletedProcess[str]:
    """Run ``python -m edge_sdk``."""
    given: dict[str, Any] = {"capture_output": True, "text": True, "cwd": ROOT, "timeout": 120, "check": False}
    return subprocess.run([*COMMAND, *map(str, arguments)], env=environment(bundles), **(given | more))


def patience() -> float:
    """:data:`STOP_SECONDS`, stretched by what else this machine does."""
    return STOP_SECONDS * max(1.0, 2 * os.getloadavg()[0] / (os.cpu_count() or 1))
