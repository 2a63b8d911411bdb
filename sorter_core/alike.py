"""Videos that look and sound alike: cosines of stored vectors, of a hundred thousand in a moment.

Of each encoder's vectors a small copy is kept in memory and in the artifacts: the 128 directions in
which a sample of them differs most (principal components), as float16, 25 MB for 100,000 videos
whatever the encoder's size. It gives the likeliest few hundred; their stored vectors give the order.
"""

from __future__ import annotations

import io
import threading
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sorter_core import encoders
from sorter_core.errors import Conflict, InvalidInput, SorterError
from sorter_core.files import fingerprint, write_atomic
from sorter_core.library import Library
from sorter_core.search import Hit, Hits
from sorter_core.settings import Settings
from sorter_core.types import Clip, Frame, Matrix, Vector

RANK = 128
SAMPLE = 4000
"""Vectors from which the directions are learned, once there are so many; before, from all there are."""
BLOCK = 4000
"""Vectors read at a time: 4,000 x 2,560 float32 are 41 MB."""
BEST = 200
"""What the small vectors choose and the stored ones put in order."""
_TEXT = "clip"
"""The encoder in whose space words lie too."""
_PICTURES = "frames"
"""The encoder that is always there."""
MEGAPIXELS = 40
SIDE = 512
"""Pixels: of a picture to search with, more is not looked at."""


@dataclass(frozen=True, slots=True)
class Sketch:
    """Small vectors of one encoder.

    ``marks`` (videos,): fingerprints; ``rows`` (videos, r): float16, seen from ``centre``;
    ``lengths`` (videos,) of them; ``basis`` (dim, r); ``last``: the store's row up to which it goes;
    ``learned``: how many vectors the basis was learned from; ``store``: the file that these rows are of.
    """

    marks: NDArray[np.bytes_]
    rows: NDArray[np.float16]
    lengths: NDArray[np.float32]
    centre: Vector
    basis: Matrix
    last: int
    learned: int
    store: int

    def cosines(self, vector: Vector) -> NDArray[np.float32]:
        """(videos,): how alike each is to ``vector`` (dim,), as seen from the centre."""
        asked = (vector - self.centre) @ self.basis
        length = max(float(np.linalg.norm(asked)), 1e-9)
        found = self.products(np.asarray(asked / length, np.float32))
        return np.asarray(found / np.maximum(self.lengths, 1e-6), np.float32)

    def products(self, asked: Vector) -> NDArray[np.float32]:
        """(videos,): scalar products with ``asked`` (r,).

        Block by block, since float16 is slow as it is; and without BLAS, whose threads would wait
        for each other longer than a block takes while the machine is busy.
        """
        found = np.empty(len(self.rows), np.float32)
        for start in range(0, len(self.rows), BLOCK):
            part = slice(start, start + BLOCK)
            found[part] = np.einsum("ij,j->i", self.rows[part].astype(np.float32), asked)
        return found


