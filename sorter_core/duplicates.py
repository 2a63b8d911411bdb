"""Videos that are there twice: byte for byte, or showing and sounding the same.

Near-duplicates are found among 64-bit hashes of several pictures. Hashes that share a band of 16
bits make a candidate (locality-sensitive hashing: Indyk & Motwani 1998), so that 100,000 videos
cost no 100,000 x 100,000 comparisons; a pair counts when most pictures of both have a partner,
the durations agree, and what is heard too. One shared picture (an intro, a logo) makes no pair.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sorter_core import encoders, features
from sorter_core.encoders._hashes import unpack
from sorter_core.errors import InvalidInput, SorterError, StorageError, VideoNotFound
from sorter_core.files import same_bytes
from sorter_core.library import Library, join

DIFFERING = 10
"""Bits of 64. Two encodings of one picture differ by 0 to 8; two scenes by 20 and more."""
SHARE = 0.6
"""Of the pictures of both videos that must have a partner in the other."""
FEW = 3
"""With fewer pictures than this the sound must agree as well, for a picture alone proves little."""
SECONDS, PART = 1.0, 0.03
"""By how much durations may differ: the larger of a second and 3 %."""
HEARD = 0.97
"""The cosine of two sounds' vectors that counts as the same sound."""

_BANDS, _WIDTH = 4, 16
_NEXT = 24
"""In one band each hash is compared to so many that follow by duration: a hash that thousands
share (a black frame with a logo) stays cheap, and its real copies follow each other."""
_NOT = "not_duplicate"

Pairs = NDArray[np.intp]
"""(pairs, 2): rows of the table, the smaller first."""


@dataclass(frozen=True, slots=True)
class Copy:
    """One of the files of a group; ``folder`` is None in the unsorted pile."""

    filename: str
    folder: str | None
    size: int
    """Bytes."""
    seconds: float | None
    """None before it was analysed."""


@dataclass(frozen=True, slots=True)
class Group:
    """Files of which one is enough, the one to keep first."""

    kind: Literal["exact", "near"]
    copies: tuple[Copy, ...]


@dataclass(frozen=True, slots=True)
class Duplicates:
    """All groups, exact ones first, and how many videos have not been compared yet."""

    groups: list[Group]
    unseen: int


@dataclass(frozen=True, slots=True)
class Removal:
    """What went to the system's trash and what stayed, with the reason."""

    removed: list[Place]
    failed: list[tuple[Place, str]]


Place = tuple[str, str | None]
"""(filename, folder); None is the unsorted pile."""
ThrowAway = Callable[[Path], None]


def find(library: Library) -> Duplicates:
    """Every group, but for what the person called no duplicates."""
    files = _files(library)
    denied = _denied(library)
    marks = list(files)
    table = features.load(library.store, marks, [encoders.HASHES])
    seen = table.present.get(encoders.HASHES, np.zeros(len(marks), np.bool_))
    rows = np.flatnonzero(seen)
    counts, seconds, hashes = _unpacked(table.vectors.get(encoders.HASHES), rows)
    lengths = dict(zip((marks[row] for row in rows), seconds.tolist(), strict=True))
    pairs = alike(counts, seconds, hashes)
    near = [(marks[rows[a]], marks[rows[b]]) for a, b in pairs]
    near = [pair for pair in near if tuple(sorted(pair)) not in denied]
    few = {marks[row] for row, count in zip(rows, counts, strict=True) if count < FEW}
    near = _sounding_alike(library, near, few)
    exact = [
        Group("exact", _copies([mark], files, lengths))
        for mark, places in files.items()
        if len(places) > 1 and (mark, mark) not in denied
    ]
    groups = [Group("near", _copies(each, files, lengths)) for each in _joined(near)]
    return Duplicates([*exact, *groups], len(marks) - len(rows))


def alike(
    counts: NDArray[np.intp], seconds: NDArray[np.float32], hashes: NDArray[np.uint64]
) -> Pairs:
    """Pairs of rows that show the same for the same time.

    ``hashes`` is (n, 8); the first ``counts`` of each row count.
    """
    candidates = _candidates(counts, seconds, hashes)
    kept = [_showing_same(part, counts, hashes) for part in _parts(candidates)]
    return np.concatenate(kept) if kept else np.zeros((0, 2), np.intp)


