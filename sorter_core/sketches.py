"""Small copies of the stored vectors, quick to compare: of a hundred thousand videos in a moment.

Of each encoder's vectors the 128 directions are kept in which a sample of them differs most
(principal components), as int8, 13 MB for 100,000 videos whatever the encoder's size. They lie in
the artifacts, are brought up to date at the end of each job, and are only a copy: what is damaged,
half written or gone is made again from the store.
"""

from __future__ import annotations

import io
import threading
import time
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sorter_core import encoders
from sorter_core.errors import SorterError
from sorter_core.files import SCRATCH_PREFIX, write_atomic
from sorter_core.library import Library
from sorter_core.types import Matrix, Vector

FOLDER = "alike"
RANK = 128
SAMPLE = 4000
"""Vectors from which the directions are learned, once there are so many; before, from all there are."""
BLOCK = 2000
"""Vectors read at a time: 2,000 x 2,560 float32 are 20 MB."""
FEW = 500
"""So many new vectors are read before an answer in some 50 ms; for more, the file may have them."""
_CACHED = 1000
"""Rows compared at a time: as float32 they stay in a core's cache."""
_STEPS = 127
"""int8 has so many on each side of zero."""
_ABANDONED_SECONDS = 3600.0
_DAMAGED = (zipfile.BadZipFile, zlib.error, RuntimeError)
"""What zipfile raises at a damaged archive; the last where a wrong bit says "encrypted", or names an
unknown way of packing."""


@dataclass(frozen=True, slots=True)
class Sketch:
    """Small vectors of one encoder.

    ``marks`` (videos,): fingerprints; ``rows`` (videos, r): int8, times ``scales`` (videos,) the
    vectors as seen from ``centre`` (dim,) in ``basis`` (dim, r); ``lengths`` (videos,): theirs;
    ``last``: the store's row up to which it goes; ``learned``: how many vectors the basis was
    learned from; ``store``: the file that these rows are of.
    """

    marks: NDArray[np.bytes_]
    rows: NDArray[np.int8]
    scales: NDArray[np.float32]
    lengths: NDArray[np.float32]
    centre: Vector
    basis: Matrix
    last: int
    learned: int
    store: int

    def cosines(self, vector: Vector) -> NDArray[np.float32]:
        """(videos,): how alike each is to ``vector`` (dim,), as seen from the centre; within 0.01."""
        asked = self.small(vector - self.centre)
        length = max(float(np.linalg.norm(asked)), 1e-9)
        found = self.products(np.asarray(asked / length, np.float32))
        return np.asarray(found / np.maximum(self.lengths, 1e-6), np.float32)

    def small(self, vector: Vector) -> Vector:
        """(r,): ``vector`` (dim,) in the directions that are kept; without BLAS, as below."""
        return np.asarray(np.einsum("i,ij->j", vector, self.basis), np.float32)

    def products(self, asked: Vector) -> NDArray[np.float32]:
        """(videos,): scalar products with ``asked`` (r,).

        Without BLAS, whose threads would wait for each other longer than a block takes while the
        machine is busy.
        """
        found = np.empty(len(self.rows), np.float32)
        for start in range(0, len(self.rows), _CACHED):
            part = slice(start, start + _CACHED)
            found[part] = np.einsum("ij,j->i", self.rows[part].astype(np.float32), asked)
        found *= self.scales
        return found


