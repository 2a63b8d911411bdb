"""A look over the whole library, to find where each content lies now.

A file is read only when its path, size or time is new; a content known from elsewhere keeps all
that was computed for it.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from sorter_core import captions, surroundings
from sorter_core.errors import MediaError
from sorter_core.files import fingerprint
from sorter_core.library import Library, join
from sorter_core.texts import write as write_texts
from sorter_core.types import Failure, ReportProgress

_SIDECAR = ".info.json"
_BATCH = 500


@dataclass(frozen=True, slots=True)
class ScanReport:
    """What a look over the whole library found."""

    videos: int
    new: int
    moved: int
    missing: int
    skipped: list[Failure]


def scan(library: Library, progress: ReportProgress) -> ScanReport:
    """Bring the store's idea of the library in line with the disk.

    Writes in batches, so that a killed scan has kept its work.
    """
    # Before the disk: a video that is sorted in between would else be taken for gone at its new place.
    known, marks = _known(library)
    with library.looking() as tree:
        places = {"": tree.root(), **tree.folders()}
        now = {place: list(listing.videos) for place, listing in places.items()}
        shut = {name for name in tree.root().folders if name not in places}
        skipped = [
            Failure(join(place, name), "media", reason)
            for place, listing in places.items()
            for name, reason in listing.skipped
        ]
    shut = {folder for folder in shut if (library.root / folder).is_dir()}  # else it went just now
    skipped += [Failure(folder, "media", "this folder can't be read") for folder in sorted(shut)]
    for place in [place for place in known if place[0] in shut]:
        del known[place]  # what is known of its videos stays
    return _Scan(library, now, skipped).run(known, marks, progress)


@dataclass(frozen=True, slots=True)
class _State:
    """What tells whether a file is still the one that was read."""

    size: int
    mtime_ns: int
    sidecar_ns: int | None


_States = dict[tuple[str, str], _State]
_Marks = dict[tuple[str, str], str]
"""By (folder, name)."""


def _known(library: Library) -> tuple[_States, _Marks]:
    """The state and the fingerprint of each file at the last look."""
    with library.store.read() as db:
        rows = db.execute("SELECT * FROM files").fetchall()
    places = [(row["folder"], row["name"]) for row in rows]
    states = (_State(row["size"], row["mtime_ns"], row["sidecar_ns"]) for row in rows)
    marks = (row["fingerprint"] for row in rows)
    return dict(zip(places, states, strict=True)), dict(zip(places, marks, strict=True))


class _Scan:
    """The work of :func:`scan`."""

    def __init__(self, library: Library, now: dict[str, list[str]], skipped: list[Failure]) -> None:
        self.library, self.now, self.skipped = library, now, skipped
        self.new = 0
        self.again: set[str] = set()
        """Fingerprints known before, of files that are new or changed at their place."""

    def run(self, known: _States, marks: _Marks, progress: ReportProgress) -> ScanReport:
        """Compare the disk with ``known``, which is used up."""
        total = sum(map(len, self.now.values()))
        changed: list[tuple[str, str, _State]] = []
        for seen, (folder, name) in enumerate(self._files(), start=1):
            state = self._state(folder, name)
            if known.pop((folder, name), None) != state and state is not None:
                changed.append((folder, name, state))
            if len(changed) == _BATCH:
                self._write(changed)
                changed.clear()
            if seen % _BATCH == 0:
                progress(seen, total)
        self._write(changed)
        self._remove(list(known))
        self._write_surroundings()
        progress(total, total)
        gone = {marks[place] for place in known}
        missing, moved = gone - self.again, gone & self.again
        return ScanReport(total, self.new, len(moved), len(missing), self.skipped)

    def _files(self) -> Iterator[tuple[str, str]]:
        for folder, names in self.now.items():
            for name in names:
                yield folder, name

    def _state(self, folder: str, name: str) -> _State | None:
        """None for a file that is gone since it was listed."""
        try:
            info = os.lstat(self.library.root / folder / name)
        except OSError:
            return None
        return _State(info.st_size, info.st_mtime_ns, self._sidecar_ns(folder, name))

    def _sidecar_ns(self, folder: str, name: str) -> int | None:
        """When the text beside the video, or beside its old place in the root, was last changed."""
        stem = os.path.splitext(name)[0] + _SIDECAR  # noqa: PTH122 - hot loop
        for place in dict.fromkeys((folder, "")):
            with suppress(OSError):
                return os.stat(self.library.root / place / stem).st_mtime_ns  # noqa: PTH116 - hot loop
        return None

    def _write(self, changed: list[tuple[str, str, _State]]) -> None:
        rows = []
        for folder, name, state in changed:
            path = self.library.root / folder / name
            try:
                mark = fingerprint(path)
            except FileNotFoundError:  # sorted since it was listed, which is no fault of it
                continue
            except (OSError, MediaError) as error:
                self.skipped.append(Failure(join(folder, name), "media", str(error)))
                continue
            texts = captions.read(path) if state.sidecar_ns is not None else {}
            rows.append(((folder, name, state.size, state.mtime_ns, mark, state.sidecar_ns), texts))
        with self.library.store.write() as db:
            for row, texts in rows:
                self._write_one(db, row)
                write_texts(db, row[4], texts)

    def _write_one(
        self, db: sqlite3.Connection, row: tuple[str, str, int, int, str, int | None]
    ) -> None:
        fresh = db.execute(
            "INSERT OR IGNORE INTO videos (fingerprint, size) VALUES (?, ?)", (row[4], row[2])
        ).rowcount
        self.new += fresh
        if not fresh:
            self.again.add(row[4])
        db.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?)", row)

    def _write_surroundings(self) -> None:
        for batch in surroundings.texts(self.library, changed=bool(self.new or self.again)):
            with self.library.store.write() as db:
                for mark, texts in batch:
                    write_texts(db, mark, texts)

    def _remove(self, gone: list[tuple[str, str]]) -> None:
        with self.library.store.write() as db:
            db.executemany("DELETE FROM files WHERE folder = ? AND name = ?", gone)
