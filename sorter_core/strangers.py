"""Which unsorted videos may want a folder of their own, and which groups are far from every folder."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence

from sorter_core.library import Library

SAMPLE = 2000
"""Videos that are compared, each with each: 2,000 take half a second and 80 MB. Of more a fair sample
stands for all: once its groups are folders, the rest is guessed to belong there."""
STRANGE = 0.2
"""The mean typicality up to which a group lies far from every folder. Of videos that belong to one it
would be a half; at most a fifth comes by chance to 1 in 100 of groups of five, and to fewer of bigger
ones. It finds two to six times as many of a new folder's videos as a look at each by itself
(``novelty.FAR``)."""
FITTING = 0.3
"""A video of such a group that is more typical than this stays: it may well belong to a folder."""
UNSURE = 0.5
"""Where nobody can tell how typical they are, half of the group must have a guess below it."""

Known = Mapping[str, tuple[float | None, float]]
"""(typicality, confidence) of each video for which anything was predicted, by fingerprint."""


def candidates(library: Library, encoders: Sequence[str]) -> list[str]:
    """Fingerprints of the analysed unsorted videos; of more than :data:`SAMPLE` a fair sample."""
    return _marks(library, encoders, "+f.folder = ''", SAMPLE)


def sample(
    library: Library, encoders: Sequence[str], most: int, without: Sequence[str] = ()
) -> list[str]:
    """Other videos, filed or not, that show how videos differ."""
    left_out = set(without)
    marks = _marks(library, encoders, "1", len(left_out) + most)
    return [mark for mark in marks if mark not in left_out][:most]


def learned(library: Library) -> bool:
    """Whether there are folders, and a model that knows them."""
    with library.store.read() as db:
        trained = db.execute("SELECT 1 FROM runs LIMIT 1").fetchone() is not None
    return trained and bool(library.folders())


def strange(group: Sequence[str], known: Known) -> list[str]:
    """Those of a group that lie far from every folder, in its order; none where the group does not.

    >>> strange(["a", "b", "c"], {"a": (0.0, 0.9), "b": (0.1, 0.9), "c": (0.4, 0.9)})
    ['a', 'b']
    >>> strange(["a", "b"], {"a": (None, 0.9), "b": (None, 0.9)})
    []
    """
    told = {mark: known[mark] for mark in group if mark in known}
    typical = {mark: value for mark, (value, _) in told.items() if value is not None}
    if typical:
        far = sum(typical.values()) <= STRANGE * len(typical)
        return [mark for mark in group if typical.get(mark, 1.0) <= FITTING] if far else []
    unsure = sum(confidence < UNSURE for _, confidence in told.values())
    return list(group) if told and unsure * 2 >= len(group) else []


def predicted(library: Library, marks: Sequence[str]) -> Known:
    """What was predicted for ``marks``."""
    return {mark: (typicality, sure) for mark, typicality, sure in _predictions(library, marks)}


def _predictions(library: Library, marks: Sequence[str]) -> Iterator[sqlite3.Row]:
    query = "SELECT fingerprint, typicality, confidence FROM predictions WHERE fingerprint IN ({})"
    return library.store.among(query, marks)


def _marks(library: Library, encoders: Sequence[str], condition: str, most: int) -> list[str]:
    """Fingerprints with a vector of any of ``encoders``; being hashes, the first are a fair sample.

    A ``+`` in the condition keeps SQLite to the index over fingerprints, where it can stop early.
    """
    query = (
        f"SELECT DISTINCT f.fingerprint FROM files f WHERE {condition} AND EXISTS"
        " (SELECT 1 FROM features x WHERE x.fingerprint = f.fingerprint"
        f" AND x.encoder IN ({','.join('?' * len(encoders))}) AND x.vector IS NOT NULL)"
        " ORDER BY f.fingerprint LIMIT ?"
    )
    with library.store.read() as db:
        return [row[0] for row in db.execute(query, (*encoders, most))]
