"""Writing the vector files and comparing them with what the code gives now."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from .bodies import bundle_vectors, response_vectors
from .numbers import noise_vectors, sampler_vectors, schedule_vectors
from .texts import grid_vectors, request_vectors

FOLDER: Final = Path(__file__).parent
#: File name (without .json) and what makes its content.
FILES: Final[dict[str, Callable[[], dict[str, Any]]]] = {
    "noise": noise_vectors,
    "schedule": schedule_vectors,
    "sampler": sampler_vectors,
    "grid": grid_vectors,
    "request": request_vectors,
    "response": response_vectors,
    "bundle": bundle_vectors,
}


def generate() -> dict[str, dict[str, Any]]:
    """The content of every file, as plain JSON data."""
    return {name: json.loads(json.dumps(make())) for name, make in FILES.items()}


def write(folder: Path = FOLDER) -> list[Path]:
    """Write every file; returns their paths."""
    paths = []
    for name, content in generate().items():
        path = folder / f"{name}.json"
        path.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", encoding="ascii")
        paths.append(path)
    return paths


def check(folder: Path = FOLDER) -> list[str]:
    """What differs between the files and the code, one line each; empty if nothing does.

    Numbers may differ by the file's own "tolerance" (relative above 1): libm differs between machines.
    """
    found: list[str] = []
    for name, content in generate().items():
        path = folder / f"{name}.json"
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            found.append(f"{path.name}: cannot be read: {error}")
            continue
        found += _differences(path.name, stored, content, float(content["tolerance"]))
    return found


def _differences(where: str, stored: Any, made: Any, tolerance: float) -> list[str]:
    if isinstance(made, dict) and isinstance(stored, dict) and set(made) == set(stored):
        return [d for k in made for d in _differences(f"{where}:{k}", stored[k], made[k], tolerance)]
    if isinstance(made, list) and isinstance(stored, list) and len(made) == len(stored):
        pairs = enumerate(zip(stored, made, strict=True))
        return [d for i, (a, b) in pairs for d in _differences(f"{where}:{i}", a, b, tolerance)]
    if isinstance(made, float) and isinstance(stored, float):
        same = math.isclose(stored, made, rel_tol=tolerance, abs_tol=tolerance)
    else:
        same = type(stored) is type(made) and stored == made
    return [] if same else [f"{where}: the file has {str(stored)[:60]}, the code gives {str(made)[:60]}"]
