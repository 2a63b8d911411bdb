"""Which vectors are missing, computing them, and handing them out.

A vector is known by (fingerprint, encoder, version): what a move or a rename leaves alone, so that
only new videos and new encoders cost anything.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sorter_core import again, decoding, encoders
from sorter_core.encoders import Encoder
from sorter_core.errors import EncoderUnavailable, InvalidInput
from sorter_core.media import Limits
from sorter_core.settings import Settings
from sorter_core.store import Store
from sorter_core.types import Failure, FeatureTable, Mask, Matrix, ReportProgress

MEDIA = "media"
MEDIA_VERSION = "1"
"""Rises when decoding changes so that files which failed are to be tried again."""

FROM_THE_VIDEO = ("speech", "speech_times", "speech_by", "screen")
"""Kinds of text that encoders read out of the video; the others lie beside it."""
_UNREAD = (*FROM_THE_VIDEO, "uploaded", "saved")
"""Nor is a date a text that an encoder reads."""

_FLUSH_SECONDS = 1.0
_CHUNK = 500  # videos handed to the decoders at a time; below SQLite's bound of variables


@dataclass(frozen=True, slots=True)
class ExtractReport:
    """How many videos were analysed now, how many were known, and which could not be read."""

    computed: int
    known: int
    failures: list[Failure]


def extract(
    store: Store, root: Path, settings: Settings, progress: ReportProgress
) -> ExtractReport:
    """Compute what is missing and store it as it comes, so that a stop costs a second of work.

    Raises :class:`~sorter_core.errors.EncoderUnavailable` when a chosen encoder lacks something.
    """
    missing = {m: _with_hashes(n) for m, n in _missing(store, settings.encoders).items()}
    _all_ready({name for names in missing.values() for name in names}, settings)
    total = len(missing)
    progress(0, total)
    results = decoding.analyse(
        _tasks(store, root, missing),
        limits=Limits(megapixels=settings.decode_megapixels),
        workers=settings.workers,
        seconds=settings.decode_seconds,
        memory_mb=settings.decode_memory_mb,
        cache_dir=settings.cache_dir,
        make=encoders.Maker(settings.models_dir),
    )
    with closing(results), closing(_stored(store, results)) as steps:
        for done in steps:
            progress(done, total)
    return ExtractReport(total, _count(store) - total, failures(store))


def _all_ready(names: Iterable[str], settings: Settings) -> None:
    """Raise EncoderUnavailable, with the encoder's name and the command, before anything is decoded."""
    for name in sorted({*names} & encoders.available().keys()):
        lack = encoders.make(name, settings.cache_dir, settings.models_dir).unavailable()
        if lack:
            raise EncoderUnavailable(f"“{name}” is switched on. {lack}")


def failures(store: Store, limit: int = 1000) -> list[Failure]:
    """The videos that could not be read, or lack what an encoder reads, where they lie now."""
    with store.read() as db:
        rows = db.execute(
            "SELECT ltrim(folder || '/' || name, '/') AS path, encoder, reason FROM features"
            " JOIN files USING (fingerprint) WHERE reason IS NOT NULL"
            " ORDER BY encoder <> ?, path LIMIT ?",
            (MEDIA, limit),
        )
        return [Failure(*row) for row in rows]


def failure_count(store: Store) -> int:
    """How many reasons :func:`failures` would give without a limit."""
    with store.read() as db:
        return int(
            db.execute(
                "SELECT count(*) FROM features JOIN files USING (fingerprint) WHERE reason IS NOT NULL"
            ).fetchone()[0]
        )


def forget_failures(store: Store) -> int:
    """Let what failed be tried again; returns how many."""
    with store.write() as db:
        return db.execute("DELETE FROM features WHERE reason IS NOT NULL").rowcount


def load(store: Store, fingerprints: Sequence[str], names: Sequence[str]) -> FeatureTable:
    """The stored vectors of ``names`` for ``fingerprints``, in their order; see :class:`FeatureTable`.

    An encoder that has no vector for any of them is left out.
    """
    row_of = {mark: i for i, mark in enumerate(fingerprints)}
    vectors: dict[str, Matrix] = {}
    present: dict[str, Mask] = {}
    for name in names:
        encoder = _kind(name)
        matrix = np.zeros((len(row_of), encoder.dim), np.float32)
        mask = np.zeros(len(row_of), np.bool_)
        for mark, blob in _blobs(store, list(row_of), name, encoder.version):
            matrix[row_of[mark]] = np.frombuffer(blob, "<f4")
            mask[row_of[mark]] = True
        if mask.any():
            vectors[name], present[name] = matrix, mask
    return FeatureTable(tuple(row_of), vectors, present)


def _kind(name: str) -> type[Encoder]:
    known = encoders.kinds()
    if name not in known:
        there = ", ".join(encoders.available())
        raise InvalidInput(f"ENCODERS names {name!r}, which is none; there is {there}.")
    return known[name]


def _blobs(
    store: Store, fingerprints: Sequence[str], name: str, version: str
) -> Iterator[sqlite3.Row]:
    query = (
        "SELECT fingerprint, vector FROM features WHERE encoder = ? AND version = ?"
        " AND vector IS NOT NULL AND fingerprint IN ({})"
    )
    return store.among(query, fingerprints, (name, version))


def _chunks(items: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(items), _CHUNK):
        yield items[start : start + _CHUNK]


