"""The exact confidence interval of a success rate (Clopper and Pearson, Biometrika 26, 1934)."""

from __future__ import annotations

from scipy.stats import binomtest

__all__ = ["clopper_pearson"]


def clopper_pearson(hits: int, n: int, confidence: float) -> tuple[float, float]:
    """The two-sided interval for ``hits`` successes in ``n`` tries.

    Raises:
        ValueError: not 0 ≤ hits ≤ n with n > 0, or a confidence outside (0, 1).
    """
    if not 0 <= hits <= n or n == 0 or not 0.0 < confidence < 1.0:
        raise ValueError(f"no interval for {hits} of {n} at confidence {confidence}")
    interval = binomtest(hits, n).proportion_ci(confidence, method="exact")
    return float(interval.low), float(interval.high)
