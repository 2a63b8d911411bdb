"""The journal's lines: what is planned, and how it ended."""

from __future__ import annotations

import sqlite3
from dataclasses import astuple, dataclass, replace
from pathlib import Path

from sorter_core import processes, renames
from sorter_core.errors import NothingToUndo, SorterError
from sorter_core.files import SCRATCH_PREFIX
from sorter_core.following import follow, split
from sorter_core.history import COLUMNS
from sorter_core.store import Store
from sorter_core.types import Move

IMPORT = "import"
"""The kind of move that brings a copy in from outside, and the actor of all that an import does."""
TAKE = "import_move"
"""The kind of move that takes a file out of a place outside, and whose undoing puts it back there."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be written down before the disk is touched, in the order of the table's columns."""

    kind: str
    source: str
    target: str
    actor: str
    batch: int | None = None
    undoes: int | None = None
    fingerprint: str | None = None
    """Only where the store can't know it: of a file from outside."""

    def paths(self) -> tuple[str, str]:
        """Both ends; ``''`` is none."""
        return self.source, self.target


class Entries:
    """The lines of one library's journal; paths are relative to ``root``, POSIX style."""

    def __init__(self, store: Store, root: Path) -> None:
        self.store = store
        self.root = root
        self.left: set[Move] = set()
        """Moves whose end could not be written down: the disk was full, or the store busy."""

    def insert(self, plan: Plan) -> Move:
        """Write ``plan`` down; ``sqlite3.IntegrityError`` while another one stands in its way.

        Raises :class:`NothingToUndo` when what it is to undo was undone meanwhile.
        """
        with self.store.write() as db:
            _judge(db, plan)
            row = db.execute(
                "INSERT INTO moves (kind, source, target, actor, batch, undoes, fingerprint, owner, state)"
                " VALUES (?, ?, ?, ?, ?, ?, coalesce(?,"
                " (SELECT fingerprint FROM files WHERE folder = ? AND name = ?)), ?, 'planned')"
                f" RETURNING {COLUMNS}",
                (*astuple(plan), *split(plan.source), processes.me()),
            ).fetchone()
            move = Move(**row)
            if plan.batch is None:
                db.execute("UPDATE moves SET batch = id WHERE id = ?", (move.id,))
                move = replace(move, batch=move.id)
        return move

    def settle(self, move: Move) -> Move:
        """Write down that it happened, with all that follows from it, in one transaction.

        When the store can't take it now, the move has happened nevertheless: it is returned as
        ``planned``, and is settled ahead of the next one.
        """
        try:
            with self.store.write() as db:
                if _ended(db, move, "done"):
                    db.execute(
                        "UPDATE moves SET state = 'undone'"
                        " WHERE id = (SELECT undoes FROM moves WHERE id = ?)",
                        (move.id,),
                    )
                    follow(db, move.source, move.target)
                    renames.settled(db, move.id)
        except SorterError:
            self.left.add(move)
            return move
        return replace(move, state="done")

    def fail(self, move: Move, error: Exception) -> Exception:
        """Write down, now or later, that it did not happen, and why; returns ``error``."""
        try:
            with self.store.write() as db:
                _ended(db, move, "failed", str(error))
        except SorterError:
            self.left.add(move)
        return error

    def fingerprint(self, number: int) -> str:
        """Of the file that was moved."""
        with self.store.read() as db:
            row = db.execute("SELECT fingerprint FROM moves WHERE id = ?", (number,)).fetchone()
        return str(row["fingerprint"])

    def scratch(self, move: Move) -> Path:
        """Where a copy grows, beside its target."""
        return (self.root / move.target).parent / f"{SCRATCH_PREFIX}{move.id}.part"


def _judge(db: sqlite3.Connection, plan: Plan) -> None:
    """Whoever moves a folder has all that lies in it; the index sees only that two names are equal."""
    if plan.undoes is not None:
        query = "SELECT 1 FROM moves WHERE id = ? AND state = 'done'"
        if db.execute(query, (plan.undoes,)).fetchone() is None:
            raise NothingToUndo("It was undone already.")
    planned = db.execute(
        "SELECT source, target FROM moves INDEXED BY moves_source WHERE state = 'planned'"
    ).fetchall()
    if any(_nested(one, other) for row in planned for other in row for one in plan.paths()):
        raise sqlite3.IntegrityError("a folder, and something in it, would move at once")


def _nested(one: str, other: str) -> bool:
    """Whether one path lies inside the other.

    >>> _nested("Cats", "Cats/1.mp4"), _nested("Cats/2.mp4", "Cats/1.mp4"), _nested("", "1.mp4")
    (True, False, False)
    """
    return bool(one and other) and (other.startswith(f"{one}/") or one.startswith(f"{other}/"))


def _ended(db: sqlite3.Connection, move: Move, state: str, error: str | None = None) -> bool:
    """Write a move's end down; False when it has one, or when the store it stood in is gone."""
    changed = db.execute(
        "UPDATE moves SET state = ?, error = ?"
        " WHERE id = ? AND state = 'planned' AND source = ? AND target = ?",
        (state, error, move.id, move.source, move.target),
    )
    return changed.rowcount == 1
