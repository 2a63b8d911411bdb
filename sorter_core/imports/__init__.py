"""Where people's videos come from: each file here without a leading underscore is one source.

To add one, put a file with one subclass of :class:`Source` here. The import, the command line and
the page take it up without another edit.
"""

from __future__ import annotations

import inspect
import pkgutil
from importlib import import_module
from pathlib import Path

from sorter_core.errors import InvalidInput
from sorter_core.imports._base import Found, Item, LeftOut, Source

__all__ = ["Found", "Item", "LeftOut", "Source", "available", "source_of"]


def available() -> dict[str, Source]:
    """Every source by its name, the one that takes anything last; importing them is cheap.

    >>> list(available())
    ['tiktok_export', 'myfavett', 'ytdlp', 'folder']
    """
    modules = (
        import_module(f"{__name__}.{module.name}")
        for module in pkgutil.iter_modules(__path__)
        if not module.name.startswith("_")
    )
    kinds = (
        kind
        for module in modules
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, Source) and kind.__module__ == module.__name__
    )
    return {kind.name: kind() for kind in sorted(kinds, key=lambda kind: kind.turn)}


def source_of(path: Path) -> Source:
    """The first source that recognises ``path``. Raises :class:`InvalidInput` with what to give instead."""
    for source in available().values():
        if source.recognises(path):
            return source
    known = "; ".join(source.title for source in available().values())
    raise InvalidInput(f"{path.name!r} is nothing that can be imported. Give one of: {known}.")
