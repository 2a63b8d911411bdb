"""From the logits of several experts to probabilities that hold what they promise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sorter_core.classifiers._base import softmax
from sorter_core.types import Probabilities

Opinions = NDArray[np.float64]
"""(experts, videos, folders): logits with mean 0 in each row; a row of zeros is no opinion."""

SILENT = 1e-9
"""An expert whose opinions spread less has none."""


def weigh(opinions: Opinions, y: NDArray[np.intp], rounds: int = 1) -> NDArray[np.float64]:
    """How much each expert counts, so that held-back videos get the best probabilities: (experts,).

    The logits are added with weights of 0 and more (a logarithmic opinion pool: Genest & Zidek
    1986). For one expert that is temperature scaling (Guo et al. 2017, arXiv:1706.04599); for
    several it is fusion too: an expert who knows nothing gets 0, and one who has no opinion on a
    video (the modality is missing) adds nothing there. The log loss is convex in the weights.
    Targets are smoothed to (n + 1) / (n + 2) (Platt 1999), so that a handful of videos without an
    error does not make the model sure of itself. ``rounds``: how often each video is among them;
    n counts it once for each folder that it was told apart from, but no oftener than that: with two
    folders six videos stay six, however often they are asked.
    """
    from scipy.optimize import minimize

    if opinions.shape[1] == 0:
        return np.zeros(len(opinions))
    scale = opinions.std(axis=(1, 2))
    heard = np.flatnonzero(scale > SILENT)
    weights = np.zeros(len(opinions))
    if len(heard) == 0:
        return weights
    scaled = opinions[heard] / scale[heard, None, None]
    found = minimize(
        _loss,
        np.full(len(heard), 1 / len(heard)),
        (scaled, _targets(y, opinions.shape[2], rounds)),
        jac=True,
        method="L-BFGS-B",
        bounds=[(0, None)] * len(heard),
    )
    weights[heard] = found.x / scale[heard]
    return weights


def pool(opinions: Opinions, weights: NDArray[np.float64]) -> Probabilities:
    """The experts' common probabilities: (videos, folders).

    >>> pool(np.array([[[2.0, -2.0]], [[0.0, 0.0]]]), np.array([0.5, 9.0])).round(2).tolist()
    [[0.88, 0.12]]
    """
    return softmax(np.tensordot(weights, opinions, axes=1))


def log_loss(probabilities: Probabilities, y: NDArray[np.intp]) -> float:
    """Mean negative log-probability of the truth, in nats; 0 of no videos."""
    if not len(y):
        return 0.0
    return float(-np.log(np.maximum(probabilities[np.arange(len(y)), y], 1e-12)).mean())


def _targets(y: NDArray[np.intp], folders: int, rounds: int) -> Probabilities:
    asked = len(y) / rounds * min(rounds, max(folders - 1, 1))
    doubt = 1 / (asked + 2)
    targets = np.full((len(y), folders), doubt / max(folders - 1, 1))
    targets[np.arange(len(y)), y] = 1 - doubt
    return targets


def _loss(
    weights: NDArray[np.float64], opinions: Opinions, targets: Probabilities
) -> tuple[float, NDArray[np.float64]]:
    """Cross entropy and its slope."""
    probabilities = pool(opinions, weights)
    loss = -(targets * np.log(np.maximum(probabilities, 1e-300))).sum() / len(targets)
    slope = np.tensordot(opinions, probabilities - targets, axes=([1, 2], [0, 1])) / len(targets)
    return float(loss), slope
