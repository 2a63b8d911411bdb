"""Looking for videos by words, by likeness, by a picture."""

from __future__ import annotations

from contextlib import suppress

from sorter_core import (
    search,
)
from sorter_core.alike import Alike
from sorter_core.app._base import Base
from sorter_core.errors import SorterError
from sorter_core.search import Hits
from sorter_core.settings import Settings


class Finding(Base):
    """Looking for videos by words, by likeness, by a picture."""

    def __init__(self, given: Settings | None = None) -> None:
        super().__init__(given)
        self._alike: Alike | None = None

    def search(self, query: str, *, limit: int = 50, offset: int = 0) -> Hits:
        """The videos that have all words of ``query`` in their texts or names, filed ones too."""
        return search.find(self.library, query, limit=limit, offset=offset)

    def search_alike(self, filename: str, folder: str | None = None, *, limit: int = 50) -> Hits:
        """The videos most like this one. Raises ``InvalidName``, ``VideoNotFound``."""
        return self.alike().like(filename, folder, limit=limit)

    def search_described(self, words: str, *, limit: int = 50) -> Hits:
        """The videos that the words describe, where ``clip`` is in use. Raises ``Conflict``."""
        return self.alike().described(words, limit=limit)

    def search_pictured(self, picture: bytes, *, limit: int = 50) -> Hits:
        """The videos that look like a picture. Raises ``InvalidInput``, ``Conflict``."""
        return self.alike().pictured(picture, limit=limit)

    def refresh_alike(self) -> None:
        """Read what was analysed since into what :meth:`search_alike` compares, so that it answers at once."""
        with suppress(SorterError, OSError):  # a copy: without it the next question takes longer
            self.alike().sketches.refresh()

    def alike(self) -> Alike:
        """What compares videos by their stored vectors."""
        library = self.library
        with self._lock:
            if self._alike is None or self._alike.library is not library:
                self._alike = Alike(library, self.settings)
            return self._alike
