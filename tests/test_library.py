"""A library: folders, finding, sorting, and names of every kind."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from pathlib import Path

import pytest

from sorter_core.errors import (
    InvalidName,
    NotALibrary,
    ReadOnly,
    TargetExists,
    UnknownFolder,
    VideoNotFound,
)
from sorter_core.journal import Journal
from sorter_core.library import Library, check_library
from sorter_core.types import Folder, Move
from tests.conftest import grow, look


@pytest.mark.parametrize("dressed", ["{}", " {} ", '"{}"', "'{}'", ' "{}"\n'])
def test_quotes_and_blanks_around_a_path_are_forgiven(root: Path, dressed: str) -> None:
    """What a person pastes from a file manager works."""
    assert check_library(dressed.format(root)) == root.resolve()


@pytest.mark.parametrize("path", ["", "  ", "/no/such/folder", "\0", "~nobody-of-that-name/x"])
def test_a_path_that_is_no_folder_says_so(path: str) -> None:
    """Missing, empty and impossible paths are errors in words."""
    with pytest.raises(NotALibrary):
        check_library(path)


def test_a_file_is_no_library(root: Path) -> None:
    """A file can't be chosen."""
    with pytest.raises(NotALibrary):
        check_library(root / "1.mp4")


def test_folders_are_counted(library: Library) -> None:
    """Categories come by name with their counts, hidden ones left out."""
    assert library.folders() == [Folder("Cats", 1), Folder("Dogs", 0)]


def test_a_video_moved_by_hand_is_seen_at_the_next_request(library: Library, root: Path) -> None:
    """No restart is needed."""
    library.folders()
    (root / "1.mp4").rename(root / "Dogs" / "1.mp4")
    assert library.folders() == [Folder("Cats", 1), Folder("Dogs", 1)]
    assert library.find("1.mp4") == ("Dogs", "1.mp4")


def test_a_folder_renamed_by_hand_is_seen(library: Library, root: Path) -> None:
    """The new name is a category, the old one none."""
    library.folders()
    (root / "Cats").rename(root / "Kittens")
    assert [folder.name for folder in library.folders()] == ["Dogs", "Kittens"]
    with pytest.raises(UnknownFolder):
        library.sort("1.mp4", "Cats")


def test_the_unsorted_pile_comes_first(library: Library, root: Path) -> None:
    """A name that is in two places means the unsorted one, unless the folder is named."""
    (root / "4.mp4").write_text("unsorted four")
    assert library.find("4.mp4") == ("", "4.mp4")
    assert library.find("4.mp4", "Cats") == ("Cats", "4.mp4")


@pytest.mark.parametrize(
    "name", ["../1.mp4", "Cats/4.mp4", "x.mp4", "/etc/passwd", "1.mp4\0", "1.MP4", "٣.mp4", "²"]
)
def test_a_name_that_is_no_video_of_the_library_is_invalid(library: Library, name: str) -> None:
    """It is judged before any path is made of it."""
    with pytest.raises(InvalidName):
        library.find(name)


def test_an_id_that_is_not_there_is_not_found(library: Library) -> None:
    """Digits and .mp4 might be a video: not found, rather than invalid."""
    with pytest.raises(VideoNotFound):
        library.find("99.mp4")


def test_sorting_twice_says_that_it_was_sorted(library: Library) -> None:
    """The second of two equal requests finds nothing to do."""
    library.sort("1.mp4", "Cats")
    with pytest.raises(VideoNotFound, match="already"):
        library.sort("1.mp4", "Cats")


def test_a_taken_name_stays_what_it_is(library: Library, root: Path) -> None:
    """Two different videos of one name: the second stays unsorted, and nothing is overwritten."""
    (root / "4.mp4").write_text("another four")
    with pytest.raises(TargetExists):
        library.sort("4.mp4", "Cats")
    assert ((root / "4.mp4").read_text(), (root / "Cats" / "4.mp4").read_text()) == (
        "another four",
        "four",
    )


@pytest.mark.parametrize(
    "name",
    [
        'say "hi".mp4',
        "it's.mp4",
        "new\nline.mp4",
        "🐈🐈.mp4",
        "x" * 251 + ".mp4",
        "a b.mp4",
        "%2e.mp4",
    ],
)
def test_odd_names_are_sorted_and_undone(library: Library, root: Path, name: str) -> None:
    """Quotes, newlines, emoji and 255 bytes lose nothing."""
    (root / name).write_text("odd")
    before = look(root)
    library.sort(name, "Dogs")
    assert (root / "Dogs" / name).read_text() == "odd"
    library.undo()
    assert look(root) == before


