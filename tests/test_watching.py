"""New files are noticed, once, when they are whole; our own moves are no news."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sorter_core import Settings, Sorter
from sorter_core.library import Library
from sorter_core.tree import Tree
from sorter_core.watching import Watcher, unknown
from tests.conftest import grow
from tests.learned import analysed

PATIENCE = 20.0


class Analysis:
    """Counts how often it was asked for, and scans as the job would."""

    def __init__(self, library: Library) -> None:
        self.library, self.calls = library, 0
        self.answer = "started"
        self.called = threading.Event()

    def __call__(self) -> str:
        self.calls += 1
        if self.answer == "started":
            from sorter_core.scan import scan

            scan(self.library, lambda _done, _total: None)
        self.called.set()
        return self.answer


@pytest.fixture
def analysis(library: Library) -> Analysis:
    found = Analysis(library)
    found()
    found.calls = 0
    found.called.clear()
    return found


@pytest.fixture
def watcher(library: Library, analysis: Analysis) -> Iterator[Watcher]:
    watcher = Watcher(lambda: library, analysis, quiet=0.5)
    yield watcher
    watcher.stop()


def begin(watcher: Watcher) -> None:
    watcher.ensure()
    time.sleep(1.0)  # until the system tells of changes


def test_a_new_file_is_analysed(watcher: Watcher, analysis: Analysis, root: Path) -> None:
    """In the pile or in a folder, and once for all that come together."""
    begin(watcher)
    grow(root, {"new.mp4": "x", "Cats": {"new.webm": "y"}})
    assert analysis.called.wait(PATIENCE)
    time.sleep(1.5)
    assert analysis.calls == 1


def test_our_own_moves_and_other_files_are_no_news(
    watcher: Watcher, analysis: Analysis, library: Library, root: Path
) -> None:
    """The journal has told where they lie; a text is no video."""
    begin(watcher)
    library.sort("1.mp4", "Cats")
    grow(root, {"notes.txt": "x", ".hidden.mp4": "x"})
    assert not analysis.called.wait(3)


def test_a_copy_that_grows_is_waited_for(watcher: Watcher, analysis: Analysis, root: Path) -> None:
    """Half a file would be analysed twice."""
    begin(watcher)
    with (root / "new.mp4").open("wb") as file:
        for _ in range(8):
            file.write(b"x" * 1000)
            file.flush()
            time.sleep(0.2)
            assert analysis.calls == 0
    assert analysis.called.wait(PATIENCE)


def test_what_came_while_the_app_was_closed_is_news(
    watcher: Watcher, analysis: Analysis, root: Path
) -> None:
    """It is looked for at the beginning."""
    grow(root, {"new.mp4": "x"})
    watcher.ensure()
    assert analysis.called.wait(PATIENCE)


def test_as_many_came_as_went_while_the_app_was_closed(
    watcher: Watcher, analysis: Analysis, root: Path
) -> None:
    """Names are compared, not numbers."""
    (root / "1.mp4").unlink()
    grow(root, {"new.mp4": "x"})
    watcher.ensure()
    assert analysis.called.wait(PATIENCE)


class Late(Library):
    """A library into which a file comes in the moment after its second look."""

    looks = 0

    @contextmanager
    def looking(self) -> Iterator[Tree]:
        """The tree; the file is there at its return."""
        with super().looking() as tree:
            yield tree
        self.looks += 1
        if self.looks == 2:
            (self.root / "new.mp4").write_text("x")


def test_what_comes_while_the_watch_begins_is_news(root: Path, analysis: Analysis) -> None:
    """It is looked for when the system tells of changes already, not before."""
    late = Late(root)
    watcher = Watcher(lambda: late, analysis, quiet=0.5)
    watcher.ensure()
    assert analysis.called.wait(PATIENCE)
    watcher.stop()


@pytest.mark.parametrize("place", ["", "Cats"])
def test_a_folder_that_took_the_name_of_another_is_watched(
    watcher: Watcher, analysis: Analysis, root: Path, place: str
) -> None:
    """A disk that was taken out and came back, an archive unpacked once more."""
    begin(watcher)
    (root / place).rename(root.with_name("old"))
    shutil.copytree(root.with_name("old"), root / place)
    time.sleep(2.5)
    analysis.called.clear()
    grow(root / place, {"new.mp4": "x"})
    assert analysis.called.wait(PATIENCE)


@pytest.fixture
def silent(tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """A folder whose changes the system tells nobody of, and the way behind its back to make some."""
    lower, upper, work, merged = (tmp_path / name for name in ("lower", "upper", "work", "merged"))
    for folder in (lower, upper / "library", work, merged):
        folder.mkdir(parents=True)
    options = f"lowerdir={lower},upperdir={upper},workdir={work}"
    mounted = subprocess.run(
        ["mount", "-t", "overlay", "overlay", "-o", options, str(merged)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"mounting it needs root: {mounted.stderr.strip()}")
    yield merged / "library", upper / "library"
    subprocess.run(["umount", "-l", str(merged)], check=True)


@pytest.mark.skipif(sys.platform != "linux", reason="needs an overlay of two folders")
def test_on_a_network_drive_it_is_looked_for(
    silent: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What another computer puts there comes without a word from this one's system."""
    monkeypatch.setattr("sorter_core.store.NETWORK", {"overlay"})
    monkeypatch.setattr("sorter_core.watching._POLL_SECONDS", 0.5)
    library = Library(silent[0], tmp_path / "artifacts")
    found = Analysis(library)
    watcher = Watcher(lambda: library, found, quiet=0.5)
    begin(watcher)
    time.sleep(1.0)
    (silent[1] / "new.mp4").write_text("x")
    assert found.called.wait(PATIENCE)
    watcher.stop()


