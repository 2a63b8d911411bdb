"""Listings that are never stale."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from sorter_core.errors import StorageError
from sorter_core.tree import Listing, Tree
from tests.conftest import grow


def settled(path: Path) -> None:
    """Let a directory look as if it had last changed long ago."""
    os.utime(path, ns=(1, 1_600_000_000_000_000_000))


def test_videos_and_folders_are_listed_by_name(tmp_path: Path) -> None:
    """Hidden things, other files and hidden folders are left out."""
    grow(
        tmp_path,
        {"b.mp4": "", "a.MOV": "", ".c.mp4": "", "n.txt": "", "Z": {}, "A": {}, ".sorter": {}},
    )
    listing = Listing(tmp_path)
    listing.refresh()
    assert listing.videos == ["a.MOV", "b.mp4"]
    assert listing.folders == ["A", "Z"]


def test_what_can_not_be_sorted_is_named(tmp_path: Path) -> None:
    """A link, a pipe and an undecodable name are skipped with a reason; a linked folder is none."""
    grow(tmp_path, {"1.mp4": "x"})
    (tmp_path / "2.mp4").symlink_to(tmp_path / "1.mp4")
    os.mkfifo(tmp_path / "3.mp4")
    (tmp_path / os.fsdecode(b"\xff.mp4")).write_text("x")
    (tmp_path / "Linked").symlink_to("/")
    listing = Listing(tmp_path)
    listing.refresh()
    assert listing.videos == ["1.mp4"]
    assert listing.folders == []
    assert [reason.split(":")[0] for _, reason in listing.skipped] == [
        "it is a link",
        "it is no regular file",
        "its name is no valid Unicode",
    ]


def test_an_unchanged_directory_is_not_listed_again(tmp_path: Path) -> None:
    """The version stands as long as the time does."""
    grow(tmp_path, {"1.mp4": "x"})
    settled(tmp_path)
    listing = Listing(tmp_path)
    listing.refresh()
    before = listing.version
    listing.refresh()
    assert listing.version == before


def test_a_change_from_outside_is_seen_at_once(tmp_path: Path) -> None:
    """A file that another program puts there is in the next look."""
    settled(tmp_path)
    listing = Listing(tmp_path)
    listing.refresh()
    (tmp_path / "9.mp4").write_text("x")
    listing.refresh()
    assert "9.mp4" in listing


def test_a_second_change_in_the_same_tick_is_seen(tmp_path: Path) -> None:
    """Two changes with one modification time do not hide each other for good."""
    (tmp_path / "1.mp4").write_text("x")
    now = time.time_ns()
    os.utime(tmp_path, ns=(now, now))
    listing = Listing(tmp_path)
    listing.refresh()
    (tmp_path / "2.mp4").write_text("x")
    os.utime(tmp_path, ns=(now, now))
    time.sleep(0.03)
    listing.refresh()
    assert listing.videos == ["1.mp4", "2.mp4"]


def test_our_own_changes_need_no_new_listing(tmp_path: Path) -> None:
    """What we moved ourselves is noted in place."""
    grow(tmp_path, {"1.mp4": "x", "2.mp4": "x"})
    listing = Listing(tmp_path)
    listing.refresh()
    (tmp_path / "1.mp4").unlink()
    listing.removed("1.mp4")
    (tmp_path / "3.mp4").write_text("x")
    listing.added("3.mp4")
    listing.refresh()
    assert listing.videos == ["2.mp4", "3.mp4"]


def test_a_foreign_change_behind_our_own_comes_to_light(tmp_path: Path) -> None:
    """Another program's change in the same moment as ours is seen when the clock has moved on."""
    grow(tmp_path, {"1.mp4": "x"})
    listing = Listing(tmp_path)
    listing.refresh()
    (tmp_path / "1.mp4").unlink()
    (tmp_path / "foreign.mp4").write_text("x")
    listing.removed("1.mp4")
    listing._again_at = time.time_ns()
    listing.refresh()
    assert listing.videos == ["foreign.mp4"]


def test_a_folder_that_vanishes_is_left_out(tmp_path: Path) -> None:
    """Deleting a folder by hand takes it out of the answer."""
    grow(tmp_path, {"A": {"1.mp4": "x"}, "B": {}})
    tree = Tree(tmp_path)
    assert list(tree.folders()) == ["A", "B"]
    (tmp_path / "B").rmdir()
    assert list(tree.folders()) == ["A"]
    assert tree.folder("B") is None


def test_a_library_that_vanishes_says_what_to_do(tmp_path: Path) -> None:
    """An unplugged disk is a sentence, no traceback."""
    tree = Tree(tmp_path / "usb")
    with pytest.raises(StorageError, match="disk connected"):
        tree.root()
