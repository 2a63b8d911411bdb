"""The encoders: each file here without a leading underscore is one, found by looking.

To add one, put a file with one subclass of :class:`Encoder` here. The contract test, the command
line and the Train page take it up without another edit.
"""

from __future__ import annotations

import inspect
import pkgutil
from importlib import import_module
from pathlib import Path

from sorter_core.encoders._base import About, Encoder
from sorter_core.errors import InvalidInput

__all__ = ["About", "Encoder", "available", "make"]


def available() -> dict[str, type[Encoder]]:
    """Every encoder by its name, in the order of the names; importing them is cheap.

    >>> {"caption", "frames", "sound"} <= set(available())
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
        if issubclass(kind, Encoder) and kind.__module__ == module.__name__
    )
    return {kind.name: kind for kind in sorted(found, key=lambda kind: kind.name)}


def make(name: str, cache_dir: Path) -> Encoder:
    """The encoder called ``name``, not loaded yet; what it has to keep goes below ``cache_dir``.

    Raises InvalidInput for a name that is none.
    """
    known = available()
    if name not in known:
        raise InvalidInput(f"There is no encoder called {name!r}. There is {', '.join(known)}.")
    return known[name](cache_dir)
