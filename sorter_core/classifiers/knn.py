"""The nearest neighbours."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sorter_core.classifiers._base import Classifier, Labels, Rows, State, Weights, balanced

SHARPNESS = 10.0
"""A neighbour's vote is exp(SHARPNESS x cosine)."""
NOBODY = 1e-3
"""The share of the votes that a folder has whom no neighbour voted for."""


class NearestNeighbours(Classifier):
    """The folders of the most similar videos, weighted by similarity (cosine).

    About the square root of the number of videos are asked (the usual rule of thumb); a vote from
    a big folder counts less, so that big folders do not win by size.
    """

    name = "knn"
    title = "Nearest neighbours"
    at_least = 3

    def fit(
        self,
        x: Rows,
        y: Labels,
        sample_weight: Weights | None = None,
        *,
        unlabelled: Rows | None = None,
        seed: int = 0,
    ) -> NearestNeighbours:
        """Learn; nothing from ``unlabelled``."""
        del unlabelled, seed  # nothing is drawn
        self._x, self._y = x.astype(np.float32), y
        self._votes = balanced(y, sample_weight)
        self._folders = int(y.max()) + 1
        return self

    def logits(self, x: Rows) -> NDArray[np.float64]:
        """The shares of the votes."""
        asked = min(len(self._x), max(3, math.isqrt(len(self._x))))
        similar = x @ self._x.T
        nearest = np.argpartition(-similar, asked - 1, axis=1)[:, :asked]
        power = np.exp(SHARPNESS * np.take_along_axis(similar, nearest, axis=1))
        power *= self._votes[nearest]
        shares = np.zeros((len(x), self._folders))
        for voter, votes in zip(nearest.T, power.T, strict=True):
            shares[np.arange(len(x)), self._y[voter]] += votes
        return np.asarray(np.log(shares / shares.sum(axis=1, keepdims=True) + NOBODY))

    def to_state(self) -> State:
        """The videos themselves."""
        return {"folders": self._folders}, {"x": self._x, "y": self._y, "votes": self._votes}

    @classmethod
    def from_state(
        cls, settings: dict[str, Any], arrays: dict[str, NDArray[Any]]
    ) -> NearestNeighbours:
        """The same videos again."""
        made = cls()
        made._x, made._y, made._votes = arrays["x"], arrays["y"], arrays["votes"]
        made._folders = settings["folders"]
        return made
