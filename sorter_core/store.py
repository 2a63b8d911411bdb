"""The one SQLite file in which everything is kept that the folder tree does not say.

Write-ahead log (sqlite.org/wal.html); writers take the lock at the start (``BEGIN IMMEDIATE``),
so that none finds out half-way that another was first.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import psutil

from sorter_core.errors import ReadOnly, StorageError
from sorter_core.files import rename_exclusive, translated
from sorter_core.migrations import migrate
from sorter_core.store_faults import told

_VARIABLES = 500  # below SQLite's bound of variables in any build
NETWORK = frozenset(
    {
        "nfs",
        "nfs4",
        "cifs",
        "smbfs",
        "smb3",
        "afpfs",
        "webdav",
        "davfs",
        "ncpfs",
        "9p",
        "fuse.sshfs",
    }
)
"""File systems whose locks and shared memory don't span machines, as the write-ahead log needs."""

_WAIT_SECONDS = 20.0


class Store:
    """Connections to the store, one a thread, that notice when its file was deleted or replaced.

    ``patience``: how many seconds a connection made from now on waits while another process writes.
    """

    def __init__(self, path: Path, patience: float = _WAIT_SECONDS) -> None:
        self.path = path
        self.patience = patience
        self._opening = threading.Lock()
        self._file: tuple[int, int] | None = None
        self._log: tuple[int, int] | None = None
        """Of the newest connection: which file it has open, and which log."""
        self._local = threading.local()
        self._connection()

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A connection for reading; outside a transaction each query sees the newest state."""
        with told(self.path):
            yield self._connection()

    def among(
        self, query: str, values: Sequence[str], before: Sequence[object] = ()
    ) -> Iterator[sqlite3.Row]:
        """The rows of ``query``, whose ``IN ({})`` takes ``values``, however many, a part at a time.

        ``before``: what fills the question marks that stand before. An order holds within a part.
        """
        for start in range(0, len(values), _VARIABLES):
            part = values[start : start + _VARIABLES]
            with self.read() as db:
                filled = query.format(",".join("?" * len(part)))
                rows = db.execute(filled, (*before, *part)).fetchall()
            yield from rows

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A transaction: all of it lands, or, when the block raises, none."""
        with told(self.path):
            db = self._connection()
            if db.in_transaction:
                raise StorageError(
                    "A transaction stands in another one: this is a fault of the program."
                )
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:  # a full disk has rolled back by itself
                    db.execute("ROLLBACK")
                raise

    def locked(self) -> bool:
        """Whether somebody else is writing at this very moment."""
        with self.read() as db:
            db.execute("PRAGMA busy_timeout = 0")
            try:
                db.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return True
            finally:
                db.execute(f"PRAGMA busy_timeout = {self.patience * 1000:.0f}")
            db.execute("ROLLBACK")
        return False

    def close(self) -> None:
        """Close this thread's connection."""
        db = getattr(self._local, "db", None)
        self._local.db = None
        if db is not None:
            db.close()

    def _connection(self) -> sqlite3.Connection:
        db: sqlite3.Connection | None = getattr(self._local, "db", None)
        identity = _identity(self.path)
        if db is not None and identity is not None and self._local.identity == identity:
            return db
        with told(self.path), self._opening:
            if identity is None:
                _create(self.path)
            elif self._file is not None and self._file != identity:
                _drop_log(self.path, self._log)  # while connected: its number is not given anew
            self.close()
            db = _connect(self.path, self.patience)
            migrate(db)
            self._file, self._log = _identity(self.path), _identity(_log(self.path))
            self._local.db, self._local.identity = db, self._file
        return db


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        info = os.stat(path)  # noqa: PTH116 - on every request's path
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError(
            f"{path} can't be opened ({error.strerror}). Is its disk connected?"
        ) from error
    return info.st_dev, info.st_ino


def _log(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def _drop_log(path: Path, log: tuple[int, int] | None) -> None:
    """Take away the log ``log`` of a file in whose place there is another one now, with its index.

    SQLite would take it for the new file's, and mix the two (sqlite.org/howtocorrupt.html, 1.4).
    """
    with closing(sqlite3.connect(path.with_name("create.lock"), timeout=_WAIT_SECONDS)) as lock:
        lock.execute("BEGIN EXCLUSIVE")
        if log is not None and _identity(_log(path)) == log:
            _log(path).unlink()
            path.with_name(f"{path.name}-shm").unlink(missing_ok=True)


def _connect(path: Path, patience: float = _WAIT_SECONDS) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=patience, isolation_level=None)
    db.row_factory = sqlite3.Row
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    return db


def _create(path: Path) -> None:
    """Make the file whole under another name first, one process at a time.

    A log left by a deleted file would be replayed into the new one, so it goes first.
    """
    if kind := network_drive(path.parent):
        raise StorageError(
            f"{path.parent} lies on a network drive ({kind}), where the database can't be kept safely. "
            "Set ARTIFACTS_DIR to a folder on this computer."
        )
    try:
        path.parent.mkdir(exist_ok=True)  # no parents: a library whose disk is gone stays gone
    except FileNotFoundError as error:
        raise StorageError(f"{path.parent.parent} is not there. Is its disk connected?") from error
    except OSError as error:
        raise ReadOnly(
            f"{path.parent} can't be made ({error.strerror}). Set ARTIFACTS_DIR to a folder that can be written to."
        ) from error
    with closing(sqlite3.connect(path.with_name("create.lock"), timeout=_WAIT_SECONDS)) as lock:
        lock.execute("BEGIN EXCLUSIVE")
        if path.exists():
            return
        for leftover in ("-wal", "-shm", ".new", ".new-wal", ".new-shm"):
            path.with_name(path.name + leftover).unlink(missing_ok=True)
        fresh = path.with_name(path.name + ".new")
        with closing(_connect(fresh)) as db:
            migrate(db)
        try:
            rename_exclusive(fresh, path)
        except OSError as error:
            raise translated(error, path) from error


def network_drive(path: Path) -> str | None:
    """The kind of network file system that ``path`` lies on, or None.

    >>> network_drive(Path("/")) is None
    True
    """
    if str(path).startswith("\\\\"):
        return "a Windows share"
    mounts = {Path(p.mountpoint): p.fstype for p in psutil.disk_partitions(all=True)}
    place = path.absolute()
    for parent in (place, *place.parents):
        if parent in mounts:
            return mounts[parent] if mounts[parent].lower() in NETWORK else None
    return None
