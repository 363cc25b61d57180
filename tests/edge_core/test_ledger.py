"""The core's ledger against the reference's: what is spent, kept and refused, and its bytes."""

from __future__ import annotations

import hashlib
import json
import math
import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from edge_sdk.errors import BudgetError, InputError, LedgerError
from edge_sdk.ledger import TOTAL, Account, Charge, Ledger
from edge_sdk.ledger.schema import KEY_FILE
from edge_sdk.mechanisms import View
from edge_sdk.mechanisms.k_subset import ratio_below

from .building import probe
from .lines import KINDS, bits, line, text

KEY = bytes(range(32))
AXES = ("gender", "age", "gender.2", "age.2", "skin_tone", "nationality.3")


class _Clock:
    now = 1_700_000_000

    def __call__(self) -> float:
        return self.now


def _kind(error: InputError) -> str:
    return "BUDGET" if isinstance(error, BudgetError) else "LEDGER" if isinstance(error, LedgerError) else "INPUT"


def _error(error: InputError) -> dict[str, Any]:
    return {"error": str(error), "kind": KINDS.index(_kind(error))}


def _charge(rng: random.Random, costs: bool, ratios: list[Fraction]) -> Charge:
    axes = tuple(sorted(rng.sample(AXES, rng.randint(1, 4)), key=AXES.index)) if costs or rng.random() < 0.9 else ()
    template = rng.choice(("a {s0}", "two {s0}", "\u00e9\u4e2d {s0}")) + str(rng.randrange(6))
    size = rng.choice((9, 24, 1000, 2**40, 2**63 - 1, 2**63, 190**12))
    return Charge(
        mechanism="k-subset" if costs else rng.choice(("closed", "cover", "cells")),
        template=template,
        axes=axes,
        lexicon=rng.choice("67"),
        domain=f'["6", {json.dumps(template)}, {size}]',
        size=size,
        rows=rng.choice((1, 3, 8)),
        ratio=rng.choice(ratios) if costs else Fraction(1),
        bits=0.0 if costs else rng.choice((0.0, 0.0, 1.0, 2.584962500721156)),
    )


def _spoken(charge: Charge) -> list[object]:
    return [
        charge.mechanism,
        text(charge.template),
        len(charge.axes),
        *map(text, charge.axes),
        text(charge.lexicon),
        text(charge.domain),
        charge.size,
        charge.rows,
        charge.ratio,
        bits(charge.bits),
    ]


def _accounted(account: Account) -> list[Any]:
    budget, left = account.budget, account.left
    return [
        bits(account.basic),
        bits(account.tight),
        account.draws,
        None if budget is None else bits(budget),
        None if left is None else bits(left),
    ]


def _exported(ledger: Ledger) -> dict[str, Any]:
    whole = ledger.export()
    return {
        "entries": [
            [
                *(e["template"], e["axis"], e["mechanism"], bits(e["bits"]), e["lexicon"], e["requests"], e["first"]),
                *(e["last"], None if e["epsilon"] is None else bits(e["epsilon"])),
            ]
            for e in whole["entries"]
        ],
        "draws": [[bits(d["epsilon"]), d["choices"], d["rows"], d["axes"], d["at"]] for d in whole["draws"]],
        "clock_ran_back": whole["clock_ran_back"],
    }


def _permanent(ledger: Ledger, charge: Charge, view: View) -> list[Any]:
    def draw() -> View:
        if not view:
            raise InputError("no draw")
        return view

    kept, spent = ledger.permanent(charge, draw)
    return [[list(row) for row in kept], bits(spent)]


def _happen(rng: random.Random, ledger: Ledger, ratios: list[Fraction]) -> tuple[list[object], Any]:
    """One thing that happens: as the probe is told it, and what the reference gives."""
    kind = rng.choices(("permanent", "record", "budget", "account", "all"), (10, 5, 1, 3, 1))[0]
    if kind == "permanent":
        charge = _charge(rng, True, ratios)
        view = tuple(sorted({tuple(rng.randrange(9) for _ in charge.axes) for _ in range(rng.randint(0, 5))}))
        spoken = [kind, *_spoken(charge), len(view), len(charge.axes), *(v for row in view for v in row)]
        try:
            return spoken, _permanent(ledger, charge, view)
        except InputError as error:
            return spoken, _error(error)
    if kind == "record":
        charge = _charge(rng, False, ratios)
        ledger.record(charge)
        return [kind, *_spoken(charge)], None
    axis = rng.choice((TOTAL, "gender", "age", "nationality"))
    if kind == "budget":
        epsilon = rng.choice((None, 0.0, 1.5, 3.0, rng.uniform(0, 30), math.inf, -1.0))
        spoken = [kind, text(axis), int(epsilon is not None), bits(epsilon or 0.0)]
        try:
            ledger.set_budget(epsilon, axis)
        except InputError as error:
            return spoken, _error(error)
        return spoken, None
    if kind == "account":
        return [kind, text(axis)], _accounted(ledger.account(axis))
    return [kind], _exported(ledger)


