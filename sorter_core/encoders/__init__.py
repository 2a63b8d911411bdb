"""The encoders: each file here without a leading underscore is one, found by looking.

To add one, put a file with one subclass of :class:`Encoder` here. The contract test, the command
line and the Train page take it up without another edit.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sorter_core import registry
from sorter_core.encoders._base import About, Encoder
from sorter_core.encoders._fetched import MODELS, Fetched
from sorter_core.encoders._hashes import Hashes
from sorter_core.encoders._text import Reader
from sorter_core.errors import InvalidInput

__all__ = [
    "HASHES",
    "MODELS",
    "About",
    "Encoder",
    "Fetched",
    "Maker",
    "Reader",
    "available",
    "kinds",
    "make",
]

HASHES = Hashes.name
"""What is stored like a vector beside those of the encoders, and only compared (see duplicates)."""


def available() -> dict[str, type[Encoder]]:
    """Every encoder by its name, in the order of the names; importing them is cheap.

    >>> {"caption", "frames", "sound"} <= set(available())
    True
    """
    kinds = registry.found(__name__, __path__, Encoder)  # type: ignore[type-abstract]  # looked for, never made
    return {kind.name: kind for kind in sorted(kinds, key=lambda kind: kind.name)}


def kinds() -> dict[str, type[Encoder]]:
    """What an analysis may compute: the encoders, and the hashes that are no encoder's vector."""
    return {**available(), HASHES: Hashes}


def make(name: str, cache_dir: Path, models_dir: Path | None = None) -> Encoder:
    """The encoder called ``name``, not loaded yet; what it has to keep goes below ``cache_dir``.

    Weights that were put into ``models_dir`` by hand come before those that were fetched.
    Raises InvalidInput for a name that is none.
    """
    known = kinds()
    if name not in known:
        raise InvalidInput(f"There is no encoder called {name!r}. There is {', '.join(known)}.")
    made = known[name](cache_dir)
    made.models_dir = models_dir
    return made


@dataclass(frozen=True, slots=True)
class Maker:
    """:func:`make` with the folder of weights given; two with the same folder are equal.

    A worker process keeps the encoders that it made by who made them: a ``functools.partial``
    would be another with each video.
    """

    models_dir: Path | None = None

    def __call__(self, name: str, cache_dir: Path) -> Encoder:
        """The encoder called ``name``; raises InvalidInput."""
        return make(name, cache_dir, self.models_dir)
