"""Moves that are written down, and what stands in their way."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest

from sorter_core import history
from sorter_core.errors import (
    Busy,
    DiskFull,
    StorageError,
    TargetExists,
    UnknownFolder,
    VideoNotFound,
)
from sorter_core.journal import Journal
from sorter_core.library import Library
from sorter_core.store import Store
from sorter_core.undoing import undo
from tests.conftest import grow, look


def test_a_move_is_written_down(journal: Journal, root: Path) -> None:
    """The file is at its target and the journal says who moved it from where."""
    move = journal.move("sort", "1.mp4", "Cats/1.mp4", actor="bulk")
    assert (root / "Cats" / "1.mp4").read_text() == "one"
    assert (move.source, move.target, move.state, move.actor) == (
        "1.mp4",
        "Cats/1.mp4",
        "done",
        "bulk",
    )
    assert history.moves(journal.store) == [move]


@pytest.mark.parametrize(
    ("source", "target", "error"),
    [
        ("9.mp4", "Cats/9.mp4", VideoNotFound),
        ("1.mp4", "Nowhere/1.mp4", UnknownFolder),
        ("1.mp4", "Linked/1.mp4", UnknownFolder),
        ("link.mp4", "Cats/link.mp4", VideoNotFound),
        ("4.mp4", "Cats/4.mp4", TargetExists),
    ],
)
def test_a_move_that_can_not_be_made_changes_nothing(
    journal: Journal, root: Path, tmp_path: Path, source: str, target: str, error: type[Exception]
) -> None:
    """Missing, linked and taken things are told apart, and all stays as it is."""
    (root / "Linked").symlink_to(tmp_path)
    (root / "link.mp4").symlink_to("1.mp4")
    (root / "4.mp4").write_text("another four")
    before = look(root / "Cats")
    with pytest.raises(error):
        journal.move("sort", source, target)
    assert look(root / "Cats") == before
    assert not (tmp_path / source).exists()


def test_a_full_disk_is_written_down(journal: Journal, root: Path, small_disk: Path) -> None:
    """A folder on another, full disk refuses; the file stays; the journal knows why."""
    (root / "1.mp4").write_bytes(b"x" * 2_000_000)
    (root / "USB").mkdir()
    subprocess.run(["mount", "--bind", str(small_disk), str(root / "USB")], check=True)
    try:
        with pytest.raises(DiskFull):
            journal.move("sort", "1.mp4", "USB/1.mp4")
        assert list((root / "USB").iterdir()) == []
    finally:
        subprocess.run(["umount", str(root / "USB")], check=True)
    assert (root / "1.mp4").stat().st_size == 2_000_000
    assert "full" in (history.moves(journal.store)[0].error or "")


class Locking:
    """A trash that takes the file, and somebody who keeps the store locked from then on."""

    def __init__(self, store: Store) -> None:
        self.db = sqlite3.connect(store.path, isolation_level=None)

    def __call__(self, path: Path) -> None:
        path.unlink()
        self.db.execute("BEGIN IMMEDIATE")


def test_a_move_whose_end_finds_the_store_locked_has_happened(root: Path) -> None:
    """It is no failure; nothing older is undone in its place; the next move writes it down."""
    journal = Journal(Store(root / ".sorter" / "sorter.db", patience=0.05), root)
    journal.move("sort", "1.mp4", "Cats/1.mp4")
    other = Locking(journal.store)
    gone = journal.discard("2.mp4", other)
    assert (gone.state, (root / "2.mp4").exists()) == ("planned", False)
    with pytest.raises(Busy):
        undo(journal)
    with pytest.raises(Busy):
        journal.move("sort", "3.mp4", "Cats/3.mp4")
    assert (root / "3.mp4").exists()
    other.db.execute("ROLLBACK")
    journal.move("sort", "3.mp4", "Cats/3.mp4")
    assert [(m.source, m.state) for m in history.moves(journal.store)] == [
        ("3.mp4", "done"),
        ("2.mp4", "done"),
        ("1.mp4", "done"),
    ]


def test_a_store_deleted_in_the_middle_of_a_move_stops_nothing(
    journal: Journal, root: Path
) -> None:
    """The move has happened; a new store knows nothing of it."""

    def throw_away(path: Path) -> None:
        path.unlink()
        shutil.rmtree(root / ".sorter")

    assert journal.discard("1.mp4", throw_away).state == "done"
    assert history.moves(journal.store) == []
    journal.move("sort", "2.mp4", "Cats/2.mp4")
    assert len(undo(journal)) == 1


def test_a_folder_that_can_not_go_says_why(journal: Journal, root: Path, small_disk: Path) -> None:
    """A disk that is mounted there is empty, and no reason to move videos."""
    subprocess.run(["mount", "--bind", str(small_disk), str(root / "Dogs")], check=True)
    try:
        with pytest.raises(StorageError, match="busy"):
            journal.delete_folder("Dogs")
        grow(root, {"Dogs": {"9.mp4": "nine"}})
        assert Library(root).merge_folder("Dogs", "Cats")[1] == ["9.mp4"]
    finally:
        subprocess.run(["umount", str(root / "Dogs")], check=True)
    assert (root / "Cats" / "9.mp4").read_text() == "nine"
