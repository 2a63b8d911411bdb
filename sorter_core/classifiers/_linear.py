"""What classifiers share whose logits are linear in the row."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from sorter_core.classifiers._base import Classifier, Rows, State


class Linear(Classifier):
    """Logits ``x @ weights + bias``: weights (dim, folders), bias (folders,)."""

    _weights: NDArray[np.float64]
    _bias: NDArray[np.float64]

    def logits(self, x: Rows) -> NDArray[np.float64]:
        """A product and a sum."""
        return np.asarray(x @ self._weights + self._bias)

    def to_state(self) -> State:
        """Weights and bias."""
        return {}, {"weights": self._weights, "bias": self._bias}

    @classmethod
    def from_state(cls, settings: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Self:
        """The same again."""
        del settings
        made = cls()
        made._weights, made._bias = arrays["weights"], arrays["bias"]
        return made
