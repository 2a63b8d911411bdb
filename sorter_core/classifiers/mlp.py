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
"""Principal components it looks at: the rest is noise to it, and costs most of the time."""
EPOCHS = 60
HELD_BACK = 0.15
"""The part of the rows that early stopping looks at; the reported score sees none of it."""


class MLP(Classifier):
    """Two hidden layers of 256 and 128 (ReLU, Adam; scikit-learn's), on principal components.

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
        self._components = components(x)
        learned = _network(y, seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it says that it stopped at EPOCHS, as it should
            learned.fit(self._inputs(x), y, balanced(y, sample_weight))
        self._layers = list(zip(learned.coefs_, learned.intercepts_, strict=True))
        return self

    def logits(self, x: Rows) -> NDArray[np.float64]:
        y = self._inputs(x)
        for weights, bias in self._layers[:-1]:
            y = np.maximum(y @ weights + bias, 0)
        weights, bias = self._layers[-1]
        logits = (y @ weights + bias).astype(np.float64)
        if logits.shape[1] == 1:  # two folders: scikit-learn keeps the second one's logit alone
            return np.hstack([np.zeros_like(logits), logits])
        return logits

    def _inputs(self, x: Rows) -> NDArray[np.float32]:
        return np.asarray(x @ self._components, np.float32)

    def to_state(self) -> State:
        arrays: dict[str, NDArray[Any]] = {"components": self._components}
        for number, (weights, bias) in enumerate(self._layers):
            arrays |= {f"weights{number}": weights, f"bias{number}": bias}
        return {"layers": len(self._layers)}, arrays

    @classmethod
    def from_state(cls, settings: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> MLP:
        made = cls()
        made._components = arrays["components"]
        numbers = range(settings["layers"])
        made._layers = [(arrays[f"weights{i}"], arrays[f"bias{i}"]) for i in numbers]
        return made


def components(x: Rows) -> NDArray[np.float64]:
    """The first principal directions of ``x``, scaled to a spread of about 1: (dim, at most 96)."""
    _, sizes, directions = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)
    kept = directions[: min(INPUTS, int((sizes > 1e-6).sum()) or 1)]
    spread = np.sqrt((sizes[: len(kept)] ** 2).mean() / len(x))
    return np.asarray(kept.T / max(spread, 1e-6))


def _network(y: Labels, seed: int) -> Any:
    from sklearn.neural_network import MLPClassifier

    sizes = np.bincount(y)
    early = bool(sizes.min() >= 5 and HELD_BACK * len(y) >= 2 * len(sizes))
    return MLPClassifier(
        LAYERS,
        alpha=1e-2,
        batch_size=min(128, len(y)),
        early_stopping=early,
        learning_rate_init=3e-3,
        max_iter=EPOCHS,
        n_iter_no_change=8,
        random_state=seed,
        validation_fraction=HELD_BACK,
    )
