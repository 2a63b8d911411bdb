"""Asking TikTok about a library's own videos: one after the other, slowly, and only what is lacking."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Mapping
from typing import Protocol

from sorter_core import texts
from sorter_core.captions import clean
from sorter_core.extraction.backlog import Backlog
from sorter_core.extraction.errors import ExtractionFailed
from sorter_core.extraction.info import VideoInfo
from sorter_core.extraction.workers import Cancelled
from sorter_core.imports._ids import id_in
from sorter_core.store import Store

REFUSALS = 5
"""In a row: TikTok does not want to be asked, and going on would make it worse."""
KINDS = ("caption", "author", "sound")
"""What a video has of which TikTok told all; hashtags are a part of the caption."""
HELD = """
SELECT name, fingerprint, CASE WHEN sidecar_ns IS NOT NULL THEN 3 ELSE (
    SELECT count(*) FROM texts t WHERE t.fingerprint = f.fingerprint AND t.kind IN (?, ?, ?)
) END AS kinds FROM files f
"""
"""How many of :data:`KINDS` (its parameters) each file has; one with a sidecar has all there is."""
_TICK = 0.2
_LENGTHS = range(15, 21)
"""Digits, as :mod:`sorter_core.imports._ids` has it."""


class Asked(Protocol):
    """Who is asked; see :class:`~sorter_core.extraction.source.Source`."""

    def video(self, url: str) -> VideoInfo:
        """The metadata of a video. Raises an ``ExtractionError``."""


class Asking:
    """One process' work on the queue ``fills``; ``interval``: seconds from question to question."""

    def __init__(
        self,
        fills: Backlog,
        store: Store,
        source: Asked,
        interval: float,
        look: Callable[[], object],
    ) -> None:
        self._fills, self._store, self._source, self._look = fills, store, source, look
        self._interval = interval
        self._looked = False
        self._asked_at = 0.0
        self._refusals = 0

    def one(self, row: sqlite3.Row) -> Mapping[str, object]:
        """Ask for one video, and keep what is told; see :meth:`Backlog._work_off`."""
        if not self._looked:
            self._look()
            self._looked = True
        marks = self._marks(id_of(row["filename"]))
        if not marks:
            return {"state": "known"}
        self._wait(row["id"])
        told = texts_of(self._ask(row["url"]))
        with self._store.write() as db:
            for mark in marks:
                texts.complete(db, mark, told)
        return {"state": "done"}

    def _marks(self, number: str | None) -> list[str]:
        """The fingerprints of the files with this id in their name that still lack something."""
        with self._store.read() as db:
            rows = db.execute(f"{HELD} WHERE instr(name, ?)", (*KINDS, number)).fetchall()
        lacking = (
            row for row in rows if id_of(row["name"]) == number and row["kinds"] < len(KINDS)
        )
        return list(dict.fromkeys(row["fingerprint"] for row in lacking))

    def _wait(self, row: int) -> None:
        """Keep the distance to the last question; raises :class:`Cancelled`."""
        while not self._fills.is_cancelling(row):
            left = self._asked_at + self._interval - time.monotonic()
            if left <= 0:
                self._asked_at = time.monotonic()
                return
            time.sleep(min(left, _TICK))
        raise Cancelled

    def _ask(self, url: str) -> VideoInfo:
        try:
            info = self._source.video(url)
        except ExtractionFailed as error:
            self._refusals += 1
            if self._refusals == REFUSALS:
                self._fills.drop(f"TikTok did not answer {REFUSALS} times in a row. {error}")
            raise
        self._refusals = 0
        return info


def texts_of(info: VideoInfo) -> dict[str, str]:
    """What is told, by the kinds of :func:`sorter_core.captions.read`; a kind without text is left out.

    >>> texts_of(VideoInfo("", "7", "A cat", "A cat #cats", uploader="cat.lover", hashtags=("cats",)))
    {'caption': 'A cat #cats', 'author': 'cat.lover', 'hashtags': 'cats'}
    """
    found = {
        "caption": info.description,
        "author": info.uploader or "",
        "sound": " - ".join(filter(None, [info.track, info.artist])),
        "hashtags": " ".join(info.hashtags),
    }
    return {kind: text for kind, raw in found.items() if (text := clean(raw))}


def id_of(name: str) -> str | None:
    """TikTok's id in a file's name.

    >>> id_of("7301234567890123456.mp4"), id_of("holiday.mp4")
    ('7301234567890123456', None)
    """
    stem = name.rpartition(".")[0]
    if stem.isdecimal() and stem.isascii() and len(stem) in _LENGTHS:  # as nearly all are
        return stem
    return id_in(stem, sure=True)
