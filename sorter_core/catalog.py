"""The unsorted videos with what was predicted for them, ready to be answered.

What all orders go by is kept in columns, some 50 bytes a video; the guesses themselves are read for
the videos that an answer names, and turned into JSON once. The whole is read again when another
process published new predictions, not on each request.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sorter_core import novelty, queue
from sorter_core.errors import InvalidInput, MediaError
from sorter_core.files import fingerprint
from sorter_core.library import Library
from sorter_core.types import Guess

Order = Literal["name", "newest", "uncertain", "confident", "learn", "confirm"]
ORDERS = ("name", "newest", "uncertain", "confident", "learn", "confirm")

SHOWN = 3
"""How many guesses an answer has for each video."""
_LOOKS = 64
"""How many unknown files one request may read (192 KiB each) to find out what they are."""


@dataclass(frozen=True, slots=True)
class Video:
    """An unsorted video and its guesses, best first; none before there is a model.

    ``far``: it is like none of the folders, so that its guesses are the least bad ones.
    """

    filename: str
    guesses: tuple[Guess, ...]
    far: bool = False


@dataclass(frozen=True, slots=True)
class VideoPage:
    """Some of the unsorted videos, and how many there are in all."""

    videos: list[Video]
    total: int


_CHUNK = 500  # videos whose guesses are in memory at a time
_LATEST = np.iinfo(np.int64).max
_COLUMNS = np.dtype(
    [("mark", "S32"), ("mtime", "i8"), ("confidence", "f8"), ("folder", "i4"), ("far", "?")]
)
_UNKNOWN = (b"", _LATEST, 0.0, 0, False)
"""Of a file of which nothing is known yet: it came last."""
_FAR = "coalesce(p.typicality <= ?, 0)"


@dataclass(frozen=True, slots=True)
class _Predicted:
    folder: str
    confidence: float
    guesses: str
    """JSON: ``[{"folder", "confidence"}, …]``."""
    far: bool = False


_NOTHING = _Predicted("", 0.0, "[]")


@dataclass(frozen=True, slots=True)
class Columns:
    """Every unsorted video by name; folder ``""`` and confidence 0 where nothing was predicted.

    ``places`` (videos,) number the ``folders``; ``confidences`` (videos,); ``far`` (videos,).
    """

    names: list[str]
    folders: list[str]
    places: NDArray[np.int32]
    confidences: NDArray[np.float64]
    far: NDArray[np.bool_]


_Asked = tuple[str, str | None, bool | None]
"""(order, folder, far)."""


class Catalog:
    """Answers about the unsorted pile of one library."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._lock = threading.Lock()
        self._versions: tuple[str, str] | None = None
        self._known: dict[str, int] = {}
        """The row of each file that is known."""
        self._rows = np.array([_UNKNOWN], _COLUMNS)
        """The last row, which is also row -1, stands for all others."""
        self._folders: dict[str, int] = {"": 0}
        self._unknown: set[str] = set()
        self._fragments: dict[str, bytes] = {}
        self._ordered: dict[_Asked, tuple[tuple[object, object], list[str]]] = {}
        self._body: tuple[object, bytes] | None = None
        self._ranks: NDArray[np.int32] | None = None
        """Of each row that was known when it was made."""

    def videos(
        self,
        limit: int | None,
        offset: int,
        order: str,
        folder: str | None,
        *,
        far: bool | None = None,
    ) -> VideoPage:
        """A part of the unsorted videos. Raises :class:`InvalidInput` for an unknown order.

        ``far`` narrows to those that are like no folder, or to all others.
        """
        with self._lock:
            names, total = self._names(limit, offset, (order, folder, far))
            return VideoPage(self._videos(names), total)

    def named(self, names: Iterable[str]) -> list[Video]:
        """Those of ``names`` that are unsorted, with their guesses."""
        with self._lock:
            self._refresh()
            with self._library.looking() as tree:
                listed = set(tree.root().videos)
            return self._videos([name for name in names if name in listed])

    def json(
        self,
        limit: int | None,
        offset: int,
        order: str,
        folder: str | None,
        *,
        far: bool | None = None,
    ) -> bytes:
        """The same as the body of ``GET /api/videos``."""
        with self._lock:
            asked = (order, folder, far)
            names, total = self._names(limit, offset, asked)
            whole = limit is None and offset == 0
            key = (self._versions, self._listing_version, asked)
            if whole and self._body is not None and self._body[0] == key:
                return self._body[1]
            body = b'{"videos":[%b],"total":%d}' % (b",".join(self._pieces(names)), total)
            if whole:
                self._body = (key, body)
            return body

    @property
    def version(self) -> str:
        """Changes when new predictions were published."""
        return versions_of(self._library)[0]

    def predicted(self, seen: object = None) -> tuple[object, Columns | None]:
        """All that was predicted.

        The first value stands for this state of things: handed in as ``seen`` when nothing has
        changed since, there are no columns.
        """
        with self._lock:
            self._refresh()
            with self._library.looking() as tree:
                listing = tree.root()
                state = (self._versions, id(listing), listing.version, len(self._known))
                names = [] if state == seen else list(listing.videos)
            if state == seen:
                return state, None
            rows = self._of(names)
            return state, Columns(
                names, list(self._folders), rows["folder"], rows["confidence"], rows["far"]
            )

    def _names(self, limit: int | None, offset: int, asked: _Asked) -> tuple[Sequence[str], int]:
        if asked[0] not in ORDERS:
            raise InvalidInput(f"The order is one of {', '.join(ORDERS)}, not {asked[0]!r}.")
        self._refresh()
        with self._library.looking() as tree:
            listing = tree.root()
            self._listing_version = (id(listing), listing.version)
            names = (
                listing.videos
                if asked == ("name", None, None)
                else self._order(listing.videos, asked)
            )
            total = len(listing.videos)
            page = names[offset:] if limit is None else names[offset : offset + limit]
        self._look(page)
        return page, total

    def _order(self, names: list[str], asked: _Asked) -> list[str]:
        known = (self._versions, len(self._known))
        state, kept = (known, self._listing_version), self._ordered.get(asked)
        if kept is not None and kept[0] == state:
            return kept[1]
        wanted = self._narrowed(names, asked)
        ordered = _left(kept[1], wanted) if kept is not None and kept[0][0] == known else None
        if ordered is None:
            ordered = self._sorted(wanted, asked[0])
        self._ordered[asked] = (state, ordered)
        return ordered

    def _narrowed(self, names: list[str], asked: _Asked) -> list[str]:
        _, folder, far = asked
        if folder is None and far is None:
            return names
        rows = self._of(names)
        wanted = np.ones(len(names), np.bool_)
        if folder is not None:  # "" is not predicted for anything
            wanted &= rows["folder"] == (self._folders.get(folder) or -1)
        if far is not None:
            wanted &= rows["far"] == far
        return [names[at] for at in np.flatnonzero(wanted).tolist()]

    def _sorted(self, names: list[str], order: str) -> list[str]:
        if order == "name":
            return names.copy()
        if order == "learn":
            return self._learning(names)
        rows = self._of(names)
        if order == "confirm":
            return self._confirming(names, rows)
        keys = {
            "newest": (-rows["mtime"],),
            "uncertain": (rows["confidence"],),
            "confident": (-rows["confidence"], rows["far"]),
        }
        return [names[at] for at in np.lexsort(keys[order]).tolist()]

    def _confirming(self, names: list[str], rows: NDArray[np.void]) -> list[str]:
        """What is like no folder has nothing to be confirmed: it comes last."""
        folders = list(self._folders)
        places = [folders[place] for place in rows["folder"].tolist()]
        told = list(zip(names, places, rows["confidence"].tolist(), strict=True))
        ordered: list[str] = []
        for is_far in (False, True):
            at = np.flatnonzero(rows["far"] == is_far).tolist()
            ordered += queue.confirm([told[i] for i in at])
        return ordered

    def _learning(self, names: list[str]) -> list[str]:
        """The order that teaches most; it stands until there are new predictions, so that pages fit."""
        if self._ranks is None:
            marks = [mark.decode() for mark in self._rows["mark"][:-1].tolist()]
            with self._library.store.read() as db:
                rows = db.execute("SELECT fingerprint, guesses FROM predictions")
                ahead = {mark: queue.margin(json.loads(guesses)) for mark, guesses in rows}
            margins = [ahead.get(mark, 0.0) for mark in marks]
            ranked = queue.learn(self._library.store, marks, margins)
            place = {mark: rank for rank, mark in enumerate(ranked)}
            self._ranks = np.fromiter(map(place.__getitem__, marks), np.int32, len(marks))
        ranks = np.full(len(self._rows), len(self._rows), np.int32)
        ranks[: len(self._ranks)] = self._ranks
        order = np.argsort(ranks[self._places(names)], kind="stable")
        return [names[at] for at in order.tolist()]

    def _of(self, names: Sequence[str]) -> NDArray[np.void]:
        """(names,): what is known of each."""
        return self._rows[self._places(names)]

    def _places(self, names: Sequence[str]) -> NDArray[np.intp]:
        """(names,): the number of each one's row."""
        return np.fromiter((self._known.get(name, -1) for name in names), np.intp, len(names))

    def _videos(self, names: Sequence[str]) -> list[Video]:
        told = self._told(names)
        return [
            Video(name, tuple(Guess(**guess) for guess in json.loads(p.guesses)), p.far)
            for name in names
            for p in (told.get(name, _NOTHING),)
        ]

    def _pieces(self, names: Sequence[str]) -> list[bytes]:
        """Each video as JSON."""
        fresh = [name for name in names if name not in self._fragments]
        for start in range(0, len(fresh), _CHUNK):
            chunk = fresh[start : start + _CHUNK]
            told = self._told(chunk)
            for name in chunk:
                self._fragments[name] = _fragment(name, told.get(name, _NOTHING))
        return [self._fragments[name] for name in names]

    def _told(self, names: Sequence[str]) -> dict[str, _Predicted]:
        """What is predicted, as far as it is."""
        marks = [mark.decode() for mark in self._of(names)["mark"].tolist()]
        found = self._predictions(sorted(set(marks)))
        return {name: found[mark] for name, mark in zip(names, marks, strict=True) if mark in found}

    def _predictions(self, marks: Sequence[str]) -> dict[str, _Predicted]:
        found: dict[str, _Predicted] = {}
        query = (
            f"SELECT fingerprint, folder, confidence, guesses, {_FAR} FROM predictions p"
            " WHERE fingerprint IN ({})"
        )
        rows = self._library.store.among(query, marks, (novelty.FAR,))
        for mark, folder, sure, guesses, far in rows:
            found[mark] = _Predicted(folder, sure, guesses, bool(far))
        return found

    def _refresh(self) -> None:
        """Read everything again when predictions were published or a scan ended, in any process."""
        versions = versions_of(self._library)
        if versions == self._versions:
            return
        query = (
            f"SELECT name, f.fingerprint, mtime_ns, p.confidence, p.folder, {_FAR}"
            " FROM files f LEFT JOIN predictions p USING (fingerprint) WHERE f.folder = ''"
        )
        self._known, self._folders = {}, {"": 0}
        with self._library.looking() as tree:
            listed = {name: name for name in tree.root().videos}
        with self._library.store.read() as db:
            found = db.execute(query, (novelty.FAR,))
            # the listing's own strings: a second copy of each name would take 7 MB
            rows = (self._row((listed.get(name, name), *told)) for name, *told in found)
            self._rows = np.fromiter(chain(rows, [_UNKNOWN]), _COLUMNS)
        self._versions = versions
        self._unknown.clear()
        self._fragments.clear()
        self._ordered.clear()
        self._body = None
        self._ranks = None

    def _row(self, told: Sequence[Any]) -> tuple[bytes, int, float, int, bool]:
        """A row of the columns, and its number by the name."""
        name, mark, mtime, confidence, folder, far = told
        self._known[name] = len(self._known)
        place = self._folders.setdefault(folder or "", len(self._folders))
        return mark.encode(), mtime, confidence or 0.0, place, bool(far)

    def _look(self, names: Sequence[str]) -> None:
        """Find out what new names are, so that a file moved by hand keeps its predictions."""
        fresh = [name for name in names if name not in self._known and name not in self._unknown]
        seen: list[tuple[str, str, int]] = []
        for name in fresh[:_LOOKS]:
            path = self._library.root / name
            try:
                seen.append((name, fingerprint(path), path.stat().st_mtime_ns))
                self._fragments.pop(name, None)
            except (OSError, MediaError):
                self._unknown.add(name)
        if not seen:
            return
        told = self._predictions([mark for _, mark, _ in seen])
        found = [(*each, told.get(each[1], _NOTHING)) for each in seen]
        rows = [self._row((*each, p.confidence, p.folder, p.far)) for *each, p in found]
        self._rows = np.concatenate([self._rows[:-1], np.array([*rows, _UNKNOWN], _COLUMNS)])


