"""``obclip serve`` with one change: it notes where each run's arena lay, what was in it, and keeps it mapped.

python -m tests.cloud_engine.service.noted_arenas NOTES ARGUMENTS…
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from cloud_engine.arena import Arena
from edge_sdk.cli.main import main

#: So that the memory is not given back or written by others before it is looked at.
_KEPT: list[Any] = []


def note_arenas(notes: Path) -> None:
    """One JSON line an arena, written before it is cleared: address, bytes, how many of them are not zero."""
    clear = Arena.clear

    def noted(arena: Arena) -> None:
        buffer = arena._buffer
        _KEPT.append(buffer)
        address, _ = buffer.__array_interface__["data"]
        used = int((buffer != 0).sum())
        with notes.open("a", encoding="ascii") as file:
            file.write(json.dumps({"address": address, "bytes": buffer.nbytes, "used": used}) + "\n")
        clear(arena)

    Arena.clear = noted  # type: ignore[method-assign]


if __name__ == "__main__":
    note_arenas(Path(sys.argv[1]))
    sys.argv = ["obclip", "serve", *sys.argv[2:]]
    main()
