"""New files in the library are noticed while the app is open, and analysed in the background.

A thread that sleeps until the system tells of a change (``watchfiles``). A file that this program
moved itself is no news; a copy that still grows is waited for.
"""

from __future__ import annotations

import stat
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from sorter_core.errors import SorterError
from sorter_core.files import is_video
from sorter_core.library import Library

QUIET_SECONDS = 3.0
"""So long nothing new must have been written: a copy is whole then, or a pile of files complete."""
_LOOK_SECONDS = 1.0
_AGAIN_SECONDS = 5.0
"""After a fault (a disk that was unplugged) it is tried again."""


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
            except (OSError, SorterError, RuntimeError):
                polling = True  # some disks, and too many watched folders, can't be told of
                self._stop.wait(_AGAIN_SECONDS)
            finally:
                if library is not None:
                    library.close()

    def _follow(self, library: Library, *, polling: bool) -> None:
        """Watch the root and its folders; returns when these are others, or another library is used."""
        from watchfiles import watch

        folders = _folders(library)
        news = self._quiet if library.unscanned() else None  # what came while the app was closed
        told = time.monotonic()
        for changes in watch(
            library.root,
            *(library.root / folder for folder in folders),
            watch_filter=None,
            recursive=False,
            stop_event=self._stop,
            rust_timeout=round(_LOOK_SECONDS * 1000),
            yield_on_timeout=True,
            raise_interrupt=False,
            force_polling=polling or None,
        ):
            if self._watched() is not library or _folders(library) != folders:
                return
            if any(unknown(library, (Path(path) for _, path in changes))):
                news, told = self._quiet, time.monotonic()
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


def _folders(library: Library) -> list[str]:
    with library.looking() as tree:
        return list(tree.root().folders)
