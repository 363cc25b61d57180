"""The ledger for a dry run: what a request would be entered as, with nothing written, drawn for good or spent."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Final

from ..mechanisms.domain import View
from ..mechanisms.protocol import log_up
from .columns import read_view
from .key import device_key, keyed_hash
from .ledger import Charge, Ledger
from .schema import KEY_FILE

__all__ = ["RehearsedLedger"]

_DRAW: Final = "SELECT view FROM draws WHERE memo = ?"


class RehearsedLedger(Ledger):
    """Reads a ledger and refuses what it would refuse; enters nothing.

    ``kept`` says, after a draw was asked for, whether it is the one that is kept for the template (and will be sent),
    or one made for show: the real run draws its own. ``None`` where nothing is drawn at random.
    """

    kept: bool | None = None

    def permanent(self, charge: Charge, draw: Callable[[], View]) -> tuple[View, float]:
        """The kept draw, or one that is kept nowhere; and the ε that the real run would newly spend.

        Raises:
            BudgetError: the real run's draw would pass a budget. LedgerError: the ledger cannot be read.
        """
        view = self._read(lambda db: self._find(db, charge))
        self.kept = view is not None
        return (draw(), log_up(charge.ratio)) if view is None else (view, 0.0)

    def record(self, charge: Charge) -> None:
        """Enter nothing; a ledger that cannot be read is told here as by a real run."""
        self._read(lambda db: None)

    def _find(self, db: sqlite3.Connection, charge: Charge) -> View | None:
        key = self.folder / KEY_FILE
        if key.exists():
            row = db.execute(_DRAW, (keyed_hash(device_key(key), "draw", charge.memo),)).fetchone()
            if row is not None:
                return read_view(row[0])
        self._check_budget(db, charge)
        return None
