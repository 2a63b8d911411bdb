"""The one import that runs in a library: who does it, how far it is, and that it is to stop.

It stands in the store, so that every face sees it and any can cancel it; an import whose process
died counts as ended.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sorter_core import processes
from sorter_core.errors import Busy, JobCancelled, SorterError
from sorter_core.store import Store

_KEY = "import"
_EACH_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class ImportStatus:
    """The newest import: ``stage`` is read, compare or copy; ``result`` and ``error`` tell its end."""

    running: bool = False
    cancelling: bool = False
    stage: str | None = None
    done: int = 0
    total: int = 0
    result: dict[str, Any] | None = None
    error: str | None = None


def status(store: Store) -> ImportStatus:
    """How far the newest import is, whoever does it."""
    with store.read() as db:
        kept = _kept(db)
    if not kept:
        return ImportStatus()
    running = _running(kept)
    died = kept["running"] and not running
    return ImportStatus(
        running,
        running and kept["cancelling"],
        kept["stage"],
        kept["done"],
        kept["total"],
        kept["result"],
        "The program was stopped in the middle; import again to go on." if died else kept["error"],
    )


def cancel(store: Store) -> bool:
    """Tell the running import to stop; False when none runs."""
    with store.write() as db:
        kept = _kept(db)
        if not _running(kept):
            return False
        _keep(db, {**kept, "cancelling": True})
    return True


class ImportRun:
    """The running import, seen from the thread that does it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._written = 0.0
        self._stage = "read"

    def report(self, stage: str, done: int, total: int) -> None:
        """Tell how far it is, at most five times a second. Raises :class:`JobCancelled`."""
        if stage == self._stage and time.monotonic() - self._written < _EACH_SECONDS:
            return
        self._written, self._stage = time.monotonic(), stage
        with self._store.write() as db:
            kept = _kept(db)
            _keep(db, {**kept, "stage": stage, "done": done, "total": total})
        if kept.get("cancelling"):
            raise JobCancelled("The import was cancelled.")

    def finish(self, result: dict[str, Any] | None, error: str | None) -> None:
        """Write down how it ended."""
        with self._store.write() as db:
            ended = {"running": False, "result": result, "error": error}
            _keep(db, {**_kept(db), **ended})


@contextmanager
def running(store: Store) -> Iterator[ImportRun]:
    """Be the one import of this library. Raises :class:`Busy` while another runs."""
    with store.write() as db:
        if _running(_kept(db)):
            raise Busy("An import is running already. Wait for its end, or cancel it.")
        begun = {"running": True, "owner": processes.me(), "cancelling": False, "stage": "read"}
        _keep(db, {**begun, "done": 0, "total": 0, "result": None, "error": None})
    run = ImportRun(store)
    try:
        yield run
    except BaseException as error:
        told = str(error) if isinstance(error, SorterError) else f"It failed: {error!r}"
        run.finish(None, told)
        raise


def _running(kept: dict[str, Any]) -> bool:
    return bool(kept.get("running")) and processes.alive(kept.get("owner"))


def _kept(db: sqlite3.Connection) -> dict[str, Any]:
    row = db.execute("SELECT value FROM meta WHERE key = ?", (_KEY,)).fetchone()
    return dict(json.loads(row["value"])) if row else {}


def _keep(db: sqlite3.Connection, value: dict[str, Any]) -> None:
    db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_KEY, json.dumps(value)))
