"""How encoders, classifiers and import sources are found: each is a file in its package."""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import TypeVar

Kind = TypeVar("Kind")


def found(package: str, path: Iterable[str], base: type[Kind]) -> Iterator[type[Kind]]:
    """The subclasses of ``base`` that the files of ``package`` define; ``path`` is its ``__path__``.

    Files that begin with an underscore are the package's own affair.
    """
    for info in pkgutil.iter_modules(path):
        if info.name.startswith("_"):
            continue
        module = import_module(f"{package}.{info.name}")
        for _, kind in inspect.getmembers(module, inspect.isclass):
            if issubclass(kind, base) and kind.__module__ == module.__name__:
                yield kind
