"""The demo library: what a newcomer gets first."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import numpy as np
import pytest

from sorter_core import demo
from sorter_core.errors import JobCancelled, NotALibrary, StorageError, TargetExists
from sorter_core.media import decode
from sorter_core.scenes import sounds
from sorter_core.scenes.canvas import Canvas
from sorter_core.scenes.topics import TOPICS, scene

if TYPE_CHECKING:
    from pathlib import Path

FOLDERS = ["Cats", "Cooking", "Dance", "Football", "Travel"]
SMALL = {"labelled": 1, "unsorted": 3}


def content(path: Path) -> dict[str, bytes]:
    """Every file by its relative path."""
    return {
        file.relative_to(path).as_posix(): file.read_bytes()
        for file in sorted(path.rglob("*"))
        if file.is_file()
    }


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo of eight clips; not to be changed."""
    path = tmp_path_factory.mktemp("demo") / "My démo"
    demo.write(path, **SMALL)
    return path


@pytest.fixture
def copy(small: Path, tmp_path: Path) -> Path:
    """The same, to be changed."""
    for name, data in content(small).items():
        (tmp_path / "demo" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "demo" / name).write_bytes(data)
    return tmp_path / "demo"


def test_the_whole_demo_has_some_60_clips():
    """Eight in each of five folders and 22 to sort; names as TikTok gives them."""
    parts = demo.cast(0)
    assert len(parts) == 62
    assert all(sum(part.folder == name for part in parts) == 8 for name in FOLDERS)
    assert {part.topic for part in parts if not part.folder} == set(range(5))
    assert all(re.fullmatch(r"7\d{18}", part.id) for part in parts)
    assert len({part.id for part in parts}) == 62


def test_clips_lie_in_their_folders(small):
    """One in each folder, three unsorted, nothing left over."""
    names = [path for path in content(small) if path.endswith(".mp4")]
    assert sorted(path.split("/")[0] for path in names if "/" in path) == FOLDERS
    assert sum("/" not in path for path in names) == 3
    assert not list(small.rglob(".*"))


def test_clips_are_portraits_that_move_and_sound(small):
    """Three to four seconds; each decodes into several different pictures."""
    clips = [decode(path) for path in small.rglob("*.mp4")]
    assert len(clips) == 8
    for clip in clips:
        assert (clip.width, clip.height) == (288, 512)
        assert 3 <= clip.duration <= 4.1
        assert len(clip.frames) >= 2
        assert clip.notes == ()
    heard = [clip.audio for clip in clips if clip.audio is not None]
    assert len(heard) >= 6
    assert all(audio.std() > 0.005 for audio in heard)


def test_some_clips_have_a_text_beside_them(small):
    """As yt-dlp writes it, with hashtags in the description."""
    sidecars = list(small.rglob("*.info.json"))
    assert 0 < len(sidecars) <= 8
    for sidecar in sidecars:
        info = json.loads(sidecar.read_text(encoding="utf-8"))
        assert sidecar.with_name(f"{info['id']}.mp4").exists()
        assert "#" in info["description"]
        assert info["uploader"]


def test_the_same_seed_gives_the_same_bytes(small, tmp_path):
    """Another seed gives other clips."""
    demo.write(tmp_path / "again", **SMALL)
    assert content(tmp_path / "again") == content(small)
    assert {part.id for part in demo.cast(1)}.isdisjoint(part.id for part in demo.cast(0))


def test_a_second_call_changes_nothing(copy):
    """Also when the library was set up in it, and videos were sorted meanwhile."""
    (copy / ".sorter").mkdir()
    unsorted = next(copy.glob("*.mp4"))
    unsorted.rename(copy / "Dance" / unsorted.name)
    before = content(copy)
    demo.write(copy, **SMALL)
    assert content(copy) == before


def test_what_is_missing_is_written_again(copy, small):
    """As after an interrupted call."""
    for path in copy.rglob("*.mp4"):
        if path.parent.name == "Cats":
            path.unlink()
    demo.write(copy, **SMALL)
    assert content(copy) == content(small)


def test_a_cancelled_call_leaves_whole_clips_only(tmp_path):
    """Progress may raise; what was begun is taken away, what is whole stays."""

    def cancel(done: int, total: int) -> None:
        if done == 2:
            raise JobCancelled("a person cancelled it")

    with pytest.raises(JobCancelled):
        demo.write(tmp_path / "demo", **SMALL, progress=cancel)
    names = content(tmp_path / "demo")
    assert 2 <= sum(name.endswith(".mp4") for name in names) < 8
    assert not [name for name in names if ".sorter-" in name]


def test_progress_is_told(copy):
    """From none to all that is missing."""
    next(copy.rglob("*.mp4")).unlink()
    told = []
    demo.write(copy, **SMALL, progress=lambda done, total: told.append((done, total)))
    assert told == [(0, 1), (1, 1)]


def test_a_folder_with_other_things_is_refused(tmp_path):
    """And nothing is written into it."""
    (tmp_path / "holiday.mp4").write_bytes(b"mine")
    with pytest.raises(TargetExists, match="a new or empty folder"):
        demo.write(tmp_path, **SMALL)
    assert content(tmp_path) == {"holiday.mp4": b"mine"}


def test_an_empty_folder_is_taken(tmp_path):
    """Hidden files of the system do not count."""
    (tmp_path / ".DS_Store").write_bytes(b"x")
    demo.write(tmp_path, labelled=0, unsorted=1)
    assert len(list(tmp_path.glob("*.mp4"))) == 1


def test_a_file_is_refused(tmp_path):
    """It is no directory."""
    (tmp_path / "demo").write_text("mine")
    with pytest.raises(NotALibrary, match="is a file"):
        demo.write(tmp_path / "demo", **SMALL)


def test_a_place_that_cannot_be_written_to_is_told(tmp_path):
    """A path that leads through a file."""
    (tmp_path / "file").write_text("mine")
    with pytest.raises(StorageError, match="can't be written"):
        demo.write(tmp_path / "file" / "demo", **SMALL)


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_every_scene_is_colourful_and_moves(topic):
    """The plain ones and the odd ones."""
    for layers in topic.usual + topic.odd:
        paint = scene(np.random.default_rng(0), layers)
        pictures = []
        for time in (0.5, 1.1):
            canvas = Canvas()
            paint(canvas, time)
            pictures.append(canvas.image.astype(int))
        assert pictures[0].std() > 20
        assert np.abs(pictures[0] - pictures[1]).mean() > 0.2


TUNES = [*(topic.tune for topic in TOPICS), sounds.trend]


@pytest.mark.parametrize("tune", TUNES, ids=lambda tune: tune.__name__)
def test_every_tune_can_be_heard(tune):
    """Three seconds, within the full level."""
    rng = np.random.default_rng(0)
    wave = sounds.recorded(rng, tune(rng, 3))
    assert wave.dtype == np.float32
    assert len(wave) == 3 * sounds.RATE
    assert 0.01 < np.abs(wave).max() <= 1
    assert np.isfinite(wave).all()