def _candidates(
    counts: NDArray[np.intp], seconds: NDArray[np.float32], hashes: NDArray[np.uint64]
) -> Pairs:
    """Pairs with one picture in common, found by a band of its hash, and durations that agree.

    Each once. Whether the whole hashes are near is looked at here: a band alone is often shared by
    chance, and of 100,000 videos of 15 seconds these would be 40 million pairs.
    """
    used = np.arange(hashes.shape[1]) < counts[:, None]
    owner = np.repeat(np.arange(len(counts)), counts)
    flat = hashes[used]
    found = np.zeros(0, np.intp)
    for band in range(_BANDS):
        value = (flat >> np.uint64(band * _WIDTH)) & np.uint64(2**_WIDTH - 1)
        order = np.lexsort((seconds[owner], value))
        values, owners, whole = value[order], owner[order], flat[order]
        fresh = [found]
        for step in range(1, _NEXT + 1):
            one, other = owners[:-step], owners[step:]
            hit = np.flatnonzero((values[:-step] == values[step:]) & (one != other))
            hit = hit[np.bitwise_count(whole[hit] ^ whole[hit + step]) <= DIFFERING]
            one, other = one[hit], other[hit]
            close = _lasting_alike(seconds[one], seconds[other])
            low, high = np.minimum(one, other)[close], np.maximum(one, other)[close]
            fresh.append(low * np.intp(len(counts)) + high)
        found = np.unique(np.concatenate(fresh))
    return np.stack(np.divmod(found, max(1, len(counts))), axis=1)


def _lasting_alike(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.bool_]:
    allowed = np.maximum(SECONDS, PART * np.maximum(one, other))
    return np.asarray(np.abs(one - other) <= allowed, np.bool_)


def _parts(pairs: Pairs, size: int = 20_000) -> Iterator[Pairs]:
    for start in range(0, len(pairs), size):
        yield pairs[start : start + size]


def _showing_same(pairs: Pairs, counts: NDArray[np.intp], hashes: NDArray[np.uint64]) -> Pairs:
    """Of ``pairs`` those in which most pictures of each side have a partner on the other."""
    one, other = pairs[:, 0], pairs[:, 1]
    bits = np.bitwise_count(hashes[one][:, :, None] ^ hashes[other][:, None, :])
    places = np.arange(hashes.shape[1])
    there = (places < counts[one][:, None])[:, :, None] & (places < counts[other][:, None])[:, None]
    close = (bits <= DIFFERING) & there
    share = np.minimum(
        close.any(axis=2).sum(axis=1) / counts[one], close.any(axis=1).sum(axis=1) / counts[other]
    )
    return np.asarray(pairs[share >= SHARE], np.intp)


def _unpacked(matrix: NDArray[np.float32] | None, rows: NDArray[np.intp]) -> tuple[Any, Any, Any]:
    if matrix is None:
        return np.zeros(0, np.intp), np.zeros(0, np.float32), np.zeros((0, 8), np.uint64)
    return unpack(matrix[rows])


def _sounding_alike(
    library: Library, pairs: Sequence[tuple[str, str]], few: set[str]
) -> list[tuple[str, str]]:
    """Of ``pairs`` those with the same sound, or where nothing is known of a sound."""
    if not pairs:
        return []
    marks = sorted({mark for pair in pairs for mark in pair})
    table = features.load(library.store, marks, ["sound"])
    row = {mark: i for i, mark in enumerate(table.fingerprints)}
    vectors, heard = table.vectors.get("sound"), table.present.get("sound")
    kept = []
    for one, other in pairs:
        a, b = row[one], row[other]
        if vectors is None or heard is None or not (heard[a] or heard[b]):
            same = not {one, other} & few
        else:
            same = bool(heard[a] and heard[b] and vectors[a] @ vectors[b] >= HEARD)
        if same:
            kept.append((one, other))
    return kept


def _joined(pairs: Iterable[tuple[str, str]]) -> list[list[str]]:
    """The connected groups.

    >>> _joined([("a", "b"), ("c", "d"), ("b", "e")])
    [['a', 'b', 'e'], ['c', 'd']]
    """
    head: dict[str, str] = {}

    def top(mark: str) -> str:
        while head.setdefault(mark, mark) != mark:
            head[mark] = head[head[mark]]
            mark = head[mark]
        return mark

    for one, other in pairs:
        head[max(top(one), top(other))] = min(top(one), top(other))
    groups: dict[str, list[str]] = {}
    for mark in sorted(head):
        groups.setdefault(top(mark), []).append(mark)
    return list(groups.values())


