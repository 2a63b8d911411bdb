"""The nearest class mean."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sorter_core.classifiers._base import (
    Classifier,
    Labels,
    Rows,
    State,
    Weights,
    means,
    unit,
)

SHARPNESS = 10.0
"""Cosine to logit. With one video a folder nothing can be calibrated, and this stands as it is."""


class Prototype(Classifier):
    """The folder whose mean points most nearly the same way (cosine).

    The one that needs least: a single video a folder is enough. After Snell, Swersky & Zemel 2017,
    "Prototypical networks", and Wang et al. 2019, "SimpleShot" (centred rows of length 1).
    """

    name = "prototype"
    title = "Nearest folder mean"
    at_least = 1

    def fit(
        self,
        x: Rows,
        y: Labels,
        sample_weight: Weights | None = None,
        *,
        unlabelled: Rows | None = None,
        seed: int = 0,
    ) -> Prototype:
        """Learn; nothing from ``unlabelled``."""
        del unlabelled, seed  # nothing is drawn
        weights = np.ones(len(x)) if sample_weight is None else sample_weight
        self._prototypes = unit(means(x, y, weights))
        return self

    def logits(self, x: Rows) -> NDArray[np.float64]:
        """The cosine to each mean."""
        return np.asarray(SHARPNESS * x @ self._prototypes.T)

    def to_state(self) -> State:
        """The means."""
        return {}, {"prototypes": self._prototypes}

    @classmethod
    def from_state(cls, settings: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Prototype:
        """The same means again."""
        del settings
        made = cls()
        made._prototypes = arrays["prototypes"]
        return made
