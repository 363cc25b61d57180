"""The ledger on real disks: clocks, damage, crashes, and other processes."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from edge_sdk.errors import BudgetError, LedgerError
from edge_sdk.ledger import Charge, Ledger
from edge_sdk.ledger.composition import Draw, tight
from edge_sdk.ledger.rehearsal import RehearsedLedger
from edge_sdk.mechanisms import View

from .entries import VIEW, charge

# --- clocks, disks, processes --------------------------------------------------------------------------------------


def test_a_clock_that_runs_back_gives_nothing_back(tmp_path: Path) -> None:
    now = [1_000_000.0]
    ledger = Ledger(tmp_path, clock=lambda: now[0])
    ledger.set_budget(1.5)
    ledger.permanent(charge("1"), lambda: VIEW)
    for moved in (5.0, 1e12, 0.0):
        now[0] = moved
        with pytest.raises(BudgetError):
            ledger.permanent(charge("2"), lambda: VIEW)
        assert ledger.permanent(charge("1"), lambda: VIEW) == (VIEW, 0.0)
    told = ledger.export()
    assert told["clock_ran_back"] == 2
    assert told["entries"][0]["first"] == 1_000_000
    assert told["entries"][0]["last"] == 10**12


@pytest.mark.parametrize("content", [b"not a database", b"SQLite format 3\0" + bytes(200), b"\0" * 8192])
def test_a_damaged_file_is_said_and_not_replaced(ledger: Ledger, content: bytes) -> None:
    ledger.permanent(charge(), lambda: VIEW)
    ledger.path.write_bytes(content)
    for use in (
        lambda: ledger.permanent(charge(), lambda: VIEW),
        lambda: ledger.record(Charge("closed", "x", (), "7", "x", 1, 1)),
        ledger.account,
        ledger.export,
        lambda: ledger.set_budget(3.0),
    ):
        with pytest.raises(LedgerError, match=r"damaged|cannot be used|of version") as caught:
            use()
        assert caught.value.exit_code == 2
    assert ledger.path.read_bytes() == content
    ledger.wipe()
    assert ledger.account().draws == 0


@pytest.mark.parametrize(
    "value", ["nonsense", "-1", "null", "[1]", "[[-1]]", '[["a"]]', "[[true]]", "[" * 10**5, b"\xff"]
)
def test_damage_inside_is_said(ledger: Ledger, value: object) -> None:
    ledger.permanent(charge(), lambda: VIEW)
    with sqlite3.connect(ledger.path) as db:
        db.execute("UPDATE draws SET view = ?", (value,))
    db.close()
    for one in (ledger, RehearsedLedger(ledger.folder)):
        with pytest.raises(LedgerError, match="damaged"):
            one.permanent(charge(), lambda: VIEW)


@pytest.mark.parametrize(
    "where",
    ["budgets.epsilon", "draws.size", "draws.rows", "draws.at", "draws.ratio", "draws.axes", "entries.bits",
     "entries.ratio", "entries.requests", "entries.first"],
)  # fmt: skip
@pytest.mark.parametrize("value", ["nonsense", b"\xff", b"-1", b"1_0", b""])
def test_a_value_of_another_kind_is_damage(ledger: Ledger, where: str, value: object) -> None:
    ledger.permanent(charge(), lambda: VIEW)
    table, column = where.split(".")
    with sqlite3.connect(ledger.path) as db:
        db.execute(f"UPDATE {table} SET {column} = ?", (value,))
    db.close()
    with pytest.raises(LedgerError, match="damaged"):
        ledger.export()
    if table == "budgets":
        with pytest.raises(LedgerError, match="damaged"):
            ledger.account()


def test_another_version_is_not_touched(ledger: Ledger) -> None:
    ledger.permanent(charge(), lambda: VIEW)
    with sqlite3.connect(ledger.path) as db:
        db.execute("UPDATE meta SET value = '99' WHERE name = 'version'")
    db.close()
    for use in (ledger.account, lambda: ledger.permanent(charge(), lambda: VIEW)):
        with pytest.raises(LedgerError, match="version 99"):
            use()


def test_a_key_that_is_none(ledger: Ledger) -> None:
    ledger.permanent(charge(), lambda: VIEW)
    (ledger.folder / "device.key").write_bytes(b"short")
    with pytest.raises(LedgerError, match="no device key"):
        ledger.permanent(charge(), lambda: VIEW)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LedgerError, match="cannot be made"):
        Ledger(tmp_path / "file" / "home").permanent(charge(), lambda: VIEW)
    with pytest.raises(LedgerError, match="cannot be"):
        Ledger("/proc/obclip").permanent(charge(), lambda: VIEW)


def test_a_file_that_cannot_be_written(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger.permanent(charge(), lambda: VIEW)

    def read_only(self: Ledger) -> sqlite3.Connection:
        return sqlite3.connect(f"{self.path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)

    monkeypatch.setattr(Ledger, "_connect", read_only)  # the superuser may write anywhere, so chmod proves nothing
    with pytest.raises(LedgerError, match="readonly"):
        ledger.permanent(charge("2"), lambda: VIEW)
    assert ledger.account().draws == 1


def test_a_ledger_that_another_process_holds(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger.permanent(charge(), lambda: VIEW)
    monkeypatch.setattr("edge_sdk.ledger.ledger._PATIENCE", 0.1)
    other = sqlite3.connect(ledger.path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        with pytest.raises(LedgerError, match="another obclip at work"):
            ledger.permanent(charge("2"), lambda: VIEW)
    finally:
        other.close()


def test_threads_that_race_for_one_template_get_one_draw(ledger: Ledger) -> None:
    views: list[View] = []
    start = threading.Barrier(8)

    def work(i: int) -> None:
        start.wait()
        views.append(ledger.permanent(charge(), lambda: ((i, i),))[0])

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(views) == 8
    assert len(set(views)) == 1
    assert ledger.account().draws == 1


_PROCESS = """
import sys
from fractions import Fraction
from edge_sdk.ledger import Charge, Ledger
from edge_sdk.ledger.rehearsal import RehearsedLedger
from edge_sdk.errors import BudgetError
ledger, me = Ledger(sys.argv[1]), int(sys.argv[2])
for i in range(12):
    charge = Charge("k-subset", f"t{i}", ("gender",), "7", f"d{i}", 6, 2, Fraction(3))
    try:
        print(i, ledger.permanent(charge, lambda: ((me, i),))[0])
    except BudgetError:
        print(i, "refused")
