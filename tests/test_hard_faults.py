"""Faults in the middle of a folder's end or of a move: nothing is lost, and the next action works."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from sorter_core import Settings, Sorter
from sorter_core.errors import DiskFull
from sorter_core.journal import _drop_droppings
from tests.conftest import Layout, grow, look


class Shared(type(Path())):  # type: ignore[misc]
    """A folder into which another process moves a video while its list is read."""

    def iterdir(self) -> Iterator[Path]:
        """The list, and then the video."""
        yield from super().iterdir()
        grow(Path(self), {"7.mp4": "just moved here"})


@pytest.mark.parametrize("layout", [{}, {".DS_Store": "x"}])
def test_a_video_that_comes_while_its_folder_goes_stays(tmp_path: Path, layout: Layout) -> None:
    """Only what was looked at goes; the folder is not empty then, and stays too."""
    folder = grow(tmp_path / "Cats", layout)
    _drop_droppings(Shared(folder))
    assert look(folder)["7.mp4"] == b"just moved here"


def filled(disk: Path) -> Path:
    """A file that takes all the room there is."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"x" * 4096)
    return filler


def planned(sorter: Sorter) -> int:
    """How many moves have no end."""
    with sorter.library.store.read() as db:
        return int(db.execute("SELECT count(*) FROM moves WHERE state = 'planned'").fetchone()[0])


def test_a_move_whose_end_could_not_be_written_down_is_settled(
    small_disk: Path, settings: Settings
) -> None:
    """It was made as the disk became full; once there is room, the same process goes on."""
    files: Layout = {f"{n}.mp4": f"video {n}" for n in range(20)}
    root = grow(small_disk / "library", {"Dogs": files})
    sorter = Sorter(settings.model_copy(update={"data_dir": root, "artifacts_dir": None}))
    sorter.scan()
    filler, name, left = filled(small_disk), "Dogs", 0
    for number in range(40):  # at one of these sizes the plan finds room, and what follows none
        with suppress(DiskFull):
            sorter.rename_folder(name, f"Dogs {number}")
        name = next(path.name for path in root.glob("Dogs*"))
        if left := planned(sorter):
            break
        with suppress(FileNotFoundError), filler.open("r+b") as file:
            file.truncate(max(0, filler.stat().st_size - 4096))
    assert left == 1
    filler.unlink()
    sorter.rename_folder(name, "Wolves")
    assert planned(sorter) == 0
    with sorter.library.store.read() as db:
        known = {tuple(row) for row in db.execute("SELECT folder, name FROM files")}
    assert known == {("Wolves", file) for file in files}
    assert len(sorter.undo()) == 1
