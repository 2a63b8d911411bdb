"""Where people's videos come from: each file here without a leading underscore is one source.

To add one, put a file with one subclass of :class:`Source` here. The import, the command line and
the page take it up without another edit.
"""

from __future__ import annotations

from pathlib import Path

from sorter_core import registry
from sorter_core.errors import InvalidInput
from sorter_core.imports._base import Found, Item, LeftOut, Source

__all__ = ["Found", "Item", "LeftOut", "Source", "available", "source_of"]


def available() -> dict[str, Source]:
    """Every source by its name, the one that takes anything last; importing them is cheap.

    >>> list(available())
    ['tiktok_export', 'myfavett', 'ytdlp', 'folder']
    """
    kinds = registry.found(__name__, __path__, Source)  # type: ignore[type-abstract]  # looked for, never made
    return {kind.name: kind() for kind in sorted(kinds, key=lambda kind: kind.turn)}


def source_of(path: Path) -> Source:
    """The first source that recognises ``path``. Raises :class:`InvalidInput` with what to give instead."""
    for source in available().values():
        if source.recognises(path):
            return source
    known = "; ".join(source.title for source in available().values())
    raise InvalidInput(f"{path.name!r} is nothing that can be imported. Give one of: {known}.")