class Sketches:
    """The sketches of one library, read when they are asked for; for several threads."""

    def __init__(self, library: Library, few: int = FEW) -> None:
        self.library, self.few = library, few
        self._lock = threading.Lock()
        self._kept: dict[str, Sketch] = {}

    def get(self, name: str) -> Sketch:
        """The sketch of an encoder with all that has been analysed; made now where it lacks."""
        with self._lock:
            kept, count, last = self._compared(name, self._kept.get(name))
            if kept is None or count > self.few:  # another process may have read them
                kept, count, last = self._compared(name, _newer(kept, _read(self._path(name))))
            fresh = self._brought_up(name, kept, count, last)
            if fresh is not kept and len(fresh.marks):
                with suppress(OSError, SorterError):  # it is a copy: where there is no room, none
                    _write(self._path(name), fresh)
            self._kept[name] = fresh
            return fresh

    def ready(self, name: str) -> bool:
        """Whether :meth:`get` answers at once; else it reads all vectors first."""
        kept = self._kept.get(name)
        if kept is None and (kept := _read(self._path(name))) is not None:
            self._kept.setdefault(name, kept)
        return self._compared(name, kept)[1] <= self.few

    def refresh(self) -> None:
        """Bring the files up to date, of every encoder that has vectors; what is new alone is read.

        Two processes may do it at once, and either may be killed: each writes a file whole.
        """
        for name in self._analysed():
            self.get(name)
        self._sweep()

    def _analysed(self) -> list[str]:
        with self.library.store.read() as db:
            rows = db.execute("SELECT DISTINCT encoder FROM features")  # from the index alone
            found = {row[0] for row in rows}
        return [name for name in versions() if name in found]

    def _sweep(self) -> None:
        """Drop the copies of older encoders, and what a killed process left an hour ago."""
        expected = {self._path(name).name for name in versions()}
        with suppress(OSError):
            for file in (self.library.artifacts / FOLDER).iterdir():
                abandoned = time.time() - file.stat().st_mtime > _ABANDONED_SECONDS
                if file.name not in expected and (
                    abandoned or not file.name.startswith(SCRATCH_PREFIX)
                ):
                    file.unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self.library.artifacts / FOLDER / f"{name}-{versions()[name]}.npz"

    def _compared(self, name: str, kept: Sketch | None) -> tuple[Sketch | None, int, int]:
        """``kept`` if it is of this store, how many vectors it lacks, and the row of the newest."""
        if kept is not None and not self._stands(name, kept):
            kept = None
        return kept, *self._fresh(name, kept.last if kept else 0)

    def _brought_up(self, name: str, kept: Sketch | None, count: int, last: int) -> Sketch:
        """``kept`` with the ``count`` new ones up to row ``last``; anew when its basis knows too little."""
        if kept is not None and count == 0:
            return kept
        total = count + (len(kept.marks) if kept else 0)
        if kept is None or kept.learned < min(SAMPLE, total) // 2:
            sample = list(self._sample(name)) if total else []
            kept = _empty(name, sample, self._store_id())
        return _extended(kept, self._blocks(name, kept.last, last), last)

    def _stands(self, name: str, kept: Sketch) -> bool:
        """Whether the store is the same, and its row ``last`` too: a deleted one's number comes again."""
        if kept.store != self._store_id():
            return False
        with self.library.store.read() as db:
            row = db.execute(
                "SELECT fingerprint, encoder FROM features WHERE rowid = ?", (kept.last,)
            ).fetchone()
        mark = kept.marks[-1].decode() if len(kept.marks) else ""
        return (tuple(row) == (mark, name)) if row else kept.last == 0

    def _store_id(self) -> int:
        with self.library.store.read() as db:
            return int(db.execute("SELECT value FROM meta WHERE key = 'id'").fetchone()[0])

    def _fresh(self, name: str, since: int) -> tuple[int, int]:
        """How many vectors came after row ``since``, and the newest row."""
        with self.library.store.read() as db:
            count, last = db.execute(
                "SELECT count(*), coalesce(max(rowid), ?) FROM features"
                " WHERE rowid > ? AND encoder = ? AND version = ? AND vector IS NOT NULL",
                (since, since, name, versions()[name]),
            ).fetchone()
        return int(count), int(last)

    def _sample(self, name: str) -> Iterator[NDArray[np.float32]]:
        with self.library.store.read() as db:
            rows = db.execute(
                "SELECT vector FROM features WHERE encoder = ? AND version = ? AND vector IS NOT NULL"
                " ORDER BY fingerprint LIMIT ?",  # fingerprints are hashes: any are a fair sample
                (name, versions()[name], SAMPLE),
            )
            for (blob,) in rows:
                yield np.frombuffer(blob, "<f4")

    def _blocks(self, name: str, since: int, last: int) -> Iterator[tuple[list[str], Matrix]]:
        """(fingerprints, vectors) of what came after row ``since``, up to row ``last``."""
        query = (
            "SELECT rowid, fingerprint, vector FROM features WHERE rowid > ? AND rowid <= ?"
            " AND encoder = ? AND version = ? AND vector IS NOT NULL ORDER BY rowid LIMIT ?"
        )
        while True:
            with self.library.store.read() as db:
                rows = db.execute(query, (since, last, name, versions()[name], BLOCK)).fetchall()
            if not rows:
                return
            since = rows[-1][0]
            yield [row[1] for row in rows], np.stack([np.frombuffer(row[2], "<f4") for row in rows])


