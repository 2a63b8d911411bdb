"""Moves that survive a crash and can be undone.

Each is written down as ``planned``, done on the disk, and written down as ``done``; what a killed
process left ``planned`` is settled by :meth:`Journal.recover` from what the disk says.
"""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import astuple, dataclass
from pathlib import Path, PurePosixPath

from sorter_core import processes, renames
from sorter_core.copying import bring, has, why_kept
from sorter_core.errors import (
    Busy,
    NothingToUndo,
    ReadOnly,
    SorterError,
    StorageError,
    TargetExists,
    UnknownFolder,
    VideoNotFound,
)
from sorter_core.files import SCRATCH_PREFIX, move, same_bytes, translated
from sorter_core.store import Store
from sorter_core.types import Move

_PATIENCE = 5.0  # seconds to wait for another process that moves the same file
IMPORT = "import"
"""The kind of move that brings a copy in from outside, and the actor of all that an import does."""
TAKE = "import_move"
"""The kind of move that takes a file out of a place outside, and whose undoing puts it back there."""
TRASH = "trash"
"""The kind of move that leads out of the library, and that the person's own system can take back."""
WELL_FILED = "well_filed"
"""The kind of decision that says: this video is right in the folder that is its value."""
_UNDOABLE = f"state = 'done' AND undoes IS NULL AND kind <> '{TRASH}'"
_DROPPINGS = (".DS_Store", "Thumbs.db", "desktop.ini")
"""What file managers leave in a folder that a person would call empty."""
_IN_THE_WAY = (TargetExists, UnknownFolder, VideoNotFound)
"""Of one move alone; anything else stops those that follow, too."""
_COLUMNS = "id, batch, kind, source, target, state, actor, at, error"


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be written down before the disk is touched, in the order of the table's columns."""

    kind: str
    source: str
    target: str
    actor: str
    batch: int | None = None
    undoes: int | None = None
    fingerprint: str | None = None
    """Only where the store can't know it: of a file from outside."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What was done at once: ``number`` undoes it as far as ``undoable`` moves are left to undo."""

    number: int
    kind: str
    actor: str
    at: str
    """UTC, ISO 8601."""
    moves: int
    failed: int
    undoable: int
    undone: int
    source: str
    target: str
    """Of one of the moves, relative to the library."""
    error: str | None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which moves are wanted; None wants all."""

    actor: str | None = None
    kind: str | None = None
    folder: str | None = None
    """Came out of it or went into it."""
    text: str | None = None
    """Part of the path."""

    def condition(self) -> tuple[str, list[str | int]]:
        """For a WHERE clause, with its values."""
        parts, values = ["1"], list[str | int]()
        for column in ("actor", "kind"):
            if (value := getattr(self, column)) is not None:
                parts.append(f"{column} = ?")
                values.append(value)
        if self.folder is not None:
            start = f"{self.folder}/"
            parts.append(
                "(substr(source, 1, ?) = ? OR substr(target, 1, ?) = ? OR source = ? OR target = ?)"
            )
            values += [len(start), start, len(start), start, self.folder, self.folder]
        if self.text:
            parts.append("(instr(source, ?) OR instr(target, ?))")
            values += [self.text, self.text]
        return " AND ".join(parts), values


class Journal:
    """Moves inside one library; paths are relative to ``root``, POSIX style."""

    def __init__(self, store: Store, root: Path) -> None:
        self.store = store
        self.root = root
        self._left: set[int] = set()
        """Moves whose end could not be written down: the disk was full, or the store busy."""

    def move(
        self,
        kind: str,
        source: str,
        target: str,
        *,
        actor: str = "person",
        batch: int | None = None,
    ) -> Move:
        """Move ``source`` to ``target`` and remember it.

        Moves of one ``batch`` (the id of its first move) are undone together.
        Raises :class:`VideoNotFound`, :class:`TargetExists`, :class:`UnknownFolder`,
        :class:`Busy`, or a :class:`~sorter_core.errors.StorageError`; the file is then where it was.
        """
        return self._carry_out(_Plan(kind, source, target, actor, batch))

    def _carry_out(self, plan: _Plan) -> Move:
        source, target = plan.source, plan.target
        self._check(source, target)
        number = self._claim(plan)
        try:
            move(self.root / source, self.root / target, self._scratch(number, target))
        except FileNotFoundError as error:
            raise self._failed(number, self._missing(source, target)) from error
        except FileExistsError as error:
            raise self._failed(number, exists(target)) from error
        except SorterError as error:
            raise self._failed(number, error) from error
        except BaseException:
            self._decide(number)  # interrupted (Ctrl-C): the disk tells how far it came
            raise
        return self._settle(number)

    def bring(
        self, source: Path, target: str, mark: str, *, link: bool, batch: int | None = None
    ) -> Move:
        """Link or copy a file from outside to ``target``; it stays where it is, too.

        ``mark`` is its fingerprint; ``source`` is absolute, and so is the journal's. Raises as
        :meth:`move`; nothing has come in then.
        """
        plan = _Plan(IMPORT, source.as_posix(), target, IMPORT, batch, fingerprint=mark)
        self._check(plan.source, target)
        number = self._claim(plan)
        try:
            bring(source, self.root / target, self._scratch(number, target), mark, link=link)
        except FileNotFoundError as error:
            raise self._failed(number, self._missing(plan.source, target)) from error
        except FileExistsError as error:
            raise self._failed(number, exists(target)) from error
        except SorterError as error:
            raise self._failed(number, error) from error
        except BaseException:
            self._decide(number)
            raise
        return self._settle(number)

    def take(self, source: Path, target: str, mark: str, *, batch: int | None = None) -> Move:
        """Move a file from outside to ``target``: it is no more where it was.

        Arguments and errors as of :meth:`bring`; the file is then where it was.
        """
        if not has(source, mark):
            raise StorageError(f"{source.name!r} changed while it was being imported: it stays.")
        if not os.access(source.parent, os.W_OK):
            raise ReadOnly(
                f"No right to take files out of {source.parent.name!r}: nothing was moved. Copy or link them."
            )
        return self._carry_out(
            _Plan(TAKE, source.as_posix(), target, IMPORT, batch, fingerprint=mark)
        )

    def create_folder(self, name: str, *, actor: str = "person", batch: int | None = None) -> Move:
        """Make an empty folder. Raises :class:`TargetExists`."""
        return self._make_folder(_Plan("create_folder", "", name, actor, batch))

    def delete_folder(self, name: str, *, actor: str = "person", batch: int | None = None) -> Move:
        """Remove an empty folder. Raises :class:`UnknownFolder`, :class:`TargetExists` when it is not empty."""
        if not (self.root / name).is_dir():
            raise UnknownFolder(f"There is no folder {name!r} in the library.")
        return self._remove_folder(_Plan("delete_folder", name, "", actor, batch))

    def discard(
        self,
        source: str,
        throw_away: Callable[[Path], None],
        *,
        actor: str = "person",
        batch: int | None = None,
    ) -> Move:
        """Let ``throw_away`` take a file out of the library (to the system's trash) and remember it.

        It is the one thing that can't be undone from here. Raises what ``throw_away`` raises.
        """
        self._check(source, source)
        number = self._claim(_Plan(TRASH, source, "", actor, batch))
        try:
            throw_away(self.root / source)
        except SorterError as error:
            raise self._failed(number, error) from error
        except BaseException:
            self._decide(number)
            raise
        return self._settle(number)

    def _make_folder(self, plan: _Plan) -> Move:
        name = plan.target
        number = self._claim(plan)
        try:
            (self.root / name).mkdir()
        except FileExistsError as error:
            raise self._failed(
                number, TargetExists(f"There is something named {name!r} already.")
            ) from error
        except OSError as error:
            raise self._failed(number, translated(error, self.root / name)) from error
        return self._settle(number)

    def undo(self, batch: int | None = None) -> list[Move]:
        """Take back ``batch``, or the newest one, last move first; returns the moves that did it.

        A move that can't be taken back (its file was moved on by hand, its name is taken) stops no
        other: it is written down as failed, :meth:`stayed` tells it, and it can be tried again.
        Raises :class:`NothingToUndo`; what stands in the way when that is so of every move; a
        :class:`StorageError` at once, after which a second call goes on.
        """
        if not self.root.is_dir():
            raise StorageError(f"{self.root} is not there. Is its disk connected?")
        with self.store.read() as db:
            where = _UNDOABLE
            if batch is None:
                batch = db.execute(f"SELECT max(batch) FROM moves WHERE {where}").fetchone()[0]
            rows = db.execute(
                f"SELECT {_COLUMNS} FROM moves WHERE {where} AND batch = ? ORDER BY id DESC",
                (batch,),
            ).fetchall()
        if not rows:
            raise NothingToUndo("There is nothing to undo.")
        made: list[Move] = []
        first: SorterError | None = None
        own: int | None = None  # the undoing is a batch of its own
        for row in rows:
            try:
                made.append(self._undo_one(Move(**row), own))
                own = own or made[0].batch
            except _IN_THE_WAY as reason:
                first = first or reason
                own = self._stays(Move(**row), own, reason)
        if not made and first is not None:
            raise first
        return made

    def stayed(self, undoing: int) -> list[tuple[str, str]]:
        """Of an undoing, by its batch: (path, reason) of what could not be taken back."""
        with self.store.read() as db:
            rows = db.execute(
                "SELECT source, target, error FROM moves WHERE batch = ? AND kind = 'undo'"
                " AND state = 'failed' ORDER BY id",
                (undoing,),
            ).fetchall()
        return [(row["source"] or row["target"], row["error"]) for row in rows]

    def can_undo(self, batch: int) -> bool:
        """Whether anything of ``batch`` can still be taken back."""
        with self.store.read() as db:
            query = f"SELECT 1 FROM moves WHERE batch = ? AND {_UNDOABLE} LIMIT 1"
            return db.execute(query, (batch,)).fetchone() is not None

    def history(self, limit: int = 50, offset: int = 0, seen: Filter | None = None) -> list[Move]:
        """The moves that ``seen`` lets through, or all, newest first."""
        where, values = (seen or Filter()).condition()
        with self.store.read() as db:
            rows = db.execute(
                f"SELECT {_COLUMNS} FROM moves WHERE {where} ORDER BY id DESC LIMIT ? OFFSET ?",
                (*values, limit, offset),
            ).fetchall()
        return [Move(**row) for row in rows]

    def batches(self, seen: Filter, limit: int, offset: int) -> list[Batch]:
        """What was done, newest first, the moves of one batch together.

        A batch is there when ``seen`` lets one of its moves through, whose places stand for it; the
        counts are of the whole, since the whole is undone.
        """
        where, values = seen.condition()
        with self.store.read() as db:
            rows = db.execute(
                "WITH found AS (SELECT batch, min(id) AS first FROM moves"
                f" WHERE {where} GROUP BY batch ORDER BY batch DESC LIMIT ? OFFSET ?),"
                " grouped AS (SELECT batch, first, max(at) AS at, count(*) AS moves,"
                " sum(state = 'failed') AS failed, sum(state = 'undone') AS undone,"
                f" coalesce(sum({_UNDOABLE}), 0) AS undoable, max(error) AS why"
                " FROM found JOIN moves USING (batch) GROUP BY batch)"
                " SELECT grouped.batch AS number, kind, actor, grouped.at, moves, failed, undoable,"
                " undone, source, target, why AS error FROM grouped JOIN moves ON moves.id = first"
                " ORDER BY number DESC",
                (*values, limit, offset),
            ).fetchall()
        return [Batch(**row) for row in rows]

    def recover(self) -> list[Move]:
        """Settle what dead processes left ``planned``; returns those moves as they are now."""
        with self.store.read() as db:
            rows = db.execute(
                "SELECT id, owner FROM moves WHERE state = 'planned' ORDER BY id"
            ).fetchall()
        dead = [(row["id"], row["owner"]) for row in rows if not processes.alive(row["owner"])]
        return [self._decide(number) for number, owner in dead if self._take_over(number, owner)]

    def _check(self, source: str, target: str) -> None:
        try:
            mode = (self.root / source).lstat().st_mode
        except (FileNotFoundError, NotADirectoryError) as error:
            raise self._missing(source, target) from error
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            raise VideoNotFound(
                f"{_name(source)!r} is no regular file: only the file itself can be moved."
            )
        folder = (self.root / target).parent
        if folder.is_symlink() or not folder.is_dir():
            raise UnknownFolder(f"There is no folder {folder.name!r} in the library.")

    def _missing(self, source: str, target: str) -> SorterError:
        if not (self.root / target).parent.is_dir():
            return UnknownFolder(f"The folder of {target!r} is gone.")
        return VideoNotFound(
            f"{_name(source)!r} is not there any more: it was moved or sorted already."
        )

    def _claim(self, plan: _Plan) -> int:
        """Write the plan down; while it stands, no other process moves this file or takes this name."""
        self._catch_up()
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                return self._insert(plan)
            except sqlite3.IntegrityError:
                if self.recover():
                    continue
                if time.monotonic() > deadline:
                    raise Busy(
                        f"{_name(plan.source)!r} is being moved by another process."
                    ) from None
                time.sleep(0.005)
                if plan.source and plan.target:
                    self._check(plan.source, plan.target)

    def _insert(self, plan: _Plan) -> int:
        with self.store.write() as db:
            row = db.execute(
                "INSERT INTO moves (kind, source, target, actor, batch, undoes, fingerprint, owner, state)"
                " VALUES (?, ?, ?, ?, ?, ?, coalesce(?,"
                " (SELECT fingerprint FROM files WHERE folder = ? AND name = ?)), ?, 'planned')"
                " RETURNING id",
                (*astuple(plan), *_split(plan.source), processes.me()),
            ).fetchone()
            number = int(row["id"])
            db.execute("UPDATE moves SET batch = id WHERE id = ? AND batch IS NULL", (number,))
        return number

    def _settle(self, number: int) -> Move:
        """Write down that it happened, with all that follows from it, in one transaction."""
        with self._ending(number) as db:
            db.execute("UPDATE moves SET state = 'done' WHERE id = ?", (number,))
            row = self._row(db, number)
            db.execute(
                "UPDATE moves SET state = 'undone' WHERE id = (SELECT undoes FROM moves WHERE id = ?)",
                (number,),
            )
            _follow(db, row["source"], row["target"])
            renames.settled(db, number)
        return Move(**row)

    @contextmanager
    def _ending(self, number: int) -> Iterator[sqlite3.Connection]:
        """A transaction with a move's end; one that can't land now does so ahead of the next move."""
        try:
            with self.store.write() as db:
                yield db
        except SorterError:
            self._left.add(number)
            raise

    def _catch_up(self) -> None:
        """Settle what could not be written down in its time; nobody else does while this process lives."""
        for number in sorted(self._left):
            self._left.discard(number)
            with suppress(SorterError):  # it is in line again
                self._decide(number)

    def _failed(self, number: int, error: Exception) -> Exception:
        with self._ending(number) as db:
            db.execute(
                "UPDATE moves SET state = 'failed', error = ? WHERE id = ?", (str(error), number)
            )
        return error

    def _row(self, db: sqlite3.Connection, number: int) -> sqlite3.Row:
        row: sqlite3.Row = db.execute(
            f"SELECT {_COLUMNS} FROM moves WHERE id = ?", (number,)
        ).fetchone()
        return row

    def _scratch(self, number: int, target: str) -> Path:
        return (self.root / target).parent / f"{SCRATCH_PREFIX}{number}.part"

    def _stays(self, done: Move, own: int | None, reason: SorterError) -> int:
        """Write down that a move was not taken back, unless it was just now; returns the batch."""
        with self.store.write() as db:
            number, batch = db.execute(
                "SELECT undoes, batch FROM moves ORDER BY id DESC LIMIT 1"
            ).fetchone()
            if number == done.id:
                return int(batch)
            row = db.execute(
                "INSERT INTO moves (kind, source, target, actor, batch, undoes, owner, state, error)"
                " VALUES ('undo', ?, ?, ?, ?, ?, ?, 'failed', ?) RETURNING id",
                (done.target, done.source, done.actor, own, done.id, processes.me(), str(reason)),
            ).fetchone()
            db.execute("UPDATE moves SET batch = id WHERE id = ? AND batch IS NULL", (row["id"],))
        return own or int(row["id"])

    def _undo_import(self, done: Move, batch: int | None) -> Move:
        """Take back what an import made; what has to stay is said so, once."""
        try:
            return self._take_away(done, batch) if done.source else self._undo_folder(done, batch)
        except TargetExists:
            if not done.source or Path(done.source).parent.is_dir():  # else its disk may come back
                with self.store.write() as db:  # nothing is left to undo of that move
                    db.execute("UPDATE moves SET state = 'undone' WHERE id = ?", (done.id,))
            raise

    def _put_back(self, done: Move, batch: int | None) -> Move:
        """Move a file that an import took back to where it came from."""
        home = Path(done.source).parent
        if not home.is_dir():
            text = f"the folder it came from is not there ({home}); is its disk connected?"
            raise TargetExists(f"{_name(done.target)!r} stays: {text}")
        return self._carry_out(_Plan("undo", done.target, done.source, done.actor, batch, done.id))

    def _take_away(self, done: Move, batch: int | None) -> Move:
        """Remove an imported copy, if it still is one, unchanged, and the original is there."""
        copy, mark = self.root / done.target, self._fingerprint(done.id)
        number = self._claim(_Plan("undo", done.target, "", done.actor, batch, done.id))
        if reason := why_kept(copy, Path(done.source), mark):
            text = f"{_name(done.target)!r} stays: {reason}."
            raise self._failed(number, TargetExists(text))
        try:
            copy.unlink()
        except OSError as error:
            raise self._failed(number, translated(error, copy)) from error
        return self._settle(number)

    def _fingerprint(self, number: int) -> str:
        with self.store.read() as db:
            row = db.execute("SELECT fingerprint FROM moves WHERE id = ?", (number,)).fetchone()
        return str(row["fingerprint"])

    def _undo_one(self, done: Move, batch: int | None) -> Move:
        if done.kind == TAKE:
            return self._put_back(done, batch)
        if done.actor == IMPORT:
            return self._undo_import(done, batch)
        if not done.source:
            return self._undo_folder(done, batch)
        if not done.target:  # a folder was deleted
            return self._bring_back_folder(done, batch)
        home = (self.root / done.source).parent
        try:
            home.mkdir(exist_ok=True)  # the folder it came from may have been deleted since
        except FileExistsError as error:
            text = (
                f"{_name(done.target)!r} stays: where its folder {home.name!r} was is a file now."
            )
            raise TargetExists(text) from error
        except OSError as error:
            raise translated(error, home) from error
        return self._carry_out(_Plan("undo", done.target, done.source, done.actor, batch, done.id))

    def _undo_folder(self, done: Move, batch: int | None) -> Move:
        plan = _Plan("undo", done.target, "", done.actor, batch, done.id)
        return self._remove_folder(plan, gone_is_well=True)

    def _remove_folder(self, plan: _Plan, *, gone_is_well: bool = False) -> Move:
        number = self._claim(plan)
        try:
            _drop_droppings(self.root / plan.source)
            (self.root / plan.source).rmdir()
        except FileNotFoundError as error:
            if not gone_is_well:
                text = f"The folder {plan.source!r} is gone already."
                raise self._failed(number, UnknownFolder(text)) from error
        except OSError as error:
            text = f"The folder {plan.source!r} is not empty: move its videos first."
            raise self._failed(number, TargetExists(text)) from error
        return self._settle(number)

    def _bring_back_folder(self, done: Move, batch: int | None) -> Move:
        plan = _Plan("undo", "", done.source, done.actor, batch, done.id)
        if not (self.root / done.source).is_dir():
            return self._make_folder(plan)
        return self._settle(self._claim(plan))  # made again by hand, which is what undoing means

    def _take_over(self, number: int, owner: str) -> bool:
        """Whether this process, and no other, is to settle the move of a dead one."""
        with self.store.write() as db:
            changed = db.execute(
                "UPDATE moves SET owner = ? WHERE id = ? AND owner = ? AND state = 'planned'",
                (processes.me(), number, owner),
            )
        return changed.rowcount == 1

    def _decide(self, number: int) -> Move:
        """Settle a move that was left in the middle by what the disk says."""
        with self.store.read() as db:
            row = self._row(db, number)
        source, target = self.root / row["source"], self.root / row["target"]
        if not row["source"]:  # a folder was to be made
            happened = target.is_dir()
        elif not row["target"]:  # a folder, or a file, was to go
            happened = not source.exists()
        elif row["kind"] == IMPORT:
            self._scratch(number, row["target"]).unlink(missing_ok=True)
            happened = has(target, self._fingerprint(number))
            if not happened and target.is_file() and not target.stat().st_size:
                target.unlink()  # the reserved name
        else:
            self._scratch(number, row["target"]).unlink(missing_ok=True)
            happened = _arrived(source, target)
        if happened:
            return self._settle(number)
        self._failed(number, SorterError("The program was stopped before the file was moved."))
        return Move(**row)


def _arrived(source: Path, target: Path) -> bool:
    """Whether the move was made; takes away what a half-made one left behind."""
    there = source.exists()
    if there and target.is_file() and source.is_file():
        if target.stat().st_size == 0 < source.stat().st_size:
            target.unlink()  # the reserved name
        elif source.stat().st_dev != target.stat().st_dev and same_bytes(source, target):
            source.unlink()  # copied to the other disk and compared, not yet removed here
            return True
    elif there and target.is_dir() and source.is_dir() and not any(target.iterdir()):
        target.rmdir()  # the reserved folder
    return not there and target.exists()


def _follow(db: sqlite3.Connection, source: str, target: str) -> None:
    """What is known of the files goes along, so that no move costs a second look at them."""
    left = not target or Path(target).is_absolute()  # an import that was undone
    if left:
        db.execute("DELETE FROM files WHERE folder = ? AND name = ?", _split(source))
    if not source or left:
        return
    if "/" not in source and "/" not in target:
        db.execute("DELETE FROM files WHERE folder = ? AND folder <> ?", (target, source))
        db.execute("UPDATE files SET folder = ? WHERE folder = ?", (target, source))
        _rename_predicted(db, source, target)
        _rename_decided(db, source, target)
    db.execute(
        "UPDATE OR REPLACE files SET folder = ?, name = ? WHERE folder = ? AND name = ?",
        (*_split(target), *_split(source)),
    )


def _rename_predicted(db: sqlite3.Connection, old: str, new: str) -> None:
    """What was predicted for a folder stays so under its new name, in every process."""
    before, after = (f'"folder": {json.dumps(name)}' for name in (old, new))
    changed = db.execute(
        "UPDATE predictions SET folder = CASE folder WHEN ? THEN ? ELSE folder END,"
        " guesses = replace(guesses, ?, ?) WHERE instr(guesses, ?)",
        (old, new, before, after, before),
    ).rowcount
    if changed:
        db.execute("UPDATE meta SET value = CAST(value + 1 AS TEXT) WHERE key = 'predictions'")


def _rename_decided(db: sqlite3.Connection, old: str, new: str) -> None:
    """What a person called right in a folder is right there under its new name."""
    db.execute(
        "UPDATE OR REPLACE decisions SET value = ? WHERE kind = ? AND value = ?",
        (new, WELL_FILED, old),
    )


def _drop_droppings(folder: Path) -> None:
    """Take away what file managers left, when there is nothing else.

    Looks once: what another process brings in meanwhile was not judged, and must stay.
    """
    found = list(folder.iterdir())
    if all(path.name in _DROPPINGS and path.is_file() for path in found):
        for path in found:
            path.unlink(missing_ok=True)


def _split(path: str) -> tuple[str, str]:
    folder, _, name = path.rpartition("/")
    return folder, name


def _name(path: str) -> str:
    return PurePosixPath(path).name


def exists(target: str) -> TargetExists:
    """The error for a name that is taken."""
    folder = PurePosixPath(target).parent.name or "the unsorted videos"
    return TargetExists(
        f"There is a file {_name(target)!r} in {folder!r} already; nothing was overwritten."
    )