def _left(ordered: Sequence[str], names: Sequence[str]) -> list[str] | None:
    """``ordered`` without what went; None when something came.

    >>> _left(["b", "c", "a"], ["a", "b"]), _left(["a"], ["a", "b"])
    (['b', 'a'], None)
    """
    there = set(names)
    left = [name for name in ordered if name in there]
    return left if len(left) == len(names) else None


def _fragment(name: str, predicted: _Predicted) -> bytes:
    return (
        f'{{"filename":{json.dumps(name)},"predicted_folder":{json.dumps(predicted.folder or None)},'
        f'"confidence":{predicted.confidence!r},"top_predictions":{_first(predicted.guesses)},'
        f'"far":{json.dumps(predicted.far)}}}'
    ).encode()


def _first(guesses: str) -> str:
    """The guesses that the HTTP contract gives: three, also where a person had more made."""
    found = json.loads(guesses)
    return guesses if len(found) <= SHOWN else json.dumps(found[:SHOWN])


def versions_of(library: Library) -> tuple[str, str]:
    """(predictions, scan): what changes when another process publishes or scans."""
    with library.store.read() as db:
        kept = dict(
            db.execute(
                "SELECT key, value FROM meta WHERE key IN ('predictions', 'scan')"
            ).fetchall()
        )
    return kept.get("predictions", ""), kept.get("scan", "")