def test_a_library_on_an_odd_path_works(tmp_path: Path) -> None:
    """Blanks and non-ASCII letters in the path are nothing special."""
    root = grow(tmp_path / "Meine Vidéos 🎬 und mehr", {"1.mp4": "x", "Kätzchen": {}})
    library = Library(root)
    library.sort("1.mp4", "Kätzchen")
    assert look(root) == {"Kätzchen": {"1.mp4": b"x"}}


def test_folders_are_made_and_renamed(library: Library, root: Path) -> None:
    """A new folder is there at once; a renamed one keeps its videos; both can be undone."""
    before = look(root)
    library.create_folder(" Birds ")
    assert library.rename_folder("Cats", "Kittens") == Folder("Kittens", 1)
    assert [folder.name for folder in library.folders()] == ["Birds", "Dogs", "Kittens"]
    library.undo()
    library.undo()
    assert look(root) == before
    assert library.folders() == [Folder("Cats", 1), Folder("Dogs", 0)]


@pytest.mark.parametrize("name", ["Cats", "a/b", "..", ".hidden", "", "a\tb"])
def test_a_bad_new_folder_is_refused(library: Library, root: Path, name: str) -> None:
    """Taken and impossible names make nothing."""
    before = look(root)
    with pytest.raises((InvalidName, TargetExists)):
        library.create_folder(name)
    with pytest.raises((InvalidName, TargetExists)):
        library.rename_folder("Dogs", name)
    assert look(root) == before


def test_a_folder_that_vanished_while_open_is_unknown(library: Library, root: Path) -> None:
    """Sorting into it is refused and loses nothing."""
    library.folders()
    (root / "Dogs").rmdir()
    with pytest.raises(UnknownFolder):
        library.sort("1.mp4", "Dogs")
    assert (root / "1.mp4").exists()


class MovedOn(Journal):
    """A journal whose moves are followed by those of another process, at once."""

    def move(
        self,
        kind: str,
        source: str,
        target: str,
        *,
        actor: str = "person",
        batch: int | None = None,
    ) -> Move:
        done = super().move(kind, source, target, actor=actor, batch=batch)
        Library(self.root).move("1.mp4", "Cats", "Dogs")
        return done


def test_what_another_moved_on_at_once_is_seen_where_it_is(library: Library, root: Path) -> None:
    """Our own note of where it went is older than that."""
    library.journal = MovedOn(library.store, root)
    library.folders()
    library.sort("1.mp4", "Cats")
    assert library.find("1.mp4") == ("Dogs", "1.mp4")
    assert library.folders() == [Folder("Cats", 1), Folder("Dogs", 1)]


def test_who_looks_does_not_wait_for_who_moves(library: Library) -> None:
    """A move waits until the store is free; the pages, meanwhile, are drawn."""
    other = sqlite3.connect(library.store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    mover = threading.Thread(target=library.sort, args=("1.mp4", "Cats"))
    mover.start()
    for _ in range(300):
        assert library.folders() == [Folder("Cats", 1), Folder("Dogs", 0)]
    assert mover.is_alive()
    other.execute("ROLLBACK")
    other.close()
    mover.join()
    assert library.folders() == [Folder("Cats", 2), Folder("Dogs", 0)]


def test_a_place_for_the_store_that_can_not_be_made_is_said(root: Path) -> None:
    """The way out is in the words."""
    with pytest.raises(ReadOnly, match="ARTIFACTS_DIR"):
        Library(root, root / "1.mp4" / "state" / "store")


def test_the_store_may_go_while_the_library_is_open(library: Library, root: Path) -> None:
    """Deleting the hidden folder forgets the past and loses no video."""
    library.sort("1.mp4", "Cats")
    shutil.rmtree(root / ".sorter")
    library.sort("2.mp4", "Cats")
    assert sorted(p.name for p in (root / "Cats").iterdir()) == ["1.mp4", "2.mp4", "4.mp4"]
    library.undo()
    assert (root / "2.mp4").exists()


def test_a_folder_that_looks_like_another_is_refused(library: Library, root: Path) -> None:
    """An é of one code point and of two; a folder may still change between the two, or its case."""
    library.create_folder("Caf\u00e9")
    with pytest.raises(TargetExists):
        library.create_folder("Cafe\u0301")
    with pytest.raises(TargetExists):
        library.start_folder("Cafe\u0301", actor="bulk", dry_run=True)
    with pytest.raises(TargetExists):
        library.rename_folder("Cats", "Cafe\u0301")
    library.rename_folder("Caf\u00e9", "Cafe\u0301")
    library.rename_folder("Cafe\u0301", "CAFE\u0301")
    assert "CAFE\u0301" in look(root)


@pytest.mark.parametrize("name", ["\u200b", "\ufeff", "\u200d \u0301"])
def test_a_name_of_which_nothing_can_be_seen_is_refused(library: Library, name: str) -> None:
    """Zero-width characters only."""
    with pytest.raises(InvalidName, match="nothing of it can be seen"):
        library.create_folder(name)
