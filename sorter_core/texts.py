"""What is known of a video in words, in the store: a row for each content and kind."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping


def write(db: sqlite3.Connection, fingerprint: str, texts: Mapping[str, str]) -> None:
    """Put ``texts`` (by kind) in the place of older ones, within the caller's transaction.

    A vector made of the old text would be stale, and goes; what the pictures say stays true.
    """
    before = dict(
        db.execute("SELECT kind, text FROM texts WHERE fingerprint = ?", (fingerprint,)).fetchall()
    )
    if all(before.get(kind) == text for kind, text in texts.items()):
        return
    rows = [(fingerprint, kind, text) for kind, text in texts.items()]
    db.executemany("INSERT OR REPLACE INTO texts VALUES (?, ?, ?)", rows)
    db.execute("DELETE FROM features WHERE fingerprint = ? AND encoder = 'caption'", (fingerprint,))


def complete(db: sqlite3.Connection, fingerprint: str, texts: Mapping[str, str]) -> None:
    """The same, but only for the kinds that nobody has told yet."""
    rows = db.execute("SELECT kind FROM texts WHERE fingerprint = ?", (fingerprint,))
    told = {row[0] for row in rows}
    write(db, fingerprint, {kind: text for kind, text in texts.items() if kind not in told})
