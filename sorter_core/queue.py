"""Two orders of the unsorted pile: in which the model learns most, and in which a person confirms fastest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sorter_core import encoders, features
from sorter_core.store import Store
from sorter_core.types import FeatureTable

POOL = 1000
"""Uncertain videos among which different ones are looked for."""
PICKS = 200
"""How many are picked so; behind them comes the rest, the least certain first."""
SURE = 0.5
"""A guess below it is as likely wrong: it is shown after all that can be confirmed."""

Row = tuple[str, str, float]
"""(name, predicted folder or ``""``, confidence) of an unsorted video."""


def confirm(rows: Sequence[Row]) -> list[str]:
    """Names: one folder after another, the surest first; then in the same way what is hardly sure.

    Whoever sees a dozen of a kind needs only a glance at each.

    >>> confirm([("1", "B", 0.7), ("2", "A", 0.6), ("3", "A", 0.9), ("4", "", 0.0), ("5", "A", 0.3)])
    ['3', '2', '1', '5', '4']
    """

    def place(row: Row) -> tuple[bool, bool, str, float]:
        _, folder, confidence = row
        return confidence < SURE, not folder, folder, -confidence

    return [name for name, _, _ in sorted(rows, key=place)]


def learn(store: Store, marks: Sequence[str], margins: Sequence[float]) -> list[str]:
    """Fingerprints, the most informative first: uncertain ones that differ from each other.

    ``margins`` (videos,): by how much the best guess is ahead of the second, 0..1; what was not
    guessed has 0. What could not be analysed comes last: nothing can be learned from it.
    """
    unique = dict(zip(marks, margins, strict=True))
    falling = sorted(unique, key=lambda mark: (unique[mark], mark))
    table = features.load(store, falling[:POOL], list(encoders.available()))
    rows = _joined(table)
    seen = np.flatnonzero(rows.any(axis=1))
    doubts = 1 - np.array([unique[table.fingerprints[i]] for i in seen])
    picked = [table.fingerprints[seen[i]] for i in spread(rows[seen], doubts, PICKS)]
    first, blind = set(picked), {table.fingerprints[i] for i in np.flatnonzero(~rows.any(axis=1))}
    rest = [mark for mark in falling if mark not in first and mark not in blind]
    return [*picked, *rest, *sorted(blind)]


def spread(rows: NDArray[np.float32], doubts: NDArray[np.float64], most: int) -> list[int]:
    """Up to ``most`` row numbers: each time the row with the greatest doubt times novelty.

    Novelty is the cosine distance (rows have length 1) to the nearest row picked before: greedy
    k-centres (Sener & Savarese 2018, arXiv:1708.00489), weighted with the margin's doubt.

    >>> spread(np.eye(2, dtype=np.float32)[[0, 0, 1]], np.array([1.0, 0.9, 0.8]), 3)
    [0, 2, 1]
    """
    novelty = np.ones(len(rows))
    picked: list[int] = []
    left = np.ones(len(rows), bool)
    for _ in range(min(most, len(rows))):
        # a tiny part of the doubt alone decides among copies, whose novelty is 0
        score = np.where(left, doubts * novelty + 1e-6 * doubts, -1.0)
        best = int(score.argmax())
        picked.append(best)
        left[best] = False
        novelty = np.minimum(novelty, np.maximum(1 - rows @ rows[best], 0))
    return picked


def _joined(table: FeatureTable) -> NDArray[np.float32]:
    """All vectors of a video side by side, of length 1; zeros where there is none."""
    blocks: list[NDArray[np.float32]] = list(table.vectors.values())
    if not blocks:
        return np.zeros((len(table), 1), np.float32)
    rows = np.concatenate(blocks, axis=1)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1), np.float32)


def margin(guesses: Sequence[Mapping[str, Any]]) -> float:
    """By how much the first of stored guesses is ahead of the second; 0 without any.

    >>> round(margin([{"confidence": 0.6}, {"confidence": 0.3}]), 2)
    0.3
    """
    confidences = [guess["confidence"] for guess in guesses[:2]]
    return float(confidences[0] - sum(confidences[1:])) if confidences else 0.0
