"""The classifiers: each file here without a leading underscore is one, found by looking.

To add one, put a file with one subclass of :class:`Classifier` here. The training tries it and the
contract test takes it up without another edit.
"""

from __future__ import annotations

from sorter_core import registry
from sorter_core.classifiers._base import Classifier

__all__ = ["Classifier", "available"]


def available() -> dict[str, type[Classifier]]:
    """Every classifier by its name, in the order of the names; importing them is cheap.

    >>> {"knn", "lda", "logistic", "mlp", "prototype"} <= set(available())
    True
    """
    kinds = registry.found(__name__, __path__, Classifier)  # type: ignore[type-abstract]  # looked for, never made
    return {kind.name: kind for kind in sorted(kinds, key=lambda kind: kind.name)}
