"""Run ``obclip export`` as people do, in a process of its own, and keep its time, memory and summary."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from .errors import BenchmarkError


def export(large: Path, small: Path, out: Path, *options: str, what: str = "all") -> dict[str, Any]:
    """Wall seconds, peak memory in MB and the command's own summary.

    Raises:
        BenchmarkError: the export failed; the message is its last line.
    """
    code = "from edge_sdk.cli.main import main; main()"
    arguments = ["export", what, "--large", str(large), "--small", str(small), "--out", str(out), "--json", *options]
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    stdout, stderr = process.communicate()
    seconds = time.monotonic() - began
    if process.returncode != 0:
        raise BenchmarkError(f"obclip export failed: {(stderr.strip().splitlines() or ['no message'])[-1]}")
    summary = json.loads(stdout)
    for kind in summary.values():
        kind["path"] = Path(kind["path"]).name
    return {
        "command": " ".join(["obclip", "export", what, *options]),
        "seconds": round(seconds, 1),
        "peak_memory_mb": _peak_children_mb(),
        "load_average": [round(v, 1) for v in os.getloadavg()],
        "summary": summary,
    }


def _peak_children_mb() -> int | None:
    """Largest child so far; the exports here run one after another, the largest last or alone."""
    try:
        import resource
    except ModuleNotFoundError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return int(peak / (1e6 if sys.platform == "darwin" else 1e3))
