"""Guesses for videos, from a model and their stored vectors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sorter_core.fusion import Model
from sorter_core.types import FeatureTable, Guess, Prediction


def predict(model: Model, table: FeatureTable, top_k: int = 3) -> list[Prediction]:
    """The ``top_k`` likeliest folders of each video, best first, in the table's order.

    A video of which the model can see nothing (no vector that it knows) gets no guesses: knowing
    that big folders are likelier is no opinion on a video.
    """
    if len(table) == 0:
        return []
    probabilities, known = model.predict_proba(table), model.known(table)
    typical = [None if np.isnan(value) else float(value) for value in model.typicality(table)]
    order = np.argsort(-probabilities, axis=1, kind="stable")[:, :top_k]
    return [
        Prediction(
            fingerprint,
            tuple(Guess(model.classes[i], float(row[i])) for i in best) if seen else (),
            typicality,
        )
        for fingerprint, row, best, seen, typicality in zip(
            table.fingerprints, probabilities, order, known, typical, strict=True
        )
    ]


def threshold(confidences: Sequence[float], error: float = 0.02) -> float | None:
    """The lowest confidence from which on at most ``error`` of the guesses are expected wrong.

    None when even the most confident guess is expected to be wrong more often. Expected errors are
    the sum of 1 - confidence, which is what calibrated means. Equal ones are taken together or not
    at all.

    >>> threshold([0.99, 0.985, 0.98, 0.7])
    0.98
    """
    ordered = -np.sort(-np.asarray(confidences, np.float64))
    expected = np.cumsum(1 - ordered) / np.arange(1, len(ordered) + 1)
    last = np.append(ordered[1:] < ordered[:-1], True)[: len(ordered)]  # of those that are equal
    within = np.flatnonzero((expected <= error) & last)
    return float(ordered[within[-1]]) if len(within) else None
