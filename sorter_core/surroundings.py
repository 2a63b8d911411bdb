"""A library that lies inside an archive (``…/data/Favorites/videos``) knows what the archive knows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sorter_core.captions import clean
from sorter_core.imports._facts import data_folder, documents, read_facts
from sorter_core.imports._ids import id_in
from sorter_core.library import Library

_KEY = "facts"
_AT_ONCE = 500

Texts = list[tuple[str, dict[str, str]]]
"""(fingerprint, text by kind) of some videos."""


def texts(library: Library, *, changed: bool) -> Iterator[Texts]:
    """What the archive around a library tells of its videos, in batches; none when nothing is new.

    It is read when its files or, ``changed``, the library's are others than at the last time. What
    lies beside a video itself counts more, and such a video is left out.
    """
    data = data_folder(library.root)
    if data is None:
        return
    stamp = ";".join(f"{path}:{path.stat().st_mtime_ns}" for path in documents(data))
    if not changed and stamp == _recall(library):
        return
    facts = read_facts(data, [], lambda _done, _total: None)
    batch: Texts = []
    for name, mark in _files(library):
        known = facts.texts(id_in(Path(name).stem))
        if found := {kind: text for kind, raw in known.items() if (text := clean(raw))}:
            batch.append((mark, found))
        if len(batch) == _AT_ONCE:
            yield batch
            batch = []
    yield batch
    with library.store.write() as db:
        db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_KEY, stamp))


def _recall(library: Library) -> str | None:
    with library.store.read() as db:
        row = db.execute("SELECT value FROM meta WHERE key = ?", (_KEY,)).fetchone()
    return row["value"] if row else None


def _files(library: Library) -> list[tuple[str, str]]:
    with library.store.read() as db:
        rows = db.execute("SELECT name, fingerprint FROM files WHERE sidecar_ns IS NULL")
        return [(row["name"], row["fingerprint"]) for row in rows]