def test_a_running_job_is_waited_for(watcher: Watcher, analysis: Analysis, root: Path) -> None:
    """And asked again."""
    analysis.answer = "already_running"
    begin(watcher)
    grow(root, {"new.mp4": "x"})
    assert analysis.called.wait(PATIENCE)
    analysis.called.clear()
    analysis.answer = "started"
    assert analysis.called.wait(PATIENCE)
    assert analysis.calls >= 2


def test_a_new_folder_is_watched_as_well(watcher: Watcher, analysis: Analysis, root: Path) -> None:
    """From the moment it is there."""
    begin(watcher)
    (root / "Birds").mkdir()
    time.sleep(2.5)
    grow(root, {"Birds": {"new.mp4": "x"}})
    assert analysis.called.wait(PATIENCE)


def test_it_ends_when_it_is_turned_off(library: Library, analysis: Analysis) -> None:
    """The thread goes; it can be started again."""
    on = [True]
    watcher = Watcher(lambda: library if on[0] else None, analysis, quiet=0.5)
    watcher.ensure()
    on[0] = False
    deadline = time.monotonic() + PATIENCE
    while any(t.name == "watcher" for t in threading.enumerate()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(t.name == "watcher" for t in threading.enumerate())
    watcher.ensure()
    assert not any(t.name == "watcher" for t in threading.enumerate())


def test_unknown_is_what_neither_scan_nor_journal_told(
    library: Library, analysis: Analysis, root: Path
) -> None:
    """By place, size and time."""
    (root / "2.mp4").write_text("changed")
    paths = [root / "1.mp4", root / "2.mp4", root / "gone.mp4", root / "Cats" / "4.mp4"]
    assert list(unknown(library, paths)) == [root / "2.mp4"]


def test_the_choice_is_the_librarys_and_lasts(settings: Settings) -> None:
    """Off at first; a second process reads the same."""
    sorter = Sorter(settings)
    assert not sorter.watches()
    sorter.watch(on=True)
    try:
        assert Sorter(settings).watches()
    finally:
        sorter.stop_watching()
    sorter.watch(on=False)
    assert not Sorter(settings).watches()


def wait_for_job(sorter: Sorter) -> str | None:
    deadline = time.monotonic() + 120
    while sorter.job().running and time.monotonic() < deadline:
        time.sleep(0.1)
    return sorter.job().last_result


@pytest.mark.slow
def test_analysing_predicts_without_a_training(tmp_path: Path, settings: Settings) -> None:
    """With a model there, new videos are predicted by it; nothing is learned anew."""
    sorter = analysed(tmp_path / "learned", settings)
    sorter.train()
    assert sorter.analyse() == "started"
    assert wait_for_job(sorter) == "success"
    assert len(sorter.runs()) == 1
    assert all(video.guesses for video in sorter.videos().videos)


@pytest.mark.slow
def test_analysing_with_too_little_to_learn_from_is_no_failure(settings: Settings) -> None:
    """One folder with videos: looked at, and that is all."""
    sorter = Sorter(settings)
    assert sorter.analyse() == "started"
    assert wait_for_job(sorter) == "success"
    assert sorter.runs() == []


def test_a_file_that_is_gone_again_is_no_fault(library: Library, root: Path) -> None:
    """A download that was renamed: the watcher must not take the disk for one that can't be watched."""
    paths = [root / "gone.mp4", root / "no such folder" / "1.mp4", root / "2.mp4"]
    assert list(unknown(library, paths)) == [root / "2.mp4"]
