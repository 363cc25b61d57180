"""The core's ledger read from its bytes by the layout of edge_core/src/ledger/ledger.h, in the reference's terms."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import struct
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from edge_sdk.ledger import Ledger

HEAD: Final = b"obclip-ledger-1\n"


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data

    def raw(self, size: int) -> bytes:
        out, self.data = self.data[:size], self.data[size:]
        assert len(out) == size
        return out

    def number(self, kind: str) -> Any:
        return struct.unpack("<" + kind, self.raw(struct.calcsize("<" + kind)))[0]

    def text(self) -> str:
        return self.raw(self.number("H")).decode()


def read_stored(data: bytes) -> dict[str, Any]:
    """Everything that the bytes hold, with the names and forms of :func:`read_database`."""
    assert data.startswith(HEAD)
    assert hashlib.sha256(data[:-32]).digest() == data[-32:]
    take = _Reader(data[len(HEAD) : -32])
    out: dict[str, Any] = {"latest": take.number("q"), "ran_back": take.number("Q")}
    budgets = [(take.text(), take.number("B"), take.number("d")) for _ in range(take.number("I"))]
    out["budgets"] = sorted((axis, epsilon if limited else None) for axis, limited, epsilon in budgets)
    out["draws"] = [_draw(take) for _ in range(take.number("I"))]
    out["entries"] = [_entry(take) for _ in range(take.number("I"))]
    assert not take.data
    return out


def _draw(take: _Reader) -> tuple[Any, ...]:
    memo, ratio, size, k, at = take.raw(32).hex(), take.text(), int(take.text()), take.number("H"), take.number("q")
    axes = [take.text() for _ in range(take.number("B"))]
    rows, columns = take.number("H"), take.number("B")
    view = [[take.number("H") for _ in range(columns)] for _ in range(rows)]
    return memo, view, ratio, size, k, axes, at


def _entry(take: _Reader) -> tuple[Any, ...]:
    template, axis, mechanism, ratio = take.raw(32).hex(), take.text(), take.text(), take.text()
    return template, axis, mechanism, ratio, *(take.number("d"), take.text(), *(take.number(k) for k in "Qqq"))


def read_database(folder: Path) -> dict[str, Any]:
    """Everything that Python's ledger holds."""
    with closing(sqlite3.connect(Ledger(folder).path)) as db:
        meta = dict(db.execute("SELECT name, value FROM meta").fetchall())
        draws = db.execute("SELECT memo, view, ratio, size, rows, axes, at FROM draws ORDER BY rowid").fetchall()
        return {
            "latest": int(meta["latest"]),
            "ran_back": int(meta.get("clock_ran_back", 0)),
            "budgets": sorted(db.execute("SELECT axis, epsilon FROM budgets").fetchall()),
            "draws": [(m, json.loads(v), r, s, k, json.loads(a), at) for m, v, r, s, k, a, at in draws],
            "entries": db.execute("SELECT * FROM entries ORDER BY rowid").fetchall(),
        }
