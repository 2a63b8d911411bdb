"""Merging and deleting folders: undone exactly, also after a crash."""

from __future__ import annotations

from pathlib import Path

import pytest

from sorter_core import history, processes
from sorter_core.errors import InvalidInput, NothingToUndo, TargetExists, UnknownFolder
from sorter_core.history import Filter
from sorter_core.library import Library
from tests.conftest import grow, look

DEAD = f"{processes.me().rsplit(':', 2)[0]}:999999999:0"


def test_a_merge_takes_all_and_one_undo_gives_it_back(library: Library, root: Path) -> None:
    """The emptied folder goes; undo makes it again and fills it."""
    grow(root, {"Dogs": {"5.mp4": "five", "6.mp4": "six"}})
    before = look(root)
    batch, moved, failed = library.merge_folder("Dogs", "Cats")
    assert (moved, failed) == (["5.mp4", "6.mp4"], [])
    assert sorted(look(root)["Cats"]) == ["4.mp4", "5.mp4", "6.mp4"]
    assert "Dogs" not in look(root)
    library.undo(batch)
    assert look(root) == before
    with pytest.raises(NothingToUndo):
        library.undo()


def test_a_clash_stays_where_it_is(library: Library, root: Path) -> None:
    """A name that is taken is told, overwritten is nothing, and the folder stays."""
    grow(root, {"Dogs": {"4.mp4": "another four", "5.mp4": "five"}})
    before = look(root)
    batch, moved, failed = library.merge_folder("Dogs", "Cats")
    assert moved == ["5.mp4"]
    assert [name for name, _ in failed] == ["4.mp4"]
    assert look(root)["Dogs"] == {"4.mp4": b"another four"}
    assert look(root)["Cats"]["4.mp4"] == b"four"
    library.undo(batch)
    assert look(root) == before


def test_other_files_keep_the_folder(library: Library, root: Path) -> None:
    """Only what is a video moves; notes are not lost with the folder."""
    grow(root, {"Dogs": {"5.mp4": "five", "notes.txt": "mine"}})
    _, moved, failed = library.merge_folder("Dogs", "Cats")
    assert (moved, failed) == (["5.mp4"], [])
    assert look(root)["Dogs"] == {"notes.txt": b"mine"}


@pytest.mark.parametrize(
    ("name", "into", "error"),
    [
        ("Cats", "Cats", InvalidInput),
        ("Nope", "Cats", UnknownFolder),
        ("Cats", "Nope", UnknownFolder),
    ],
)
def test_a_merge_that_makes_no_sense(
    library: Library, root: Path, name: str, into: str, error: type[Exception]
) -> None:
    """It is refused before anything moves."""
    before = look(root)
    with pytest.raises(error):
        library.merge_folder(name, into)
    assert look(root) == before


def test_an_empty_folder_goes_and_comes_back(library: Library, root: Path) -> None:
    """What a file manager left there does not count as content."""
    grow(root / "Dogs", {".DS_Store": "x"})
    library.delete_folder("Dogs")
    assert [folder.name for folder in library.folders()] == ["Cats"]
    library.undo()
    assert look(root)["Dogs"] == {}


def test_a_folder_with_content_is_not_deleted(library: Library, root: Path) -> None:
    """Neither videos nor hidden files are lost."""
    grow(root / "Dogs", {".hidden": "x"})
    for name in ("Cats", "Dogs"):
        with pytest.raises(TargetExists, match="not empty"):
            library.delete_folder(name)
    assert (root / "Dogs" / ".hidden").exists()
    with pytest.raises(UnknownFolder):
        library.delete_folder("Nope")


def test_undo_of_a_deletion_when_the_folder_is_there_again(library: Library, root: Path) -> None:
    """Somebody made it by hand: that is what undoing means."""
    library.delete_folder("Dogs")
    (root / "Dogs").mkdir()
    library.undo()
    with pytest.raises(NothingToUndo):
        library.undo()


@pytest.mark.parametrize("happened", [True, False])
def test_a_deletion_that_a_crash_cut_short_is_settled(
    library: Library, root: Path, *, happened: bool
) -> None:
    """The disk says whether the folder had gone."""
    with library.store.write() as db:
        db.execute(
            "INSERT INTO moves (kind, source, target, actor, owner, state, batch)"
            " VALUES ('delete_folder', 'Dogs', '', 'person', ?, 'planned', 1)",
            (DEAD,),
        )
    if happened:
        (root / "Dogs").rmdir()
    library.journal.recover()
    assert history.moves(library.store)[0].state == ("done" if happened else "failed")


def test_a_merge_that_a_crash_cut_short_is_undone_as_far_as_it_came(
    library: Library, root: Path
) -> None:
    """Half a merge is half a batch: one undo takes back that half."""
    grow(root, {"Dogs": {"5.mp4": "five", "6.mp4": "six"}})
    before = look(root)
    first = library.journal.move("merge", "Dogs/5.mp4", "Cats/5.mp4")
    with library.store.write() as db:
        db.execute(
            "INSERT INTO moves (kind, source, target, actor, owner, state, batch)"
            " VALUES ('merge', 'Dogs/6.mp4', 'Cats/6.mp4', 'person', ?, 'planned', ?)",
            (DEAD, first.batch),
        )
    (root / "Dogs" / "6.mp4").rename(root / "Cats" / "6.mp4")
    Library(root).undo(first.batch)
    assert look(root) == before


def test_history_is_told_by_batch_and_filtered(library: Library, root: Path) -> None:
    """Who, what, which folder, which name."""
    grow(root, {"Dogs": {"5.mp4": "five", "6.mp4": "six"}})
    library.sort("1.mp4", "Cats", actor="bulk")
    merged, _, _ = library.merge_folder("Dogs", "Cats")
    library.create_folder("New")
    batches = history.batches(library.store, Filter(), 10, 0)
    assert [(b.kind, b.actor, b.moves, b.undoable) for b in batches] == [
        ("create_folder", "person", 1, 1),
        ("merge", "person", 3, 3),
        ("sort", "bulk", 1, 1),
    ]

    def numbers(**wanted: str) -> list[str]:
        return [b.kind for b in history.batches(library.store, Filter(**wanted), 10, 0)]

    assert numbers(actor="bulk") == ["sort"]
    assert numbers(kind="merge") == ["merge"]
    assert numbers(folder="Dogs") == ["merge"]
    assert numbers(text="1.mp4") == ["sort"]
    library.undo(merged)
    undone = next(b for b in history.batches(library.store, Filter(), 10, 0) if b.number == merged)
    assert (undone.undoable, undone.undone) == (0, 3)
    assert [m.target for m in history.moves(library.store, 10, 0, Filter(actor="bulk"))] == [
        "Cats/1.mp4"
    ]
