"""New files in the library are noticed while the app is open, and analysed in the background.

A thread that sleeps until the system tells of a change (``watchfiles``), or, where none does, as on
network drives, looks every few seconds. A file that this program moved itself is no news; a copy
that still grows is waited for.
"""

from __future__ import annotations

import stat
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from sorter_core.errors import SorterError
from sorter_core.files import is_video
from sorter_core.library import Library
from sorter_core.store import network_drive

QUIET_SECONDS = 3.0
"""So long nothing new must have been written: a copy is whole then, or a pile of files complete."""
_LOOK_SECONDS = 1.0
_AGAIN_SECONDS = 5.0
"""After a fault (a disk that was unplugged) it is tried again."""
_POLL_SECONDS = 5.0
"""Between two looks where the system tells nothing: of 100,000 files one takes 0.1 s."""

_Place = tuple[str, int, int]
"""(folder, device, inode); a folder that another one took the name of is another place."""


class Watcher:
    """Watches the library that ``watched`` gives, until that is None.

    ``analyse`` is called when something new is there, again each second while it answers
    ``already_running``.
    """

    def __init__(
        self,
        watched: Callable[[], Library | None],
        analyse: Callable[[], str],
        *,
        quiet: float = QUIET_SECONDS,
    ) -> None:
        self._watched, self._analyse, self._quiet = watched, analyse, quiet
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()

    def ensure(self) -> None:
        """Start watching, unless it is watched already or nothing is to be watched."""
        with self._lock:
            if (self._thread is None or not self._thread.is_alive()) and self._watched():
                self._stop = threading.Event()
                self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """Stop watching and wait for the thread's end."""
        with self._lock:
            self._stop.set()
            if self._thread is not None:
                self._thread.join()

    def _run(self) -> None:
        library: Library | None = None
        polling = False
        while not self._stop.is_set():
            try:
                library = self._watched()
                if library is None:
                    return
                self._follow(library, polling=polling)
            except (OSError, SorterError, RuntimeError) as error:
                if not isinstance(error, FileNotFoundError | SorterError):
                    polling = True  # some disks, and too many watched folders, can't be told of
                self._stop.wait(_AGAIN_SECONDS)
            finally:
                if library is not None:
                    library.close()

    def _follow(self, library: Library, *, polling: bool) -> None:
        """Watch the root and its folders; returns when these are others, or another library is used."""
        from watchfiles import watch

        places = _places(library)
        news: float | None = None
        told, first = time.monotonic(), True
        for changes in watch(
            *(library.root / folder for folder, _, _ in places),
            watch_filter=None,
            recursive=False,
            stop_event=self._stop,
            rust_timeout=round(_LOOK_SECONDS * 1000),
            yield_on_timeout=True,
            raise_interrupt=False,
            force_polling=polling or network_drive(library.root) is not None or None,
            poll_delay_ms=round(_POLL_SECONDS * 1000),
        ):
            if self._watched() is not library or _places(library) != places:
                return
            came = unknown(library, (Path(path) for _, path in changes))
            if any(came) or (first and _any_unknown(library)):  # the latter while nobody watched
                news, told = self._quiet, time.monotonic()
            first = False
            if news is not None and time.monotonic() - told >= news:
                news = None if self._analyse() != "already_running" else _LOOK_SECONDS
                told = time.monotonic()


def unknown(library: Library, paths: Iterable[Path]) -> Iterable[Path]:
    """Those of ``paths`` that are videos of the library which the last scan, and the journal, don't know."""
    found = set()
    for path in paths:
        try:
            info = path.lstat()
        except OSError:  # it is gone again, which is no fault of the disk
            continue
        if not is_video(path.name) or not stat.S_ISREG(info.st_mode):
            continue
        folder = "" if path.parent == library.root else path.parent.name
        with library.store.read() as db:
            row = db.execute(
                "SELECT size, mtime_ns FROM files WHERE folder = ? AND name = ?",
                (folder, path.name),
            ).fetchone()
        if row is None or (row["size"], row["mtime_ns"]) != (info.st_size, info.st_mtime_ns):
            found.add(path)
    return sorted(found)


def _any_unknown(library: Library) -> bool:
    """Whether there is a video, by its name, that the last scan did not see."""
    with library.store.read() as db:
        known = {(folder, name) for folder, name in db.execute("SELECT folder, name FROM files")}
    with library.looking() as tree:
        listings = {"": tree.root(), **tree.folders()}
        return any(
            (folder, name) not in known
            for folder, listing in listings.items()
            for name in listing.videos
        )


def _places(library: Library) -> list[_Place]:
    """The root and its folders. Raises :class:`SorterError` when the library is gone."""
    with library.looking() as tree:
        folders = ["", *tree.root().folders]
    places = []
    for folder in folders:
        with suppress(OSError):  # it went since it was listed
            info = (library.root / folder).stat()
            places.append((folder, info.st_dev, info.st_ino))
    return places