def _newer(kept: Sketch | None, read: Sketch | None) -> Sketch | None:
    if kept is None or read is None:
        return kept or read
    return read if read.last > kept.last else kept


@lru_cache(maxsize=1)
def versions() -> dict[str, str]:
    """Each encoder's version; looking for them takes longer than comparing."""
    return {name: kind.version for name, kind in encoders.available().items()}


def _empty(name: str, sample: list[NDArray[np.float32]], store: int) -> Sketch:
    """A sketch of nothing yet, whose basis is learned from ``sample``."""
    dim = encoders.available()[name].dim
    known = np.stack(sample) if sample else np.zeros((1, dim), np.float32)
    learned = len(sample)
    sample.clear()  # 40 MB
    centre = known.mean(axis=0)
    known -= centre
    basis = _directions(known)
    return Sketch(
        marks=np.empty(0, "S32"),
        rows=np.empty((0, basis.shape[1]), np.int8),
        scales=np.empty(0, np.float32),
        lengths=np.empty(0, np.float32),
        centre=centre,
        basis=basis,
        last=0,
        learned=learned,
        store=store,
    )


def _directions(x: Matrix) -> Matrix:
    """(dim, r): the principal directions of centred rows, by a random sketch of their range.

    Halko, Martinsson & Tropp 2011, "Finding structure with randomness", algorithm 4.4 with two
    power iterations.
    """
    width = min(RANK, x.shape[1])
    drawn = np.random.default_rng(0).normal(size=(x.shape[1], width)).astype(np.float32)
    for _ in range(3):
        drawn, _triangle = np.linalg.qr(x.T @ (x @ drawn) + 1e-6 * drawn)
    return np.asarray(drawn, np.float32)


def _extended(kept: Sketch, blocks: Iterator[tuple[list[str], Matrix]], last: int) -> Sketch:
    marks, rows, scales, lengths = [kept.marks], [kept.rows], [kept.scales], [kept.lengths]
    for names, vectors in blocks:
        small = np.asarray((vectors - kept.centre) @ kept.basis, np.float32)
        steps, scale = quantised(small)
        marks.append(np.array(names, "S32"))
        rows.append(steps)
        scales.append(scale)
        lengths.append(np.linalg.norm(small, axis=1).astype(np.float32))
    return replace(
        kept,
        marks=np.concatenate(marks),
        rows=np.concatenate(rows),
        scales=np.concatenate(scales),
        lengths=np.concatenate(lengths),
        last=last,
    )


def quantised(small: Matrix) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Rows as int8 and what each is to be multiplied with.

    >>> steps, scale = quantised(np.array([[0.5, -1.0]], np.float32))
    >>> steps.tolist(), round(float(scale[0]), 4)
    ([[64, -127]], 0.0079)
    """
    scale = np.maximum(np.abs(small).max(axis=1, initial=0), 1e-9) / _STEPS
    return np.rint(small / scale[:, None]).astype(np.int8), scale.astype(np.float32)


def _write(path: Path, sketch: Sketch) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    file = io.BytesIO()
    arrays: dict[str, Any] = {name: getattr(sketch, name) for name in Sketch.__slots__}
    np.savez(file, **arrays)
    write_atomic(path, file.getvalue())


def _read(path: Path) -> Sketch | None:
    """None when there is none, or none that can be read: it is made again."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays: dict[str, Any] = {name: stored[name] for name in Sketch.__slots__}
        arrays |= {name: int(arrays[name]) for name in ("last", "learned", "store")}
        found = Sketch(**arrays)
        counts = {len(found.marks), len(found.rows), len(found.scales), len(found.lengths)}
        fits = found.basis.shape == (len(found.centre), found.rows.shape[1])
    except (OSError, ValueError, TypeError, LookupError, EOFError, *_DAMAGED):
        return None
    return found if len(counts) == 1 and found.rows.dtype == np.int8 and fits else None
