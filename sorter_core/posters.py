"""A small picture of each video, made when it is first asked for.

A video file is hostile input: the picture is drawn in a worker process with the limits of the
analysis. The workers start with the first picture and end when nobody asked for a while, so that
they cost no memory meanwhile.
"""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from sorter_core import encoders, spawning
from sorter_core.decoding import Setup
from sorter_core.errors import MediaError, NotFound, StorageError
from sorter_core.files import fingerprint
from sorter_core.library import Library
from sorter_core.media import Limits
from sorter_core.settings import Settings

FOLDER = "posters"
SHORT_SIDE = 240
"""Pixels: sharp in a tile of 180 on most screens, and some 8 KB."""
SECONDS = 20.0
"""For one picture; more than that and the grid shows none."""
_WORKERS = 2
"""At most, and half of the cores: the rest is the browser's. Each has some 60 MB for itself."""
_IDLE = 45.0
_REMEMBERED = 10_000
_MEMORY_MB = 768
"""One picture needs far less than an analysis."""
MOST = 100_000
"""Pictures that are kept: 0.8 GB, for a library as big as this program is made for. In a bigger one
those drawn longest ago are drawn again when somebody gets there."""
_SETTLED_SECONDS = 3600.0
"""A younger picture may be of a video that the last scan had not seen, or be read just now."""


def sweep(library: Library, most: int = MOST) -> int:
    """Drop pictures whose content the library has no more, and of too many the oldest; how many went.

    Goes by the last scan. For the end of a job: it lists all pictures, which takes a request too long.
    """
    with library.store.read() as db:
        marks = {row[0] for row in db.execute("SELECT DISTINCT fingerprint FROM files")}
    try:
        with os.scandir(library.artifacts / FOLDER) as found:
            entries = list(found)
    except OSError:  # there are none
        return 0
    kept = [entry for entry in entries if os.path.splitext(entry.name)[0] in marks]  # noqa: PTH122 - hot loop
    there = {entry.name for entry in kept}
    gone = [entry for entry in entries if entry.name not in there]
    if len(kept) > most:
        gone += sorted(kept, key=_drawn_at)[: len(kept) - most]
    settled = time.time() - _SETTLED_SECONDS
    return sum(_dropped(entry) for entry in gone if _drawn_at(entry) < settled)


def _drawn_at(entry: os.DirEntry[str]) -> float:
    try:
        return entry.stat().st_mtime
    except OSError:  # another process has dropped it
        return 0.0


def _dropped(entry: os.DirEntry[str]) -> bool:
    try:
        Path(entry.path).unlink()
    except OSError:  # gone, or open in another program on Windows
        return False
    return True


class Posters:
    """The pictures of one library, below ``.sorter/posters``; for several threads."""

    def __init__(self, library: Library, settings: Settings) -> None:
        self.library = library
        self._folder = library.artifacts / FOLDER
        self._studio = Studio(settings)
        self._lock = threading.Lock()
        self._failed: OrderedDict[str, str] = OrderedDict()
        self._drawing: dict[str, Future[None]] = {}

    def get(self, filename: str, folder: str | None = None) -> Path:
        """The WebP picture of a video, drawn if it is not there yet.

        Raises ``InvalidName``, ``VideoNotFound``, :class:`NotFound` when no picture can be made.
        """
        video = self.library.root.joinpath(*self.library.find(filename, folder))
        try:
            mark = fingerprint(video)
        except (OSError, MediaError) as error:
            raise NotFound(f"No picture of {filename!r}: {error}.") from error
        picture = self._folder / f"{mark}.webp"
        if picture.is_file():
            return picture
        if reason := self._failed.get(mark):
            raise NotFound(f"No picture of {filename!r}: {reason}.")
        try:
            self._draw(mark, video, picture).result()
        except MediaError as error:
            if video.exists():  # else it was moved in this very moment, and is no worse for it
                self._remember(mark, str(error))
            raise NotFound(f"No picture of {filename!r}: {error}.") from error
        except StorageError as error:  # there may be room at the next time
            raise NotFound(f"No picture of {filename!r}: {error}.") from error
        return picture

    def close(self) -> None:
        """End the workers; they come back when a picture is asked for."""
        self._studio.close()

    def _draw(self, mark: str, video: Path, picture: Path) -> Future[None]:
        """The drawing under way, one for all that ask for the same picture."""
        with self._lock:
            future = self._drawing.get(mark)
            if future is None:
                self._folder.mkdir(exist_ok=True)
                self._drawing[mark] = future = self._studio.draw(video, picture)
        future.add_done_callback(lambda _: self._drawing.pop(mark, None))
        return future

    def _remember(self, mark: str, reason: str) -> None:
        with self._lock:
            self._failed[mark] = reason
            while len(self._failed) > _REMEMBERED:
                self._failed.popitem(last=False)


class Studio:
    """The worker processes that draw, alive only while there is something to do."""

    def __init__(self, settings: Settings) -> None:
        limits = Limits(
            frames=1,
            short_side=SHORT_SIDE,
            audio_seconds=0,
            megapixels=settings.decode_megapixels,
        )
        memory = min(_MEMORY_MB, settings.decode_memory_mb)
        self._setup = Setup(limits, SECONDS, memory, settings.cache_dir, encoders.make)
        self._workers = min(_WORKERS, settings.workers or (os.cpu_count() or 1) // 2) or 1
        self._lock = threading.Lock()
        self._pool: Any = None
        self._under_way = 0
        self._timer: threading.Timer | None = None

    def draw(self, video: Path, picture: Path) -> Future[None]:
        """Draw in a worker; the result raises :class:`MediaError` with the reason, or StorageError."""
        from sorter_core import _worker

        told: Future[None] = Future()
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            self._under_way += 1
            pool = self._started()
            task = pool.schedule(
                _worker.draw, args=(video, picture, self._setup), timeout=SECONDS + 20
            )
        task.add_done_callback(lambda done: self._finished(done, told))
        return told

    def close(self) -> None:
        """End the workers."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.stop()
            pool.join()

    def _started(self) -> Any:
        from pebble import ProcessPool

        from sorter_core import _worker

        if self._pool is None or not self._pool.active:
            self._pool = ProcessPool(
                max_workers=self._workers,
                initializer=_worker.start,
                initargs=(self._setup,),
                context=spawning.context(),
            )
        return self._pool

    def _finished(self, done: Future[str | None], told: Future[None]) -> None:
        with self._lock:
            self._under_way -= 1
            if self._under_way == 0:
                self._timer = threading.Timer(_IDLE, self._rest)
                self._timer.daemon = True
                self._timer.start()
        try:
            reason = done.result()
        except StorageError as error:
            told.set_exception(error)
            return
        except Exception:  # noqa: BLE001 - whatever a hostile file did to its worker, it costs this picture
            reason = "its decoder crashed, or took too long"
        if reason is None:
            told.set_result(None)
        else:
            told.set_exception(MediaError(reason))

    def _rest(self) -> None:
        with self._lock:
            if self._under_way:
                return
        self.close()
