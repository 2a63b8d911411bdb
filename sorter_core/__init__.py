"""Sorts a pile of saved videos into a person's own folders; everything that decides is in here."""

from sorter_core.app import Sorter
from sorter_core.errors import SorterError
from sorter_core.settings import Settings
from sorter_core.types import Clip, FeatureTable, Folder, Guess, Prediction

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
