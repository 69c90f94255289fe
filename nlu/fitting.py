"""Fitting one linear head: weights, bias, and the temperature that calibrates it.

Used for the in-process interpreter and, in Rasa's Python 3.10, for its heads of category and danger.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.naive_bayes import ComplementNB
from sklearn.svm import LinearSVC

_SEED = 7


def weights_of(
    x: Any, y: NDArray[np.int64], classes: int, bayes: float = 1.0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weights and bias of all classes: a support vector machine and naive Bayes, each brought to its own
    spread; `bayes` is how much the second counts beside the first.

    Both are linear, so their sum is one table. Bayes helps where a word was seen in few examples only. Rare
    classes count more, by the square root of how rare they are.
    """
    counts = np.bincount(y, minlength=classes).clip(min=1)
    importance = np.sqrt(counts.mean() / counts).clip(0.4, 3.0)
    # a few passes are enough: more cost time and change no answer (measured)
    machine = LinearSVC(C=0.2, dual=True, random_state=_SEED, tol=1.0, max_iter=100)
    machine.fit(x, y, sample_weight=importance[y])
    naive = ComplementNB(alpha=1.0).fit(x, y)
    weights = np.zeros((x.shape[1], classes))
    bias = np.full(classes, -3.0)
    coefficients, intercepts = machine.coef_.T, machine.intercept_
    if len(machine.classes_) == 2:  # two classes are given as one column
        coefficients, intercepts = (
            np.hstack([-coefficients, coefficients]),
            np.repeat(intercepts, 2) * (-1, 1),
        )
    spread = _spread(x @ coefficients + intercepts)
    likely = naive.feature_log_prob_.T - naive.feature_log_prob_.mean(axis=0)[:, None]
    share = bayes / _spread(x @ likely)
    weights[:, machine.classes_] = coefficients / spread + likely * share
    bias[machine.classes_] = intercepts / spread
    return weights, bias


def _spread(scores: NDArray[np.float64]) -> float:
    return float(np.mean(scores.std(axis=1)))


def temperature_of(scores: NDArray[np.float64], truth: NDArray[np.int64]) -> float:
    """The softmax temperature with the least loss on held-out scores."""
    best = (np.inf, 1.0)
    for temperature in np.geomspace(0.05, 1.5, 60):
        z = scores / temperature
        z = z - z.max(axis=1, keepdims=True)
        loss = float(np.mean(np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(truth)), truth]))
        best = min(best, (loss, float(temperature)))
    return best[1]
