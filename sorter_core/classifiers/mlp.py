"""A small neural network."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sorter_core.classifiers._base import (
    Classifier,
    Labels,
    Rows,
    State,
    Weights,
    balanced,
)

LAYERS = (256, 128)
INPUTS = 96
"""Columns it looks at, the widest: the rest is noise to it, and costs most of the time."""
EPOCHS = 60
TINY = 1e-6
HELD_BACK = 0.15
"""The part of the rows that early stopping looks at; no score is read off it."""
ENOUGH = 5
"""Videos that every folder must have for that."""


class MLP(Classifier):
    """Two hidden layers of 256 and 128 (ReLU, Adam; scikit-learn's) on the widest columns.

    Training stops early on rows held back where folders are big enough for that.
    """

    name = "mlp"
    title = "Neural network (256-128)"
    at_least = 10

    _layers: list[tuple[NDArray[np.float32], NDArray[np.float32]]]

    def fit(
        self,
        x: Rows,
        y: Labels,
        sample_weight: Weights | None = None,
        *,
        unlabelled: Rows | None = None,
        seed: int = 0,
    ) -> MLP:
        """Learn; nothing from ``unlabelled``."""
        del unlabelled
        inputs = x[:, :INPUTS]
        self._centre = inputs.mean(axis=0).astype(np.float32)
        self._spread = float(max(inputs.std(), TINY))
        learned = _network(y, seed)
        # It warns that it stopped at EPOCHS, as it should. No catch_warnings(): that is not safe in
        # threads.
        warnings.filterwarnings("ignore", "Stochastic Optimizer: Maximum iterations")
        learned.fit(self._inputs(x), y, balanced(y, sample_weight))
        self._layers = list(zip(learned.coefs_, learned.intercepts_, strict=True))
        return self

    def logits(self, x: Rows) -> NDArray[np.float64]:
        """The network's last layer."""
        y = self._inputs(x)
        for weights, bias in self._layers[:-1]:
            y = np.maximum(y @ weights + bias, 0)
        weights, bias = self._layers[-1]
        logits = (y @ weights + bias).astype(np.float64)
        if logits.shape[1] == 1:  # two folders: scikit-learn keeps the second one's logit alone
            return np.hstack([np.zeros_like(logits), logits])
        return logits

    def _inputs(self, x: Rows) -> NDArray[np.float32]:
        return np.asarray((x[:, :INPUTS] - self._centre) / self._spread, np.float32)

    def to_state(self) -> State:
        """The layers' weights."""
        arrays: dict[str, NDArray[Any]] = {"centre": self._centre}
        for number, (weights, bias) in enumerate(self._layers):
            arrays |= {f"weights{number}": weights, f"bias{number}": bias}
        return {"layers": len(self._layers), "spread": self._spread}, arrays

    @classmethod
    def from_state(cls, settings: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> MLP:
        """The same network again."""
        made = cls()
        made._centre, made._spread = arrays["centre"], settings["spread"]
        numbers = range(settings["layers"])
        made._layers = [(arrays[f"weights{i}"], arrays[f"bias{i}"]) for i in numbers]
        return made


def _network(y: Labels, seed: int) -> Any:
    from sklearn.neural_network import MLPClassifier

    sizes = np.bincount(y)
    early = bool(sizes.min() >= ENOUGH and HELD_BACK * len(y) >= 2 * len(sizes))
    return MLPClassifier(
        LAYERS,
        alpha=1e-2,
        batch_size=min(128, int((1 - HELD_BACK) * len(y)) if early else len(y)),
        early_stopping=early,
        learning_rate_init=3e-3,
        max_iter=EPOCHS,
        n_iter_no_change=8,
        random_state=seed,
        validation_fraction=HELD_BACK,
    )
