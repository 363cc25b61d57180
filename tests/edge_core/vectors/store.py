"""Writing the vector files and comparing them with what the reference gives now."""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from ..building import CORE
from .ledgers import ledgers
from .pictures import constants, releases, sessions
from .tokens import texts

FOLDER: Final = CORE / "vectors"
#: File name (without .jsonl.gz) and what makes its lines.
FILES: Final[dict[str, Callable[[], Iterable[dict[str, Any]]]]] = {
    "release": releases,
    "session": sessions,
    "ledger": ledgers,
    "tokenizer": texts,
}
#: Relative above 1: latents begin with noise, for which platforms have other last bits of ``log`` and ``cos``.
TOLERANCE: Final = 1e-4


def generate(name: str) -> list[dict[str, Any]]:
    """The lines of a file, as plain JSON data."""
    rows: list[dict[str, Any]] = json.loads(json.dumps(list(FILES[name]())))
    return rows


def write(folder: Path = FOLDER) -> Iterator[str]:
    """Write every file; a line about each."""
    folder.mkdir(exist_ok=True)
    common = folder / "common.json"
    common.write_text(json.dumps(constants(), indent=1) + "\n", encoding="ascii")
    yield f"{common}: what all pictures share"
    for name in FILES:
        rows = generate(name)
        lines = "".join(json.dumps(row, separators=(",", ":")) + "\n" for row in rows)
        path = folder / f"{name}.jsonl.gz"
        path.write_bytes(gzip.compress(lines.encode(), 9, mtime=0))
        yield f"{path}: {len(rows)} cases, {path.stat().st_size} bytes"


def read_rows(name: str, folder: Path = FOLDER) -> list[dict[str, Any]]:
    """The cases of a written file."""
    lines = gzip.decompress((folder / f"{name}.jsonl.gz").read_bytes()).decode("ascii").splitlines()
    return [json.loads(line) for line in lines]


def check(folder: Path = FOLDER, names: Iterable[str] = tuple(FILES)) -> list[str]:
    """What differs between the files and the reference, one line each; empty if nothing does."""
    found: list[str] = []
    common = folder / "common.json"
    if not common.is_file() or json.loads(common.read_text(encoding="ascii")) != constants():
        found.append("common.json: is not what the pictures are made with")
    for name in names:
        try:
            stored = read_rows(name, folder)
        except (OSError, EOFError, ValueError) as error:
            found.append(f"{name}: cannot be read: {error}")
            continue
        found += differences(name, stored, generate(name))
    return found


def differences(where: str, stored: Any, made: Any) -> list[str]:
    """Where two values differ, floats by more than the tolerance."""
    if isinstance(made, dict) and isinstance(stored, dict) and set(made) == set(stored):
        return [d for k in made for d in differences(f"{where}:{k}", stored[k], made[k])]
    if isinstance(made, list) and isinstance(stored, list) and len(made) == len(stored):
        pairs = enumerate(zip(stored, made, strict=True))
        return [d for i, (a, b) in pairs for d in differences(f"{where}:{i}", a, b)]
    if isinstance(made, float) and isinstance(stored, float | int):
        same = math.isclose(stored, made, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    else:
        same = type(stored) is type(made) and stored == made
    return [] if same else [f"{where}: the file has {str(stored)[:60]}, the reference gives {str(made)[:60]}"]
