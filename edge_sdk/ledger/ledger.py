"""The ledger: what was spent on this device, by template and axis, and the draws that are kept for good.

SQLite in a folder of the person's. No prompt text is stored: a template is its HMAC under the device key, a draw is
the positions of its rows. A draw is made, charged and stored in one transaction, before anything is sent, so two
processes cannot both draw for one template and a crash never forgets what was spent. Nothing is ever given
back by time: the clock is for reading only, and one that runs back is counted and told.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, TypeVar

from ..errors import BudgetError, LedgerError
from ..mechanisms.domain import View, base_axis
from ..mechanisms.protocol import log_up
from .columns import read_axes, read_view, read_whole, store_whole
from .composition import DELTA, Draw, basic, tight
from .key import device_key, keyed_hash
from .schema import FILE, KEY_FILE, SCHEMA, VERSION, default_folder

__all__ = ["TOTAL", "Account", "Charge", "Ledger"]

#: Name of the budget over everything; other budgets are by axis.
TOTAL: Final = "total"
#: ε that may be spent in all unless the person sets another budget.
DEFAULT_BUDGET: Final = 10.0
#: Seconds to wait for another process that is writing.
_PATIENCE: Final = 10.0
_T = TypeVar("_T")


@dataclass(frozen=True)
class Charge:
    """What one request is entered as. ``template`` and ``domain`` are hashed, never stored.

    Attributes:
        domain: everything the draw depends on but the truth (template, axes, phrases, lexicon).
        size: d, choices of the domain.
        rows: N.
    """

    mechanism: str
    template: str
    axes: tuple[str, ...]
    lexicon: str
    domain: str
    size: int
    rows: int
    ratio: Fraction = Fraction(1)
    bits: float = 0.0

    @property
    def memo(self) -> str:
        """What its draw is kept under, before it is hashed."""
        return f"{self.mechanism}\0{self.ratio}\0{self.rows}\0{self.domain}"


@dataclass(frozen=True)
class Account:
    """A total: ``basic`` and ``tight`` ε (the latter at δ = 10⁻⁶), the draws behind it, and the budget, if any."""

    basic: float
    tight: float
    draws: int
    budget: float | None

    @property
    def left(self) -> float | None:
        """ε that may still be spent; the budget counts the basic total."""
        return None if self.budget is None else max(0.0, self.budget - self.basic)


class Ledger:
    """The ledger in ``folder`` (default: ``$OBCLIP_HOME``, else the user's data folder). Opened for each use."""

    def __init__(self, folder: Path | str | None = None, clock: Callable[[], float] = time.time) -> None:
        self.folder = Path(folder) if folder is not None else default_folder()
        self._clock = clock

    @property
    def path(self) -> Path:
        """The database file."""
        return self.folder / FILE

    def permanent(self, charge: Charge, draw: Callable[[], View]) -> tuple[View, float]:
        """The kept draw of this domain and mechanism, or a new one, charged; and the ε that is newly spent.

        Raises:
            BudgetError: the new draw would pass a budget; nothing was drawn.
            LedgerError: the ledger cannot be read or written.
        """
        with self._transaction() as (db, key):
            memo = keyed_hash(key, "draw", charge.memo)
            row = db.execute("SELECT view FROM draws WHERE memo = ?", (memo,)).fetchone()
            if row is not None:
                self._enter(db, key, charge)
                return read_view(row[0]), 0.0
            self._check_budget(db, charge)
            view = draw()
            db.execute(
                "INSERT INTO draws VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    *(memo, json.dumps(view), str(charge.ratio), store_whole(charge.size)),
                    *(charge.rows, _axes(charge), self._now(db)),
                ),
            )
            self._enter(db, key, charge)
            return view, log_up(charge.ratio)

    def record(self, charge: Charge) -> None:
        """Enter a request that spends nothing.

        Raises:
            LedgerError: the ledger cannot be read or written.
        """
        assert charge.ratio == 1
        with self._transaction() as (db, key):
            self._enter(db, key, charge)

    def account(self, axis: str = TOTAL) -> Account:
        """What was spent on one axis, or in all.

        Raises:
            LedgerError: the ledger cannot be read.
        """
        return _totalled(*self._read(lambda db: _stored(db, axis)))

    def set_budget(self, epsilon: float | None, axis: str = TOTAL) -> None:
        """Set the budget of an axis, or of everything; ``None`` lifts it.

        Raises:
            LedgerError: not a number that is 0 or more, or the ledger cannot be written.
        """
        if epsilon is not None and not 0.0 <= epsilon < float("inf"):
            raise LedgerError(f"a budget is a number that is 0 or more, not {epsilon:g}")
        with self._transaction() as (db, _):
            db.execute("INSERT OR REPLACE INTO budgets VALUES (?, ?)", (axis, epsilon))

    def export(self) -> dict[str, Any]:
        """Everything in the ledger, as plain data.

        Raises:
            LedgerError: the ledger cannot be read.
        """
        stored, accounts = self._read(_export)
        totals = {axis: _totalled(*account) for axis, account in accounts.items()}
        return {**stored, "accounts": {axis: {**vars(a), "left": a.left} for axis, a in totals.items()}}

    def wipe(self) -> None:
        """Delete every entry, draw and budget, and make a new device key. Works on a damaged ledger too.

        What clouds have learned is not undone by it, and the next draw for a template spends anew.

        Raises:
            LedgerError: the folder cannot be written.
        """
        try:
            if not self.folder.exists():
                return
            try:
                self._empty()
            except (sqlite3.DatabaseError, LedgerError) as error:
                if isinstance(error, sqlite3.OperationalError):
                    raise  # in use or not writable: not damaged
                for name in (FILE, f"{FILE}-journal"):
                    (self.folder / name).unlink(missing_ok=True)
                (self.folder / KEY_FILE).unlink(missing_ok=True)
        except OSError as error:
            raise LedgerError(f"the ledger in {self.folder} cannot be wiped: {error.strerror}") from None
        except sqlite3.OperationalError as error:
            raise LedgerError(
                f"the ledger in {self.folder} cannot be wiped: {error}; is another obclip at work?"
            ) from None

    def _empty(self) -> None:
        """Overwrite and drop every table, and the key, while no other process can write.

        The file stays: a process that waits for it would write its draw into a deleted one, and lose it.
        """
        with closing(self._connect()) as db:
            db.execute("PRAGMA secure_delete = ON")
            db.execute("BEGIN EXCLUSIVE")
            for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                db.execute(f'DROP TABLE "{table}"')
            _prepare(db, self.path)
            (self.folder / KEY_FILE).unlink(missing_ok=True)
            db.execute("COMMIT")

    def _check_budget(self, db: sqlite3.Connection, charge: Charge) -> None:
        asked = log_up(charge.ratio)
        for axis in (TOTAL, *sorted({base_axis(a) for a in charge.axes})):
            draws, budget = _stored(db, axis)
            spent = basic(draws)
            if budget is not None and spent + asked > budget:
                of = "in all" if axis == TOTAL else f"on {axis}"
                raise BudgetError(
                    f"the privacy budget is exhausted: epsilon {spent:.3g} of {budget:.3g} is spent {of}, "
                    f"and this draw needs {asked:.3g}; use --mechanism cover (epsilon 0) or local, or raise it with "
                    "'obclip ledger budget'. Nothing was sent"
                )

    def _enter(self, db: sqlite3.Connection, key: bytes, charge: Charge) -> None:
        template, now = keyed_hash(key, "template", charge.template), self._now(db)
        for axis in charge.axes or ("",):
            db.execute(
                "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?) "
                "ON CONFLICT DO UPDATE SET requests = requests + 1, last = max(last, excluded.last)",
                (template, axis, charge.mechanism, str(charge.ratio), charge.bits, charge.lexicon, now, now),
            )

    def _now(self, db: sqlite3.Connection) -> int:
        """Seconds since 1970 that never fall; a clock that runs back is counted."""
        now = int(self._clock())
        latest = int(_meta(db, "latest", "0"))
        if now < latest:
            _set_meta(db, "clock_ran_back", str(int(_meta(db, "clock_ran_back", "0")) + 1))
            return latest
        _set_meta(db, "latest", str(now))
        return now

    @contextmanager
    def _transaction(self) -> Iterator[tuple[sqlite3.Connection, bytes]]:
        """A connection that holds the write lock, and the device key; commits at the end or not at all."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise LedgerError(f"the ledger's folder {self.folder} cannot be made: {error.strerror}") from None
        with _clear_errors(self.path), closing(self._connect()) as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                _prepare(db, self.path)
                key = device_key(self.folder / KEY_FILE)  # under the lock: a wipe changes it
                yield db, key
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")

    def _connect(self) -> sqlite3.Connection:
        if not self.path.exists():
            os.close(os.open(self.path, os.O_WRONLY | os.O_CREAT, 0o600))
        return sqlite3.connect(self.path, timeout=_PATIENCE, isolation_level=None)

    def _read(self, use: Callable[[sqlite3.Connection], _T]) -> _T:
        """Use a connection for reading; a ledger that is not there yet is an empty one."""
        with _clear_errors(self.path):
            if not self.path.exists() or self.path.stat().st_size == 0:
                with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
                    _prepare(db, self.path)
                    return use(db)
            # What a crash left half-written is taken back by whoever opens the file next, who must be able to write.
            mode = "rw" if self.path.with_name(f"{FILE}-journal").exists() else "ro"
            with closing(
                sqlite3.connect(f"{self.path.absolute().as_uri()}?mode={mode}", timeout=_PATIENCE, uri=True)
            ) as db:
                _check_version(db, self.path)
                return use(db)


@contextmanager
def _clear_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise LedgerError(
            f"the ledger {path} cannot be used: {error}; is its folder writable, the disk full, or another obclip at "
            "work? Nothing was sent"
        ) from None
    except (sqlite3.DatabaseError, ValueError) as error:
        raise LedgerError(
            f"the ledger {path} is damaged ({error}): put a copy of it back, or begin a new one with 'obclip ledger "
            "wipe' (what was spent is forgotten). Nothing was sent"
        ) from None
    except OSError as error:
        raise LedgerError(f"the ledger {path} cannot be used: {error.strerror}; nothing was sent") from None


def _prepare(db: sqlite3.Connection, path: Path) -> None:
    if db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
        for statement in SCHEMA:
            db.execute(statement)
        _set_meta(db, "version", str(VERSION))
        db.execute("INSERT INTO budgets VALUES (?, ?)", (TOTAL, DEFAULT_BUDGET))
    _check_version(db, path)


def _check_version(db: sqlite3.Connection, path: Path) -> None:
    version = _meta(db, "version", "")
    if version != str(VERSION):
        raise LedgerError(f"the ledger {path} is of version {version or 'none'}, this obclip writes {VERSION}")


def _meta(db: sqlite3.Connection, name: str, default: str) -> str:
    row = db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
    return default if row is None else str(row[0])


def _set_meta(db: sqlite3.Connection, name: str, value: str) -> None:
    db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))


def _axes(charge: Charge) -> str:
    return json.dumps(sorted({base_axis(a) for a in charge.axes}))


def _draws(db: sqlite3.Connection, axis: str) -> Sequence[Draw]:
    rows = db.execute("SELECT ratio, size, rows, axes FROM draws").fetchall()
    return [Draw(Fraction(str(r)), read_whole(d), k) for r, d, k, of in rows if axis == TOTAL or axis in read_axes(of)]


def _stored(db: sqlite3.Connection, axis: str) -> tuple[Sequence[Draw], float | None]:
    """The draws that cost something, and the budget, of one axis or in all."""
    _check_numbers(db, "draws", "rows", "at")
    _check_numbers(db, "budgets", "epsilon")
    draws = [d for d in _draws(db, axis) if d.ratio > 1]
    row = db.execute("SELECT epsilon FROM budgets WHERE axis = ?", (axis,)).fetchone()
    return draws, None if row is None else row[0]


def _check_numbers(db: sqlite3.Connection, table: str, *columns: str) -> None:
    """SQLite keeps a text in a column of numbers as it is: it is damage, and found here.

    Raises:
        ValueError: there is one.
    """
    for column in columns:
        if db.execute(f"SELECT 1 FROM {table} WHERE typeof({column}) IN ('text', 'blob')").fetchone() is not None:
            raise ValueError(f"{table}.{column} holds what is no number")


def _totalled(draws: Sequence[Draw], budget: float | None) -> Account:
    """Both totals. The tight one takes long for many draws: never while the ledger is locked."""
    return Account(basic(draws), tight(draws), len(draws), budget)


def _export(db: sqlite3.Connection) -> tuple[dict[str, Any], dict[str, tuple[Sequence[Draw], float | None]]]:
    """Everything but the totals, and what they are made of by axis."""
    _check_numbers(db, "entries", "bits", "requests", "first", "last")
    names = ["template", "axis", "mechanism", "ratio", "bits", "lexicon", "requests", "first", "last"]
    entries = [dict(zip(names, row, strict=True)) for row in db.execute("SELECT * FROM entries ORDER BY rowid")]
    for entry in entries:
        ratio = Fraction(str(entry.pop("ratio")))
        entry["epsilon"] = None if entry["bits"] > 0 else log_up(ratio)  # where bits leak, no ε holds
    budgets = dict(db.execute("SELECT axis, epsilon FROM budgets ORDER BY axis").fetchall())
    axes = sorted({base_axis(e["axis"]) for e in entries if e["axis"]} | set(budgets) - {TOTAL})
    stored = {
        "version": VERSION,
        "delta": float(DELTA),
        "clock_ran_back": int(_meta(db, "clock_ran_back", "0")),
        "entries": entries,
        "draws": [
            {
                "epsilon": log_up(Fraction(str(r))),
                "choices": read_whole(d),
                "rows": k,
                "axes": read_axes(axes),
                "at": at,
            }
            for r, d, k, axes, at in db.execute("SELECT ratio, size, rows, axes, at FROM draws ORDER BY rowid")
        ],
    }
    return stored, {axis: _stored(db, axis) for axis in (TOTAL, *axes)}
