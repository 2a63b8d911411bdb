"""A library: a folder of unsorted videos whose sub-folders are the person's categories."""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sorter_core import undoing
from sorter_core.claims import exists
from sorter_core.errors import (
    InvalidInput,
    InvalidName,
    NotALibrary,
    ReadOnly,
    SorterError,
    TargetExists,
    UnknownFolder,
    VideoNotFound,
)
from sorter_core.files import judge_name, judge_new_name
from sorter_core.journal import Journal
from sorter_core.store import Store
from sorter_core.tree import Listing, Tree
from sorter_core.types import Folder, Move

HIDDEN = ".sorter"
STORE_NAME = "sorter.db"
_UNSEEN = ("Cf", "Zs", "Zl", "Zp", "Mn", "Me", "Mc")
"""Categories of characters that show nothing by themselves."""


def check_library(path: str | Path) -> Path:
    """The absolute path of an existing folder; blanks and quotes around a typed one are forgiven.

    Raises :class:`NotALibrary`.

    >>> check_library(' "/" ').is_dir()
    True
    """
    text = str(path) if isinstance(path, Path) else path.strip().strip("\"'").strip()
    if not text or "\0" in text:
        raise NotALibrary("Give the path of the folder that holds your videos.")
    try:
        found = Path(text).expanduser().absolute()
        is_folder = found.is_dir()
    except (OSError, RuntimeError, UnicodeError) as error:
        raise NotALibrary(f"{text!r} can't be opened: {error}.") from error
    if not is_folder:
        raise NotALibrary(f"{text!r} is no folder on this computer.")
    return found.resolve()


def open_store(root: Path, artifacts: Path | None) -> Store:
    """The store of the library at ``root``, which may be kept elsewhere. Raises :class:`StorageError`."""
    if artifacts is None:
        return Store(root / HIDDEN / STORE_NAME)
    try:
        artifacts.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ReadOnly(
            f"{artifacts} can't be made ({error.strerror}). Set ARTIFACTS_DIR to a folder that can be written to."
        ) from error
    return Store(artifacts / STORE_NAME)


