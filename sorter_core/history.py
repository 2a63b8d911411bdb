"""What was done: the moves, one by one or by batch, and what of them can still be taken back."""

from __future__ import annotations

from dataclasses import dataclass

from sorter_core.store import Store
from sorter_core.types import Move

TRASH = "trash"
"""The kind of move that leads out of the library, and that the person's own system can take back."""
UNDOABLE = f"state = 'done' AND undoes IS NULL AND kind <> '{TRASH}'"
"""For a WHERE clause."""
COLUMNS = "id, batch, kind, source, target, state, actor, at, error"
"""Those of the table that make a :class:`~sorter_core.types.Move`."""


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


def moves(store: Store, limit: int = 50, offset: int = 0, seen: Filter | None = None) -> list[Move]:
    """The moves that ``seen`` lets through, or all, newest first."""
    where, values = (seen or Filter()).condition()
    with store.read() as db:
        rows = db.execute(
            f"SELECT {COLUMNS} FROM moves WHERE {where} ORDER BY id DESC LIMIT ? OFFSET ?",
            (*values, limit, offset),
        ).fetchall()
    return [Move(**row) for row in rows]


def batches(store: Store, seen: Filter, limit: int, offset: int) -> list[Batch]:
    """What was done, newest first, the moves of one batch together.

    A batch is there when ``seen`` lets one of its moves through, whose places stand for it; the
    counts are of the whole, since the whole is undone.
    """
    where, values = seen.condition()
    with store.read() as db:
        rows = db.execute(
            "WITH found AS (SELECT batch, min(id) AS first FROM moves"
            f" WHERE {where} GROUP BY batch ORDER BY batch DESC LIMIT ? OFFSET ?),"
            " grouped AS (SELECT batch, first, max(at) AS at, count(*) AS moves,"
            " sum(state = 'failed') AS failed, sum(state = 'undone') AS undone,"
            f" coalesce(sum({UNDOABLE}), 0) AS undoable, max(error) AS why"
            " FROM found JOIN moves USING (batch) GROUP BY batch)"
            " SELECT grouped.batch AS number, kind, actor, grouped.at, moves, failed, undoable,"
            " undone, source, target, why AS error FROM grouped JOIN moves ON moves.id = first"
            " ORDER BY number DESC",
            (*values, limit, offset),
        ).fetchall()
    return [Batch(**row) for row in rows]


def stayed(store: Store, undoing: int) -> list[tuple[str, str]]:
    """Of an undoing, by its batch: (path, reason) of what could not be taken back."""
    with store.read() as db:
        rows = db.execute(
            "SELECT source, target, error FROM moves WHERE batch = ? AND kind = 'undo'"
            " AND state = 'failed' ORDER BY id",
            (undoing,),
        ).fetchall()
    return [(row["source"] or row["target"], row["error"]) for row in rows]


def can_undo(store: Store, batch: int) -> bool:
    """Whether anything of ``batch`` can still be taken back."""
    with store.read() as db:
        query = f"SELECT 1 FROM moves WHERE batch = ? AND {UNDOABLE} LIMIT 1"
        return db.execute(query, (batch,)).fetchone() is not None
