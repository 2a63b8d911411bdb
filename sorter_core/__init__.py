"""Sorts a pile of saved videos into a person's own folders; everything that decides is in here."""

from typing import TYPE_CHECKING

from sorter_core.errors import SorterError
from sorter_core.settings import Settings
from sorter_core.types import Clip, FeatureTable, Folder, Guess, Prediction

if TYPE_CHECKING:
    from sorter_core.app import Sorter

__all__ = [
    "Clip",
    "FeatureTable",
    "Folder",
    "Guess",
    "Prediction",
    "Settings",
    "Sorter",
    "SorterError",
    "__version__",
]

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """Load :class:`Sorter`, and all that it stands on, when it is first asked for (PEP 562)."""
    if name == "Sorter":
        from sorter_core.app import Sorter

        return Sorter
    raise AttributeError(name)
