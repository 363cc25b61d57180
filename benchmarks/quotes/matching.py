"""Whether a quoted figure is a number of a result file, to the digits that are quoted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from .figures import Figure
from .leaves import Leaf, Results
from .units import WRITTEN

#: Of a value: floating point alone.
_SLACK: Final = 1e-9


def agrees(figure: Figure, leaf: Leaf) -> bool:
    """The leaf, in the figure's unit and rounded as the figure is, is the figure.

    Time is compared with time, sizes with sizes, dB with dB. A share is compared with a quotient or a percentage, and
    with how far a quotient lies from 1. A decimal without a unit may be any number as it stands in the file.
    """
    kind, value = leaf.in_base()
    if figure.inherited and figure.decimals and agrees(replace(figure, unit=None, inherited=False), leaf):
        return True
    if figure.unit is None:
        return any(_rounds(figure, v) for v in ((leaf.value,) if kind else (value, 100 * value)))
    wanted, scale = WRITTEN[figure.unit]
    if wanted in ("share", "ratio"):
        shares = (value, 100 * value, 100 * (value - 1)) if wanted == "share" else (value,)
        return kind is None and any(_rounds(figure, v) for v in shares)
    return kind == wanted and _rounds(figure, value / scale)


def _rounds(figure: Figure, value: float) -> bool:
    """Half a unit of the last quoted digit is allowed either way; a figure without a sign may stand for either."""
    half = 0.5 * 10.0**-figure.decimals * (1 + 1e-6) + _SLACK * abs(value)
    unsigned = figure.text[0].isdigit()
    return abs(value - figure.value) <= half or (unsigned and abs(-value - figure.value) <= half)


def unexplained(figures: Sequence[Figure], results: Sequence[Results]) -> list[Figure]:
    """Figures of one sentence or paragraph that no number of these files is."""
    return [f for f in figures if not any(agrees(f, leaf) for r in results for leaf in r.leaves)]


def unexplained_row(figures: Sequence[Figure], results: Sequence[Results], most: int) -> list[Figure]:
    """Figures of a table's row that are in none of the few records which explain most of it.

    A number somewhere in a long file proves little; a row of a table is a record of a file, or one of each of
    several. So at
    most ``most`` records are taken, always the one that explains most of what is left.
    """
    left = list(figures)
    for _ in range(most):
        if not left:
            break
        best = max((_explained(left, record) for r in results for record in r.records), key=len, default=[])
        if not best:
            break
        left = [f for f in left if not any(f is b for b in best)]
    return left


def _explained(figures: Iterable[Figure], record: Sequence[Leaf]) -> list[Figure]:
    return [f for f in figures if any(agrees(f, leaf) for leaf in record)]
