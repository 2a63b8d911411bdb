"""Weights that are fetched on request, once, into the user's cache; or put into a folder by hand."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import ClassVar

from sorter_core.encoders._base import Encoder
from sorter_core.errors import EncoderUnavailable

MODELS = "models"
"""The folder below the cache in which fetched weights lie."""


class Fetched(Encoder):
    """An encoder whose weights come from the network, when a person asks for them.

    ``files`` must lie below ``MODELS_DIR``, or below ``models`` in the cache, where :meth:`fetch`
    puts them; only that method ever uses the network.
    """

    files: ClassVar[tuple[str, ...]]
    download: ClassVar[int]
    """About how many bytes are fetched."""

    @abstractmethod
    def fetch(self, folder: Path) -> None:
        """Put ``files`` below ``folder``, going on where an earlier fetching was stopped.

        Raises EncoderUnavailable with the reason.
        """

    @abstractmethod
    def needs(self) -> str | None:
        """The sentence for a package that is missing; None when all are there."""

    def unavailable(self) -> str | None:
        """A package, or the weights."""
        return self.needs() or (None if self.found() else self.missing())

    def found(self) -> Path | None:
        """The folder below which all of ``files`` lie; None when there is none."""
        bases = (self.models_dir, self.fetched_dir)
        return next((base for base in bases if base and self.complete(base)), None)

    def weights(self) -> Path:
        """The same. Raises EncoderUnavailable."""
        if (folder := self.found()) is None:
            raise EncoderUnavailable(self.missing())
        return folder

    def complete(self, base: Path) -> bool:
        """Whether all of ``files`` lie below ``base``."""
        return all((base / file).is_file() for file in self.files)

    @property
    def fetched_dir(self) -> Path:
        """Where :meth:`fetch` is to put them."""
        return self.cache_dir / MODELS

    def missing(self) -> str:
        """The sentence for missing weights, with the command that brings them."""
        size = f"{self.download / 1e6:.0f} MB"
        return (
            f"Its model ({size}) is not on this machine. Run: python -m sorter_core models pull"
            f" {self.name}"
        )
