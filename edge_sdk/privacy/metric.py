"""How near two values of the lexicon are, and how common: the metric that the mechanisms are given.

Public data, the same for every prompt and person (``data/metric.json`` and the lexicon's own order of values).
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any, Final

from obclip_contract import Axis

from ..attributes import OPT_IN, UNSPECIFIED, lexicon
from ..mechanisms import Domain, Ruler, base_axis
from ..mechanisms.domain import Slots

__all__ = ["domain_of", "measure"]

#: Two values of an axis are at most the axis's weight times this apart.
_UNIT: Final = 840


@cache
def _data() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("data", "metric.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def domain_of(slots: Slots) -> Domain:
    """The public part of a prompt's slots, measured by the lexicon."""
    return Domain.of(slots, measure)


@cache
def measure(axis: Axis) -> Ruler:
    """The ruler of an axis, by the name of the axis and its values."""
    values, large = axis.values, lexicon().large.get(base_axis(axis.name), ())
    return Ruler(
        apart=_apart(axis),
        prior=_prior(axis),
        first=frozenset(i for i, v in enumerate(values) if v in large),
        silent=values.index(UNSPECIFIED) if UNSPECIFIED in values else None,
    )


def _steps(axis: str, first: str, second: str) -> int:
    """Steps between two values where an axis has an order or groups; else any two lie one apart.

    (Other lists are alphabetical: that "Asian" stands next to "Black" there says nothing.)
    """
    known = lexicon(frozenset({axis}.intersection(OPT_IN)))
    values = known.values.get(axis, ())
    has_order = axis in _data()["ordered"] or axis in known.groups
    if not has_order or first not in values or second not in values:
        return int(first != second)
    return known.distance(axis, first, second)


def _apart(axis: Axis) -> tuple[tuple[int, ...], ...]:
    """Distance of every two values: the axis's weight times a share of its widest span."""
    name, values = base_axis(axis.name), axis.values
    weight = int(_data()["weights"].get(name, _data()["weights"]["*"]))
    steps = [[_steps(name, a, b) for b in values] for a in values]
    plain = [i for i, v in enumerate(values) if v != UNSPECIFIED]
    most = max((steps[i][j] for i in plain for j in plain), default=0) or 1

    def cell(i: int, j: int) -> int:
        if i == j:
            return 0
        half = UNSPECIFIED in (values[i], values[j])  # as far from every value as half the axis
        return weight * (_UNIT // 2 if half else max(1, _UNIT * steps[i][j] // most))

    return tuple(tuple(cell(i, j) for j in range(len(values))) for i in range(len(values)))


def _prior(axis: Axis) -> tuple[int, ...]:
    """Public weights of an axis's values, in the axis's order: whole numbers, at least 1."""
    known: dict[str, int] = _data()["priors"].get(base_axis(axis.name), {})
    return tuple(max(1, int(known.get(v.lower(), 1))) for v in axis.values)
