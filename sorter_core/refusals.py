"""Groups of videos that a person called no folder: remembered for good."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import blake2b

from sorter_core.errors import InvalidInput
from sorter_core.library import Library

REFUSED = "no_folder"
"""The kind of decision that says: these videos, which share its value, are no folder."""
SAME = 0.5
"""The share of a group that was refused together with which it is that group again."""

Refusals = Mapping[str, Sequence[str]]
"""For each video (fingerprint) the refusals that it was part of."""


def refuse(library: Library, filenames: Sequence[str]) -> None:
    """Remember that these unsorted videos are no folder. Raises ``InvalidInput`` when none is known."""
    marks = _marks(library, filenames)
    value = blake2b("".join(marks).encode(), digest_size=8).hexdigest()
    with library.store.write() as db:
        db.executemany(
            "INSERT OR IGNORE INTO decisions (fingerprint, kind, value) VALUES (?, ?, ?)",
            [(mark, REFUSED, value) for mark in marks],
        )


def take_back(library: Library, filenames: Sequence[str]) -> None:
    """Forget what keeps these videos from being proposed together. Raises the same."""
    values = together(_marks(library, filenames), refusals(library))
    with library.store.write() as db:
        db.executemany(
            "DELETE FROM decisions WHERE kind = ? AND value = ?",
            [(REFUSED, value) for value in values],
        )


def refusals(library: Library) -> Refusals:
    """All of them."""
    told: dict[str, list[str]] = {}
    with library.store.read() as db:
        rows = db.execute("SELECT fingerprint, value FROM decisions WHERE kind = ?", (REFUSED,))
        for mark, value in rows:
            told.setdefault(mark, []).append(value)
    return told


def together(marks: Sequence[str], told: Refusals) -> list[str]:
    """The refusals that say of most of ``marks``, together, that they are no folder.

    >>> together(["a", "b", "c"], {"a": ["1"], "b": ["1", "2"]})
    ['1']
    """
    shared = Counter(value for mark in marks for value in told.get(mark, ()))
    return [value for value, count in shared.items() if count >= SAME * len(marks)]


def _marks(library: Library, filenames: Sequence[str]) -> list[str]:
    """The fingerprints of unsorted videos, sorted."""
    query = "SELECT fingerprint FROM files WHERE folder = '' AND name IN ({})"
    found = {row[0] for row in library.store.among(query, filenames)}
    if not found:
        raise InvalidInput("None of these videos is unsorted and known.")
    return sorted(found)
