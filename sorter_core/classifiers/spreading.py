"""Label spreading over the neighbourhood of all videos, labelled or not."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sorter_core.classifiers._base import Classifier, Labels, Rows, State, Weights, balanced, unit

NEIGHBOURS = 12
SHARPNESS = 10.0
"""Two neighbours are joined by exp(SHARPNESS x (cosine - 1))."""
REACH = 0.8
"""The part of a video's folders that comes from its neighbours (alpha of the paper)."""
STEPS = 30
"""REACH to the power of 30 is a thousandth."""
NOBODY = 1e-3
"""The share of a folder from which nothing arrived."""


class Spreading(Classifier):
    """Folders spread from video to similar video, through unlabelled ones too.

    Zhou et al. 2004, "Learning with local and global consistency", on the graph of the 12 nearest
    neighbours. Where folders are dense clouds of videos, a few labels reach all of them.
    """

    name = "spreading"
    title = "Label spreading"
    at_least = 3
    at_most = 3000

    def fit(
        self,
        x: Rows,
        y: Labels,
        sample_weight: Weights | None = None,
        *,
        unlabelled: Rows | None = None,
        seed: int = 0,
    ) -> Spreading:
        """Spread the labels over ``x`` and ``unlabelled``."""
        del seed  # nothing is drawn
        nodes = x if unlabelled is None else np.vstack([x, unlabelled])
        self._nodes = unit(nodes).astype(np.float32)
        start = np.zeros((len(nodes), int(y.max()) + 1))
        start[np.arange(len(y)), y] = balanced(y, sample_weight)
        self._shares = spread(self._nodes, start)
        return self

    def logits(self, x: Rows) -> NDArray[np.float64]:
        """The mean of the nearest videos' folders; a video that took part is its own nearest."""
        nearest, strength = neighbours(unit(x).astype(np.float32) @ self._nodes.T)
        shares = np.einsum("nk,nkc->nc", strength, self._shares[nearest])
        return np.asarray(np.log(shares / shares.sum(axis=1, keepdims=True) + NOBODY))

    def to_state(self) -> State:
        """The videos and the shares of folders that arrived at each."""
        return {}, {"nodes": self._nodes, "shares": self._shares}

    @classmethod
    def from_state(cls, settings: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Spreading:
        """The same again."""
        del settings
        made = cls()
        made._nodes, made._shares = arrays["nodes"], arrays["shares"]
        return made


def neighbours(
    similar: NDArray[np.float32], count: int = NEIGHBOURS
) -> tuple[Labels, NDArray[np.float64]]:
    """The nearest ``count`` columns of each row, and the strength of the tie to each."""
    count = min(count, similar.shape[1])
    nearest = np.argpartition(-similar, count - 1, axis=1)[:, :count]
    closeness = np.take_along_axis(similar, nearest, axis=1).astype(np.float64)
    return nearest, np.exp(SHARPNESS * (closeness - 1))


def spread(nodes: NDArray[np.float32], start: NDArray[np.float64]) -> NDArray[np.float64]:
    """(nodes, folders): what arrives, in shares of each node; folders have equal mass overall."""
    from scipy.sparse import coo_array, diags_array

    similar = nodes @ nodes.T
    np.fill_diagonal(similar, -1)
    nearest, strength = neighbours(similar, min(NEIGHBOURS, max(len(nodes) - 1, 1)))
    rows = np.repeat(np.arange(len(nodes)), nearest.shape[1])
    ties = coo_array((strength.ravel(), (rows, nearest.ravel())), (len(nodes), len(nodes))).tocsr()
    ties = ties.maximum(ties.T)
    evened = diags_array(1 / np.sqrt(np.maximum(ties.sum(axis=1), 1e-12)))
    ties = evened @ ties @ evened
    arrived = start
    for _ in range(STEPS):
        arrived = REACH * (ties @ arrived) + (1 - REACH) * start
    arrived = arrived / np.maximum(arrived.sum(axis=0), 1e-12) + 1e-9 / len(nodes)
    return np.asarray(arrived / arrived.sum(axis=1, keepdims=True))
