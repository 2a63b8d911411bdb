"""One retraining at a time, across processes: claim, heartbeat, progress, cancel, publish.

A unique partial index over active jobs is the lock. A job whose process died, or whose heartbeat
stopped, is settled by whoever looks next. A heartbeat that is old by the clock may only mean that
the computer slept or that its clock was set: such a job has a moment to show that it lives.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from sorter_core import processes
from sorter_core.errors import JobCancelled, JobLost, SorterError, StageTimeout, StorageError
from sorter_core.store import Store
from sorter_core.types import JobStatus

BEAT_SECONDS = 1.0
EXPIRES_SECONDS = 30.0
_LOOKS = 30
"""How often a silent heart is listened to, at each tenth of a beat; no clock counts them, for the
computer may sleep meanwhile."""
_GRACE_SECONDS = 10.0
"""How long a stage may take to notice that it is to stop, before its process is ended."""
_KILLED = "it was stopped from outside (the computer went down, or the process was killed)"


class Jobs:
    """The jobs of one library."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def claim(self) -> int | None:
        """The number of a new active job, or None while another one runs."""
        self._settle_dead()
        try:
            with self.store.write() as db:
                return db.execute(
                    "INSERT INTO jobs (state, owner, heartbeat) VALUES ('active', ?, ?)",
                    (processes.me(), time.time()),
                ).lastrowid
        except sqlite3.IntegrityError:
            return None

    def cancel(self) -> bool:
        """Tell the running job to stop; False when none runs."""
        self._settle_dead()
        with self.store.write() as db:
            changed = db.execute("UPDATE jobs SET cancelling = 1 WHERE state = 'active'")
        return changed.rowcount == 1

    def status(self) -> JobStatus:
        """The newest job, whoever started it."""
        self._settle_dead()
        with self.store.read() as db:
            row = db.execute("SELECT * FROM jobs ORDER BY id DESC LIMIT 1").fetchone()
            last = db.execute(
                "SELECT result FROM jobs WHERE result IS NOT NULL ORDER BY id DESC LIMIT 1"
            ).fetchone()
        if row is None:
            return JobStatus(running=False, last_result=None)
        return JobStatus(
            running=row["state"] == "active",
            last_result=last["result"] if last else None,
            stage=row["stage"],
            done=row["done"],
            total=row["total"],
            eta_seconds=_eta(row),
            started_at=row["started_at"],
            finished_at=row["finished_at"],
            failures=row["failures"],
            cancelling=bool(row["cancelling"]),
        )

    def fail(
        self, number: int, error: str, state: str = "failed", *, heard: float | None = None
    ) -> None:
        """Write down that job ``number`` ended without a result, unless it has ended already.

        Nor when its heart was heard after the beat ``heard``.
        """
        with self.store.write() as db:
            db.execute(
                "UPDATE jobs SET state = ?, finished_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now'),"
                " result = 'Failed at ' || coalesce(stage, 'extract_features') || ': ' || ?"
                " WHERE id = ? AND state = 'active' AND heartbeat = coalesce(?, heartbeat)",
                (state, error, number, heard),
            )

    def _settle_dead(self) -> None:
        with self.store.read() as db:
            row = db.execute(
                "SELECT id, owner, heartbeat FROM jobs WHERE state = 'active'"
            ).fetchone()
        if row is None:
            return
        if not processes.alive(row["owner"]) or self._silent(row["id"], row["heartbeat"]):
            self.fail(row["id"], _KILLED, heard=row["heartbeat"])

    def _silent(self, number: int, heartbeat: float) -> bool:
        """Whether the heart of job ``number`` stopped, asked of a job that is ``active``.

        While another process keeps the store locked, no beat can be written: nobody can tell then.
        """
        if abs(time.time() - heartbeat) < EXPIRES_SECONDS or self.store.locked():
            return False
        for _ in range(_LOOKS):
            time.sleep(BEAT_SECONDS / 10)
            with self.store.read() as db:
                row = db.execute(
                    "SELECT heartbeat FROM jobs WHERE id = ? AND state = 'active'", (number,)
                ).fetchone()
            if row is None or row["heartbeat"] != heartbeat:
                return False
        return not self.store.locked()


def _eta(row: sqlite3.Row) -> float | None:
    """Seconds that the stage still takes at its pace so far; None when there is no pace yet."""
    if row["state"] != "active" or not row["done"] or not row["stage_started"]:
        return None
    elapsed = time.time() - row["stage_started"]
    return float(elapsed / row["done"] * (row["total"] - row["done"]))


