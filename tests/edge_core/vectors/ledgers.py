"""What happens to a ledger, one thing after the other, and what it answers."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from edge_sdk.errors import InputError
from edge_sdk.ledger import TOTAL, Charge, Ledger
from edge_sdk.ledger.schema import KEY_FILE
from edge_sdk.mechanisms.k_subset import ratio_below

from ..lines import KINDS
from ..test_ledger import KEY, _charge, _error

_SEQUENCES: Final = 12
_STEPS: Final = 40


def charge_of(told: dict[str, Any]) -> Charge:
    """A charge as it stands in the file."""
    return Charge(**{**told, "axes": tuple(told["axes"]), "ratio": Fraction(told["ratio"])})


def ledgers() -> Iterator[dict[str, Any]]:
    """Sequences with a clock that also runs back, over budgets of all kinds."""
    for number in range(_SEQUENCES):
        rng = random.Random(f"ledger/{number}")
        ratios = rng.sample([Fraction(3), Fraction(3, 2), ratio_below(0.3), ratio_below(1.0)], 2)
        now, steps = 1_700_000_000, []
        for _ in range(_STEPS):
            now += rng.choice((0, 1, 60, 86400, -5))
            steps.append({"now": now, **_step(rng, ratios)})
        with tempfile.TemporaryDirectory() as folder:
            yield {"key": KEY.hex(), "steps": list(played(Path(folder), steps))}


def _step(rng: random.Random, ratios: list[Fraction]) -> dict[str, Any]:
    kind = rng.choices(("permanent", "record", "budget", "account"), (8, 4, 1, 4))[0]
    axis = rng.choice((TOTAL, "gender", "age", "nationality"))
    if kind == "budget":
        return {"do": kind, "axis": axis, "epsilon": rng.choice((None, 0.0, 1.5, 3.0, 12.25))}
    if kind == "account":
        return {"do": kind, "axis": axis}
    charge = _charge(rng, kind == "permanent", ratios)
    told = {"do": kind, "charge": {**asdict(charge), "ratio": str(charge.ratio)}}
    if kind == "record":
        return told
    return told | {"rows": sorted({tuple(rng.randrange(9) for _ in charge.axes) for _ in range(rng.randint(1, 4))})}


def played(folder: Path, steps: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Each step with what the reference's ledger gives."""
    (folder / KEY_FILE).write_bytes(KEY)
    (folder / KEY_FILE).chmod(0o600)
    folder.chmod(0o700)
    now = 0
    ledger = Ledger(folder, lambda: now)
    for step in steps:
        now = step["now"]
        yield step | {"gives": _given(ledger, step)}


def _given(ledger: Ledger, step: dict[str, Any]) -> Any:
    try:
        if step["do"] == "permanent":
            view = tuple(map(tuple, step["rows"]))
            rows, spent = ledger.permanent(charge_of(step["charge"]), lambda: view)
            return {"rows": rows, "spent": spent}
        if step["do"] == "record":
            ledger.record(charge_of(step["charge"]))
            return None
        if step["do"] == "budget":
            ledger.set_budget(step["epsilon"], step["axis"])
            return None
    except InputError as error:
        told = _error(error)
        return {"refused": KINDS[told["kind"]], "message": told["error"]}
    account = ledger.account(step["axis"])
    return {"basic": account.basic, "tight": account.tight, "draws": account.draws, "budget": account.budget}
