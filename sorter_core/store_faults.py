"""SQLite's errors in the words a person can act on."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sorter_core.errors import Busy, DiskFull, ReadOnly, SorterError, StorageError
from sorter_core.migrations import NEWER

_IO = "disk I/O error"
_PAGE = 32 * 1024
"""Bytes of the least that SQLite asks a disk for: a part of the log's index."""
_FULL = "The disk that holds {path.parent} is full. Free some space; nothing was lost."
_FAILS = (
    "The disk that holds {path.parent} fails, or can't be written to any more. Nothing was lost."
    " Look whether it is connected and sound, then start this program again."
)
_READ_ONLY = "{path} can't be written. Set ARTIFACTS_DIR to a folder that can be."
_BUSY = "Another process is keeping the database busy. Try again in a moment."
_DAMAGED = "{path} is damaged. Your videos are safe: delete that file and the analysis starts anew."
_NEWER = (
    "{path} was written by a newer version of this program. Update this one, or set ARTIFACTS_DIR"
    " to another folder; nothing was changed."
)
_SAID: tuple[tuple[str, type[SorterError], str], ...] = (
    ("full", DiskFull, _FULL),
    (_IO, StorageError, _FAILS),
    ("readonly", ReadOnly, _READ_ONLY),
    ("unable to open", ReadOnly, _READ_ONLY),
    ("locked", Busy, _BUSY),
    ("malformed", StorageError, _DAMAGED),
    ("not a database", StorageError, _DAMAGED),
    (NEWER, StorageError, _NEWER),
)
"""A part of SQLite's words, and what is said for it."""


@contextmanager
def told(path: Path) -> Iterator[None]:
    """What goes wrong with the store at ``path`` inside, as one of our errors."""
    try:
        yield
    except SorterError:
        raise
    except sqlite3.IntegrityError:
        raise  # a constraint is a lock here; its owner handles it
    except sqlite3.Error as error:
        raise _said(error, path) from error


def _said(error: sqlite3.Error, path: Path) -> SorterError:
    text = str(error)
    if _IO in text and _full(path.parent):
        return DiskFull(_FULL.format(path=path))  # no room for the log's index, says no word of it
    found = (kind(words.format(path=path)) for part, kind, words in _SAID if part in text)
    return next(found, StorageError(f"The database {path} failed: {text}."))


def _full(place: Path) -> bool:
    try:
        return shutil.disk_usage(place).free < _PAGE
    except OSError:
        return False
