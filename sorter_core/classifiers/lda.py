"""Linear discriminant analysis with a shrunk covariance."""

from __future__ import annotations

import numpy as np

from sorter_core.classifiers._base import Labels, Rows, Weights, means, softmax
from sorter_core.classifiers._linear import Linear

SHRINKAGE = 0.5
"""Halfway between the covariance within folders and a ball of the same volume: with fewer videos
than dimensions the optimum is broad (0.3 and 0.5 are equal, 0.7 is a point worse)."""
CERTAINTY = 3.0
"""Spread of the logits from which an unlabelled video's shares are made: mildly sure."""
SLIGHT = 0.05
"""A smaller share of a video is left out."""
MOST = 5.0
"""Unlabelled videos count at most so many times as much as labelled ones, all together."""


class ShrinkageLDA(Linear):
    """Folder means, seen through the covariance that videos have within their folders.

    Friedman 1989, "Regularized discriminant analysis". The ball is that of the dimensions which the
    rows really span, since the others say nothing. Unlabelled videos join with a share in each
    folder that they resemble: one step of expectation maximisation (Nigam et al. 2000).
    """

    name = "lda"
    title = "Shrinkage LDA"
    at_least = 2

    def fit(
        self,
        x: Rows,
        y: Labels,
        sample_weight: Weights | None = None,
        *,
        unlabelled: Rows | None = None,
        seed: int = 0,
    ) -> ShrinkageLDA:
        """Learn from the labelled videos, and once more with the unlabelled ones' shares."""
        del seed  # nothing is drawn
        weights = np.ones(len(x)) if sample_weight is None else sample_weight
        self._learn(x, y, weights)
        if unlabelled is not None and len(unlabelled):
            rows, folders, shares = self._shares(unlabelled)
            shares *= min(1.0, MOST * weights.sum() / len(unlabelled))
            self._learn(
                np.vstack([x, unlabelled[rows]]),
                np.concatenate([y, folders]),
                np.concatenate([weights, shares]),
            )
        return self

    def _learn(self, x: Rows, y: Labels, weights: Weights) -> None:
        centres = means(x, y, weights)
        inside = (x - centres[y]) * np.sqrt(weights)[:, None]
        scatter = inside.T @ inside / max(weights.sum() - len(centres), 1.0)
        spanned = max(min(x.shape[1], len(x) - len(centres)), 1)
        ball = max(np.trace(scatter) / spanned, 1e-9)
        covariance = (1 - SHRINKAGE) * scatter
        covariance[np.diag_indices_from(covariance)] += SHRINKAGE * ball
        self._weights = np.linalg.solve(covariance, centres.T)
        self._bias = -0.5 * np.einsum("cd,dc->c", centres, self._weights)

    def _shares(self, x: Rows) -> tuple[Labels, Labels, Weights]:
        """(row, folder, share) of unlabelled rows."""
        logits = self.logits(x)
        logits -= logits.mean(axis=1, keepdims=True)
        shares = softmax(CERTAINTY * logits / max(logits.std(), 1e-9))
        rows, folders = np.nonzero(shares > SLIGHT)
        return rows, folders, shares[rows, folders]
