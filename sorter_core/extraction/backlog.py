"""A queue of links: kept in the store, worked off by one process, seen by every face.

Whoever adds links starts a child process that works them off. The row that is ``running`` is the
lock (a unique partial index, one a kind): a second child finds it taken and ends. So the queue
survives a server's restart, and a child that died is replaced by whoever looks next.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import ClassVar, NamedTuple

from sorter_core import processes
from sorter_core.errors import SorterError
from sorter_core.extraction.errors import ExtractionError
from sorter_core.extraction.workers import Cancelled
from sorter_core.store import Store

LATE_SECONDS = 30
"""A link that waits longer, while nothing runs, was forgotten by a child that died between two."""
_FORGOTTEN = """
SELECT NOT EXISTS (SELECT 1 FROM downloads WHERE kind = ?1 AND state = 'running')
    AND EXISTS (SELECT 1 FROM downloads WHERE kind = ?1 AND state = 'waiting')
    AND NOT EXISTS (SELECT 1 FROM downloads WHERE kind = ?1 AND state = 'waiting' AND changed > ?2)
"""
"""Whether links wait since a moment (its second parameter) or longer, and none runs."""
_LEFT = """
SELECT coalesce(
    (SELECT cancelling FROM downloads WHERE kind = ?1 AND state = 'running'),
    (SELECT 0 FROM downloads WHERE kind = ?1 AND state = 'waiting' LIMIT 1),
    -1
)
"""
"""Whether what runs was told to stop; -1 where nothing is left to do. Asked several times a second, of a
queue that may hold 100,000 rows: each part finds its row in an index."""
_KILLED = "It was stopped from outside (the computer went down, or the process was killed)."


class Line(NamedTuple):
    """A link to be queued; it may have failed already, by its text."""

    url: str
    state: str = "waiting"
    filename: str | None = None
    code: str | None = None
    error: str | None = None


class Backlog:
    """The links of one library and of one ``kind``; ``command`` is what the child process runs.

    ``environment`` is added to that of the child.
    """

    kind: ClassVar[str]
    command: ClassVar[str]

    def __init__(
        self, store: Store, root: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self._store, self._root = store, root
        self._environment = dict(environment or {})

    def cancel(self) -> bool:
        """Drop what waits and tell what runs to stop; False when there is neither."""
        self._look_after()
        with self._store.write() as db:
            running = db.execute(
                "UPDATE downloads SET cancelling = 1 WHERE kind = ? AND state = 'running'",
                (self.kind,),
            )
        return self.drop() + running.rowcount > 0

    def drop(self, reason: str | None = None) -> int:
        """Take back what waits; returns how many."""
        with self._store.write() as db:
            return db.execute(
                "UPDATE downloads SET state = 'cancelled', error = ?, changed = ?"
                " WHERE kind = ? AND state = 'waiting'",
                (reason, time.time(), self.kind),
            ).rowcount

    def _add(self, lines: Sequence[Line]) -> None:
        """Queue links, as one batch, and see to it that they are worked off."""
        with self._store.write() as db:
            newest = "SELECT coalesce(max(batch), 0) FROM downloads WHERE kind = ?"
            batch = db.execute(newest, (self.kind,)).fetchone()[0] + 1
            db.executemany(
                "INSERT INTO downloads (kind, batch, url, state, filename, code, error, changed)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [(self.kind, batch, *line, time.time()) for line in lines],
            )
        if any(line.state == "waiting" for line in lines):
            self._launch()

    def _left(self) -> tuple[bool, bool]:
        """Whether anything of any batch is left to do, and whether that was cancelled."""
        self._look_after()
        with self._store.read() as db:
            left = db.execute(_LEFT, (self.kind,)).fetchone()[0]
        return left >= 0, left == 1

    # In the child process ------------------------------------------------------------------

    def _work_off(self, do: Callable[[sqlite3.Row], Mapping[str, object]]) -> None:
        """Let ``do`` settle one row after the other; at once over when another process does.

        It returns the columns to be set, or raises what the row failed with.
        """
        while (row := self._claim()) is not None:
            self._settle(row, do)

    def _claim(self) -> sqlite3.Row | None:
        self._settle_dead()
        try:
            with self._store.write() as db:
                row: sqlite3.Row | None = db.execute(
                    "SELECT id, url, filename FROM downloads WHERE kind = ? AND state = 'waiting'"
                    " ORDER BY id LIMIT 1",
                    (self.kind,),
                ).fetchone()
                if row is not None:
                    db.execute(
                        "UPDATE downloads SET state = 'running', owner = ?, changed = ? WHERE id = ?",
                        (processes.me(), time.time(), row["id"]),
                    )
                return row
        except sqlite3.IntegrityError:  # another process has one running
            return None

    def _settle(self, row: sqlite3.Row, do: Callable[[sqlite3.Row], Mapping[str, object]]) -> None:
        number: int = row["id"]
        try:
            self._set(number, **do(row))
        except Cancelled:
            self._set(number, state="cancelled")
        except ExtractionError as error:
            self._set(number, state="failed", code=error.code, error=str(error))
        except SorterError as error:
            self._set(number, state="failed", code=type(error).__name__, error=str(error))
        except Exception as error:
            self._set(number, state="failed", error=f"The program failed: {type(error).__name__}")
            raise

    def _set(self, number: int, **values: object) -> None:
        columns = ", ".join(f"{column} = ?" for column in values)
        with self._store.write() as db:
            db.execute(
                f"UPDATE downloads SET {columns}, changed = ? WHERE id = ?",
                (*values.values(), time.time(), number),
            )

    def is_cancelling(self, number: int) -> bool:
        """Whether a row was told to stop."""
        with self._store.read() as db:
            row = db.execute("SELECT cancelling FROM downloads WHERE id = ?", (number,)).fetchone()
        return row is None or bool(row["cancelling"])

    # The child's life ----------------------------------------------------------------------

    def _look_after(self) -> None:
        """Let a queue be worked off that nobody works off any more."""
        dead = self._settle_dead()
        if self._take_up(0.0 if dead else LATE_SECONDS):
            self._launch()

    def _settle_dead(self) -> bool:
        """Settle the row of a process that died; True for the one caller who did."""
        with self._store.read() as db:
            running = db.execute(
                "SELECT id, owner, changed FROM downloads WHERE kind = ? AND state = 'running'",
                (self.kind,),
            ).fetchone()
        if running is None:
            return False
        if not processes.gone(running["owner"], time.time() - float(running["changed"])):
            return False
        with self._store.write() as db:
            settled = db.execute(
                "UPDATE downloads SET state = 'failed', error = ?"
                " WHERE id = ? AND state = 'running' AND owner = ?",
                (_KILLED, running["id"], running["owner"]),
            )
        return settled.rowcount == 1

    def _take_up(self, late: float) -> bool:
        """Whether all waits for ``late`` seconds and nothing runs; from now on it waits anew.

        So of all who look at a forgotten queue, and that is several times a second, one starts a
        child, and the child has time to begin.
        """
        here = (self.kind, time.time() - late)
        with self._store.read() as db:
            forgotten: bool = db.execute(_FORGOTTEN, here).fetchone()[0]
        if not forgotten:
            return False
        with self._store.write() as db:
            if not db.execute(_FORGOTTEN, here).fetchone()[0]:
                return False
            db.execute(
                "UPDATE downloads SET changed = ? WHERE kind = ? AND state = 'waiting'",
                (time.time(), self.kind),
            )
        return True

    def _launch(self) -> None:
        """Start a child that works the queue off; it has a session of its own and survives us."""
        here = str(Path(__file__).resolve().parents[2])
        arguments = [self.command, "--library", str(self._root)]
        child = subprocess.Popen(
            [sys.executable, "-m", "sorter_core", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": here, **self._environment},
            start_new_session=True,
        )
        threading.Thread(target=child.wait, daemon=True).start()  # so that no zombie is left
