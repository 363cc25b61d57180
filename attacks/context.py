"""(h) Context: what the public words alone predict. No mechanism hides this; it stands beside ε, not in it.

A bag-of-words model is trained on templates (every slot masked, exactly what the cloud reads as public) and
predicts the person's own value. Folds are split by picture. The number is a property of how people write,
measured on the captions at hand; it is the prior that the theorems speak of.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .corpus import Sentence, sentences
from .lab import Lab
from .outcome import Outcome, reported

__all__ = ["area_under_curve", "logistic", "run", "train_and_predict"]

_AXES: Final = ("gender", "age")
_FOLDS: Final = 5
_STEPS, _RATE, _DECAY = 300, 0.5, 1e-3
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


def logistic(x: Floats, y: Ints, classes: int) -> Floats:
    """Softmax regression, full batch with momentum; weights ``[features + 1, classes]``, last row the bias."""
    x = np.hstack([x, np.ones((len(x), 1))])
    weights, speed = np.zeros((x.shape[1], classes)), np.zeros((x.shape[1], classes))
    wanted = np.eye(classes)[y]
    for _ in range(_STEPS):
        slope = x.T @ (_softmax(x @ weights) - wanted) / len(x) + _DECAY * weights
        speed = 0.9 * speed - _RATE * slope
        weights = weights + speed
    return weights


def _softmax(z: Floats) -> Floats:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return np.asarray(e / e.sum(axis=1, keepdims=True), np.float64)


def train_and_predict(texts: Sequence[set[str]], labels: Ints, groups: Sequence[int], classes: int) -> Floats:
    """Out-of-fold class probabilities ``[n, classes]``; texts of one group are never split."""
    out = np.zeros((len(texts), classes))
    order = {g: i for i, g in enumerate(dict.fromkeys(groups))}
    fold = np.array([order[g] % _FOLDS for g in groups])
    for f in range(_FOLDS):
        train = [i for i in range(len(texts)) if fold[i] != f]
        test = [i for i in range(len(texts)) if fold[i] == f]
        counts = Counter(w for i in train for w in texts[i])
        known = {w: n for n, w in enumerate(w for w, c in sorted(counts.items()) if c >= _RARE)}

        def rows(indices: Sequence[int], known: dict[str, int] = known) -> Floats:
            x = np.zeros((len(indices), len(known)))
            for row, i in enumerate(indices):
                x[row, [known[w] for w in texts[i] if w in known]] = 1.0
            return x

        weights = logistic(rows(train), labels[train], classes)
        out[test] = _softmax(np.hstack([rows(test), np.ones((len(test), 1))]) @ weights)
    return out


def area_under_curve(scores: Floats, positive: NDArray[np.bool_]) -> float:
    """Chance that a positive scores above a negative (ties count half)."""
    high, low = scores[positive], scores[~positive]
    if not len(high) or not len(low):
        return 0.5
    above = (high[:, None] > low[None, :]).sum() + 0.5 * (high[:, None] == low[None, :]).sum()
    return float(above / (len(high) * len(low)))


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
    auc = area_under_curve(1 - p[:, common], y != common)
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
