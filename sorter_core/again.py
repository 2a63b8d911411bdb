"""Words that a better model is to read once more: which videos, and which of them are asked for.

What a lesser model read stays until the better one has answered. The analysis (:mod:`features`) takes
up what is asked for here as if it were missing, and strikes it off when it is done.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from sorter_core.encoders import Reader
from sorter_core.store import Store

_OUTDATED = """
SELECT DISTINCT f.fingerprint FROM files f JOIN texts t USING (fingerprint)
    LEFT JOIN texts b ON b.fingerprint = f.fingerprint AND b.kind = ?
    WHERE t.kind = ? AND coalesce(b.text, ?) NOT IN ({good})
"""
_WAITING = "SELECT count(DISTINCT fingerprint) FROM again JOIN files USING (fingerprint)"


@dataclass(frozen=True, slots=True)
class Again:
    """How many ``videos`` a lesser model read than ``model``, which is the one here now.

    ``waiting``: those of them that the next analysis is to read again.
    """

    model: str
    videos: int
    waiting: int


def state(store: Store, encoder: Reader) -> Again:
    """How things stand with the words that ``encoder`` has read."""
    return Again(encoder.model(), len(outdated(store, encoder)), waiting(store, [encoder.name]))


def outdated(store: Store, encoder: Reader) -> list[str]:
    """The fingerprints of the videos that a lesser model read than the one here now.

    Where nobody wrote down which it was, it counts as the least.
    """
    if not encoder.models:
        return []
    good = encoder.models[: encoder.models.index(encoder.model()) + 1]
    query = _OUTDATED.format(good=",".join("?" * len(good)))
    with store.read() as db:
        rows = db.execute(query, (encoder.by, encoder.name, encoder.models[-1], *good))
        return [row[0] for row in rows]


def ask(store: Store, encoder: Reader) -> int:
    """Have all of them read again by the next analysis; returns how many wait now."""
    rows = [(mark, encoder.name) for mark in outdated(store, encoder)]
    with store.write() as db:
        db.executemany("INSERT OR IGNORE INTO again VALUES (?, ?)", rows)
    return waiting(store, [encoder.name])


def waiting(store: Store, names: Iterable[str]) -> int:
    """How many videos of the library are to be read again by one of the encoders ``names``."""
    wanted = list(names)
    with store.read() as db:
        where = f" WHERE encoder IN ({','.join('?' * len(wanted))})"
        return int(db.execute(_WAITING + where, wanted).fetchone()[0])


def strike_off(db: sqlite3.Connection, done: Iterable[tuple[str, str]]) -> None:
    """Take (fingerprint, encoder) off the list: read, or not to be; ``media`` stands for all encoders."""
    db.executemany("DELETE FROM again WHERE fingerprint = ? AND ? IN (encoder, 'media')", done)
