"""The page where one of several is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from sorter_core.app import Sorter
from tests.conftest import grow
from tests.pages.conftest import HOSTILE, Visit, words


@pytest.fixture
def twice(sorter: Sorter, root: Path, tmp_path: Path) -> Path:
    """A copy of a filed video, and a trash of the test's own."""
    grow(root, {"9.mp4": "four"})
    place = tmp_path / "bin"
    place.mkdir()
    sorter.trash = lambda path: path.rename(place / path.name)
    sorter.scan()
    return place


def test_nothing_is_there_twice(visit: Visit, sorter: Sorter) -> None:
    """It is said, and that pictures were not compared yet."""
    sorter.scan()
    app = visit("duplicates")
    assert "No duplicates were found." in words(app)
    assert "The pictures of 4 videos were not compared yet" in words(app)


def test_a_group_is_shown_and_one_kept(visit: Visit, twice: Path, root: Path) -> None:
    """A click on one sends the others to the trash."""
    app = visit("duplicates")
    assert "Exact copies · 2" in words(app)
    keep = [button for button in app.button if button.label == "Keep this one"]
    app = keep[0].click().run()
    assert (twice / "9.mp4").exists()
    assert (root / "Cats" / "4.mp4").exists()
    assert "1 video went to the trash; 4.mp4 stays." in words(app)
    assert "No duplicates were found." in words(app)


def test_a_click_means_the_group_that_was_clicked_on(
    visit: Visit, sorter: Sorter, twice: Path, root: Path
) -> None:
    """Another group stands in its place by then: nothing of that goes to the trash."""
    app = visit("duplicates")
    grow(root, {"Ants": {"8.mp4": "longer" * 9}, "8.mp4": "longer" * 9})
    sorter.scan()
    app = next(b for b in app.button if b.label == "Keep this one").click().run()
    assert words(app).index("8.mp4") < words(app).index("Not duplicates")
    assert (root / "8.mp4").exists()
    assert (root / "Ants" / "8.mp4").exists()


def test_new_copies_are_found_by_the_first_look(visit: Visit, sorter: Sorter, root: Path) -> None:
    """Nobody has looked over the library since they came."""
    sorter.scan()
    grow(root, {"9.mp4": "four"})
    assert "Exact copies · 2" in words(visit("duplicates"))


def test_no_duplicates_are_remembered(visit: Visit, twice: Path, root: Path) -> None:
    """The group goes, the files stay."""
    app = visit("duplicates")
    app = next(b for b in app.button if b.label == "Not duplicates").click().run()
    assert "No duplicates were found." in words(app)
    assert (root / "9.mp4").exists()


def test_all_exact_copies_at_once(visit: Visit, twice: Path, root: Path) -> None:
    """The first of each group stays."""
    app = visit("duplicates")
    app = next(b for b in app.button if b.label == "Remove them").click().run()
    assert [path.name for path in twice.iterdir()] == ["9.mp4"]
    assert "1 video went to the trash; 4.mp4 stays." in words(app)
    assert "No duplicates were found." in words(app)


def test_a_trash_that_refuses_is_told(
    visit: Visit, sorter: Sorter, twice: Path, root: Path
) -> None:
    """The file stays."""

    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    sorter.trash = refuse
    app = visit("duplicates")
    app = next(b for b in app.button if b.label == "Keep this one").click().run()
    assert "Permission denied" in words(app)
    assert (root / "9.mp4").exists()


def test_hostile_names_are_shown_as_they_are(visit: Visit, sorter: Sorter, root: Path) -> None:
    """Neither the folder's nor the file's name is obeyed."""
    grow(root, {HOSTILE: {f"{HOSTILE}.mp4": "four"}})
    sorter.scan()
    app = visit("duplicates")
    assert HOSTILE in words(app)
    assert not any(HOSTILE in str(element.value) for element in app.markdown)
