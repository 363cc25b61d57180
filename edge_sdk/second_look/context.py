"""The plain English words around names that the rules look at: ``data/context.json``."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

_PATH = Path(__file__).parent / "data" / "context.json"


@cache
def context(name: str) -> frozenset[str]:
    """The words of one list."""
    return frozenset(_lists()[name].split())


@cache
def _lists() -> dict[str, str]:
    found: dict[str, str] = json.loads(_PATH.read_text(encoding="utf-8"))
    return found
