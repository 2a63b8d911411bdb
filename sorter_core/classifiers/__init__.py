"""The classifiers: each file here without a leading underscore is one, found by looking.

To add one, put a file with one subclass of :class:`Classifier` here. The training tries it and the
contract test takes it up without another edit.
"""

from __future__ import annotations

import inspect
import pkgutil
from importlib import import_module

from sorter_core.classifiers._base import Classifier

__all__ = ["Classifier", "available"]


def available() -> dict[str, type[Classifier]]:
    """Every classifier by its name, in the order of the names; importing them is cheap.

    >>> {"knn", "lda", "logistic", "mlp", "prototype"} <= set(available())
    True
    """
    modules = (
        import_module(f"{__name__}.{module.name}")
        for module in pkgutil.iter_modules(__path__)
        if not module.name.startswith("_")
    )
    found = (
        kind
        for module in modules
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, Classifier) and kind.__module__ == module.__name__
    )
    return {kind.name: kind for kind in sorted(found, key=lambda kind: kind.name)}
