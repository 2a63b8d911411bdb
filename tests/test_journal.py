"""Moves that survive crashes and races, and are undone exactly."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sorter_core import journal as journal_module
from sorter_core.errors import (
    Busy,
    DiskFull,
    NothingToUndo,
    StorageError,
    TargetExists,
    UnknownFolder,
    VideoNotFound,
)
from sorter_core.files import fingerprint
from sorter_core.journal import Filter, Journal
from sorter_core.library import Library
from sorter_core.store import Store
from tests.conftest import Layout, grow, look

HERE = str(Path(journal_module.__file__).parent.parent)


@pytest.fixture
def journal(root: Path) -> Journal:
    return Journal(Store(root / ".sorter" / "sorter.db"), root)


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
    assert journal.history() == [move]


def test_undo_takes_back_the_newest(journal: Journal, root: Path) -> None:
    """Undo after undo walks back to the beginning, then says that nothing is left."""
    before = look(root)
    journal.move("sort", "1.mp4", "Cats/1.mp4")
    journal.move("rename_folder", "Cats", "Kittens")
    journal.create_folder("New")
    for _ in range(3):
        journal.undo()
    assert look(root) == before
    with pytest.raises(NothingToUndo):
        journal.undo()


def test_a_batch_is_undone_at_once(journal: Journal, root: Path) -> None:
    """All moves of one batch go back with one call, also after a restart."""
    before = look(root)
    first = journal.move("sort", "1.mp4", "Cats/1.mp4")
    journal.move("sort", "2.mp4", "Dogs/2.mp4", batch=first.batch)
    journal.move("sort", "3.mp4", "Dogs/3.mp4")
    journal.undo(first.batch)
    assert sorted(p.name for p in (root / "Dogs").iterdir()) == ["3.mp4"]
    Journal(Store(journal.store.path), root).undo()
    assert look(root) == before


def test_undo_makes_a_deleted_folder_again(journal: Journal, root: Path) -> None:
    """A video that came out of a folder goes back, though the folder was removed since."""
    journal.move("move", "Cats/4.mp4", "4.mp4")
    (root / "Cats").rmdir()
    journal.undo()
    assert (root / "Cats" / "4.mp4").read_text() == "four"


def test_undo_never_overwrites(journal: Journal, root: Path) -> None:
    """When the old place is taken meanwhile, undo says so and can be tried again."""
    journal.move("sort", "1.mp4", "Cats/1.mp4")
    (root / "1.mp4").write_text("foreign")
    with pytest.raises(TargetExists):
        journal.undo()
    (root / "1.mp4").unlink()
    journal.undo()
    assert (root / "1.mp4").read_text() == "one"


def test_undo_of_what_was_moved_on_by_hand_says_so(journal: Journal, root: Path) -> None:
    """Nothing is guessed about a file that is not where the journal left it."""
    journal.move("sort", "1.mp4", "Cats/1.mp4")
    (root / "Cats" / "1.mp4").rename(root / "Dogs" / "1.mp4")
    with pytest.raises(VideoNotFound):
        journal.undo()
    assert (root / "Dogs" / "1.mp4").exists()


def test_one_fault_in_a_batch_stops_no_other(journal: Journal, root: Path) -> None:
    """The rest goes back, what stays is told, and it goes back when nothing is in its way any more."""
    before = look(root)
    batch = journal.move("sort", "1.mp4", "Cats/1.mp4").batch
    for name in ("2.mp4", "3.mp4"):
        journal.move("sort", name, f"Cats/{name}", batch=batch)
    (root / "Cats" / "2.mp4").rename(root / "Dogs" / "2.mp4")
    undone = journal.undo(batch)
    assert [move.target for move in undone] == ["3.mp4", "1.mp4"]
    [(path, reason)] = journal.stayed(undone[0].batch)
    assert (path, "not there any more" in reason) == ("Cats/2.mp4", True)
    [told] = [each for each in journal.batches(Filter(), 9, 0) if each.number == undone[0].batch]
    assert (told.moves, told.failed, told.error) == (3, 1, reason)
    (root / "Dogs" / "2.mp4").rename(root / "Cats" / "2.mp4")
    assert journal.stayed(journal.undo(batch)[0].batch) == []
    assert look(root) == before


def test_a_filtered_batch_counts_all_that_its_undo_takes_back(journal: Journal, root: Path) -> None:
    """A look for one name must not hide that two moves would be undone."""
    batch = journal.move("sort", "1.mp4", "Cats/1.mp4").batch
    journal.move("sort", "2.mp4", "Dogs/2.mp4", batch=batch)
    for seen in (Filter(text="2.mp4"), Filter(folder="Dogs")):
        [found] = journal.batches(seen, 9, 0)
        assert (found.moves, found.undoable, found.target) == (2, 2, "Dogs/2.mp4")
    assert journal.batches(Filter(text="3.mp4"), 9, 0) == []


def test_a_file_where_the_folder_was_is_said(journal: Journal, root: Path) -> None:
    """Nothing is overwritten, and the video stays where it is."""
    move = journal.move("move", "Cats/4.mp4", "Dogs/4.mp4")
    (root / "Cats").rmdir()
    (root / "Cats").write_text("a list of cats")
    with pytest.raises(TargetExists, match="is a file now"):
        journal.undo(move.batch)
    assert (root / "Dogs" / "4.mp4").read_text() == "four"


def test_an_undo_without_the_library_s_disk_forgets_nothing(tmp_path: Path, root: Path) -> None:
    """An import, too, can be undone when the disk is back; the store lies elsewhere."""
    library = Library(root, tmp_path / "store")
    source = tmp_path / "9.mp4"
    source.write_text("nine")
    library.journal.bring(source, "9.mp4", fingerprint(source), link=False)
    root.rename(tmp_path / "away")
    with pytest.raises(StorageError, match="Is its disk connected"):
        library.journal.undo()
    (tmp_path / "away").rename(root)
    library.journal.undo()
    assert not (root / "9.mp4").exists()


def test_a_folder_with_videos_is_not_removed_by_undo(journal: Journal, root: Path) -> None:
    """Undoing a folder's creation leaves a folder alone that has been filled by hand."""
    journal.create_folder("New")
    (root / "New" / "9.mp4").write_text("x")
    with pytest.raises(TargetExists, match="not empty"):
        journal.undo()
    assert (root / "New" / "9.mp4").exists()


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
    assert "full" in (journal.history()[0].error or "")


