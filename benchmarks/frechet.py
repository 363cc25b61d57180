"""Fréchet distance between two sets of judge features (Heusel et al., arXiv 1706.08500, with our features)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import linalg


def moments(features: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Mean ``[D]`` and covariance ``[D, D]`` of ``[n, D]`` features, float64."""
    f = features.astype(np.float64)
    return f.mean(0), np.cov(f, rowvar=False)


Moments = tuple[NDArray[Any], NDArray[Any]]


def distance_to(reference: Moments) -> Callable[[Moments], float]:
    """A function of other moments: their distance to ``reference``, whose root is taken once."""
    mean, covariance = reference
    values, vectors = linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0)) @ vectors.T

    def to(other: Moments) -> float:
        inner = np.maximum(linalg.eigvalsh(root @ other[1] @ root), 0.0)
        apart = np.square(mean - other[0]).sum()
        return float(apart + np.trace(covariance + other[1]) - 2.0 * np.sqrt(inner).sum())

    return to


def distance(a: Moments, b: Moments) -> float:
    """``|μa − μb|² + tr(Σa + Σb − 2 (Σa Σb)^½)``; small sets bias it upwards, equally for equal sizes.

    The trace of the root is the sum of the roots of the eigenvalues of ``Σa^½ Σb Σa^½``, which is symmetric: no
    complex numbers, and no trouble with the singular covariance of fewer pictures than features.
    """
    return distance_to(a)(b)
