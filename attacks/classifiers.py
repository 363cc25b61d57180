"""Classifiers for traffic. The attacker picks one on training data alone and is scored once on the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, cross_val_score
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, RobustScaler
from sklearn.tree import DecisionTreeClassifier

__all__ = ["by_key", "by_numbers"]

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]
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
    folds = KFold(_FOLDS, shuffle=True, random_state=0)
    models = [_squashed(model) for model in _models(len(train))]
    scores = [cross_val_score(model, train, labels, cv=folds).mean() for model in models]
    best = models[int(np.argmax(scores))]
    return np.asarray(best.fit(train, labels).predict(test), np.int64)


def _models(rows: int) -> list[ClassifierMixin]:
    return [
        GaussianNB(),
        KNeighborsClassifier(min(9, max(1, rows // 4))),
        DecisionTreeClassifier(max_depth=1, random_state=0),
        LogisticRegression(max_iter=1000),
        ExtraTreesClassifier(100, min_samples_leaf=3, random_state=0),
    ]


def _squashed(model: ClassifierMixin) -> ClassifierMixin:
    """Times have long tails: what is far out is squashed, or one slow run decides everything."""
    return make_pipeline(RobustScaler(), FunctionTransformer(np.arcsinh), model)