class Job:
    """The running job, seen from the process that does it."""

    def __init__(self, jobs: Jobs, number: int) -> None:
        self.jobs, self.number = jobs, number
        self._stage: str | None = None
        self._deadline: float | None = None
        self._limit = 0.0
        self._first: tuple[float, int] | None = None
        """When the stage first had something done, and how much: what comes before is loading, no pace."""
        self._over = threading.Event()
        self._written = 0.0

    @contextmanager
    def running(self) -> Iterator[Job]:
        """Take the job over from the process that started it, and keep its heart beating.

        Raises :class:`JobLost` when it was given to somebody else meanwhile.
        """
        with self.jobs.store.write() as db:
            changed = db.execute(
                "UPDATE jobs SET owner = ?, heartbeat = ? WHERE id = ? AND state = 'active'",
                (processes.me(), time.time(), self.number),
            )
        if changed.rowcount != 1:
            raise JobLost("The job was ended before it began.")
        heart = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        heart.start()
        try:
            yield self
        except JobCancelled:
            self.jobs.fail(self.number, "cancelled", "cancelled")
            raise
        except BaseException as error:
            self.jobs.fail(self.number, str(error) or type(error).__name__)
            raise
        finally:
            self._over.set()
            heart.join()

    @contextmanager
    def stage(self, name: str, seconds: float) -> Iterator[None]:
        """A named part of the work, bounded by ``seconds``."""
        self._stage, self._limit = name, seconds
        self._deadline = time.monotonic() + seconds
        self._first = None
        self._update("stage = ?, stage_started = NULL, done = 0, total = 0", (name,))
        yield
        self.check()
        self._deadline = None

    def progress(self, done: int, total: int) -> None:
        """Report, at most five times a second; raises when the job is to stop."""
        self.check()
        if time.monotonic() - self._written > 0.2 or done == total:  # noqa: PLR2004 - see the docstring
            self._update("done = ?, total = ?, stage_started = ?", (done, total, self._began(done)))
            self._written = time.monotonic()

    def _began(self, done: int) -> float | None:
        """When the stage would have begun at the pace it has; None while there is no pace yet."""
        if self._first is None:
            self._first = (time.time(), done) if done else None
            return None
        seconds, count = time.time() - self._first[0], done - self._first[1]
        return time.time() - seconds / count * done if count else None

    def failed(self, count: int) -> None:
        """Tell how many videos could not be read so far."""
        self._update("failures = ?", (count,))

    def check(self) -> None:
        """Raise :class:`StageTimeout`, or what the store says of the job (cancelled, lost)."""
        if self._deadline is not None and time.monotonic() > self._deadline:
            raise StageTimeout(f"it took longer than {self._limit:.0f} s")
        if error := self._told():
            raise error

    def publish(self, write: Callable[[sqlite3.Connection], None]) -> None:
        """Let ``write`` put the results in and end the job, in one transaction, if it is still ours."""
        with self.jobs.store.write() as db:
            if not self._mine(db):
                raise JobLost("Another process took the job over; its results count.")
            write(db)
            db.execute(
                "UPDATE jobs SET state = 'success', result = 'success',"
                " finished_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now') WHERE id = ?",
                (self.number,),
            )

    def _mine(self, db: sqlite3.Connection) -> bool:
        row = db.execute("SELECT state, owner FROM jobs WHERE id = ?", (self.number,)).fetchone()
        return row is not None and row["state"] == "active" and row["owner"] == processes.me()

    def _told(self) -> SorterError | None:
        with self.jobs.store.read() as db:
            row = db.execute(
                "SELECT state, owner, cancelling FROM jobs WHERE id = ?", (self.number,)
            ).fetchone()
        if row is None or row["owner"] != processes.me() or row["state"] != "active":
            return JobLost("The job was ended or taken over by another process.")
        return JobCancelled("The job was cancelled.") if row["cancelling"] else None

    def _update(self, columns: str, values: Sequence[object]) -> None:
        with self.jobs.store.write() as db:
            db.execute(
                f"UPDATE jobs SET {columns}, heartbeat = ? WHERE id = ? AND owner = ?",
                (*values, time.time(), self.number, processes.me()),
            )

    def _beat(self) -> None:
        """Beat; and end the process when the work does not hear that it is to stop."""
        stop_by: float | None = None
        while not self._over.wait(BEAT_SECONDS):
            with suppress(SorterError):  # a busy or full disk now may be well at the next beat
                self._update("stage = stage", ())
                reason = self._overdue() or self._told()
                if reason is None:
                    continue
                stop_by = stop_by or time.monotonic() + _GRACE_SECONDS
                if time.monotonic() > stop_by:
                    self._end(reason)
        self.jobs.store.close()

    def _overdue(self) -> SorterError | None:
        late = self._deadline is not None and time.monotonic() > self._deadline
        return StageTimeout(f"it took longer than {self._limit:.0f} s") if late else None

    def _end(self, reason: SorterError) -> None:
        if isinstance(reason, JobCancelled):
            self.jobs.fail(self.number, "cancelled", "cancelled")
        else:
            self.jobs.fail(self.number, str(reason))
        os._exit(1)


def start(jobs: Jobs, command: Sequence[str], log: Path, environment: dict[str, str]) -> bool:
    """Claim a job and run ``python -m sorter_core`` with ``command`` and the job's number as its child.

    Returns False when one runs already. Raises :class:`StorageError` when ``log`` can't be written, or
    no process be made. The child has a session of its own: it survives this process.
    """
    number = jobs.claim()
    if number is None:
        return False
    arguments = [sys.executable, "-m", "sorter_core", *command, "--job", str(number)]
    try:
        with log.open("wb") as output:
            child = subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **environment},
                start_new_session=True,
            )
    except OSError as error:
        jobs.fail(number, f"it could not be started: {error}")
        raise StorageError(f"The job could not be started: {error.strerror}.") from error
    threading.Thread(target=_reap, args=(jobs, number, child, log), daemon=True).start()
    return True


def _reap(jobs: Jobs, number: int, child: subprocess.Popen[bytes], log: Path) -> None:
    """Wait for the child; if it ended without a word, its last line is the reason."""
    code = child.wait()
    lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
    with suppress(SorterError):  # the library may be gone by now, and with it the store
        jobs.fail(number, lines[-1] if lines else f"its process ended with code {code}")
        jobs.store.close()