class Library:
    """One library: what the disk says, what the store knows of it, and the moves inside it."""

    def __init__(self, root: Path, artifacts: Path | None = None) -> None:
        self.root = check_library(root)
        self.artifacts = artifacts or self.root / HIDDEN
        self.store = open_store(self.root, artifacts)
        self.journal = Journal(self.store, self.root)
        self.tree = Tree(self.root)
        self._lock = threading.RLock()
        self.journal.recover()

    def close(self) -> None:
        """Close this thread's connection to the store."""
        self.store.close()

    @contextmanager
    def looking(self) -> Iterator[Tree]:
        """The tree, for one thread at a time."""
        with self._lock:
            yield self.tree

    def folders(self) -> list[Folder]:
        """The categories by name, with the number of videos in each."""
        with self.looking() as tree:
            return [Folder(name, len(listing.videos)) for name, listing in tree.folders().items()]

    def find(self, filename: str, folder: str | None = None) -> tuple[str, str]:
        """(folder, name) of a video; without ``folder`` the unsorted pile comes first, as ``''``.

        Raises :class:`InvalidName` for what is neither digits + ``.mp4`` nor in the library,
        :class:`VideoNotFound` for what might be there and is not.
        """
        with self.looking() as tree:
            if folder is not None:
                places = {folder: tree.place(self._known(folder) if folder else "")}
            else:
                places = {"": tree.root(), **tree.folders()}
            for place, listing in places.items():
                if listing is not None and filename in listing:
                    return place, filename
        if _is_id(filename):
            raise VideoNotFound(f"There is no video {filename!r} in the library.")
        raise InvalidName(f"{filename!a} is the name of no video in the library.")

    def sort(
        self, filename: str, folder: str, *, actor: str = "person", batch: int | None = None
    ) -> Move:
        """Move an unsorted video into a folder."""
        self._judge_sort(filename, folder)
        return self._move(filename, "", folder, kind="sort", actor=actor, batch=batch)

    def check_sort(self, filename: str, folder: str, *, made: str | None = None) -> None:
        """Raise what :meth:`sort` would raise now, moving nothing; ``made`` counts as a folder."""
        self._judge_sort(filename, None if folder == made else folder)
        with self.looking() as tree:
            target = tree.folder(folder)
            if target is not None and filename in target:
                raise exists(join(folder, filename))

    def unscanned(self) -> int:
        """How many more videos the disk has than the last scan saw."""
        with self.looking() as tree:
            now = len(tree.root().videos) + sum(len(f.videos) for f in tree.folders().values())
        with self.store.read() as db:
            return max(0, now - int(db.execute("SELECT count(*) FROM files").fetchone()[0]))

    def move(
        self,
        filename: str,
        source: str,
        target: str,
        *,
        actor: str = "person",
        batch: int | None = None,
    ) -> Move:
        """Move a video between folders; ``''`` is the unsorted pile."""
        self.find(filename, source)
        if target:
            self._known(target)
        return self._move(filename, source, target, kind="move", actor=actor, batch=batch)

    def undo(self, batch: int | None = None) -> list[Move]:
        """Take back a batch of moves, or the newest."""
        try:
            return undoing.undo(self.journal, batch)
        finally:
            self._forget()

    def create_folder(self, name: str) -> Folder:
        """Make a category. Raises :class:`InvalidName`, :class:`TargetExists`."""
        name = self._unlike_others(name)
        self.journal.create_folder(name)
        return Folder(name, 0)

    def start_folder(self, name: str, *, actor: str, dry_run: bool = False) -> int | None:
        """Make a category as the first act of a batch, whose number this is; None when ``dry_run``.

        Raises :class:`InvalidName`, :class:`TargetExists`.
        """
        name = self._unlike_others(name)
        if not dry_run:
            return self.journal.create_folder(name, actor=actor).batch
        if (self.root / name).exists():
            raise TargetExists(f"There is something named {name!r} already.")
        return None

    def rename_folder(self, name: str, new_name: str) -> Folder:
        """Rename a category; what is known of its videos stays. Raises :class:`TargetExists`."""
        self._known(name)
        new_name = self._unlike_others(new_name, but=name)
        if new_name != name:
            self.journal.move("rename_folder", name, new_name)
            self._forget()
        with self.looking() as tree:
            listing = tree.folder(new_name)
            return Folder(new_name, len(listing.videos) if listing else 0)

    def delete_folder(self, name: str) -> None:
        """Remove an empty category. Raises :class:`TargetExists` when something is in it."""
        self.journal.delete_folder(self._known(name))
        self._forget()

    def merge_folder(
        self, name: str, into: str
    ) -> tuple[int | None, list[str], list[tuple[str, str]]]:
        """Move all videos of ``name`` to ``into`` as one batch, then remove ``name`` when it is empty.

        Returns the batch, the videos moved, and those that stayed with the reason: a name taken in
        ``into``. Raises :class:`UnknownFolder`, :class:`InvalidInput` for a folder into itself.
        """
        if self._known(name) == self._known(into):
            raise InvalidInput("A folder can't be merged into itself.")
        with self.looking() as tree:
            listing = tree.folder(name)
            videos = list(listing.videos) if listing else []
        batch: int | None = None
        moved: list[str] = []
        failed: list[tuple[str, str]] = []
        for video in videos:
            try:
                done = self._move(video, name, into, kind="merge", actor="person", batch=batch)
            except SorterError as error:
                failed.append((video, str(error)))
            else:
                batch = done.batch
                moved.append(video)
        if not failed:
            with suppress(SorterError):  # what is no video lies in it, …: it stays
                batch = self.journal.delete_folder(name, batch=batch).batch
        self._forget()
        return batch, moved, failed

    def _judge_sort(self, filename: str, folder: str | None) -> None:
        with self.looking() as tree:
            if filename not in tree.root():
                self.find(filename)
                raise VideoNotFound(
                    f"{filename!r} is not unsorted any more: it was sorted already."
                )
        if folder is not None:
            self._known(folder)

    def _unlike_others(self, name: str, *, but: str | None = None) -> str:
        """``name`` when it can be seen, and told from every folder's name but that of ``but``.

        One é may be written as one code point or as two (UAX #15): to a person these are one name.
        Raises :class:`InvalidName`, :class:`TargetExists`.
        """
        name = judge_new_name(name)
        if all(unicodedata.category(char) in _UNSEEN for char in name):
            raise InvalidName(f"{name!a} is no valid name: nothing of it can be seen.")
        with self.looking() as tree:
            taken = [folder for folder in tree.root().folders if folder not in (name, but)]
        for folder in taken:
            if unicodedata.normalize("NFC", folder) == unicodedata.normalize("NFC", name):
                raise TargetExists(f"There is something named {folder!r} already.")
        return name

    def _known(self, folder: str) -> str:
        judge_name(folder)
        with self.looking() as tree:
            if folder not in tree.root().folders:
                raise UnknownFolder(f"There is no folder {folder!r} in the library.")
        return folder

    def _move(
        self, filename: str, source: str, target: str, *, kind: str, actor: str, batch: int | None
    ) -> Move:
        with self.looking() as tree:
            here, there = tree.place(source), tree.place(target)
        # Not while looking: a copy to another disk, or a busy store, would keep all others waiting.
        done = self.journal.move(
            kind, join(source, filename), join(target, filename), actor=actor, batch=batch
        )
        with self.looking(), suppress(OSError):  # a folder that went just now is seen next time
            _note((here, there), filename)
        return done

    def _forget(self) -> None:
        with self.looking():
            self.tree = Tree(self.root)


def _note(listings: Iterable[Listing | None], filename: str) -> None:
    """Take note of where a file is now: another one may have moved it on since we moved it."""
    for listing in listings:
        if listing is None:
            continue
        if (listing.path / filename).exists():
            listing.added(filename)
        else:
            listing.removed(filename)


def join(folder: str, name: str) -> str:
    """A path inside the library, POSIX style; ``''`` is the unsorted pile.

    >>> join("Cats", "1.mp4"), join("", "1.mp4")
    ('Cats/1.mp4', '1.mp4')
    """
    return f"{folder}/{name}" if folder else name


def _is_id(filename: str) -> bool:
    stem, dot, suffix = filename.rpartition(".")
    return bool(dot) and suffix == "mp4" and stem.isascii() and stem.isdigit()
