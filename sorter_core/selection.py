"""Choosing a classifier and its weights, and a score that saw neither choice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sorter_core import calibration
from sorter_core.classifiers import available
from sorter_core.folds import NEVER, Folds
from sorter_core.steps import Steps
from sorter_core.types import Mask, Probabilities

BLEND = "blend"
"""The line of the comparison for what is used: the best classifier, with others if they help."""

WORTH_IT = 1e-3
"""Nats by which the loss must fall for another classifier to join."""

Logits = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Held:
    """Opinions on held-back videos, in every round of folds.

    ``opinions``: by classifier (modalities, rounds, videos, folders); ``prior``: (rounds, videos,
    folders).
    """

    opinions: dict[str, Logits]
    prior: Logits

    def of(self, members: tuple[str, ...], rows: Mask) -> Logits:
        """Opinions of some classifiers on some videos, the prior last: (experts, rounds, rows, folders)."""
        parts = [self.opinions[name][:, :, rows] for name in members]
        return np.concatenate([*parts, self.prior[None, :, rows]])


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen, and how the choosing does on videos that had no part in it.

    ``members``: the classifiers in use; ``weights`` (members x modalities + 1,): the prior's last;
    ``probabilities`` (videos, folders): what the score is counted from, where ``scored``, stated
    in ``steps``.
    """

    members: tuple[str, ...]
    weights: NDArray[np.float64]
    probabilities: Probabilities
    scored: Mask
    candidates: list[dict[str, Any]]
    steps: Steps

    @property
    def name(self) -> str:
        """The classifiers in use, joined by ``+``."""
        return "+".join(self.members)


@dataclass(frozen=True, slots=True)
class _Fitted:
    members: tuple[str, ...]
    weights: NDArray[np.float64]
    loss: float


def choose(held: Held, y: NDArray[np.intp], drawn: Folds) -> Choice:
    """Choose what predicts held-back videos best; ``drawn``: the first round's folds.

    The videos of each fold are scored by what the other folds' videos choose (classifiers) and fit
    (weights, and with them the calibration): cross-validation around the choosing, over the models
    of one cross-validation, as in stacking (Wolpert 1992, "Stacked generalization").
    """
    scored = drawn != NEVER
    each = {name: np.full(held.prior.shape[1:], 1 / held.prior.shape[2]) for name in held.opinions}
    honest = np.full(held.prior.shape[1:], 1 / held.prior.shape[2])
    for fold in range(drawn.max() + 1):
        hidden = drawn == fold
        blend, alone = _blend(held, y, scored & ~hidden)
        for name, one in alone.items():
            each[name][hidden] = _pooled(held, one, hidden)
        honest[hidden] = _pooled(held, blend, hidden)
    best, _ = _blend(held, y, scored)
    candidates = [_candidate(name, p, y, drawn) for name, p in each.items()]
    candidates.append(_candidate(BLEND, honest, y, drawn))
    candidates.sort(key=lambda one: (one["log_loss"], one["name"]))
    steps = Steps.of(honest[scored].max(axis=1))  # no label takes part
    return Choice(best.members, best.weights, steps.state(honest), scored, candidates, steps)


def _blend(held: Held, y: NDArray[np.intp], rows: Mask) -> tuple[_Fitted, dict[str, _Fitted]]:
    """The best classifier and those that improve on it together, and each classifier alone.

    One after the other joins while it lowers the loss (Caruana et al. 2004, "Ensemble selection
    from libraries of models").
    """
    alone = {name: _fitted(held, (name,), y, rows) for name in sorted(held.opinions)}
    best = min(alone.values(), key=lambda one: one.loss)
    while len(best.members) < len(alone):
        left = [name for name in alone if name not in best.members]
        tried = [_fitted(held, (*best.members, name), y, rows) for name in left]
        better = min(tried, key=lambda one: one.loss)
        if better.loss > best.loss - WORTH_IT:
            break
        best = better
    return best, alone


def _fitted(held: Held, members: tuple[str, ...], y: NDArray[np.intp], rows: Mask) -> _Fitted:
    """The best weights for ``rows``, and their loss there, with a nat for each weight in use.

    That is Akaike's criterion (1974): more weights always fit what they were fitted to better.
    """
    shown = held.of(members, rows)
    truth = np.tile(y[rows], shown.shape[1])
    stacked = shown.reshape(len(shown), len(truth), shown.shape[3])
    weights = calibration.weigh(stacked, truth, rounds=shown.shape[1])
    loss = calibration.log_loss(calibration.pool(stacked, weights), truth)
    return _Fitted(members, weights, loss + np.count_nonzero(weights) / max(int(rows.sum()), 1))


def _pooled(held: Held, fitted: _Fitted, rows: Mask) -> Probabilities:
    """Probabilities of the first round's opinions on ``rows``."""
    return calibration.pool(held.of(fitted.members, rows)[:, 0], fitted.weights)


def _candidate(
    name: str, probabilities: Probabilities, y: NDArray[np.intp], drawn: Folds
) -> dict[str, Any]:
    """One candidate's line in the comparison: mean, and spread over the folds."""
    scored = drawn != NEVER
    right = probabilities.argmax(axis=1) == y
    folds = [float(right[drawn == fold].mean()) for fold in np.unique(drawn[scored])]
    return {
        "name": name,
        "title": "Best combination" if name == BLEND else available()[name].title,
        "accuracy": float(right[scored].mean()),
        "std": float(np.std(folds)),
        "log_loss": calibration.log_loss(probabilities[scored], y[scored]),
    }
