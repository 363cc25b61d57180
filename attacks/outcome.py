"""One row of the table: what an attack recovered, what the bound allows, and whether that is as it must be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any, Final, Literal

from .intervals import clopper_pearson

__all__ = ["CONFIDENCE", "Outcome", "as_json", "caught", "exact", "falls", "measured", "reported", "same", "table"]

Expectation = Literal["holds", "falls", "caught", "reported"]
#: Two-sided confidence of every sampled row. High, because one run has some twenty such rows and a false
#: alarm would teach people to ignore the exit code: 20 · 0.0005 = 1 % of runs.
CONFIDENCE: Final = 0.999


@dataclass(frozen=True)
class Outcome:
    """What one attack got out of one target.

    Attributes:
        attack: the attack's name in the registry.
        target: mechanism, baseline or broken variant.
        recovered, bound: in words and numbers, as the table prints them.
        method: "exact", or the confidence interval with its n.
        expect: "holds" (must stay at the bound), "falls" (a baseline that must be broken), "caught" (a broken
            variant that the harness must notice) or "reported" (no bound; shown beside ε).
        ok: whether it is as expected.
        recovered_value, bound_value: the same as numbers where there are some.
        detail: what a reader needs to judge a failure. Never a person's prompt: prompts here are the harness's.
    """

    attack: str
    target: str
    recovered: str
    bound: str
    method: str
    expect: Expectation
    ok: bool
    recovered_value: float | None = None
    bound_value: float | None = None
    detail: str = ""


def _number(value: Fraction) -> str:
    return str(value) if value.denominator < 1000 else f"{float(value):.4f}"


def exact(
    attack: str,
    target: str,
    recovered: Fraction,
    bound: Fraction,
    *,
    equal: bool = False,
    what: str = "",
    detail: str = "",
) -> Outcome:
    """An exact success probability against an exact bound: at most the bound, or (``equal``) exactly it."""
    ok = recovered == bound if equal else recovered <= bound
    return Outcome(
        attack,
        target,
        f"{what} {_number(recovered)}".strip(),
        f"{'=' if equal else '≤'} {_number(bound)}",
        "exact",
        "holds",
        ok,
        float(recovered),
        float(bound),
        detail,
    )


def same(attack: str, target: str, differing: int, pairs: int, what: str, detail: str = "") -> Outcome:
    """Byte comparisons: ``differing`` of ``pairs`` must be none."""
    return Outcome(
        attack,
        target,
        f"{differing} of {pairs} {what}",
        "0",
        "exact",
        "holds",
        differing == 0 and pairs > 0,
        float(differing),
        0.0,
        detail,
    )


def measured(attack: str, target: str, hits: int, n: int, prior: Fraction, what: str, detail: str = "") -> Outcome:
    """A sampled success rate: the prior must lie inside its Clopper–Pearson interval, or above it."""
    low, high = clopper_pearson(hits, n, CONFIDENCE)
    return Outcome(
        attack,
        target,
        f"{what} {hits / n:.3f} [{low:.3f}, {high:.3f}]",
        f"prior {_number(prior)}",
        f"{100 * CONFIDENCE:g} % interval, n = {n}",
        "holds",
        low <= float(prior),
        hits / n,
        float(prior),
        detail,
    )


def falls(
    attack: str,
    target: str,
    recovered: Fraction | float,
    prior: Fraction,
    what: str,
    *,
    method: str = "exact",
    detail: str = "",
) -> Outcome:
    """A baseline: the attacker must do strictly better than the prior."""
    shown = _number(recovered) if isinstance(recovered, Fraction) else f"{recovered:.3f}"
    return Outcome(
        attack,
        target,
        f"{what} {shown}",
        f"prior {_number(prior)}",
        method,
        "falls",
        recovered > prior,
        float(recovered),
        float(prior),
        detail,
    )


def caught(attack: str, target: str, by: Sequence[str], detail: str = "") -> Outcome:
    """A broken variant: at least one attack must notice it."""
    return Outcome(
        attack,
        target,
        f"caught by {', '.join(by)}" if by else "not noticed",
        "caught",
        "run",
        "caught",
        bool(by),
        detail=detail,
    )


def reported(
    attack: str, target: str, recovered: str, compare: str, method: str, value: float, detail: str = ""
) -> Outcome:
    """No bound exists: the number stands beside ε so that nobody mistakes ε for it."""
    return Outcome(attack, target, recovered, compare, method, "reported", True, value, None, detail)


_WORD: Final = {
    "holds": "holds",
    "falls": "falls, as it must",
    "caught": "caught",
    "reported": "reported",
}
_BAD: Final = {"holds": "BROKEN", "falls": "DID NOT FALL", "caught": "NOT CAUGHT", "reported": "reported"}


def table(outcomes: Sequence[Outcome]) -> str:
    """The outcomes as a Markdown table, in their order."""
    rows = [("attack", "against", "recovered", "bound", "how", "verdict")]
    rows += [
        (o.attack, o.target, o.recovered, o.bound, o.method, (_WORD if o.ok else _BAD)[o.expect]) for o in outcomes
    ]
    widths = [max(len(r[i]) for r in rows) for i in range(len(rows[0]))]
    lines = ["| " + " | ".join(cell.ljust(w) for cell, w in zip(r, widths, strict=True)) + " |" for r in rows]
    lines.insert(1, "|" + "|".join("-" * (w + 2) for w in widths) + "|")
    return "\n".join(lines)


def as_json(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """Plain data of the rows."""
    return [asdict(o) for o in outcomes]
