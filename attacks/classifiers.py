"""Small classifiers for traffic. The attacker picks one on training data alone and is scored once on the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["by_key", "by_numbers"]

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]
Model = Callable[[Floats, Labels, Floats], Labels]
_FOLDS: Final = 5


def by_key(train: Sequence[Hashable], labels: Sequence[int], test: Sequence[Hashable]) -> list[int]:
    """The label that was most frequent with the same key; an unseen key gets the overall favourite."""
    seen: dict[Hashable, Counter[int]] = {}
    for key, label in zip(train, labels, strict=True):
        seen.setdefault(key, Counter())[label] += 1
    favourite = Counter(labels).most_common(1)[0][0]
    return [seen[k].most_common(1)[0][0] if k in seen else favourite for k in test]


def by_numbers(train: Floats, labels: Labels, test: Floats) -> Labels:
    """Predictions by whichever model does best in five-fold cross-validation on the training part.

    Args:
        train, test: float64 ``[rows, features]``. labels: int64 ``[rows]``.
    """
    middle = np.median(train, axis=0)
    spread = np.median(np.abs(train - middle), axis=0)
    scale = np.where(spread > 0, spread, 1.0)
    # Times have long tails: squash what is far out, or one slow run decides everything.
    train, test = (np.arcsinh((part - middle) / scale) for part in (train, test))
    fold = np.arange(len(train)) % _FOLDS
    best: tuple[float, Model] | None = None
    for model in (_naive_bayes, _neighbours, _stump):
        right = [
            np.mean(model(train[fold != f], labels[fold != f], train[fold == f]) == labels[fold == f])
            for f in range(_FOLDS)
        ]
        score = float(np.mean(right))
        if best is None or score > best[0]:
            best = score, model
    assert best is not None
    return best[1](train, labels, test)


def _naive_bayes(train: Floats, labels: Labels, test: Floats) -> Labels:
    """Gaussian, one mean and variance per class and feature."""
    classes = np.unique(labels)
    scores = []
    for c in classes:
        part = train[labels == c]
        mean, variance = part.mean(axis=0), part.var(axis=0) + 1e-3
        scores.append(-0.5 * np.sum((test - mean) ** 2 / variance + np.log(variance), axis=1))
    return np.asarray(classes[np.argmax(np.stack(scores), axis=0)], np.int64)


def _neighbours(train: Floats, labels: Labels, test: Floats, k: int = 9) -> Labels:
    distance = ((test[:, None, :] - train[None, :, :]) ** 2).sum(axis=2)
    near = labels[np.argsort(distance, axis=1, kind="stable")[:, :k]]
    return np.array([np.bincount(row).argmax() for row in near], np.int64)


def _stump(train: Floats, labels: Labels, test: Floats) -> Labels:
    """The one feature and threshold that split the training labels best."""
    classes = np.unique(labels)
    best = (-1.0, 0, 0.0, classes[0], classes[0])
    for feature in range(train.shape[1]):
        for threshold in np.quantile(train[:, feature], np.linspace(0.1, 0.9, 9)):
            low = train[:, feature] <= threshold
            if low.all() or not low.any():
                continue
            left, right = (np.bincount(labels[side]).argmax() for side in (low, ~low))
            score = float(np.mean(np.where(low, left, right) == labels))
            if score > best[0]:
                best = (score, feature, float(threshold), left, right)
    _, feature, threshold, left, right = best
    return np.asarray(np.where(test[:, feature] <= threshold, left, right), np.int64)
