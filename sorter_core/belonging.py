"""How likely it is that a video belongs to any of the folders, where many seem not to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sorter_core.types import Prediction

HALF = 0.5
"""P-values above it count as those of videos that belong (the lambda of Storey 2002)."""
BINS = 10
FEWEST = 20
"""Videos, below which their p-values say nothing together."""
PILE = 2
"""Unsorted videos to a filed one from which on what is filed counts as a fair sample: who files what is
sure first leaves what is unlike it, and that is no stranger for it."""
SURE = 1.645
"""Standard errors below 1 at which a share of belonging videos is no chance (one in twenty)."""

PValues = NDArray[np.float64]
"""(videos,): how typical each is (:mod:`sorter_core.novelty`)."""


def weighed(
    predictions: Sequence[Prediction],
    compared: int,
    filed: int,
    others: Sequence[float] = (),
) -> list[Prediction]:
    """Guesses whose confidence counts that the video may belong to no folder at all.

    A classifier's probabilities hold for videos of its folders. Each is multiplied by the
    probability that this is one, so that they add up to less than 1. ``compared``: the labelled
    videos that the p-values come from; ``filed``: all that lie in folders now. ``predictions`` and
    ``others``, of which the p-values are known already, are the whole unsorted pile together.
    """
    places = [i for i, one in enumerate(predictions) if one.typicality is not None]
    values = np.array([*(predictions[i].typicality for i in places), *others], np.float64)
    made = list(predictions)
    shares = belonging(values, compared, filed)
    for i, share in zip(places, shares[: len(places)], strict=True):
        guesses = tuple(
            replace(guess, confidence=guess.confidence * float(share)) for guess in made[i].guesses
        )
        made[i] = replace(made[i], guesses=guesses)
    return made


def belonging(values: PValues, compared: int, filed: int = 0) -> PValues:
    """The probability (videos,) that each belongs to one of the folders.

    The p-values of videos that belong are even over 0..1; those of others are small. So the share
    of the former is told by the values above a half (Storey 2002, "A direct approach to false
    discovery rates"), and what is more than even near 0 are the others: 1 minus Efron's local
    false discovery rate, turned round (2007, "Size, power and false discovery rates"), over a
    density that only falls. All ones where the share may be 1 by chance, and where what is filed
    (``filed``, at least ``compared``) is no fair sample.

    >>> belonging(np.linspace(0.01, 1, 100), 100).min()
    np.float64(1.0)
    >>> strangers = np.full(100, 0.02)
    >>> belonging(np.append(np.linspace(0.01, 1, 100), strangers), 100).round(1)[[0, 50, 150]].tolist()
    [0.1, 1.0, 0.1]
    """
    if len(values) < max(FEWEST, PILE * max(compared, filed)) or compared < FEWEST:
        return np.ones(len(values))
    share = (np.count_nonzero(values > HALF) + 1) / (len(values) * (1 - HALF))
    chance = np.sqrt(1 / len(values) + 1 / compared)
    if share + SURE * chance >= 1:
        return np.ones(len(values))
    place = np.minimum((values * BINS).astype(np.intp), BINS - 1)
    density = _falling(np.bincount(place, minlength=BINS) * BINS / len(values))
    return np.asarray(np.minimum(1.0, share / np.maximum(density, share))[place])


def _falling(density: NDArray[np.float64]) -> NDArray[np.float64]:
    """The nearest density (bins,) that never rises: neighbours that do are averaged."""
    blocks: list[tuple[float, int]] = []
    for value in density:
        mean, size = float(value), 1
        while blocks and blocks[-1][0] < mean:
            before, many = blocks.pop()
            mean, size = (before * many + mean * size) / (many + size), many + size
        blocks.append((mean, size))
    return np.repeat([mean for mean, _ in blocks], [size for _, size in blocks])
