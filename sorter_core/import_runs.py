"""The one import that runs in a library: who does it, how far it is, and that it is to stop.

It stands in the store, so that every face sees it and any can cancel it; an import whose process
died counts as ended.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from sorter_core import processes
from sorter_core.errors import Busy, JobCancelled, SorterError
from sorter_core.store import Store

_KEY = "import"
_EACH_SECONDS = 0.2
_STOPPED = "The program was stopped in the middle; import again to go on."
_left: dict[str, dict[str, Any]] = {}
"""How a run of this process ended, where that could not be written down: the disk was full."""


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
    if kept.get("run") in _left:  # for the other processes, as soon as it can be
        _end(store, kept["run"])
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
        _STOPPED if died else kept["error"],
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

    def __init__(self, store: Store, number: str) -> None:
        self._store, self._number = store, number
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
        """Write down how it ended, now or when there is room again."""
        _left[self._number] = {"running": False, "result": result, "error": error}
        _end(self._store, self._number)


@contextmanager
def running(store: Store) -> Iterator[ImportRun]:
    """Be the one import of this library. Raises :class:`Busy` while another runs."""
    with store.write() as db:
        if _running(_kept(db)):
            raise Busy("An import is running already. Wait for its end, or cancel it.")
        begun = {"running": True, "owner": processes.me(), "cancelling": False, "stage": "read"}
        number = secrets.token_hex(8)
        _keep(db, {**begun, "run": number, "done": 0, "total": 0, "result": None, "error": None})
    run = ImportRun(store, number)
    try:
        yield run
    except BaseException as error:
        told = str(error) if isinstance(error, SorterError) else f"It failed: {error!r}"
        run.finish(None, _STOPPED if isinstance(error, KeyboardInterrupt) else told)
        raise


def _end(store: Store, number: str) -> None:
    with suppress(SorterError):
        with store.write() as db:
            kept = _kept(db)
            if kept.get("run") == number:
                _keep(db, kept)
        _left.pop(number, None)


def _running(kept: dict[str, Any]) -> bool:
    return bool(kept.get("running")) and processes.alive(kept.get("owner"))


def _kept(db: sqlite3.Connection) -> dict[str, Any]:
    row = db.execute("SELECT value FROM meta WHERE key = ?", (_KEY,)).fetchone()
    kept = dict(json.loads(row["value"])) if row else {}
    return {**kept, **_left.get(kept.get("run", ""), {})}


def _keep(db: sqlite3.Connection, value: dict[str, Any]) -> None:
    db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_KEY, json.dumps(value)))
