"""The queue of links that are to become videos: kept in the store, worked off by one process.

Whoever adds links starts a child process that works the queue off. The row that is ``running`` is
the lock (a unique partial index): a second child finds it taken and ends. So every face sees the
same queue, it survives a server's restart, and a child that died is replaced by whoever looks next.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sorter_core import processes
from sorter_core.errors import SorterError
from sorter_core.extraction import links
from sorter_core.extraction.download import Fetcher, download
from sorter_core.extraction.errors import ExtractionError, InvalidUrl
from sorter_core.extraction.workers import Cancelled
from sorter_core.files import SCRATCH_PREFIX
from sorter_core.store import Store

MAX_LINKS = 1000
"""In one go; more is a mistake rather than a wish."""
LATE_SECONDS = 30
"""A link that waits longer, while nothing runs, was forgotten by a child that died between two."""
SCRATCH = f"{SCRATCH_PREFIX}downloads"
"""One for all: what a killed process leaves in it is cleared at the next download."""
_KILLED = "It was stopped from outside (the computer went down, or the process was killed)."


@dataclass(frozen=True, slots=True)
class Download:
    """One link: ``state`` is waiting, running, done, known, failed or cancelled; sizes in bytes."""

    url: str
    state: str
    filename: str | None = None
    received: int = 0
    size: int = 0
    code: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class DownloadStatus:
    """The newest batch of links; ``done`` counts all that are settled, also those that failed."""

    running: bool
    cancelling: bool
    done: int
    total: int
    failed: int
    downloads: tuple[Download, ...]


class Downloads:
    """The downloads of one library; ``environment`` is added to that of the child process."""

    def __init__(
        self, store: Store, root: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self._store, self._root = store, root
        self._environment = dict(environment or {})

    def start(self, urls: Sequence[str]) -> DownloadStatus:
        """Queue links, as one batch, and see to it that they are worked off.

        A link that is none fails by itself. Raises :class:`InvalidUrl` for no or too many links.
        """
        if not 0 < len(urls) <= MAX_LINKS:
            raise InvalidUrl(f"Give 1 to {MAX_LINKS} links.")
        rows = [_judged(url) for url in dict.fromkeys(url.strip() for url in urls)]
        with self._store.write() as db:
            batch = db.execute("SELECT coalesce(max(batch), 0) + 1 FROM downloads").fetchone()[0]
            db.executemany(
                "INSERT INTO downloads (batch, url, state, code, error, changed)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                [(batch, *row, time.time()) for row in rows],
            )
        if any(state == "waiting" for _, state, *_ in rows):
            self._launch()
        return self.status()

    def status(self) -> DownloadStatus:
        """The newest batch, and whether anything of any batch is left to do."""
        self._settle_dead()
        with self._store.read() as db:
            rows = db.execute(
                "SELECT * FROM downloads WHERE batch = (SELECT max(batch) FROM downloads)"
                " ORDER BY id"
            ).fetchall()
            left = db.execute(
                "SELECT coalesce(max(cancelling), -1) FROM downloads"
                " WHERE state IN ('waiting', 'running')"
            ).fetchone()[0]
        states = [row["state"] for row in rows]
        return DownloadStatus(
            running=left >= 0,
            cancelling=left == 1,
            done=sum(state not in {"waiting", "running"} for state in states),
            total=len(states),
            failed=states.count("failed"),
            downloads=tuple(_download(row) for row in rows),
        )

    def cancel(self) -> bool:
        """Drop what waits and tell what runs to stop; False when there is neither."""
        self._settle_dead()
        with self._store.write() as db:
            waiting = db.execute(
                "UPDATE downloads SET state = 'cancelled', changed = ? WHERE state = 'waiting'",
                (time.time(),),
            )
            running = db.execute("UPDATE downloads SET cancelling = 1 WHERE state = 'running'")
        return waiting.rowcount + running.rowcount > 0

    def work(self, source: Fetcher) -> None:
        """Work the queue off in this process; at once over when another one does."""
        while (row := self._claim()) is not None:
            self._do(row["id"], row["url"], source)

    # ---------------------------------------------------------------------------------------

    def _claim(self) -> sqlite3.Row | None:
        self._settle_dead()
        try:
            with self._store.write() as db:
                row: sqlite3.Row | None = db.execute(
                    "SELECT id, url FROM downloads WHERE state = 'waiting' ORDER BY id LIMIT 1"
                ).fetchone()
                if row is not None:
                    db.execute(
                        "UPDATE downloads SET state = 'running', owner = ?, changed = ? WHERE id = ?",
                        (processes.me(), time.time(), row["id"]),
                    )
                return row
        except sqlite3.IntegrityError:  # another process has one running
            return None

    def _do(self, number: int, url: str, source: Fetcher) -> None:
        try:
            done = download(
                url,
                self._root,
                self._root / SCRATCH,
                source,
                report=lambda received, size: self._set(number, received=received, size=size),
                cancelled=lambda: self._is_cancelling(number),
            )
            self._set(number, state="known" if done.known else "done", filename=done.filename)
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

    def _is_cancelling(self, number: int) -> bool:
        with self._store.read() as db:
            row = db.execute("SELECT cancelling FROM downloads WHERE id = ?", (number,)).fetchone()
        return row is None or bool(row["cancelling"])

    def _settle_dead(self) -> None:
        """Settle the row of a process that died, and let its queue be worked off."""
        with self._store.read() as db:
            running = db.execute(
                "SELECT id, owner FROM downloads WHERE state = 'running'"
            ).fetchone()
            waiting = db.execute(
                "SELECT max(changed) FROM downloads WHERE state = 'waiting'"
            ).fetchone()[0]
        dead = running is not None and not processes.alive(running["owner"])
        if dead:
            with self._store.write() as db:
                db.execute(
                    "UPDATE downloads SET state = 'failed', error = ?"
                    " WHERE id = ? AND state = 'running' AND owner = ?",
                    (_KILLED, running["id"], running["owner"]),
                )
        forgotten = running is None and waiting and time.time() - waiting > LATE_SECONDS
        if waiting and (dead or forgotten):
            self._launch()

    def _launch(self) -> None:
        """Start a child that works the queue off; it has a session of its own and survives us."""
        here = str(Path(__file__).resolve().parents[2])
        arguments = ["run-downloads", "--library", str(self._root)]
        child = subprocess.Popen(
            [sys.executable, "-m", "sorter_core", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": here, **self._environment},
            start_new_session=True,
        )
        threading.Thread(target=child.wait, daemon=True).start()  # so that no zombie is left


def _judged(url: str) -> tuple[str, str, str | None, str | None]:
    """The link, its state, and why it failed already."""
    try:
        return links.parse(url).url, "waiting", None, None
    except ExtractionError as error:
        return url[:2048], "failed", error.code, str(error)


def _download(row: sqlite3.Row) -> Download:
    return Download(
        *(row[key] for key in ("url", "state", "filename", "received", "size", "code", "error"))
    )
