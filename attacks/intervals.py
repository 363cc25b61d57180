"""Clopper–Pearson: the exact confidence interval of a success rate (Biometrika 26, 1934)."""

from __future__ import annotations

import math
from collections.abc import Callable

__all__ = ["clopper_pearson"]


def _at_least(hits: int, n: int, p: float) -> float:
    """P[Binomial(n, p) ≥ hits], each term in logarithms so that no n overflows."""
    if hits <= 0:
        return 1.0
    if p <= 0.0:
        return 0.0
    if p >= 1.0:
        return 1.0
    head = math.lgamma(n + 1)
    terms = (
        math.exp(head - math.lgamma(k + 1) - math.lgamma(n - k + 1) + k * math.log(p) + (n - k) * math.log1p(-p))
        for k in range(hits, n + 1)
    )
    return min(1.0, math.fsum(terms))


def _root(rising: Callable[[float], float], target: float) -> float:
    """Where a rising function of p in [0, 1] passes ``target``."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if rising(middle) < target:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def clopper_pearson(hits: int, n: int, confidence: float) -> tuple[float, float]:
    """The two-sided interval for ``hits`` successes in ``n`` tries.

    Raises:
        ValueError: not 0 ≤ hits ≤ n with n > 0, or a confidence outside (0, 1).
    """
    if not 0 <= hits <= n or n == 0 or not 0.0 < confidence < 1.0:
        raise ValueError(f"no interval for {hits} of {n} at confidence {confidence}")
    tail = (1.0 - confidence) / 2
    low = 0.0 if hits == 0 else _root(lambda p: _at_least(hits, n, p), tail)
    high = 1.0 if hits == n else _root(lambda p: _at_least(hits + 1, n, p), 1.0 - tail)
    return low, high