def _missing(store: Store, names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """For each fingerprint in the library, the encoders that are to look at it.

    Those that have neither a vector nor a reason, and those that are asked to look again.
    """
    wanted: dict[str, list[str]] = {}
    for name in names:
        condition, values = _lacking(name)
        query = f"SELECT DISTINCT f.fingerprint FROM files f WHERE {condition}"
        with store.read() as db:
            for (mark,) in db.execute(query, values):
                wanted.setdefault(mark, []).append(name)
    return {mark: tuple(names) for mark, names in wanted.items()}


def _lacking(name: str) -> tuple[str, tuple[str, ...]]:
    """What is true, in SQL, of a file ``f`` that an encoder is to look at, and its values.

    What holds for the fewest stands first: of 100,000 analysed videos the rest is never asked.
    """
    encoder = _kind(name)
    can_be = (
        f"EXISTS (SELECT 1 FROM texts t WHERE t.fingerprint = f.fingerprint AND t.kind NOT IN {_UNREAD})"
        if encoder.reads == "texts"
        else "NOT EXISTS (SELECT 1 FROM features x WHERE x.fingerprint = f.fingerprint"
        f" AND x.encoder = '{MEDIA}' AND x.version = '{MEDIA_VERSION}')"
    )
    to_be = (
        "(NOT EXISTS (SELECT 1 FROM features x WHERE x.fingerprint = f.fingerprint"
        " AND x.encoder = ? AND x.version = ?) OR EXISTS"
        " (SELECT 1 FROM again a WHERE a.fingerprint = f.fingerprint AND a.encoder = ?))"
    )
    return f"{to_be} AND {can_be}", (name, encoder.version, name)


def _with_hashes(names: tuple[str, ...]) -> tuple[str, ...]:
    """Pictures that are decoded anyway are hashed as well; for the hashes alone none is decoded.

    >>> _with_hashes(("frames", "sound")), _with_hashes(("sound",))
    (('frames', 'sound', 'hashes'), ('sound',))
    """
    looked_at = any(_kind(name).reads == "frames" for name in names)
    hashed = looked_at and encoders.HASHES not in names
    return (*names, encoders.HASHES) if hashed else names


def missing_count(store: Store, names: Iterable[str]) -> int:
    """How many videos still have something to be computed."""
    asked = [_lacking(name) for name in names]
    where = " OR ".join(f"({condition})" for condition, _ in asked) or "0"
    values = [value for _, given in asked for value in given]
    with store.read() as db:
        query = f"SELECT count(DISTINCT f.fingerprint) FROM files f WHERE {where}"
        return int(db.execute(query, values).fetchone()[0])


def _tasks(
    store: Store, root: Path, missing: dict[str, tuple[str, ...]]
) -> Iterator[decoding.Task]:
    for chunk in _chunks(list(missing)):
        marks = ",".join("?" * len(chunk))
        with store.read() as db:
            places = db.execute(
                "SELECT fingerprint, min(folder) AS folder, name FROM files"
                f" WHERE fingerprint IN ({marks}) GROUP BY fingerprint",
                chunk,
            ).fetchall()
            texts: dict[str, dict[str, str]] = {}
            for mark, kind, text in db.execute(
                f"SELECT * FROM texts WHERE fingerprint IN ({marks})", chunk
            ):
                texts.setdefault(mark, {})[kind] = text
        for mark, folder, name in places:
            path, found = root / folder / name, texts.get(mark, {})
            yield decoding.Task(mark, path, missing[mark], found, mark)


def _stored(store: Store, results: Iterable[decoding.Analysis]) -> Generator[int, None, None]:
    """Store in batches, about one a second; yields how many videos are done after each result."""
    waiting: list[decoding.Analysis] = []
    flushed = time.monotonic()
    done = 0
    try:
        for done, analysis in enumerate(results, start=1):
            waiting.append(analysis)
            if time.monotonic() - flushed > _FLUSH_SECONDS:
                _save(store, waiting)
                waiting = []
                flushed = time.monotonic()
            yield done
    finally:
        _save(store, waiting)


def _save(store: Store, analyses: Sequence[decoding.Analysis]) -> None:
    """Keep what came; where a second look failed, what the first one found stays."""
    rows = [(row, analysis) for analysis in analyses for row in _rows(analysis)]
    answers = [row for row, analysis in rows if row[3] is not None or row[1] in analysis.texts]
    failed = [row for row, analysis in rows if row[3] is None and row[1] not in analysis.texts]
    texts = [(a.key, kind, text) for a in analyses for kind, text in a.texts.items()]
    with store.write() as db:
        db.executemany("INSERT OR REPLACE INTO features VALUES (?, ?, ?, ?, ?)", answers)
        db.executemany("INSERT OR IGNORE INTO features VALUES (?, ?, ?, ?, ?)", failed)
        db.executemany("INSERT OR REPLACE INTO texts VALUES (?, ?, ?)", texts)
        again.strike_off(db, [row[:2] for row, _ in rows])


def _rows(analysis: decoding.Analysis) -> Iterator[tuple[str, str, str, bytes | None, str | None]]:
    for name, vector in analysis.vectors.items():
        yield analysis.key, name, _kind(name).version, vector.astype("<f4").tobytes(), None
    for name, reason in analysis.reasons.items():
        version = MEDIA_VERSION if name == MEDIA else _kind(name).version
        yield analysis.key, name, version, None, reason


def _count(store: Store) -> int:
    with store.read() as db:
        return int(db.execute("SELECT count(DISTINCT fingerprint) FROM files").fetchone()[0])