class Alike:
    """The sketches of one library; may be used from several threads."""

    def __init__(self, library: Library, settings: Settings) -> None:
        self.library, self.settings = library, settings
        self._lock = threading.Lock()
        self._sketches: dict[str, Sketch] = {}
        self._loaded: dict[str, encoders.Encoder] = {}

    def like(self, filename: str, folder: str | None = None, *, limit: int = 50) -> Hits:
        """The videos most like this one, without it, the nearest first.

        Raises :class:`~sorter_core.errors.VideoNotFound`, and
        :class:`~sorter_core.errors.Conflict` when it has not been analysed.
        """
        place, name = self.library.find(filename, folder)
        mark = fingerprint(self.library.root / place / name)  # it may be newer than the last scan
        own = self._own(mark)
        if not own:
            raise Conflict("This video has not been analysed yet: there is nothing to compare.")
        return self.near(own, limit, without=mark)

    def _own(self, mark: str) -> dict[str, Vector]:
        """The stored vectors of one video."""
        with self.library.store.read() as db:
            rows = db.execute(
                "SELECT encoder, version, vector FROM features"
                " WHERE fingerprint = ? AND vector IS NOT NULL",
                (mark,),
            ).fetchall()
        known = _versions()
        return {
            name: np.frombuffer(blob, "<f4")
            for name, version, blob in rows
            if known.get(name) == version
        }

    def near(self, asked: Mapping[str, Vector], limit: int, without: str | None = None) -> Hits:
        """The videos nearest to some encoders' vectors: the mean of their cosines, 0 where one lacks."""
        score: dict[str, float] = {}
        sketches = {name: self._sketch(name) for name in asked}
        for name, vector in asked.items():
            sketch = sketches[name]
            cosines = sketch.cosines(vector)
            for place in _largest(cosines, BEST):
                score.setdefault(sketch.marks[place].decode(), 0.0)
        score.pop(without or "", None)
        for name, vector in asked.items():
            for mark, cosine in self._exact(name, vector, sketches[name].centre, list(score)):
                score[mark] += cosine / len(asked)
        best = sorted(score, key=lambda mark: (-score[mark], mark))
        return self._hits([(mark, score[mark]) for mark in best], limit)

    def why_no_words(self) -> str | None:
        """None when :meth:`described` can work here; else one sentence with what to do."""
        made = encoders.make(_TEXT, self.settings.cache_dir, self.settings.models_dir)
        if lack := made.unavailable():
            return lack
        if len(self._sketch(_TEXT).marks) == 0:
            return f"Turn the encoder {_TEXT!r} on and analyse once: it has seen no video yet."
        return None

    def described(self, words: str, *, limit: int = 50) -> Hits:
        """The videos whose pictures the words (English) describe best. Raises ``Conflict``."""
        if lack := self.why_no_words():
            raise Conflict(lack)
        encoder: Any = self._encoder(_TEXT)
        vector = encoder.encode_text([words])[0]
        sketch = self._sketch(_TEXT)
        found = _largest(sketch.products(vector @ sketch.basis), BEST)
        marks = [sketch.marks[place].decode() for place in found]
        scored = self._exact(_TEXT, vector, np.zeros_like(vector), marks)
        return self._hits(sorted(scored, key=lambda one: (-one[1], one[0])), limit)

    def pictured(self, picture: bytes, *, limit: int = 50) -> Hits:
        """The videos that look most like a picture (JPEG, PNG, WebP). Raises ``InvalidInput``, ``Conflict``."""
        frame = _opened(picture)
        height, width = frame.shape[:2]
        clip = Clip((frame,), (0.0,), None, 0.0, width, height)
        names = [name for name in (_TEXT, _PICTURES) if self._usable(name)]
        if not names:
            raise Conflict("No video has been analysed yet: there is nothing to compare.")
        return self.near({names[0]: self._encoder(names[0]).encode(clip)}, limit)

    def _usable(self, name: str) -> bool:
        made = encoders.make(name, self.settings.cache_dir, self.settings.models_dir)
        return made.unavailable() is None and len(self._sketch(name).marks) > 0

    def _encoder(self, name: str) -> encoders.Encoder:
        with self._lock:
            if name not in self._loaded:
                made = encoders.make(name, self.settings.cache_dir, self.settings.models_dir)
                made.load()
                self._loaded[name] = made
            return self._loaded[name]

    def _exact(
        self, name: str, vector: Vector, centre: Vector, marks: Sequence[str]
    ) -> list[tuple[str, float]]:
        """(fingerprint, cosine as seen from ``centre``) of those that have a stored vector."""
        found: list[tuple[str, Vector]] = []
        with self.library.store.read() as db:
            for mark in marks:
                row = db.execute(
                    "SELECT vector FROM features WHERE fingerprint = ? AND encoder = ? AND version = ?"
                    " AND vector IS NOT NULL",
                    (mark, name, _version(name)),
                ).fetchone()
                if row is not None:
                    found.append((mark, np.frombuffer(row[0], "<f4")))
        if not found:
            return []
        rows, asked = np.stack([row for _, row in found]) - centre, vector - centre
        lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(asked)
        cosines = rows @ asked / np.maximum(lengths, 1e-9)
        return [(mark, float(one)) for (mark, _), one in zip(found, cosines, strict=True)]

    def _hits(self, scored: Sequence[tuple[str, float]], limit: int) -> Hits:
        """Where they lie; what left the library is left out."""
        hits: list[Hit] = []
        with self.library.store.read() as db:
            for mark, score in scored:
                row = db.execute(
                    "SELECT folder, name FROM files WHERE fingerprint = ? ORDER BY folder LIMIT 1",
                    (mark,),
                ).fetchone()
                if row is not None:
                    hits.append(Hit(row["name"], row["folder"] or None, "likeness", "", score))
        return Hits(hits[:limit], len(hits))

    def _sketch(self, name: str) -> Sketch:
        """The sketch of an encoder, with all that has been analysed since."""
        with self._lock:
            path = self._path(name)
            kept = self._sketches.get(name) or _read(path)
            fresh = self._brought_up(name, kept)
            if fresh is not kept and len(fresh.marks):
                with suppress(OSError, SorterError):  # it is a copy: where there is no room, none
                    _write(path, fresh)
            self._sketches[name] = fresh
            return fresh

    def _path(self, name: str) -> Path:
        return self.library.artifacts / "alike" / f"{name}-{_version(name)}.npz"

    def _brought_up(self, name: str, kept: Sketch | None) -> Sketch:
        """``kept`` with what is new in the store; made anew when its basis knows too little."""
        file = self._store_id()
        if kept is not None and kept.store != file:
            kept = None  # the store was deleted and made anew: its rows are others
        count, last = self._fresh(name, kept.last if kept else 0)
        if kept is not None and count == 0:
            return kept
        total = count + (len(kept.marks) if kept else 0)
        if kept is None or kept.learned < min(SAMPLE, total) // 2:
            kept = _empty(name, list(self._sample(name)), file)
        return _extended(kept, self._blocks(name, kept.last, last), last)

    def _store_id(self) -> int:
        with self.library.store.read() as db:
            return int(db.execute("SELECT value FROM meta WHERE key = 'id'").fetchone()[0])

    def _fresh(self, name: str, since: int) -> tuple[int, int]:
        """How many vectors came after row ``since``, and the newest row."""
        with self.library.store.read() as db:
            count, last = db.execute(
                "SELECT count(*), coalesce(max(rowid), ?) FROM features"
                " WHERE rowid > ? AND encoder = ? AND version = ? AND vector IS NOT NULL",
                (since, since, name, _version(name)),
            ).fetchone()
        return int(count), int(last)

    def _sample(self, name: str) -> Iterator[NDArray[np.float32]]:
        with self.library.store.read() as db:
            rows = db.execute(
                "SELECT vector FROM features WHERE encoder = ? AND version = ? AND vector IS NOT NULL"
                " ORDER BY fingerprint LIMIT ?",  # fingerprints are hashes: any are a fair sample
                (name, _version(name), SAMPLE),
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
                rows = db.execute(query, (since, last, name, _version(name), BLOCK)).fetchall()
            if not rows:
                return
            since = rows[-1][0]
            yield [row[1] for row in rows], np.stack([np.frombuffer(row[2], "<f4") for row in rows])


def _opened(picture: bytes) -> Frame:
    """The picture, made small. Raises ``InvalidInput`` for what is none, or is too big."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(picture), formats=("JPEG", "PNG", "WEBP")) as opened:
            if opened.width * opened.height > MEGAPIXELS * 1e6:
                raise InvalidInput(f"The picture is larger than {MEGAPIXELS} megapixels.")
            opened.draft("RGB", (SIDE, SIDE))  # a JPEG is decoded no larger than needed
            opened.thumbnail((SIDE, SIDE))
            return np.asarray(opened.convert("RGB"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise InvalidInput("That is no picture that can be read (JPEG, PNG or WebP).") from error


@lru_cache(maxsize=1)
def _versions() -> dict[str, str]:
    """Looking for the encoders takes longer than comparing."""
    return {name: kind.version for name, kind in encoders.available().items()}


def _version(name: str) -> str:
    return _versions()[name]


def _empty(name: str, sample: list[NDArray[np.float32]], store: int) -> Sketch:
    """A sketch of nothing yet, whose basis is learned from ``sample``."""
    dim = encoders.available()[name].dim
    known = np.stack(sample) if sample else np.zeros((1, dim), np.float32)
    centre = known.mean(axis=0)
    basis = _directions(known - centre)
    rows, lengths = np.empty((0, basis.shape[1]), np.float16), np.empty(0, np.float32)
    return Sketch(
        np.empty(0, "S32"), rows, lengths, centre, basis, last=0, learned=len(sample), store=store
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
    marks, rows, lengths = [kept.marks], [kept.rows], [kept.lengths]
    for names, vectors in blocks:
        small = (vectors - kept.centre) @ kept.basis
        marks.append(np.array(names, "S32"))
        rows.append(small.astype(np.float16))
        lengths.append(np.linalg.norm(small, axis=1).astype(np.float32))
    return replace(
        kept,
        marks=np.concatenate(marks),
        rows=np.concatenate(rows),
        lengths=np.concatenate(lengths),
        last=last,
    )


def _largest(values: NDArray[np.float32], most: int) -> NDArray[np.intp]:
    if len(values) <= most:
        return np.argsort(-values)
    return np.argpartition(-values, most)[:most]


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
    except (OSError, ValueError, TypeError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    return Sketch(**arrays)