def _files(library: Library) -> dict[str, list[tuple[str, str, int]]]:
    """(folder, name, size) of each content, where the disk still has it."""
    with library.store.read() as db:
        rows = db.execute(
            "SELECT fingerprint, folder, name, size FROM files ORDER BY folder, name"
        ).fetchall()
    found: dict[str, list[tuple[str, str, int]]] = {}
    with library.looking() as tree:
        listings = {"": tree.root(), **tree.folders()}
        for mark, folder, name, size in rows:
            if (listing := listings.get(folder)) is not None and name in listing:
                found.setdefault(mark, []).append((folder, name, size))
    return found


def _copies(
    marks: Iterable[str],
    files: dict[str, list[tuple[str, str, int]]],
    lengths: dict[str, float],
) -> tuple[Copy, ...]:
    """The files of a group; first what a person has filed, and of these the largest."""
    copies = [
        Copy(name, folder or None, size, lengths.get(mark))
        for mark in marks
        for folder, name, size in files[mark]
    ]
    return tuple(sorted(copies, key=lambda c: (c.folder is None, -c.size, c.filename)))


# What the person decides ------------------------------------------------------------------------


def deny(library: Library, places: Sequence[Place]) -> None:
    """Remember that none of these is a duplicate of another. Raises ``VideoNotFound``, ``InvalidInput``."""
    marks = [_mark(library, place) for place in places]
    if len(marks) < 2:  # noqa: PLR2004 - one video is no pair
        raise InvalidInput("Name at least two videos that are no duplicates of each other.")
    pairs = {tuple(sorted((a, b))) for i, a in enumerate(marks) for b in marks[i + 1 :]}
    with library.store.write() as db:
        db.executemany(
            "INSERT OR IGNORE INTO decisions (fingerprint, kind, value) VALUES (?, ?, ?)",
            [(one, _NOT, other) for one, other in sorted(pairs)],
        )


def _denied(library: Library) -> set[tuple[str, ...]]:
    with library.store.read() as db:
        rows = db.execute("SELECT fingerprint, value FROM decisions WHERE kind = ?", (_NOT,))
        return {(row[0], row[1]) for row in rows}


def _mark(library: Library, place: Place) -> str:
    folder, name = library.find(place[0], place[1] or "")
    with library.store.read() as db:
        row = db.execute(
            "SELECT fingerprint FROM files WHERE folder = ? AND name = ?", (folder, name)
        ).fetchone()
    if row is None:
        raise VideoNotFound(f"{name!r} has not been looked at yet.")
    return str(row[0])


def remove(
    library: Library,
    keep: Place,
    others: Sequence[Place],
    *,
    exact: bool,
    throw_away: ThrowAway,
) -> Removal:
    """Put ``others`` into the system's trash while ``keep`` stays.

    With ``exact`` all bytes of each are compared to those of ``keep`` first. What can't go stays,
    and is told with the reason. Raises ``VideoNotFound`` when ``keep`` is not there.
    """
    kept = library.root.joinpath(*library.find(keep[0], keep[1] or ""))
    removal = Removal([], [])
    batch: int | None = None
    for place in others:
        try:
            folder, name = library.find(place[0], place[1] or "")
            _judge(kept, library.root / folder / name, exact=exact)
            batch = library.journal.discard(join(folder, name), throw_away, batch=batch).batch
        except (SorterError, OSError) as error:
            removal.failed.append((place, str(error)))
        else:
            removal.removed.append(place)
    return removal


def _judge(kept: Path, path: Path, *, exact: bool) -> None:
    if not kept.is_file() or kept.is_symlink():
        raise VideoNotFound(f"{kept.name!r}, which was to be kept, is not there any more.")
    if path == kept or path.samefile(kept):
        raise InvalidInput("This is the very file that is to be kept.")
    if exact and not same_bytes(kept, path):
        raise InvalidInput(f"{path.name!r} holds other bytes than the one to be kept: both stay.")


def system_trash(path: Path) -> None:
    """Move a file to the trash of this system. Raises :class:`StorageError` where there is none."""
    try:
        from send2trash import send2trash
    except ImportError as error:
        raise StorageError(
            "The package Send2Trash is missing: nothing was removed. Run: pip install Send2Trash"
        ) from error
    try:
        send2trash(path)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else error
        raise StorageError(
            f"The system's trash did not take {path.name!r} ({reason}): it was not removed."
        ) from error
    if path.exists():
        raise StorageError(f"The system's trash did not take {path.name!r}: it is where it was.")