def test_a_live_process_keeps_its_claim(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    """While somebody moves a file, another one waits and then says that it is busy."""
    monkeypatch.setattr(journal_module, "_PATIENCE", 0.05)
    with journal.store.write() as db:
        db.execute(
            "INSERT INTO moves (kind, source, target, state, actor, owner) VALUES ('sort', '1.mp4', 'Dogs/1.mp4',"
            " 'planned', 'person', ?)",
            (journal_module.processes.me(),),
        )
    with pytest.raises(Busy):
        journal.move("sort", "1.mp4", "Cats/1.mp4")


_KILLED = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from sorter_core import files, journal
from sorter_core.store import Store

step, root = sys.argv[2], Path(sys.argv[3])
die = lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL)
book = journal.Journal(Store(root / ".sorter" / "sorter.db"), root)
if step == "planned":
    journal.move = die
elif step == "reserved":
    files._native_rename = lambda: None
    Path.replace = die
elif step == "renamed":
    book._settle = die
elif step == "copying":
    files.rename_exclusive = lambda a, b: (_ for _ in ()).throw(OSError(18, "cross-device"))
    files.same_bytes = die
book.move("sort", "1.mp4", "Cats/1.mp4")
"""


@pytest.mark.parametrize(
    ("step", "state"),
    [("planned", "failed"), ("reserved", "failed"), ("copying", "failed"), ("renamed", "done")],
)
def test_a_move_killed_at_any_step_is_settled_at_the_next_start(
    journal: Journal, root: Path, step: str, state: str
) -> None:
    """SIGKILL before, in the middle of or after the rename: the file is in one place, whole."""
    child = subprocess.run(
        [sys.executable, "-c", _KILLED, HERE, step, str(root)], check=False, capture_output=True
    )
    assert child.returncode == -signal.SIGKILL, child.stderr.decode()
    opened = Library(root)
    assert opened.journal.history()[0].state == state
    places = [p for p in (root / "1.mp4", root / "Cats" / "1.mp4") if p.exists()]
    assert [p.read_text() for p in places] == ["one"]
    assert not [p for p in (root / "Cats").iterdir() if p.name.startswith(".")]
    if state == "done":
        opened.undo()
    else:
        opened.sort("1.mp4", "Cats")
        opened.undo()
    assert look(root) == {
        "1.mp4": b"one",
        "2.mp4": b"two",
        "3.mp4": b"three",
        "Cats": {"4.mp4": b"four"},
        "Dogs": {},
    }


def test_a_copy_to_another_disk_killed_before_the_source_went_is_finished(
    journal: Journal,
    root: Path,
    small_disk: Path,
) -> None:
    """Both copies are whole and equal: the target counts, the source goes."""
    (root / "USB").mkdir()
    subprocess.run(["mount", "--bind", str(small_disk), str(root / "USB")], check=True)
    try:
        (root / "USB" / "1.mp4").write_text("one")
        with journal.store.write() as db:
            db.execute(
                "INSERT INTO moves (kind, source, target, state, actor, owner) VALUES"
                " ('sort', '1.mp4', 'USB/1.mp4', 'planned', 'person', '')"
            )
        assert [move.state for move in journal.recover()] == ["done"]
        assert not (root / "1.mp4").exists()
        assert (root / "USB" / "1.mp4").read_text() == "one"
    finally:
        subprocess.run(["umount", str(root / "USB")], check=True)


def test_a_foreign_file_at_the_target_is_never_taken_for_ours(journal: Journal, root: Path) -> None:
    """Recovery leaves both files alone when the target holds something else."""
    (root / "Cats" / "1.mp4").write_text("foreign")
    with journal.store.write() as db:
        db.execute(
            "INSERT INTO moves (kind, source, target, state, actor, owner) VALUES"
            " ('sort', '1.mp4', 'Cats/1.mp4', 'planned', 'person', '')"
        )
    journal.recover()
    assert ((root / "1.mp4").read_text(), (root / "Cats" / "1.mp4").read_text()) == (
        "one",
        "foreign",
    )


_RACER = """
import random, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from sorter_core.errors import SorterError
from sorter_core.library import Library

