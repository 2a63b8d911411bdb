"""Taking back what was done: each undoing is a move like any other, in a batch of its own."""

from __future__ import annotations

from pathlib import Path

from sorter_core import processes, recovery
from sorter_core.claims import claim, name_of
from sorter_core.copying import why_kept
from sorter_core.entries import IMPORT, TAKE, Plan
from sorter_core.errors import (
    Busy,
    NothingToUndo,
    SorterError,
    StorageError,
    TargetExists,
    UnknownFolder,
    VideoNotFound,
)
from sorter_core.files import translated
from sorter_core.history import COLUMNS, UNDOABLE
from sorter_core.journal import Journal
from sorter_core.types import Move

_IN_THE_WAY = (TargetExists, UnknownFolder, VideoNotFound)
"""Of one move alone; anything else stops those that follow, too."""

_STANDS = (
    "SELECT 1 FROM moves WHERE id = ? AND state = 'done' AND NOT EXISTS"
    " (SELECT 1 FROM moves u WHERE u.undoes = moves.id AND u.state = 'planned')"
)
"""Whether a move was not undone, nor is being undone just now."""


def undo(journal: Journal, batch: int | None = None) -> list[Move]:
    """Take back ``batch``, or the newest one, last move first; returns the moves that did it.

    A move that can't be taken back (its file was moved on by hand, its name is taken) stops no
    other: it is written down as failed, :func:`sorter_core.history.stayed` tells it, and it can be
    tried again. Raises :class:`NothingToUndo`; what stands in the way when that is so of every
    move; a :class:`StorageError` at once, after which a second call goes on.
    """
    if not journal.root.is_dir():
        raise StorageError(f"{journal.root} is not there. Is its disk connected?")
    recovery.catch_up(journal.entries)
    if journal.entries.left:  # else an older one would be taken for the newest
        raise Busy("The last move could not be written down yet. Try again in a moment.")
    done, newest = _to_undo(journal, batch)
    if not done:
        raise NothingToUndo("There is nothing to undo.")
    made: list[Move] = []
    first: SorterError | None = None
    own: int | None = None  # the undoing is a batch of its own
    for move in done:
        try:
            made.append(_undo_one(journal, move, own))
            own = own or made[0].batch
        except NothingToUndo:  # another process undid it meanwhile
            continue
        except _IN_THE_WAY as reason:
            number = _stays(journal, move, own, reason, since=newest)
            if number is not None:
                first, own = first or reason, number
    if not made:
        raise first or NothingToUndo("It was undone already.")
    return made


def _to_undo(journal: Journal, batch: int | None) -> tuple[list[Move], int]:
    """The moves of ``batch``, or of the newest one, that can be taken back, last first.

    And the number of the newest of all moves.
    """
    with journal.store.read() as db:
        newest = db.execute("SELECT coalesce(max(id), 0) FROM moves").fetchone()[0]
        if batch is None:
            batch = db.execute(f"SELECT max(batch) FROM moves WHERE {UNDOABLE}").fetchone()[0]
        rows = db.execute(
            f"SELECT {COLUMNS} FROM moves WHERE {UNDOABLE} AND batch = ? ORDER BY id DESC",
            (batch,),
        ).fetchall()
    return [Move(**row) for row in rows], newest


def _undo_one(journal: Journal, done: Move, batch: int | None) -> Move:
    if done.kind == TAKE:
        return _put_back(journal, done, batch)
    if done.actor == IMPORT:
        return _undo_import(journal, done, batch)
    if not done.source:
        return _undo_folder(journal, done, batch)
    if not done.target:  # a folder was deleted
        return _bring_back_folder(journal, done, batch)
    home = (journal.root / done.source).parent
    try:
        home.mkdir(exist_ok=True)  # the folder it came from may have been deleted since
    except FileExistsError as error:
        text = f"{name_of(done.target)!r} stays: where its folder {home.name!r} was is a file now."
        raise TargetExists(text) from error
    except OSError as error:
        raise translated(error, home) from error
    return journal.carry_out(_reverse(done, batch))


def _reverse(done: Move, batch: int | None) -> Plan:
    return Plan("undo", done.target, done.source, done.actor, batch, done.id)


def _undo_folder(journal: Journal, done: Move, batch: int | None) -> Move:
    return journal.remove_folder(_reverse(done, batch), gone_is_well=True)


def _bring_back_folder(journal: Journal, done: Move, batch: int | None) -> Move:
    plan = _reverse(done, batch)
    if not (journal.root / done.source).is_dir():
        return journal.make_folder(plan)
    # made again by hand, which is what undoing means
    return journal.entries.settle(claim(journal.entries, plan))


def _put_back(journal: Journal, done: Move, batch: int | None) -> Move:
    """Move a file that an import took back to where it came from."""
    home = Path(done.source).parent
    if not home.is_dir():
        text = f"the folder it came from is not there ({home}); is its disk connected?"
        raise TargetExists(f"{name_of(done.target)!r} stays: {text}")
    return journal.carry_out(_reverse(done, batch))


def _undo_import(journal: Journal, done: Move, batch: int | None) -> Move:
    """Take back what an import made; what has to stay is said so, once."""
    try:
        if done.source:
            return _take_away(journal, done, batch)
        return _undo_folder(journal, done, batch)
    except TargetExists:
        if not done.source or Path(done.source).parent.is_dir():  # else its disk may come back
            with journal.store.write() as db:  # nothing is left to undo of that move
                db.execute("UPDATE moves SET state = 'undone' WHERE id = ?", (done.id,))
        raise


def _take_away(journal: Journal, done: Move, batch: int | None) -> Move:
    """Remove an imported copy, if it still is one, unchanged, and the original is there."""
    entries = journal.entries
    copy, mark = journal.root / done.target, entries.fingerprint(done.id)
    claimed = claim(entries, Plan("undo", done.target, "", done.actor, batch, done.id))
    if reason := why_kept(copy, Path(done.source), mark):
        raise entries.fail(claimed, TargetExists(f"{name_of(done.target)!r} stays: {reason}."))
    try:
        copy.unlink()
    except OSError as error:
        raise entries.fail(claimed, translated(error, copy)) from error
    return entries.settle(claimed)


def _stays(
    journal: Journal, done: Move, own: int | None, reason: SorterError, *, since: int
) -> int | None:
    """Write down that a move was not taken back, unless it was, by this attempt; returns the batch.

    None when there is nothing to write: another process took it back meanwhile.
    """
    with journal.store.write() as db:
        told = db.execute(
            "SELECT batch FROM moves WHERE undoes = ? AND id > ? AND owner = ? AND state = 'failed'",
            (done.id, since, processes.me()),
        ).fetchone()
        if told is not None:
            return int(told["batch"])
        if db.execute(_STANDS, (done.id,)).fetchone() is None:
            return None
        row = db.execute(
            "INSERT INTO moves (kind, source, target, actor, batch, undoes, owner, state, error)"
            " VALUES ('undo', ?, ?, ?, ?, ?, ?, 'failed', ?) RETURNING id",
            (done.target, done.source, done.actor, own, done.id, processes.me(), str(reason)),
        ).fetchone()
        db.execute("UPDATE moves SET batch = id WHERE id = ? AND batch IS NULL", (row["id"],))
    return own or int(row["id"])
