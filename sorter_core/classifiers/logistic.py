"""Logistic regression."""

from __future__ import annotations

import warnings

import numpy as np

from sorter_core.classifiers._base import Labels, Rows, Weights, balanced
from sorter_core.classifiers._linear import Linear

STRENGTH = 30.0
"""scikit-learn's ``C``. Rows have length 1, so that weights have to grow; 10 to 100 differ by half a
point (``bench/learning.py``)."""


class Logistic(Linear):
    """Multinomial logistic regression with an L2 penalty (scikit-learn's, lbfgs)."""

    name = "logistic"
    title = "Logistic regression"
    at_least = 3

    def fit(
        self,
        x: Rows,
        y: Labels,
        sample_weight: Weights | None = None,
        *,
        unlabelled: Rows | None = None,
        seed: int = 0,
    ) -> Logistic:
        """Learn; nothing from ``unlabelled``."""
        del unlabelled
        from sklearn.linear_model import LogisticRegression

        # It takes many small folders for numbers. No catch_warnings(): that is not safe in threads.
        warnings.filterwarnings("ignore", "The number of unique classes is greater than")
        learned = LogisticRegression(C=STRENGTH, max_iter=200, tol=1e-3, random_state=seed)
        learned.fit(x, y, balanced(y, sample_weight))
        weights, bias = learned.coef_.T, learned.intercept_
        if weights.shape[1] == 1:  # two folders: scikit-learn keeps the second one's logit alone
            weights, bias = np.hstack([0 * weights, weights]), np.append(0 * bias, bias)
        self._weights, self._bias = weights, bias
        return self
