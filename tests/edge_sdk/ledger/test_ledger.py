"""The ledger: exact composition, budgets, permanent draws, and what is stored."""

from __future__ import annotations

import itertools
import json
import math
import os
import stat
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from edge_sdk.errors import BudgetError, LedgerError
from edge_sdk.ledger import Account, Charge, Ledger
from edge_sdk.ledger.composition import DELTA, Draw, basic, losses, tight
from edge_sdk.ledger.key import device_key
from edge_sdk.ledger.schema import default_folder
from edge_sdk.mechanisms import KSubset, View
from edge_sdk.mechanisms.k_subset import ratio_below

from ..mechanisms.test_deterministic import numbered
from .entries import SECRET, VIEW, charge

# --- composition ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("d", "k"), [(2, 1), (3, 1), (3, 2), (5, 2), (6, 4)])
def test_the_loss_distribution_is_the_mechanisms_own(d: int, k: int) -> None:
    domain, ratio = numbered(d), Fraction(5, 2)
    mechanism = KSubset(ratio, k)
    x, y = mechanism.law(domain, (0,)), mechanism.law(domain, (d - 1,))
    found: dict[Fraction, Fraction] = {}
    for view, p in x.items():
        found[p / y[view]] = found.get(p / y[view], Fraction(0)) + p
    told = losses([Draw(ratio, d, k)])
    assert told is not None
    assert {r: p for r, p in told.items() if p} == found


def brute_delta(draws: Sequence[Draw], t: Fraction) -> Fraction:
    """δ at e^ε = t by going through every outcome of every draw: Σ max(0, P(x) - t P(y))."""
    laws = []
    for draw in draws:
        domain = numbered(draw.d)
        mechanism = KSubset(draw.ratio, draw.k)
        x, y = mechanism.law(domain, (0,)), mechanism.law(domain, (1,))
        laws.append([(x[view], y[view]) for view in x])
    total = Fraction(0)
    for outcome in itertools.product(*laws):
        p = math.prod((a for a, _ in outcome), start=Fraction(1))
        q = math.prod((b for _, b in outcome), start=Fraction(1))
        total += max(Fraction(0), p - t * q)
    return total


@pytest.mark.parametrize(
    "draws",
    [
        [Draw(Fraction(3), 4, 2)] * 3,
        [Draw(Fraction(3), 6, 2), Draw(Fraction(3, 2), 3, 1), Draw(Fraction(5), 2, 1)],
        [Draw(Fraction(2), 6, 3), Draw(Fraction(2), 5, 1)],
    ],
)
@pytest.mark.parametrize("delta", [Fraction(1, 10**6), Fraction(1, 20), Fraction(1, 3)])
def test_the_tight_total_is_what_brute_force_gives(draws: list[Draw], delta: Fraction) -> None:
    t = Fraction(math.exp(tight(draws, delta)))
    assert brute_delta(draws, t * (1 + Fraction(1, 10**9))) <= delta
    if t > 1 + Fraction(1, 10**6):
        assert brute_delta(draws, t * (1 - Fraction(1, 10**6))) > delta
    assert tight(draws, delta) <= basic(draws)


def test_the_tight_total_agrees_with_published_accounting() -> None:
    """Google's dp-accounting, PLD of the same pair, d = 24, k = 8, δ = 1e-6, to the digits it was noted with."""
    for epsilon, n, want in ((1.0, 10, 9.99), (1.0, 50, 33.9), (1.0, 100, 56.4), (0.5, 100, 21.9)):
        found = tight([Draw(ratio_below(epsilon), 24, 8)] * n, DELTA)
        assert found == pytest.approx(want, abs=0.06)


def test_totals_of_nothing_and_of_very_much() -> None:
    assert (basic([]), tight([])) == (0.0, 0.0)
    many = [Draw(Fraction(3), 24, 8)] * 301
    assert tight(many) == basic(many) == pytest.approx(301 * math.log(3))
    kinds = [Draw(Fraction(n, 10), 24, 8) for n in range(11, 41)]
    assert tight(kinds) == basic(kinds)


# --- draws and budgets ---------------------------------------------------------------------------------------------


def test_a_draw_is_made_once_and_charged_once(ledger: Ledger) -> None:
    drawn: list[int] = []

    def draw() -> View:
        drawn.append(1)
        return VIEW

    assert ledger.permanent(charge(), draw) == (VIEW, pytest.approx(math.log(3)))
    for again in (ledger, Ledger(ledger.folder)):
        assert again.permanent(charge(), draw) == (VIEW, 0.0)
    assert len(drawn) == 1
    account = ledger.account()
    assert (account.draws, account.basic) == (1, pytest.approx(math.log(3)))
    ledger.permanent(charge("another {s0}"), draw)
    ledger.permanent(charge(ratio=Fraction(4)), draw)
    assert ledger.account().basic == pytest.approx(2 * math.log(3) + math.log(4))
    assert len(drawn) == 3


@pytest.mark.parametrize("size", [2**31, 2**63 - 1, 2**63, 2**64 + 1, 190**12, 10**199])
def test_a_domain_of_any_size_is_kept_and_counted_exactly(ledger: Ledger, size: int) -> None:
    of = replace(charge(), size=size)
    assert ledger.permanent(of, lambda: VIEW)[0] == VIEW
    assert ledger.permanent(of, lambda: ((9, 9),)) == (VIEW, 0.0)
    assert [d["choices"] for d in ledger.export()["draws"]] == [size]
    assert ledger.account() == Account(basic([Draw(of.ratio, size, of.rows)]), ledger.account().tight, 1, 10.0)
    assert ledger.account().tight == tight([Draw(of.ratio, size, of.rows)])


