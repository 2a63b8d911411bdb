"""The unsorted videos with what was predicted for them, ready to be answered.

A prediction is turned into JSON once, when it is made known; a request joins what is ready. The
whole is read again when another process published new predictions, not on each request.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

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


@dataclass(slots=True)
class _Known:
    """What is known of an unsorted file by its name."""

    fingerprint: str
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class _Predicted:
    folder: str
    confidence: float
    guesses: str
    """JSON: ``[{"folder", "confidence"}, …]``."""
    far: bool = False


_NOTHING = _Predicted("", 0.0, "[]")

Row = tuple[str, str, float, bool]
"""(name, predicted folder or ``""``, confidence, far) of an unsorted video."""
_Asked = tuple[str, str | None, bool | None]
"""(order, folder, far)."""


class Catalog:
    """Answers about the unsorted pile of one library."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._lock = threading.Lock()
        self._versions: tuple[str, str] | None = None
        self._known: dict[str, _Known] = {}
        self._unknown: set[str] = set()
        self._predicted: dict[str, _Predicted] = {}
        self._fragments: dict[str, bytes] = {}
        self._ordered: dict[_Asked, tuple[object, list[str]]] = {}
        self._body: tuple[object, bytes] | None = None
        self._ranks: dict[str, int] | None = None

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
            return VideoPage([self._video(name) for name in names], total)

    def named(self, names: Iterable[str]) -> list[Video]:
        """Those of ``names`` that are unsorted, with their guesses."""
        with self._lock:
            self._refresh()
            with self._library.looking() as tree:
                listed = set(tree.root().videos)
            return [self._video(name) for name in names if name in listed]

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
            body = b'{"videos":[%b],"total":%d}' % (b",".join(map(self._fragment, names)), total)
            if whole:
                self._body = (key, body)
            return body

    @property
    def version(self) -> str:
        """Changes when new predictions were published."""
        return versions_of(self._library)[0]

    def predicted(self, seen: object = None) -> tuple[object, list[Row] | None]:
        """Every unsorted video; folder ``""`` and confidence 0 where nothing was predicted.

        The first value stands for this state of things: handed in as ``seen`` when nothing has
        changed since, the list is None.
        """
        with self._lock:
            self._refresh()
            with self._library.looking() as tree:
                listing = tree.root()
                state = (self._versions, id(listing), listing.version, len(self._known))
                names = [] if state == seen else list(listing.videos)
            if state == seen:
                return state, None
            return state, list(map(self._row, names))

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
        state = (self._versions, self._listing_version, len(self._known))
        if (kept := self._ordered.get(asked)) and kept[0] == state:
            return kept[1]
        order, folder, far = asked
        if folder is not None:
            names = [name for name in names if (p := self._prediction(name)) and p.folder == folder]
        if far is not None:
            names = [name for name in names if self._far(name) == far]
        if order == "newest":
            names = sorted(names, key=self._age)
        elif order == "uncertain":
            names = sorted(names, key=self._confidence)
        elif order == "confident":
            names = sorted(names, key=lambda name: (self._far(name), -self._confidence(name)))
        elif order == "confirm":
            names = self._confirming(names)
        elif order == "learn":
            names = self._learning(names)
        self._ordered[asked] = (state, names)
        return names

    def _row(self, name: str) -> Row:
        predicted = self._prediction(name) or _NOTHING
        return name, predicted.folder, predicted.confidence, predicted.far

    def _confirming(self, names: list[str]) -> list[str]:
        """What is like no folder has nothing to be confirmed: it comes last."""
        rows = [self._row(name) for name in names]
        near, far = ([row[:3] for row in rows if row[3] == is_far] for is_far in (False, True))
        return queue.confirm(near) + queue.confirm(far)

    def _learning(self, names: list[str]) -> list[str]:
        """The order that teaches most; it stands until there are new predictions, so that pages fit."""
        if self._ranks is None:
            marks = [known.fingerprint for known in self._known.values()]
            guesses = (self._predicted.get(mark) for mark in marks)
            margins = [queue.margin(json.loads(p.guesses)) if p else 0.0 for p in guesses]
            ranked = queue.learn(self._library.store, marks, margins)
            self._ranks = {mark: rank for rank, mark in enumerate(ranked)}
        ranks, last = self._ranks, len(self._ranks)

        def rank(name: str) -> int:
            known = self._known.get(name)
            return ranks.get(known.fingerprint, last) if known else last

        return sorted(names, key=rank)

    def _age(self, name: str) -> int:
        """What is not known yet came last."""
        known = self._known.get(name)
        return -known.mtime_ns if known else -(2**63)

    def _confidence(self, name: str) -> float:
        return (self._prediction(name) or _NOTHING).confidence

    def _far(self, name: str) -> bool:
        return (self._prediction(name) or _NOTHING).far

    def _prediction(self, name: str) -> _Predicted | None:
        known = self._known.get(name)
        return self._predicted.get(known.fingerprint) if known else None

    def _video(self, name: str) -> Video:
        predicted = self._prediction(name) or _NOTHING
        guesses = tuple(Guess(**guess) for guess in json.loads(predicted.guesses))
        return Video(name, guesses, predicted.far)

    def _fragment(self, name: str) -> bytes:
        ready = self._fragments.get(name)
        if ready is None:
            predicted = self._prediction(name) or _NOTHING
            ready = (
                f'{{"filename":{json.dumps(name)},"predicted_folder":{json.dumps(predicted.folder or None)},'
                f'"confidence":{predicted.confidence!r},"top_predictions":{_first(predicted.guesses)},'
                f'"far":{json.dumps(predicted.far)}}}'
            ).encode()
            self._fragments[name] = ready
        return ready

    def _refresh(self) -> None:
        """Read everything again when predictions were published or a scan ended, in any process."""
        versions = versions_of(self._library)
        if versions == self._versions:
            return
        with self._library.store.read() as db:
            rows = db.execute("SELECT name, fingerprint, mtime_ns FROM files WHERE folder = ''")
            self._known = {row[0]: _Known(row[1], row[2]) for row in rows}
            rows = db.execute(
                "SELECT fingerprint, folder, confidence, guesses, coalesce(typicality <= ?, 0)"
                " FROM predictions",
                (novelty.FAR,),
            )
            self._predicted = {
                row[0]: _Predicted(row[1], row[2], row[3], bool(row[4])) for row in rows
            }
        self._versions = versions
        self._unknown.clear()
        self._fragments.clear()
        self._ordered.clear()
        self._body = None
        self._ranks = None

    def _look(self, names: Sequence[str]) -> None:
        """Find out what new names are, so that a file moved by hand keeps its predictions."""
        fresh = [name for name in names if name not in self._known and name not in self._unknown]
        for name in fresh[:_LOOKS]:
            path = self._library.root / name
            try:
                self._known[name] = _Known(fingerprint(path), path.stat().st_mtime_ns)
                self._fragments.pop(name, None)
            except (OSError, MediaError):
                self._unknown.add(name)


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
