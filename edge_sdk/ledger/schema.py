"""Where the ledger lies and how its tables look."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from ..errors import LedgerError

VERSION: Final = 1
FILE: Final = "ledger.sqlite3"
KEY_FILE: Final = "device.key"
#: ``template`` and ``memo`` are keyed hashes; ``view`` holds positions of values, no words; times: seconds since 1970.
SCHEMA: Final = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "CREATE TABLE budgets (axis TEXT PRIMARY KEY, epsilon REAL)",
    "CREATE TABLE draws (memo TEXT PRIMARY KEY, view TEXT NOT NULL, ratio TEXT NOT NULL, size INTEGER NOT NULL, "
    "rows INTEGER NOT NULL, axes TEXT NOT NULL, at INTEGER NOT NULL)",
    "CREATE TABLE entries (template TEXT NOT NULL, axis TEXT NOT NULL, mechanism TEXT NOT NULL, ratio TEXT NOT NULL, "
    "bits REAL NOT NULL, lexicon TEXT NOT NULL, requests INTEGER NOT NULL, first INTEGER NOT NULL, "
    "last INTEGER NOT NULL, PRIMARY KEY (template, axis, mechanism, ratio, bits, lexicon))",
)


def default_folder() -> Path:
    """``$OBCLIP_HOME``, else ``$XDG_DATA_HOME/obclip``, else ``~/.local/share/obclip``.

    Raises:
        LedgerError: this user has no home.
    """
    if home := os.environ.get("OBCLIP_HOME"):
        return Path(home)
    data = os.environ.get("XDG_DATA_HOME")
    try:
        return (Path(data) if data else Path.home() / ".local" / "share") / "obclip"
    except RuntimeError:
        raise LedgerError(
            "the ledger has no place, since this user has no home folder: name one in OBCLIP_HOME. Nothing was sent"
        ) from None
