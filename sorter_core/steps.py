"""Confidences stated no finer than the evidence bears."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sorter_core.types import Probabilities

SURE = 0.9
"""From here on confidences stay as they are: what is moved unseen is decided among them, and so
near to 1 even a few videos tell them apart."""
KEPT = 0.02
"""The part of the differences within a step that is kept, so that the order of the guesses is."""
_HALVINGS = 40


def _none() -> NDArray[np.float64]:
    return np.empty(0)


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps in which confidences below :data:`SURE` are stated.

    ``edges`` (steps,): where each ends, ascending; ``values`` (steps,): what it is stated as, the
    mean of the confidences that fell into it. This is the scaling-binning calibrator (Kumar, Liang
    & Ma 2019, "Verified uncertainty calibration", arXiv:1909.10155): scaling makes a confidence
    right on average, and only a few values of it can be held against the truth with a few videos.
    """

    edges: NDArray[np.float64] = field(default_factory=_none)
    values: NDArray[np.float64] = field(default_factory=_none)

    @classmethod
    def of(cls, confidences: NDArray[np.float64]) -> Steps:
        """Steps with equally many of ``confidences`` (videos,), those of videos held back.

        As many as the third root of their number: the rule for histograms (Scott 1979, "On optimal
        and data-based histograms").

        >>> Steps.of(np.array([0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.99])).values.round(2).tolist()
        [0.35, 0.74]
        """
        unsure = confidences[confidences < SURE]
        if len(unsure) == 0:
            return cls()
        count = round(len(unsure) ** (1 / 3))
        inner = np.quantile(unsure, np.linspace(0, 1, count + 1)[1:-1])
        edges = np.unique(np.append(inner, SURE))
        place = np.searchsorted(edges, unsure, side="right")
        filled = np.unique(place)
        values = np.array([unsure[place == one].mean() for one in filled])
        return cls(edges[filled], values)

    def state(self, probabilities: Probabilities) -> Probabilities:
        """``probabilities`` (videos, folders) with the highest of each row set to its step.

        The order of the folders in a row stays, and the order of the rows by their highest.
        """
        if len(self.edges) == 0 or len(probabilities) == 0:
            return probabilities
        top = probabilities.max(axis=1)
        place = np.minimum(np.searchsorted(self.edges, top, side="right"), len(self.edges) - 1)
        value = self.values[place]
        rows = np.flatnonzero(top < SURE)
        stated = probabilities.copy()
        stated[rows] = _with_top(probabilities[rows], (value + KEPT * (top - value))[rows])
        return stated


def _with_top(probabilities: Probabilities, wanted: NDArray[np.float64]) -> Probabilities:
    """Each row with ``wanted`` (rows,) as its highest, as near as its order of folders allows.

    Raising takes from all others alike; lowering flattens the row, so that no other overtakes.
    """
    top = probabilities.max(axis=1)
    best = probabilities >= top[:, None]
    ties = best.sum(axis=1)
    target = np.minimum(wanted, 1 / ties)
    rest = (1 - ties * target) / np.maximum(1 - ties * top, 1e-12)
    raised = np.where(best, target[:, None], probabilities * rest[:, None])
    return np.where((wanted < top)[:, None], _flattened(probabilities, wanted), raised)


def _flattened(probabilities: Probabilities, wanted: NDArray[np.float64]) -> Probabilities:
    """Each row raised to the power, from 0 to 1, at which its highest is ``wanted``: a temperature."""
    top = probabilities.max(axis=1, keepdims=True)
    below = np.log(np.maximum(probabilities, 1e-300) / top)
    low, high = np.zeros(len(wanted)), np.ones(len(wanted))
    for _ in range(_HALVINGS):
        power = (low + high) / 2
        flat = 1 / np.exp(power[:, None] * below).sum(axis=1) < wanted
        low, high = np.where(flat, power, low), np.where(flat, high, power)
    shares = np.exp(high[:, None] * below)
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))