def test_axes_are_counted_without_their_persons(ledger: Ledger) -> None:
    ledger.permanent(charge("1", axes=("gender", "gender.2", "age")), lambda: VIEW)
    ledger.permanent(charge("2", axes=("age",)), lambda: VIEW)
    assert ledger.account("gender").basic == pytest.approx(math.log(3))
    assert ledger.account("age").basic == pytest.approx(2 * math.log(3))
    assert ledger.account("religion").basic == 0.0


def test_an_exhausted_budget_refuses_new_draws_and_keeps_old_ones(ledger: Ledger) -> None:
    ledger.set_budget(2.5)
    ledger.permanent(charge("1"), lambda: VIEW)
    ledger.permanent(charge("2"), lambda: VIEW)

    def never() -> View:
        raise AssertionError("nothing may be drawn")

    with pytest.raises(BudgetError, match=r"2\.2 of 2\.5 is spent in all.*cover"):
        ledger.permanent(charge("3"), never)
    assert ledger.permanent(charge("1"), never) == (VIEW, 0.0)
    assert ledger.account().left == pytest.approx(2.5 - 2 * math.log(3))
    ledger.set_budget(None)
    ledger.set_budget(2.5, "gender")
    with pytest.raises(BudgetError, match="on gender"):
        ledger.permanent(charge("3"), never)
    ledger.permanent(charge("3", axes=("age",)), lambda: VIEW)


def test_there_is_a_budget_from_the_start(ledger: Ledger) -> None:
    assert ledger.account().budget == 10.0
    for i in range(9):
        ledger.permanent(charge(str(i)), lambda: VIEW)
    with pytest.raises(BudgetError):
        ledger.permanent(charge("one too many"), lambda: VIEW)


@pytest.mark.parametrize("bad", [-1.0, float("nan"), float("inf")])
def test_a_budget_is_a_number(ledger: Ledger, bad: float) -> None:
    with pytest.raises(LedgerError, match="budget"):
        ledger.set_budget(bad)


def test_free_requests_are_counted_and_cost_nothing(ledger: Ledger) -> None:
    free = Charge("cells", SECRET, ("gender", "age"), "7", SECRET, 90, 24, bits=2.0)
    ledger.record(free)
    ledger.record(free)
    told = ledger.export()
    assert [(e["axis"], e["mechanism"], e["requests"], e["epsilon"], e["bits"]) for e in told["entries"]] == [
        ("gender", "cells", 2, None, 2.0),
        ("age", "cells", 2, None, 2.0),
    ]
    assert ledger.account().basic == 0.0


def test_a_failed_draw_leaves_nothing(ledger: Ledger) -> None:
    def fails() -> View:
        raise RuntimeError("no coins")

    with pytest.raises(RuntimeError):
        ledger.permanent(charge(), fails)
    assert ledger.account().draws == 0
    assert ledger.export()["entries"] == []


# --- what is stored ------------------------------------------------------------------------------------------------


def test_no_prompt_text_is_on_the_disk(ledger: Ledger) -> None:
    ledger.permanent(charge(), lambda: VIEW)
    for file in ledger.folder.iterdir():
        assert SECRET.encode() not in file.read_bytes(), file
    assert SECRET not in json.dumps(ledger.export())


def test_hashes_differ_between_devices(tmp_path: Path) -> None:
    seen = set()
    for name in "ab":
        one = Ledger(tmp_path / name)
        one.permanent(charge(), lambda: VIEW)
        seen.add(one.export()["entries"][0]["template"])
    assert len(seen) == 2


@pytest.mark.skipif(os.name != "posix", reason="POSIX file modes")
def test_files_are_for_the_owner_alone(ledger: Ledger) -> None:
    ledger.permanent(charge(), lambda: VIEW)
    modes = {f.name: stat.S_IMODE(f.stat().st_mode) for f in ledger.folder.iterdir()}
    assert modes == {"ledger.sqlite3": 0o600, "device.key": 0o600}
    assert stat.S_IMODE(ledger.folder.stat().st_mode) == 0o700
    (ledger.folder / "device.key").chmod(0o644)
    with pytest.raises(LedgerError, match="chmod 600"):
        ledger.permanent(charge("2"), lambda: VIEW)


def test_the_folder_can_be_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OBCLIP_HOME", str(tmp_path / "mine"))
    assert default_folder() == tmp_path / "mine"
    monkeypatch.delenv("OBCLIP_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_folder() == tmp_path / "obclip"
    monkeypatch.delenv("XDG_DATA_HOME")
    assert default_folder().parts[-3:] == (".local", "share", "obclip")


def test_wiping_forgets_everything_and_changes_the_key(ledger: Ledger) -> None:
    ledger.permanent(charge(), lambda: VIEW)
    ledger.set_budget(1.0)
    key = device_key(ledger.folder / "device.key")
    ledger.wipe()
    assert ledger.export()["entries"] == []
    assert ledger.account().budget == 10.0
    ledger.record(Charge("closed", "x", (), "7", "x", 1, 1))
    assert device_key(ledger.folder / "device.key") != key
    ledger.wipe()
    ledger.wipe()
