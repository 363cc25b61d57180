"""How near two choices are, and how common a value is: public data, the same for every prompt and person.

Distances decide which sent row the device begins from when its own choice was not sent, and which rows a cover
sends. They are whole numbers, so that every machine agrees; ties go to the lower position.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from contract import Axis

from ..attributes import OPT_IN, UNSPECIFIED, lexicon
from .domain import Choice, Domain, View, base_axis

#: Two values of an axis are at most the axis's weight times this apart.
_UNIT: Final = 840


@cache
def _data() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("data", "metric.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def _apart(axis: str, first: str, second: str) -> int:
    """Steps between two values by the lexicon's public order; 1 between any two of an axis it does not know."""
    known = lexicon(frozenset({axis}.intersection(OPT_IN)))
    values = known.values.get(axis, ())
    return known.distance(axis, first, second) if first in values and second in values else int(first != second)


@cache
def _table(axis: Axis) -> tuple[tuple[int, ...], ...]:
    name, values = base_axis(axis.name), axis.values
    weight = int(_data()["weights"].get(name, _data()["weights"]["*"]))
    steps = [[_apart(name, a, b) for b in values] for a in values]
    plain = [i for i, v in enumerate(values) if v != UNSPECIFIED]
    most = max((steps[i][j] for i in plain for j in plain), default=0) or 1

    def cell(i: int, j: int) -> int:
        if i == j:
            return 0
        half = UNSPECIFIED in (values[i], values[j])  # as far from every value as half the axis
        return weight * (_UNIT // 2 if half else max(1, _UNIT * steps[i][j] // most))

    return tuple(tuple(cell(i, j) for j in range(len(values))) for i in range(len(values)))


def distances(axis: Axis) -> NDArray[np.int64]:
    """Distance of every two values of an axis ``[n, n]``: the axis's weight times a share of its widest span."""
    return np.array(_table(axis), np.int64)


def prior(axis: Axis) -> tuple[int, ...]:
    """Public weights of an axis's values, in the axis's order: whole numbers, at least 1."""
    known: dict[str, int] = _data()["priors"].get(base_axis(axis.name), {})
    return tuple(max(1, int(known.get(v.lower(), 1))) for v in axis.values)


def nearest(domain: Domain, view: View, choice: Choice) -> tuple[int, int]:
    """Position in ``view`` of the row nearest to ``choice``, and its distance (0: the choice itself was sent)."""
    tables = [distances(a) for a in domain.axes]
    apart = [
        sum(int(t[a, b]) for t, a, b in zip(tables, row, choice, strict=True)) if row != choice else 0 for row in view
    ]
    best = min(range(len(view)), key=lambda i: (apart[i], i))
    return best, apart[best]


def central(axis: Axis) -> int:
    """The value with the smallest greatest distance to the others; then the commonest, then the first."""
    if UNSPECIFIED in axis.values:
        return axis.values.index(UNSPECIFIED)
    table, weights = distances(axis), prior(axis)
    return min(range(len(axis.values)), key=lambda i: (int(table[i].max()), -weights[i], i))