def _compare(folder: Path, seed: int, count: int) -> None:
    rng = random.Random(seed)
    folder.mkdir(mode=0o700)
    (folder / KEY_FILE).write_bytes(KEY)
    (folder / KEY_FILE).chmod(0o600)
    clock = _Clock()
    ledger = Ledger(folder, clock)
    ratios = [Fraction(3), Fraction(3, 2), Fraction(9, 4), ratio_below(0.3), ratio_below(1.0), ratio_below(0.05)]
    ratios = rng.sample(ratios, rng.randint(1, 4))
    spoken: list[object] = [KEY.hex()]
    expected: list[Any] = []
    if rng.random() < 0.5:
        ledger.set_budget(None)
        spoken += ["open", clock.now, "budget", text(TOTAL), 0, bits(0.0)]
        expected.append(None)
    for _ in range(count):
        clock.now += rng.choice((0, 1, 60, 86400, -5))
        told, gave = _happen(rng, ledger, ratios)
        spoken += ["open", clock.now, *told]
        expected.append(gave)
    got = json.loads(probe("ledger")([line(spoken)])[0])
    for at, (said, want) in enumerate(zip(got, expected, strict=True)):
        assert said == want, f"seed {seed}, step {at}"


@pytest.mark.parametrize("seed", range(6))
def test_same_ledgers(tmp_path: Path, seed: int) -> None:
    """Random sequences of requests, draws, budgets and readings, with a clock that also runs back."""
    _compare(tmp_path / "home", seed, 60)


def test_tight_totals(tmp_path: Path) -> None:
    """Many draws of one kind, of two kinds, and of many: the same totals to the last bit."""
    for seed, (count, kinds) in enumerate(((40, 1), (14, 2), (30, 9), (60, 4))):
        folder = tmp_path / str(seed)
        folder.mkdir(mode=0o700)
        (folder / KEY_FILE).write_bytes(KEY)
        (folder / KEY_FILE).chmod(0o600)
        ledger = Ledger(folder, _Clock())
        ledger.set_budget(None)
        spoken: list[object] = [KEY.hex(), "budget", text(TOTAL), 0, bits(0.0)]
        expected: list[Any] = [None]
        for i in range(count):
            ratio = ratio_below(0.1 + (i % kinds if kinds < 4 else 0) / 10)
            charge = Charge("k-subset", str(i), ("gender",), "6", str(i), 10**9 + i % kinds, 8, ratio)
            spoken += ["open", _Clock.now, "permanent", *_spoken(charge), 1, 1, 0]
            expected.append(_permanent(ledger, charge, ((0,),)))
        spoken += ["account", text("gender")]
        expected.append(_accounted(ledger.account("gender")))
        assert json.loads(probe("ledger")([line(spoken)])[0]) == expected


def _stored() -> bytes:
    rng = random.Random(5)
    spoken: list[object] = [KEY.hex()]
    for i in range(5):
        charge = _charge(rng, i % 2 == 0, [Fraction(3, 2)])
        name = "permanent" if i % 2 == 0 else "record"
        view = [1, len(charge.axes), *range(len(charge.axes))] if i % 2 == 0 else []
        spoken += ["open", 1_700_000_000 + i, name, *_spoken(charge), *view]
    return bytes.fromhex(json.loads(probe("ledger")([line((*spoken, "stored"))])[0])[-1])


def test_damaged_bytes_are_refused() -> None:
    """Every change, cut and addition is found; what comes with the right hash is read within its limits."""
    stored = _stored()
    assert stored.startswith(b"obclip-ledger-1\n")
    assert hashlib.sha256(stored[:-32]).digest() == stored[-32:]
    rng = random.Random(2)
    damaged = [stored[:n] for n in (1, 10, 16, 40, len(stored) - 1)] + [stored + b"\0", b"SQLite format 3\0" * 9]
    damaged.append(stored.replace(b"ledger-1", b"ledger-2"))
    for _ in range(100):
        at = rng.randrange(len(stored))
        damaged.append(stored[:at] + bytes([stored[at] ^ (1 << rng.randrange(8))]) + stored[at + 1 :])
    answers = probe("ledger")([f"{KEY.hex()} bytes {d.hex()}" for d in (stored, *damaged)])
    assert json.loads(answers[0]) == ["same"]
    for said in map(json.loads, answers[1:]):
        assert said[0]["kind"] == KINDS.index("LEDGER"), said
        assert said[0]["error"].endswith("Nothing was sent")
    assert "another version" in json.loads(answers[8])[0]["error"]


def test_forged_bytes_are_read_within_limits() -> None:
    """With the right hash behind it, what is read is refused or has exactly the bytes that it was read from."""
    body = _stored()[:-32]
    rng = random.Random(4)
    lines = []
    for _ in range(3000):
        forged = bytearray(body)
        for _ in range(rng.choice((1, 1, 2, 8))):
            at = rng.randrange(16, len(forged))
            forged[at] = rng.choice((0, 1, 0x7F, 0x80, 0xFF, forged[at] ^ (1 << rng.randrange(8))))
        if rng.random() < 0.3:
            del forged[rng.randrange(16, len(forged)) :]
        lines.append(f"{KEY.hex()} hashed {forged.hex()} account {text(TOTAL)}")
    for said in map(json.loads, probe("ledger")(lines)):
        assert said[0] == "same" or said[0]["kind"] == KINDS.index("LEDGER")


def test_keys_of_another_length_are_refused() -> None:
    """A key is 32 bytes."""
    for said in map(json.loads, probe("ledger")([f"{key} all" for key in ("-", "00", "00" * 31, "00" * 33)])):
        assert said[0]["kind"] == KINDS.index("LEDGER")
