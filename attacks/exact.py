"""An attacker without limits, in rational numbers: channels, posteriors, Bayes success, repeats.

A channel says with which probability each truth produces each view (everything the server sees). All
functions are exact; nothing is sampled. Definitions: Smith, "On the foundations of quantitative information
flow" (FoSSaCS 2009) for Bayes success; Dwork and Roth (2014) for ε.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from fractions import Fraction
from typing import TypeVar

__all__ = [
    "Channel",
    "bayes_success",
    "check",
    "deterministic",
    "posterior",
    "prior_success",
    "priors",
    "repeated",
    "total_variation",
    "worst_ratio",
]

X = TypeVar("X", bound=Hashable)
V = TypeVar("V", bound=Hashable)
Channel = Mapping[X, Mapping[V, Fraction]]
Prior = Mapping[X, Fraction]


def check(channel: Channel[X, V]) -> None:
    """Refuse what is no channel.

    Raises:
        ValueError: a row that does not sum to exactly 1, or a negative probability.
    """
    for row in channel.values():
        if sum(row.values(), Fraction(0)) != 1 or any(p < 0 for p in row.values()):
            raise ValueError("a channel's rows must be probabilities that sum to exactly 1")


def deterministic(view: Callable[[X], V], truths: Sequence[X]) -> dict[X, dict[V, Fraction]]:
    """The channel of a device that draws nothing."""
    return {x: {view(x): Fraction(1)} for x in truths}


def priors(truths: Sequence[X]) -> dict[str, dict[X, Fraction]]:
    """Public priors to attack with: uniform, Zipf (weight 1/rank), and nearly certain (99 % on the first)."""
    n = len(truths)
    zipf = [Fraction(1, i + 1) for i in range(n)]
    out = {
        "uniform": {x: Fraction(1, n) for x in truths},
        "Zipf": {x: w / sum(zipf) for x, w in zip(truths, zipf, strict=True)},
    }
    if n > 1:
        sure = Fraction(99, 100)
        out["99 %"] = {x: sure if i == 0 else (1 - sure) / (n - 1) for i, x in enumerate(truths)}
    return out


def posterior(channel: Channel[X, V], prior: Prior[X], view: V) -> dict[X, Fraction]:
    """Bayes: P[truth | view].

    Raises:
        ValueError: no truth of positive prior produces this view.
    """
    joint = {x: prior[x] * channel[x].get(view, Fraction(0)) for x in channel}
    mass = sum(joint.values(), Fraction(0))
    if mass == 0:
        raise ValueError("this view is impossible under the prior")
    return {x: p / mass for x, p in joint.items()}


def prior_success(prior: Prior[X]) -> Fraction:
    """What guessing without looking gets."""
    return max(prior.values())


def bayes_success(channel: Channel[X, V], prior: Prior[X]) -> Fraction:
    """The best attacker's success: the sum over views of max over truths of the joint probability."""
    best: dict[V, Fraction] = defaultdict(Fraction)
    for x, row in channel.items():
        for view, p in row.items():
            best[view] = max(best[view], prior[x] * p)
    return sum(best.values(), Fraction(0))


def worst_ratio(channel: Channel[X, V]) -> Fraction | None:
    """e^ε: the largest ratio of two truths' probabilities of one view; ``None`` is infinite."""
    views = {view for row in channel.values() for view in row}
    worst = Fraction(1)
    for view in views:
        column = [row.get(view, Fraction(0)) for row in channel.values()]
        if max(column) == 0:
            continue
        if min(column) == 0:
            return None
        worst = max(worst, max(column) / min(column))
    return worst


def total_variation(channel: Channel[X, V]) -> Fraction:
    """δ at ε = 0: the largest total-variation distance between two truths' views."""
    worst = Fraction(0)
    for a, b in itertools.combinations(list(channel), 2):
        views = {*channel[a], *channel[b]}
        gap = sum((abs(channel[a].get(v, Fraction(0)) - channel[b].get(v, Fraction(0))) for v in views), Fraction(0))
        worst = max(worst, gap / 2)
    return worst


def repeated(channel: Channel[X, V], times: int) -> dict[X, dict[tuple[tuple[V, int], ...], Fraction]]:
    """``times`` independent uses: views as multisets, since their order carries nothing.

    Exact, with multinomial weights; meant for channels of few views.
    """
    views = sorted({v for row in channel.values() for v in row}, key=repr)
    out: dict[X, dict[tuple[tuple[V, int], ...], Fraction]] = {x: {} for x in channel}
    for counts in _compositions(times, len(views)):
        ways = math.factorial(times)
        for c in counts:
            ways //= math.factorial(c)
        key = tuple((v, c) for v, c in zip(views, counts, strict=True) if c)
        for x, row in channel.items():
            p = Fraction(ways)
            for view, c in key:
                p *= row.get(view, Fraction(0)) ** c
            if p:
                out[x][key] = p
    return out


def _compositions(total: int, parts: int) -> list[tuple[int, ...]]:
    if parts == 1:
        return [(total,)]
    return [(first, *rest) for first in range(total + 1) for rest in _compositions(total - first, parts - 1)]
