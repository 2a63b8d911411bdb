"""What is known of files and folders goes along with them when they move."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

WELL_FILED = "well_filed"
"""The kind of decision that says: this video is right in the folder that is its value."""


def follow(db: sqlite3.Connection, source: str, target: str) -> None:
    """Write down that ``source`` is ``target`` now, so that no move costs a second look at it."""
    left = not target or Path(target).is_absolute()  # an import that was undone
    if left:
        db.execute("DELETE FROM files WHERE folder = ? AND name = ?", split(source))
    if not source or left:
        return
    if "/" not in source and "/" not in target:
        db.execute("DELETE FROM files WHERE folder = ? AND folder <> ?", (target, source))
        db.execute("UPDATE files SET folder = ? WHERE folder = ?", (target, source))
        _rename_predicted(db, source, target)
        _rename_decided(db, source, target)
    db.execute(
        "UPDATE OR REPLACE files SET folder = ?, name = ? WHERE folder = ? AND name = ?",
        (*split(target), *split(source)),
    )


def _rename_predicted(db: sqlite3.Connection, old: str, new: str) -> None:
    """What was predicted for a folder stays so under its new name, in every process."""
    before, after = (f'"folder": {json.dumps(name)}' for name in (old, new))
    changed = db.execute(
        "UPDATE predictions SET folder = CASE folder WHEN ? THEN ? ELSE folder END,"
        " guesses = replace(guesses, ?, ?) WHERE instr(guesses, ?)",
        (old, new, before, after, before),
    ).rowcount
    if changed:
        db.execute("UPDATE meta SET value = CAST(value + 1 AS TEXT) WHERE key = 'predictions'")


def _rename_decided(db: sqlite3.Connection, old: str, new: str) -> None:
    """What a person called right in a folder is right there under its new name."""
    db.execute(
        "UPDATE OR REPLACE decisions SET value = ? WHERE kind = ? AND value = ?",
        (new, WELL_FILED, old),
    )


def split(path: str) -> tuple[str, str]:
    """(folder, name) of a path inside the library, as the table of files has them.

    >>> split("Cats/1.mp4"), split("1.mp4")
    (('Cats', '1.mp4'), ('', '1.mp4'))
    """
    folder, _, name = path.rpartition("/")
    return folder, name
