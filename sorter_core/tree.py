"""What the disk says now, at the price of a ``stat`` a folder.

A directory's listing is kept as long as its modification time stands. Two changes in one tick of
the file system's clock have the same time, so a listing taken within that tick is taken again.
"""

from __future__ import annotations

import os
import time
from bisect import bisect_left, insort
from pathlib import Path

from sorter_core.errors import StorageError
from sorter_core.files import is_video, readable

_TICK = 20_000_000  # ns; the kernels' clock tick is 10 ms or less
_COARSE = 2_000_000_000  # ns; FAT and exFAT keep two seconds


class Listing:
    """The videos and folders of one directory, sorted by name; not for several threads at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.videos: list[str] = []
        self.folders: list[str] = []
        self.skipped: list[tuple[str, str]] = []
        """(name, reason) of what looks like a video and is left out."""
        self.version = 0
        """Rises with each change seen, so that an answer can be kept by it."""
        self._mtime = -1
        self._again_at: int | None = None

    def refresh(self) -> None:
        """Look again if need be. Raises ``FileNotFoundError`` or ``NotADirectoryError``."""
        mtime = os.stat(self.path).st_mtime_ns  # noqa: PTH116 - on every request's path
        now = time.time_ns()
        if mtime != self._mtime or (self._again_at is not None and now >= self._again_at):
            self._list(mtime, now)

    def removed(self, name: str) -> None:
        """Take note of our own removal of a video, without listing anew."""
        at = bisect_left(self.videos, name)
        if at < len(self.videos) and self.videos[at] == name:
            del self.videos[at]
        self._changed()

    def added(self, name: str) -> None:
        """Take note of our own addition of a video, without listing anew."""
        at = bisect_left(self.videos, name)
        if at == len(self.videos) or self.videos[at] != name:
            insort(self.videos, name)
        self._changed()

    def __contains__(self, name: str) -> bool:
        at = bisect_left(self.videos, name)
        return at < len(self.videos) and self.videos[at] == name

    def _changed(self) -> None:
        """Somebody else's change in the same moment would hide behind ours: look again soon."""
        self.version += 1
        self._mtime = os.stat(self.path).st_mtime_ns  # noqa: PTH116 - on every request's path
        self._again_at = time.time_ns() + _COARSE

    def _list(self, mtime: int, now: int) -> None:
        videos, folders, skipped = [], [], []
        with os.scandir(self.path) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.name)
                elif is_video(entry.name):
                    reason = _unfit(entry)
                    videos.append(entry.name) if reason is None else skipped.append(
                        (entry.name, reason)
                    )
        self.videos, self.folders = sorted(videos), sorted(filter(readable, folders))
        self.skipped = sorted(skipped)
        self.version += 1
        self._mtime = mtime
        self._again_at = next(
            (t for t in (mtime + _TICK, mtime + _COARSE) if now < t < now + 2 * _COARSE), None
        )


def _unfit(entry: os.DirEntry[str]) -> str | None:
    if not readable(entry.name):
        return "its name is no valid Unicode: rename it"
    if entry.is_symlink():
        return "it is a link: only the file itself can be sorted"
    if not entry.is_file(follow_symlinks=False):
        return "it is no regular file"
    return None


class Tree:
    """The listings of a library: its root (the unsorted pile) and its folders."""

    def __init__(self, root: Path) -> None:
        self.path = root
        self._root = Listing(root)
        self._folders: dict[str, Listing] = {}

    def root(self) -> Listing:
        """The unsorted pile and the folders' names. Raises :class:`StorageError` when it is gone."""
        try:
            self._root.refresh()
        except OSError as error:
            raise StorageError(
                f"The library {self.path} can't be read ({error.strerror}). "
                "Is its disk connected? Choose the folder again if it was moved."
            ) from error
        return self._root

    def folder(self, name: str) -> Listing | None:
        """The listing of a folder, or None when it is not there (any more)."""
        listing = self._folders.setdefault(name, Listing(self.path / name))
        try:
            listing.refresh()
        except OSError:
            del self._folders[name]
            return None
        return listing

    def folders(self) -> dict[str, Listing]:
        """All folders by name; one that vanished since the root was listed is left out."""
        names = self.root().folders
        found = {name: listing for name in names if (listing := self.folder(name)) is not None}
        for gone in self._folders.keys() - found.keys():
            del self._folders[gone]
        return found

    def place(self, folder: str) -> Listing | None:
        """The root for ``''``, else the folder."""
        return self.folder(folder) if folder else self.root()
