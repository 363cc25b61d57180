"""(h) Context: what the public words alone predict. No mechanism hides this; it stands beside ε, not in it.

A bag-of-words model is trained on templates (every slot masked, exactly what the cloud reads as public) and
predicts the person's own value. Folds are split by picture. The number is a property of how people write,
measured on the captions at hand; it is the prior that the theorems speak of.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline

from .corpus import Sentence, sentences
from .lab import Lab
from .outcome import Outcome, reported

__all__ = ["run", "train_and_predict"]

_AXES: Final = ("gender", "age")
_FOLDS: Final = 5
#: A word seen less often teaches nothing that carries over.
_RARE: Final = 3
_SURE: Final = 0.9
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def _public_words(template: str) -> set[str]:
    """Words and pairs of words of a template; a slot is one anonymous word."""
    row = re.findall(r"[a-z0-9']+|\{[a-z0-9_]+\}", template.lower())
    row = ["_" if w.startswith("{") else w for w in row]
    return {*row, *(f"{a} {b}" for a, b in itertools.pairwise(row))} - {"_"}


def train_and_predict(texts: Sequence[set[str]], labels: Ints, groups: Sequence[int], classes: int) -> Floats:
    """Out-of-fold class probabilities ``[n, classes]`` of a logistic regression; texts of one group are never split."""
    out = np.zeros((len(texts), classes))
    for train, test in GroupKFold(_FOLDS).split(texts, labels, groups):
        rows = CountVectorizer(analyzer=sorted, min_df=_RARE, binary=True)
        model = make_pipeline(rows, LogisticRegression(max_iter=1000)).fit([texts[i] for i in train], labels[train])
        out[np.ix_(test, model.classes_)] = model.predict_proba([texts[i] for i in test])
    return out


def _axis(pool: Sequence[Sentence], axis: str) -> Outcome | None:
    texts, labels, groups, values = [], [], [], None
    for s in pool:
        names = [a.name for a in s.chosen.grid.axes]
        if axis in names:
            place = names.index(axis)
            texts.append(_public_words(s.chosen.template))
            labels.append(s.chosen.grid.choices()[s.chosen.index][place])
            groups.append(s.picture)
            values = s.chosen.grid.axes[place].values
    if values is None or len(set(labels)) < 2 or len(texts) < 4 * _FOLDS:
        return None
    y = np.array(labels, np.int64)
    p = train_and_predict(texts, y, groups, len(values))
    guess, common = p.argmax(axis=1), int(np.bincount(y).argmax())
    majority, accuracy = float(np.mean(y == common)), float(np.mean(guess == y))
    sure = p.max(axis=1) > _SURE
    right = float(np.mean(guess[sure] == y[sure])) if sure.any() else 0.0
    auc = float(roc_auc_score(y != common, 1 - p[:, common]))
    return reported(
        "context",
        f"public words → {axis}",
        f"accuracy {accuracy:.3f}, AUC {auc:.3f}",
        f"majority {majority:.3f}; ε does not bound this",
        f"5 folds by picture, n = {len(y)}",
        accuracy,
        f"over {_SURE:g} sure for {float(np.mean(sure)):.3f} of the sentences, and right for {right:.3f} of those",
    )


def run(lab: Lab) -> Iterator[Outcome]:
    """One row per axis that the captions speak of."""
    pool = sentences(lab)
    for axis in _AXES:
        lab.tick(f"context: {axis}")
        row = _axis(pool, axis)
        if row is not None:
            yield row