"""


def test_processes_that_race_share_draws_and_one_budget(tmp_path: Path) -> None:
    """Nothing exists at the start: key, file and tables are made by whoever is first."""
    running = [
        subprocess.Popen([sys.executable, "-c", _PROCESS, str(tmp_path / "home"), str(me)], stdout=subprocess.PIPE)
        for me in range(4)
    ]
    said = [p.communicate(timeout=60)[0].decode().splitlines() for p in running]
    assert [p.returncode for p in running] == [0] * 4
    views = [{line for line in lines if "refused" not in line} for lines in said]
    assert all(len(v) == 9 for v in views)  # 9 · ln 3 < 10 <= 10 · ln 3
    assert len(set().union(*views)) == 9
    assert Ledger(tmp_path / "home").account().draws == 9


def test_wiping_waits_for_who_writes(ledger: Ledger) -> None:
    """A wipe in the middle of another's transaction would delete the file that its draw is written into."""
    ledger.set_budget(5.0)
    drawing, done = threading.Event(), threading.Event()

    def draw() -> View:
        drawing.set()
        assert not done.wait(0.4)  # the wipe does not come through
        return VIEW

    first = threading.Thread(target=ledger.permanent, args=(charge(), draw))
    first.start()
    assert drawing.wait(10)
    wiping = threading.Thread(target=lambda: (ledger.wipe(), done.set()))
    wiping.start()
    first.join(10)
    wiping.join(10)
    assert done.is_set()
    assert ledger.account().draws == 0
    ledger.permanent(charge(), lambda: VIEW)
    assert ledger.account().draws == 1  # into the file that is there


def test_what_was_wiped_is_not_left_in_the_file(ledger: Ledger) -> None:
    ledger.permanent(charge(), lambda: VIEW)
    template = ledger.export()["entries"][0]["template"].encode()
    assert template in ledger.path.read_bytes()
    ledger.wipe()
    assert template not in ledger.path.read_bytes()


def test_reading_after_a_crash_in_the_middle_of_writing(ledger: Ledger) -> None:
    """What is left is a journal that the next opener must roll back: one that may only read could not."""
    ledger.permanent(charge(), lambda: VIEW)
    crash = (
        "import os, sqlite3, sys\n"
        "db = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "db.execute('PRAGMA cache_size = 1')\n"
        "db.execute('BEGIN IMMEDIATE')\n"
        "db.execute('UPDATE draws SET rows = 99')\n"
        "for i in range(500):\n"
        "    db.execute('INSERT INTO meta VALUES (?, ?)', (f'x{i}', 'y' * 500))\n"
        "os._exit(1)\n"
    )
    subprocess.run([sys.executable, "-c", crash, str(ledger.path)], check=False)
    assert ledger.path.with_name(f"{ledger.path.name}-journal").exists()
    assert ledger.account().draws == 1
    assert ledger.export()["draws"][0]["rows"] == 2


def test_the_tight_total_is_computed_after_the_lock_is_gone(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger.set_budget(100.0)
    for i in range(3):
        ledger.permanent(charge(str(i)), lambda: VIEW)
    free: list[bool] = []

    def watched(draws: Sequence[Draw]) -> float:
        with sqlite3.connect(ledger.path, timeout=0, isolation_level=None) as db:
            db.execute("BEGIN EXCLUSIVE")
            db.execute("ROLLBACK")
        db.close()
        free.append(True)
        return tight(draws)

    monkeypatch.setattr("edge_sdk.ledger.ledger.tight", watched)
    assert ledger.account().draws == 3
    ledger.export()
    assert free
    free.clear()
    ledger.permanent(charge("another"), lambda: VIEW)
    assert not free  # a budget counts the basic total: nothing slow while others wait
