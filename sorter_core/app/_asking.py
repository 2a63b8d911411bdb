"""What TikTok is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sorter_core.app._base import Base

if TYPE_CHECKING:
    from sorter_core.extraction.downloads import Downloads
    from sorter_core.extraction.fill import Fills, FillStatus


class Asking(Base):
    """What TikTok is asked."""

    def downloads(self) -> Downloads:
        """The queue of links that are to become videos of the library."""
        from sorter_core.extraction.downloads import Downloads

        library = self.library
        return Downloads(library.store, library.root, self._environment())

    def fills(self) -> Fills:
        """The queue of questions about videos that the library holds already."""
        from sorter_core.extraction.fill import Fills

        library, rate = self.library, self.settings.fill_per_minute
        return Fills(library.store, library.root, self._environment(), per_minute=rate)

    def fill(self, *, limit: int | None = None, again: bool = False) -> FillStatus:
        """Have TikTok asked, once and slowly, for the captions of videos named after their ids.

        ``limit``: at most so many; ``again``: also those that TikTok did not show when asked.
        """
        return self.fills().start(self._names(), limit=limit, again=again)

    def unfilled(self) -> int:
        """How many videos :meth:`fill` would ask for."""
        return len(self.fills().missing(self._names()))

    def _names(self) -> list[str]:
        with self.library.looking() as tree:
            listings = [tree.root(), *tree.folders().values()]
            return [name for listing in listings for name in listing.videos]
