"""A scan finds where each content lies, and reads only what is new."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sorter_core import scan as scan_module
from sorter_core.library import Library
from sorter_core.scan import ScanReport, scan
from sorter_core.tree import Tree
from tests.conftest import grow, without_rights


def ignore(done: int, total: int) -> None:
    """Take no interest."""


def rows(library: Library) -> dict[str, str]:
    with library.store.read() as db:
        return {
            f"{r['folder']}/{r['name']}": r["fingerprint"]
            for r in db.execute("SELECT * FROM files")
        }


def test_a_first_scan_finds_all(library: Library) -> None:
    """Every video is new once."""
    assert scan(library, ignore) == ScanReport(4, 4, 0, 0, [])
    assert scan(library, ignore) == ScanReport(4, 0, 0, 0, [])


def test_moves_by_hand_are_no_new_videos(library: Library, root: Path) -> None:
    """A renamed folder and a moved video keep their fingerprints; a deleted one is missing."""
    scan(library, ignore)
    before = rows(library)
    (root / "Cats").rename(root / "Kittens")
    (root / "1.mp4").rename(root / "Dogs" / "uno.mp4")
    (root / "2.mp4").unlink()
    report = scan(library, ignore)
    assert (report.new, report.moved, report.missing) == (0, 2, 1)
    assert rows(library)["Kittens/4.mp4"] == before["Cats/4.mp4"]
    assert rows(library)["Dogs/uno.mp4"] == before["/1.mp4"]


def test_only_what_changed_is_read(
    library: Library, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second scan opens just the file that another program rewrote."""
    scan(library, ignore)
    read: list[str] = []
    real = scan_module.fingerprint
    monkeypatch.setattr(
        scan_module, "fingerprint", lambda path: (read.append(path.name), real(path))[1]
    )
    (root / "3.mp4").write_text("rewritten")
    assert scan(library, ignore).new == 1
    assert read == ["3.mp4"]


def test_a_sort_needs_no_second_look(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """What we moved ourselves is known at its new place."""
    scan(library, ignore)
    library.sort("1.mp4", "Cats")
    library.rename_folder("Cats", "Kittens")
    monkeypatch.setattr(scan_module, "fingerprint", None)
    assert scan(library, ignore) == ScanReport(4, 0, 0, 0, [])


class Sorted(Library):
    """A library in which a person sorts a video in the moment in which it was looked at."""

    waiting: list[str]

    @contextmanager
    def looking(self) -> Iterator[Tree]:
        """The tree; at its return the video is elsewhere."""
        with super().looking() as tree:
            yield tree
        if self.waiting:
            self.sort(self.waiting.pop(), "Cats")


def test_a_video_that_is_sorted_meanwhile_stays_known(library: Library, root: Path) -> None:
    """It is neither forgotten at its new place nor said to be missing or unreadable."""
    scan(library, ignore)
    busy = Sorted(root)
    busy.waiting = ["1.mp4"]
    report = scan(busy, ignore)
    assert (report.missing, report.skipped) == (0, [])
    assert "Cats/1.mp4" in rows(library)


def test_unfit_files_are_named(library: Library, root: Path) -> None:
    """A link and a pipe are skipped with their reasons."""
    (root / "5.mp4").symlink_to("1.mp4")
    os.mkfifo(root / "Cats" / "6.mp4")
    skipped = scan(library, ignore).skipped
    assert [(f.path, f.reason.split(":")[0]) for f in skipped] == [
        ("5.mp4", "it is a link"),
        ("Cats/6.mp4", "it is no regular file"),
    ]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_folder_that_can_not_be_read_now_keeps_what_is_known() -> None:
    """A fault of the disk is no reason to train without its videos, and to read them all again."""
    with tempfile.TemporaryDirectory() as made:  # pytest's own folders are closed to others
        root = grow(Path(made), {"1.mp4": "one", "Cats": {"2.mp4": "two"}})
        root.chmod(0o755)
        scan(Library(root), ignore)
        (root / "Cats").chmod(0)
        library = Library(root)
        with without_rights():
            report = scan(library, ignore)
        assert (report.missing, [f.path for f in report.skipped]) == (0, ["Cats"])
        assert sorted(rows(library)) == ["/1.mp4", "Cats/2.mp4"]


def test_a_caption_that_changes_is_read_again(library: Library, root: Path) -> None:
    """The text beside a video is taken up when it comes and when it changes, and kept when the video moves."""

    def caption() -> str | None:
        with library.store.read() as db:
            row = db.execute(
                "SELECT text FROM texts JOIN files USING (fingerprint) WHERE name = '1.mp4' AND kind = 'caption'"
            ).fetchone()
        return row["text"] if row else None

    scan(library, ignore)
    assert caption() is None
    (root / "1.info.json").write_text(json.dumps({"description": "a cat #cats"}))
    scan(library, ignore)
    assert caption() == "a cat #cats"
    (root / "1.info.json").write_text(json.dumps({"description": "two cats"}))
    os.utime(root / "1.info.json", ns=(1, 1_700_000_000_000_000_000))
    scan(library, ignore)
    assert caption() == "two cats"
    library.sort("1.mp4", "Cats")
    scan(library, ignore)
    assert caption() == "two cats"
