"""The library and its folders, and the videos that lie there."""

from __future__ import annotations

import threading
from pathlib import Path

from sorter_core import (
    demo,
    learning,
    posters,
)
from sorter_core.app._base import Base
from sorter_core.app._types import BatchResult, Summary, ignore
from sorter_core.catalog import Catalog, VideoPage
from sorter_core.library import Library, check_library
from sorter_core.settings import Settings
from sorter_core.types import Folder, ReportProgress


class Shelf(Base):
    """The library and its folders, and the videos that lie there."""

    def __init__(self, given: Settings | None = None) -> None:
        super().__init__(given)
        self._drawing = threading.Lock()
        self._posters: posters.Posters | None = None

    def setup(self, data_dir: str | Path) -> Summary:
        """Choose the library, for this process and for the next start.

        Raises :class:`~sorter_core.errors.NotALibrary`; the old choice then stands.
        """
        root = check_library(data_dir)
        library = Library(root, self.settings.artifacts_dir)
        with self._lock:
            self._remember(root)
            self._library, self._catalog, self._chosen = library, Catalog(library), root
        return _summary(library)

    def demo(self, progress: ReportProgress = ignore) -> Summary:
        """Draw what is missing of the demo library in its place (``DEMO_DIR``), and choose it.

        Raises ``NotALibrary``, ``TargetExists`` when other things lie there, ``StorageError``.
        """
        with self._drawing:  # two clicks are one library
            demo.write(self.settings.demo_dir, progress=progress)
        return self.setup(self.settings.demo_dir)

    def summary(self) -> Summary:
        """The library's path, how many videos are unsorted, and its folders."""
        return _summary(self.library)

    def folders(self) -> list[Folder]:
        """The categories by name, with their counts."""
        return self.library.folders()

    def create_folder(self, name: str) -> Folder:
        """Make a category. Raises ``InvalidName``, ``TargetExists``."""
        return self.library.create_folder(name)

    def rename_folder(self, name: str, new_name: str) -> Folder:
        """Rename a category. Raises ``InvalidName``, ``UnknownFolder``, ``TargetExists``."""
        with learning.scripts_following(self.library):
            return self.library.rename_folder(name, new_name)

    def merge_folder(self, name: str, into: str) -> BatchResult:
        """Move all videos of ``name`` to ``into``, then remove it when empty; one undo takes it back.

        Raises ``UnknownFolder``, ``InvalidInput``; names taken in ``into`` are told in the result.
        """
        with learning.scripts_following(self.library):
            batch, moved, failed = self.library.merge_folder(name, into)
        return BatchResult(batch, [(video, into) for video in moved], failed)

    def delete_folder(self, name: str) -> None:
        """Remove an empty category. Raises ``UnknownFolder``, ``TargetExists`` when it is not empty."""
        with learning.scripts_following(self.library):
            self.library.delete_folder(name)

    def videos(
        self,
        *,
        limit: int | None = None,
        offset: int = 0,
        order: str = "name",
        folder: str | None = None,
        far: bool | None = None,
    ) -> VideoPage:
        """Unsorted videos with their guesses.

        ``folder`` narrows to what is predicted there; ``far`` to what is like none of the folders,
        or to all the others.
        """
        return self._catalogue().videos(limit, offset, order, folder, far=far)

    def videos_json(
        self,
        *,
        limit: int | None = None,
        offset: int = 0,
        order: str = "name",
        folder: str | None = None,
        far: bool | None = None,
    ) -> bytes:
        """The same as the JSON body of ``GET /api/videos``."""
        return self._catalogue().json(limit, offset, order, folder, far=far)

    def find(self, filename: str, folder: str | None = None) -> Path:
        """Where a video lies: unsorted first, then the folders.

        Raises ``InvalidName``, ``VideoNotFound``.
        """
        library = self.library
        return library.root.joinpath(*library.find(filename, folder))

    def poster(self, filename: str, folder: str | None = None) -> Path:
        """The file of a small picture (WebP) of a video, made now if need be. Raises ``NotFound``."""
        library = self.library
        with self._lock:
            if self._posters is None or self._posters.library is not library:
                self._posters = posters.Posters(library, self.settings)
            drawer = self._posters
        return drawer.get(filename, folder)

    def sweep_posters(self) -> int:
        """Drop the pictures of videos that are gone, by the last scan; how many went."""
        return posters.sweep(self.library)

    def close_posters(self) -> None:
        """End the processes that draw pictures; they come back when one is asked for."""
        if self._posters is not None:
            self._posters.close()


def _summary(library: Library) -> Summary:
    with library.looking() as tree:
        unsorted = len(tree.root().videos)
    return Summary(library.root, unsorted, library.folders())