library = Library(Path(sys.argv[2]))
chance = random.Random(sys.argv[3])
names = [f"{n}.mp4" for n in range(200)]
places = ["", "A", "B", "C", "D"]
chance.shuffle(names)
moved = 0
for name in names:
    try:
        here, _ = library.find(name)
        library.move(name, here, chance.choice([p for p in places if p != here]))
        moved += 1
    except SorterError:
        pass
print(moved)
"""


@pytest.mark.slow
def test_eight_processes_lose_and_overwrite_nothing(tmp_path: Path) -> None:
    """200 files moved to random folders by eight processes are all there, each once, each whole."""
    files: Layout = {f"{n}.mp4": f"video {n}" for n in range(200)}
    root = grow(tmp_path / "library", {**files, "A": {}, "B": {}, "C": {}, "D": {}})
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", _RACER, HERE, str(root), str(n)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for n in range(8)
    ]
    told = [racer.communicate() for racer in racers]
    assert [racer.returncode for racer in racers] == [0] * 8, told[0][1].decode()
    assert sum(int(out) for out, _ in told) >= 200
    found = {p.name: p.read_text() for p in root.rglob("*.mp4")}
    assert found == {f"{n}.mp4": f"video {n}" for n in range(200)}
    assert len(list(root.rglob("*.mp4"))) == 200
    book = Library(root).journal
    assert not [move for move in book.history(5000) if move.state == "planned"]


def test_a_killed_racer_loses_nothing(tmp_path: Path) -> None:
    """Processes killed at random moments leave every file in exactly one place."""
    files: Layout = {f"{n}.mp4": f"video {n}" for n in range(200)}
    root = grow(tmp_path / "library", {**files, "A": {}, "B": {}, "C": {}, "D": {}})
    Library(root)
    chance = random.Random(0)
    for n in range(4):
        child = subprocess.Popen(
            [sys.executable, "-c", _RACER, HERE, str(root), str(n)], stdout=subprocess.DEVNULL
        )
        try:
            child.wait(timeout=0.5 + chance.random() * 0.3)
        except subprocess.TimeoutExpired:
            os.kill(child.pid, signal.SIGKILL)
            child.wait()
    Library(root)
    assert sorted(p.read_text() for p in root.rglob("*.mp4")) == sorted(
        f"video {n}" for n in range(200)
    )
