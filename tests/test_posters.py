"""A small picture of each video, made once, by workers that a hostile file can't hurt."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import cv2
import pytest

from sorter_core import Settings, Sorter, posters
from sorter_core.errors import InvalidName, NotFound, VideoNotFound
from sorter_core.posters import SHORT_SIDE
from tests.clips import plain, write_clip
from tests.conftest import grow


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of one video that plays and some that don't."""
    root = tmp_path_factory.mktemp("library")
    write_clip(root / "1.mp4", size=(320, 480), seconds=1)
    write_clip(root / "2.mp4", pictures=plain(10, (64, 96)), tone_hz=None)
    whole = (root / "1.mp4").read_bytes()
    grow(root, {"3.mp4": b"", "4.mp4": whole[: len(whole) // 3], "5.mp4": "text", "Cats": {}})
    write_clip(root / "Cats" / "6.mp4", seed=5)
    return root


@pytest.fixture(scope="module")
def sorter(place: Path) -> Iterator[Sorter]:
    sorter = Sorter(Settings(_env_file=None, data_dir=place, workers=1))
    yield sorter
    sorter.close_posters()


def test_a_picture_is_small_upright_and_webp(sorter: Sorter) -> None:
    """Its shorter side is that of a tile; it lies below the library's hidden folder."""
    picture = sorter.poster("1.mp4")
    assert picture.parent == sorter.library.artifacts / "posters"
    assert picture.read_bytes()[8:12] == b"WEBP"
    assert cv2.imread(str(picture)).shape[:2] == (SHORT_SIDE * 480 // 320, SHORT_SIDE)


def test_it_is_drawn_once_and_follows_its_video(sorter: Sorter) -> None:
    """A move or a rename costs no second drawing: the content names the picture."""
    first = sorter.poster("1.mp4")
    drawn = first.stat().st_mtime_ns
    sorter.sort("1.mp4", "Cats")
    assert sorter.poster("1.mp4") == first
    assert sorter.poster("1.mp4", "Cats").stat().st_mtime_ns == drawn
    sorter.undo()


def test_a_folder_tells_which_of_two(sorter: Sorter) -> None:
    """A filed video is found as well."""
    assert sorter.poster("6.mp4", "Cats").is_file()


@pytest.mark.parametrize("name", ["3.mp4", "4.mp4", "5.mp4"])
def test_what_can_not_be_decoded_has_no_picture(sorter: Sorter, name: str) -> None:
    """The reason is told, the second time without another try."""
    reasons = set()
    for _ in range(2):
        with pytest.raises(NotFound, match="No picture of") as caught:
            sorter.poster(name)
        reasons.add(str(caught.value))
    assert len(reasons) == 1
    assert not list((sorter.library.artifacts / "posters").glob(".sorter-*"))


@pytest.mark.skipif(sys.platform != "linux", reason="needs a small file system of its own")
def test_a_full_disk_is_not_the_videos_fault(place: Path, small_disk: Path) -> None:
    """There is a picture as soon as there is room."""
    artifacts = small_disk / "artifacts"
    sorter = Sorter(Settings(_env_file=None, data_dir=place, artifacts_dir=artifacts, workers=1))
    _ = sorter.library
    (artifacts / "posters").mkdir()
    filler = small_disk / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(1024))
    with pytest.raises(NotFound, match="No space left"):
        sorter.poster("1.mp4")
    filler.unlink()
    assert sorter.poster("1.mp4").is_file()
    sorter.close_posters()


def test_a_black_video_is_a_black_picture(sorter: Sorter) -> None:
    """Better that than none."""
    assert cv2.imread(str(sorter.poster("2.mp4"))).max() < 20


@pytest.mark.parametrize(("name", "error"), [("9.mp4", VideoNotFound), ("../1.mp4", InvalidName)])
def test_what_is_no_video_of_the_library(sorter: Sorter, name: str, error: type[Exception]) -> None:
    """The name is judged before anything is opened."""
    with pytest.raises(error):
        sorter.poster(name)


def test_many_askers_make_one_picture(sorter: Sorter, place: Path) -> None:
    """Eight threads at once get the same whole file."""
    write_clip(place / "7.mp4", seed=9)
    found: list[bytes] = []
    askers = [
        threading.Thread(target=lambda: found.append(sorter.poster("7.mp4").read_bytes()))
        for _ in range(8)
    ]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def drawn(sorter: Sorter, hours: float, *names: str) -> Path:
    """Pictures of that age, by the names of their files."""
    folder = sorter.library.artifacts / "posters"
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_bytes(b"picture")
        moment = time.time() - 3600 * hours
        os.utime(folder / name, (moment, moment))
    return folder


def marks(sorter: Sorter) -> list[str]:
    """The fingerprints of all videos, unsorted ones first."""
    with sorter.library.store.read() as db:
        return [row[0] for row in db.execute("SELECT fingerprint FROM files ORDER BY folder, name")]


def test_the_pictures_of_videos_that_are_gone_go(settings: Settings, root: Path) -> None:
    """By content: what was moved keeps its picture; what is too young to be judged stays."""
    sorter = Sorter(settings)
    sorter.scan()
    one, two, three, four = (f"{mark}.webp" for mark in marks(sorter))
    folder = drawn(sorter, 2, one, two, three, four, ".sorter-77.webp")
    drawn(sorter, 0, f"{'a' * 32}.webp", ".sorter-78.webp")
    (root / "1.mp4").unlink()
    (root / "2.mp4").write_bytes(b"another")
    (root / "3.mp4").rename(root / "Dogs" / "renamed.mp4")
    sorter.scan()
    assert sorter.sweep_posters() == 3
    left = {path.name for path in folder.iterdir()}
    assert left == {three, four, f"{'a' * 32}.webp", ".sorter-78.webp"}
    assert sorter.sweep_posters() == 0


def test_of_too_many_pictures_the_oldest_go(settings: Settings) -> None:
    """They are drawn again when somebody asks for them."""
    sorter = Sorter(settings)
    sorter.scan()
    names = [f"{mark}.webp" for mark in marks(sorter)]
    for age, name in enumerate(names, start=2):
        folder = drawn(sorter, age, name)
    assert posters.sweep(sorter.library, most=3) == 1
    assert {path.name for path in folder.iterdir()} == set(names[:3])


def test_without_pictures_there_is_nothing_to_sweep(settings: Settings) -> None:
    """No folder is made for it."""
    sorter = Sorter(settings)
    assert sorter.sweep_posters() == 0
    assert not (sorter.library.artifacts / "posters").exists()
