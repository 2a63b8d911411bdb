"""A plain folder: what is taken, what is left out, and why."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import pytest

from sorter_core.errors import InvalidInput
from sorter_core.imports import Found, _ids, available, source_of
from tests.conftest import grow, without_rights


def read(path: Path) -> Found:
    return source_of(path).read(path, lambda _done, _total: None)


def test_every_kind_of_video_is_taken_and_nothing_else(tmp_path: Path) -> None:
    """By suffix, in any case, below any folder that shows."""
    grow(
        tmp_path,
        {
            "a.mp4": "1",
            "b.WEBM": "2",
            "c.mov": "3",
            "d.mkv": "4",
            "notes.txt": "5",
            ".hidden.mp4": "6",
            ".git": {"e.mp4": "7"},
            "Cats": {"f.m4v": "8"},
        },
    )
    found = read(tmp_path)
    assert [item.file.name for item in found.items if item.file] == [
        "a.mp4", "b.WEBM", "c.mov", "d.mkv", "f.m4v",
    ]  # fmt: skip
    assert found.folders == ["Cats"]
    assert found.items[-1].folder == "Cats"


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
def test_links_are_left_out_and_said(tmp_path: Path) -> None:
    """A link to a file or to a folder above is never followed."""
    grow(tmp_path, {"in": {"a.mp4": "1"}})
    (tmp_path / "in" / "b.mp4").symlink_to("/etc/passwd")
    (tmp_path / "in" / "loop").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "in" / "c.mp4")
    found = read(tmp_path / "in")
    assert len(found.items) == 1
    assert [line.reason for line in found.left_out] == [
        "it is a link: import the folder where the file itself lies",
        "it is no regular file",
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_name_that_is_no_text_is_left_out(tmp_path: Path) -> None:
    """No answer in JSON could carry it."""
    (tmp_path / os.fsdecode(b"\xff.mp4")).write_text("x")
    assert read(tmp_path).left_out[0].reason == "its name is no valid Unicode"


def test_a_long_search_can_be_seen_and_stopped(tmp_path: Path) -> None:
    """Also where no video is found: a person may have given the whole disk."""

    class Stopped(Exception):
        pass

    def stop(_done: int, _total: int) -> None:
        raise Stopped

    grow(tmp_path, {f"{n}.txt": "" for n in range(300)})
    with pytest.raises(Stopped):
        source_of(tmp_path).read(tmp_path, stop)


def test_folders_in_folders_have_an_end(tmp_path: Path) -> None:
    """And the end is said."""
    place = tmp_path
    for _ in range(20):
        place = place / "x"
    place.mkdir(parents=True)
    assert "too deep" in read(tmp_path).left_out[0].reason


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_folder_that_may_not_be_read_is_said() -> None:
    """The others are read."""
    with tempfile.TemporaryDirectory() as made:  # pytest's own folders are closed to others
        Path(made).chmod(0o755)
        grow(Path(made), {"a.mp4": "1", "locked": {}})
        (Path(made) / "locked").chmod(0)
        with without_rights():
            found = read(Path(made))
    assert len(found.items) == 1
    assert "can't be read" in found.left_out[0].reason


@pytest.mark.parametrize(
    ("stem", "expected"),
    [
        ("7301234567890123456", "7301234567890123456"),
        ("cat 7301234567890123456", "7301234567890123456"),
        ("123456789012345", "123456789012345"),
        ("VID_1623456789012345", None),
        ("holiday 2024", None),
        ("99999999999999999999999", None),
    ],
)
def test_only_a_sure_id_is_taken_from_a_name(stem: str, expected: str | None) -> None:
    """A number that holds a time of TikTok's, or that is the whole name."""
    assert _ids.id_in(stem, sure=True) == expected


def test_each_source_says_what_to_give(tmp_path: Path) -> None:
    """And what is none of them is told all."""
    path = tmp_path / "notes.txt"
    path.write_text("x")
    with pytest.raises(InvalidInput) as told:
        source_of(path)
    assert all(source.title in str(told.value) for source in available().values())
