"""Fréchet distance between two sets of judge features (Heusel et al., arXiv 1706.08500, with our features)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import linalg


def moments(features: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Mean ``[D]`` and covariance ``[D, D]`` of ``[n, D]`` features, float64."""
    f = features.astype(np.float64)
    return f.mean(0), np.cov(f, rowvar=False)


def distance(a: tuple[NDArray[Any], NDArray[Any]], b: tuple[NDArray[Any], NDArray[Any]]) -> float:
    """``|μa − μb|² + tr(Σa + Σb − 2 (Σa Σb)^½)``; small sets bias it upwards, equally for equal sizes.

    The trace of the root is the sum of the roots of the eigenvalues of ``Σa^½ Σb Σa^½``, which is symmetric: no
    complex numbers, and no trouble with the singular covariance of fewer pictures than features.
    """
    (mean_a, cov_a), (mean_b, cov_b) = a, b
    values, vectors = linalg.eigh(cov_a)
    root = vectors * np.sqrt(np.maximum(values, 0.0)) @ vectors.T
    inner = np.maximum(linalg.eigvalsh(root @ cov_b @ root), 0.0)
    return float(np.square(mean_a - mean_b).sum() + np.trace(cov_a + cov_b) - 2.0 * np.sqrt(inner).sum())
