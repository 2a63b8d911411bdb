"""What was left ``planned`` is settled by what the disk says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sorter_core import processes
from sorter_core.copying import has
from sorter_core.entries import IMPORT, Entries
from sorter_core.errors import SorterError
from sorter_core.files import same_bytes
from sorter_core.history import COLUMNS
from sorter_core.types import Move


def recover(entries: Entries) -> list[Move]:
    """Settle what dead processes left ``planned``; returns those moves as they are now."""
    with entries.store.read() as db:
        rows = db.execute(
            f"SELECT owner, 86400 * (julianday('now') - julianday(at)) AS quiet, {COLUMNS}"
            " FROM moves WHERE state = 'planned' ORDER BY id"
        ).fetchall()
    dead = [(row[0], Move(*row[2:])) for row in rows if processes.gone(row["owner"], row["quiet"])]
    return [decide(entries, move) for owner, move in dead if _take_over(entries, move, owner)]


def catch_up(entries: Entries) -> None:
    """Settle what could not be written down in its time; nobody else does while this process lives."""
    left, entries.left = entries.left, set()
    for move in sorted(left, key=lambda move: move.id):
        decide(entries, move)


def decide(entries: Entries, move: Move) -> Move:
    """Settle a move that was left in the middle by what the disk says.

    Where the disk, or the store, does not say it now, that is done ahead of the next move.
    """
    try:
        happened = _happened(entries, move)
    except (OSError, SorterError):
        entries.left.add(move)
        return move
    if happened:
        return entries.settle(move)
    error = SorterError("The program was stopped before the file was moved.")
    entries.fail(move, error)
    return replace(move, state="failed", error=str(error))


def _happened(entries: Entries, move: Move) -> bool:
    source, target = entries.root / move.source, entries.root / move.target
    if not move.source:  # a folder was to be made
        return target.is_dir()
    if not move.target:  # a folder, or a file, was to go
        return not source.exists()
    entries.scratch(move).unlink(missing_ok=True)
    if move.kind != IMPORT:
        return _arrived(source, target)
    came = has(target, entries.fingerprint(move.id))
    if not came and target.is_file() and not target.stat().st_size:
        target.unlink()  # the reserved name
    return came


def _take_over(entries: Entries, move: Move, owner: str) -> bool:
    """Whether this process, and no other, is to settle the move of a dead one."""
    with entries.store.write() as db:
        changed = db.execute(
            "UPDATE moves SET owner = ? WHERE id = ? AND owner = ? AND state = 'planned'",
            (processes.me(), move.id, owner),
        )
    return changed.rowcount == 1


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
