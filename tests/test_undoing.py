"""What was done is taken back exactly, whoever else does so."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path

import pytest

from sorter_core import history
from sorter_core.entries import Plan
from sorter_core.errors import (
    NothingToUndo,
    StorageError,
    TargetExists,
    VideoNotFound,
)
from sorter_core.files import fingerprint
from sorter_core.history import Filter
from sorter_core.journal import Journal
from sorter_core.library import Library
from sorter_core.store import Store
from sorter_core.undoing import undo
from tests.conftest import grow, look


def test_undo_takes_back_the_newest(journal: Journal, root: Path) -> None:
    """Undo after undo walks back to the beginning, then says that nothing is left."""
    before = look(root)
    journal.move("sort", "1.mp4", "Cats/1.mp4")
    journal.move("rename_folder", "Cats", "Kittens")
    journal.create_folder("New")
    for _ in range(3):
        undo(journal)
    assert look(root) == before
    with pytest.raises(NothingToUndo):
        undo(journal)


def test_a_batch_is_undone_at_once(journal: Journal, root: Path) -> None:
    """All moves of one batch go back with one call, also after a restart."""
    before = look(root)
    first = journal.move("sort", "1.mp4", "Cats/1.mp4")
    journal.move("sort", "2.mp4", "Dogs/2.mp4", batch=first.batch)
    journal.move("sort", "3.mp4", "Dogs/3.mp4")
    undo(journal, first.batch)
    assert sorted(p.name for p in (root / "Dogs").iterdir()) == ["3.mp4"]
    undo(Journal(Store(journal.store.path), root))
    assert look(root) == before


def test_undo_makes_a_deleted_folder_again(journal: Journal, root: Path) -> None:
    """A video that came out of a folder goes back, though the folder was removed since."""
    journal.move("move", "Cats/4.mp4", "4.mp4")
    (root / "Cats").rmdir()
    undo(journal)
    assert (root / "Cats" / "4.mp4").read_text() == "four"


def test_undo_never_overwrites(journal: Journal, root: Path) -> None:
    """When the old place is taken meanwhile, undo says so and can be tried again."""
    journal.move("sort", "1.mp4", "Cats/1.mp4")
    (root / "1.mp4").write_text("foreign")
    with pytest.raises(TargetExists):
        undo(journal)
    (root / "1.mp4").unlink()
    undo(journal)
    assert (root / "1.mp4").read_text() == "one"


def test_undo_of_what_was_moved_on_by_hand_says_so(journal: Journal, root: Path) -> None:
    """Nothing is guessed about a file that is not where the journal left it."""
    journal.move("sort", "1.mp4", "Cats/1.mp4")
    (root / "Cats" / "1.mp4").rename(root / "Dogs" / "1.mp4")
    with pytest.raises(VideoNotFound):
        undo(journal)
    assert (root / "Dogs" / "1.mp4").exists()


def test_one_fault_in_a_batch_stops_no_other(journal: Journal, root: Path) -> None:
    """The rest goes back, what stays is told, and it goes back when nothing is in its way any more."""
    before = look(root)
    batch = journal.move("sort", "1.mp4", "Cats/1.mp4").batch
    for name in ("2.mp4", "3.mp4"):
        journal.move("sort", name, f"Cats/{name}", batch=batch)
    (root / "Cats" / "2.mp4").rename(root / "Dogs" / "2.mp4")
    undone = undo(journal, batch)
    assert [move.target for move in undone] == ["3.mp4", "1.mp4"]
    [(path, reason)] = history.stayed(journal.store, undone[0].batch)
    assert (path, "not there any more" in reason) == ("Cats/2.mp4", True)
    [told] = [
        each
        for each in history.batches(journal.store, Filter(), 9, 0)
        if each.number == undone[0].batch
    ]
    assert (told.moves, told.failed, told.error) == (3, 1, reason)
    (root / "Dogs" / "2.mp4").rename(root / "Cats" / "2.mp4")
    assert history.stayed(journal.store, undo(journal, batch)[0].batch) == []
    assert look(root) == before


def test_a_file_where_the_folder_was_is_said(journal: Journal, root: Path) -> None:
    """Nothing is overwritten, and the video stays where it is."""
    move = journal.move("move", "Cats/4.mp4", "Dogs/4.mp4")
    (root / "Cats").rmdir()
    (root / "Cats").write_text("a list of cats")
    with pytest.raises(TargetExists, match="is a file now"):
        undo(journal, move.batch)
    assert (root / "Dogs" / "4.mp4").read_text() == "four"


def test_an_undo_without_the_library_s_disk_forgets_nothing(tmp_path: Path, root: Path) -> None:
    """An import, too, can be undone when the disk is back; the store lies elsewhere."""
    library = Library(root, tmp_path / "store")
    source = tmp_path / "9.mp4"
    source.write_text("nine")
    library.journal.bring(source, "9.mp4", fingerprint(source), link=False)
    root.rename(tmp_path / "away")
    with pytest.raises(StorageError, match="Is its disk connected"):
        library.undo()
    (tmp_path / "away").rename(root)
    library.undo()
    assert not (root / "9.mp4").exists()


def test_a_folder_with_videos_is_not_removed_by_undo(journal: Journal, root: Path) -> None:
    """Undoing a folder's creation leaves a folder alone that has been filled by hand."""
    journal.create_folder("New")
    (root / "New" / "9.mp4").write_text("x")
    with pytest.raises(TargetExists, match="not empty"):
        undo(journal)
    assert (root / "New" / "9.mp4").exists()


def test_what_another_undid_meanwhile_is_not_undone_again(journal: Journal, root: Path) -> None:
    """A list of what is to be undone grows old: since then, the video was filed anew."""
    move = journal.move("sort", "1.mp4", "Cats/1.mp4")
    stale = Plan("undo", move.target, move.source, "person", None, move.id)
    undo(journal)
    journal.move("sort", "1.mp4", "Cats/1.mp4")
    with pytest.raises(NothingToUndo, match="already"):
        journal.carry_out(stale)
    assert (root / "Cats" / "1.mp4").exists()


def test_two_that_undo_the_same_batch_share_it(root: Path) -> None:
    """A double click, or both faces: nobody is told that videos are missing."""
    grow(root, {f"{n}.mp4": str(n) for n in range(10, 40)})
    before = look(root)
    books = [Journal(Store(root / ".sorter" / "sorter.db"), root) for _ in range(2)]
    batch = books[0].move("sort", "1.mp4", "Cats/1.mp4").batch
    for n in range(10, 40):
        books[0].move("sort", f"{n}.mp4", f"Cats/{n}.mp4", batch=batch)
    made: list[int] = []

    def work(book: Journal) -> None:
        with suppress(NothingToUndo):
            made.append(len(undo(book, batch)))

    threads = [threading.Thread(target=work, args=(book,)) for book in books]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(made) == 31
    assert look(root) == before
    assert [m for m in history.moves(books[0].store, 500) if m.state == "failed"] == []
