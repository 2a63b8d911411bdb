"""The contract of a classifier."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from sorter_core.types import Probabilities

Rows = NDArray[np.float64]
"""What is learned from: (videos, dim), each row of length 1 at most, widest columns first."""
Labels = NDArray[np.intp]
"""(videos,): numbers 0..folders-1, each of them at least once."""
Weights = NDArray[np.float64]
"""(videos,): how much a row counts; 1 unless told otherwise."""
State = tuple[dict[str, Any], dict[str, NDArray[Any]]]
"""What a model's file keeps of a classifier: plain JSON, and arrays by name."""


class Classifier(ABC):
    """Learns folders from rows of numbers.

    Every folder counts the same, however many videos it has. The same rows, labels and seed give
    the same classifier, bit for bit. Predicting needs numpy alone, so that a stored model is
    opened without scikit-learn.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    """What a page calls it."""
    at_least: ClassVar[int]
    """Videos that the folder in the middle (by size) must have before it is worth a try."""

    at_most: ClassVar[int] = 1_000_000
    """Videos beyond which it would take too long."""

    @abstractmethod
    def fit(
        self,
        x: Rows,
        y: Labels,
        sample_weight: Weights | None = None,
        *,
        unlabelled: Rows | None = None,
        seed: int = 0,
    ) -> Classifier:
        """Learn from ``x`` (videos, dim) and ``y``; returns itself.

        ``unlabelled`` (others, dim): videos without a folder, for those who can learn from them.
        """

    @abstractmethod
    def logits(self, x: Rows) -> NDArray[np.float64]:
        """(videos, folders): log-probabilities up to a constant a row; finite, not calibrated."""

    def predict_proba(self, x: Rows) -> Probabilities:
        """(videos, folders), each row of sum 1; not calibrated."""
        return softmax(self.logits(x))

    @abstractmethod
    def to_state(self) -> State:
        """Everything :meth:`from_state` needs."""

    @classmethod
    @abstractmethod
    def from_state(cls, settings: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Classifier:
        """The same classifier again."""


def balanced(y: Labels, sample_weight: Weights | None = None) -> Weights:
    """Weights with which every folder counts the same; their sum is the number of rows.

    >>> balanced(np.array([0, 0, 0, 1])).round(2).tolist()
    [0.67, 0.67, 0.67, 2.0]
    """
    given = np.ones(len(y)) if sample_weight is None else sample_weight
    totals = np.bincount(y, given)
    return np.asarray(given / totals[y] * len(y) / len(totals), np.float64)


def means(x: Rows, y: Labels, sample_weight: Weights) -> Rows:
    """The weighted mean of each folder's rows: (folders, dim)."""
    members = np.zeros((len(x), int(y.max()) + 1))
    members[np.arange(len(x)), y] = sample_weight
    return np.asarray(members.T @ x / members.sum(axis=0)[:, None])


def softmax(logits: NDArray[np.float64]) -> Probabilities:
    """Probabilities of log-probabilities that are known up to a constant a row.

    >>> softmax(np.array([[0.0, 0.0], [1000.0, 0.0]])).tolist()
    [[0.5, 0.5], [1.0, 0.0]]
    """
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def unit(x: Rows) -> Rows:
    """Rows of length 1; a row of zeros stays one."""
    lengths = np.linalg.norm(x, axis=1, keepdims=True)
    return np.asarray(x / np.where(lengths > 0, lengths, 1))
