"""The queue of downloads: seen by every process, worked off by one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from sorter_core.extraction.downloads import Download, Downloads, DownloadStatus
from sorter_core.extraction.errors import InvalidUrl, VideoUnavailable
from sorter_core.extraction.workers import Cancelled
from sorter_core.library import Library
from sorter_core.store import Store
from tests.clips import write_clip
from tests.extraction.children import run, until
from tests.extraction.standin import StandIn


class Shelf:
    """A source that has every video but those it is told to fail with."""

    def __init__(self, **faults: Exception) -> None:
        self.faults = faults
        self.asked: list[str] = []

    def video(self, url: str) -> Any:
        return SimpleNamespace(video_id="9")

    def download(
        self, url: str, target: Path, report: Callable[[int, int], None], cancelled: Any
    ) -> tuple[str, dict[str, Any]]:
        self.asked.append(target.stem)
        if fault := self.faults.get(f"video{target.stem}"):
            raise fault
        report(1, 2)
        target.write_text(f"video {target.stem}")
        return target.stem, {"id": target.stem}


class Lying(Downloads):
    """A queue that starts no child."""

    launched = 0

    def _launch(self) -> None:
        self.launched += 1


@pytest.fixture
def queue(library: Library) -> Lying:
    return Lying(library.store, library.root)


def link(number: int) -> str:
    return f"https://www.tiktok.com/@a/video/{number}"


def states(status: DownloadStatus) -> list[str]:
    return [one.state for one in status.downloads]


def test_links_are_queued_and_worked_off(queue: Lying, library: Library) -> None:
    """One that is none, one that fails, one that is there: each tells for itself alone."""
    shelf = Shelf(video12=VideoUnavailable("private"), video13=OSError(5, "I/O error"))
    urls = [
        link(11),
        link(12),
        "nonsense",
        link(13),
        link(1),
        f"{link(11)} ",
        "vm.tiktok.com/ZMabc/",
    ]
    status = queue.start(urls)
    assert states(status) == ["waiting", "waiting", "failed", "waiting", "waiting", "waiting"]
    assert (status.running, status.done, status.total, queue.launched) == (True, 1, 6, 1)

    queue.work(shelf)
    status = queue.status()
    assert states(status) == ["done", "failed", "failed", "failed", "known", "done"]
    assert (status.running, status.done, status.failed) == (False, 6, 3)
    first, second, third, fourth, *_ = status.downloads
    assert first == Download(link(11), "done", "11.mp4", 1, 2)
    assert (second.code, second.error) == ("VIDEO_UNAVAILABLE", "private")
    assert third.code == "INVALID_URL"
    assert (fourth.code, "I/O error" in str(fourth.error)) == ("StorageError", True)
    assert (library.root / "11.mp4").read_text() == "video 11"
    assert shelf.asked == ["11", "12", "13", "9"]


def test_the_newest_batch_is_shown(queue: Lying) -> None:
    """An older one is history."""
    queue.start([link(21)])
    queue.work(Shelf())
    queue.start([link(22)])
    assert [one.url for one in queue.status().downloads] == [link(22)]
    assert queue.status().running


def test_a_batch_has_bounds(queue: Lying) -> None:
    """None is nothing to do, and a million is a mistake."""
    for urls in ([], [link(1)] * 1001):
        with pytest.raises(InvalidUrl):
            queue.start(urls)
    assert queue.status() == DownloadStatus(
        running=False, cancelling=False, done=0, total=0, failed=0, downloads=()
    )


def test_only_bad_links_start_nothing(queue: Lying) -> None:
    """They have failed already."""
    assert not queue.start(["nonsense"]).running
    assert queue.launched == 0


def test_what_waits_and_what_runs_is_cancelled(queue: Lying, library: Library) -> None:
    """The running one notices; the others never begin."""
    assert not queue.cancel()
    asked = []

    class Slow(Shelf):
        def download(self, url: str, target: Path, report: Any, cancelled: Any) -> Any:
            asked.append(url)
            assert queue.status().downloads[0].state == "running"
            assert queue.cancel()
            assert queue.status().cancelling
            assert cancelled()
            raise Cancelled

    queue.start([link(31), link(32)])
    queue.work(Slow())
    assert states(queue.status()) == ["cancelled", "cancelled"]
    assert asked == [link(31)]
    assert not queue.cancel()


def test_one_process_works_at_a_time(queue: Lying, library: Library) -> None:
    """A second one finds it taken and leaves; what is added meanwhile is done by the first."""
    queue.start([link(41)])
    other = Lying(library.store, library.root)
    theirs = Shelf()

    class First(Shelf):
        def download(self, url: str, target: Path, report: Any, cancelled: Any) -> Any:
            if target.stem == "41":
                other.start([link(42)])
                other.work(theirs)
            return super().download(url, target, report, cancelled)

    mine = First()
    queue.work(mine)
    assert (mine.asked, theirs.asked) == (["41", "42"], [])


def test_two_computers_with_one_library_do_not_spoil_each_others_downloads(
    queue: Lying, library: Library, tmp_path: Path
) -> None:
    """Each has its own store and so its own queue; what comes into the library is whole."""
    other = Lying(Store(tmp_path / "other.db"), library.root)

    class Late(Shelf):
        def download(self, url: str, target: Path, report: Any, cancelled: Any) -> Any:
            target.write_text("half")
            queue.work(Shelf())
            return super().download(url, target, report, cancelled)

    queue.start([link(45)])
    other.start([link(45)])
    other.work(Late())
    assert states(queue.status()) == ["done"]
    assert states(other.status()) == ["known"]
    assert (library.root / "45.mp4").read_text() == "video 45"
    assert not list(library.root.glob(".sorter-down*"))


def test_a_dead_process_is_replaced(queue: Lying, library: Library) -> None:
    """Whoever looks next settles its row, and lets the others be worked off."""
    queue.start([link(51), link(52)])
    with library.store.write() as db:
        db.execute("UPDATE downloads SET state = 'running', owner = 'elsewhere:1:1.0' WHERE id = 1")
    assert states(queue.status()) == ["running", "waiting"]  # another machine counts as alive
    with library.store.write() as db:
        db.execute("UPDATE downloads SET owner = '' WHERE id = 1")
    status = queue.status()
    assert states(status) == ["failed", "waiting"]
    assert "stopped from outside" in str(status.downloads[0].error)
    assert queue.launched == 2


def test_a_forgotten_queue_is_taken_up(queue: Lying, library: Library) -> None:
    """A child that died between two videos leaves no running row behind."""
    queue.start([link(61)])
    queue.status()
    assert queue.launched == 1
    with library.store.write() as db:
        db.execute("UPDATE downloads SET changed = changed - 60")
    queue.status()
    assert queue.launched == 2


def test_who_looks_at_a_forgotten_queue_again_and_again_starts_one_child(queue: Lying) -> None:
    """Pages and the command line look several times a second, and a child takes a moment to begin."""
    queue.start([link(62), link(63)])
    with queue._store.write() as db:
        db.execute("UPDATE downloads SET changed = changed - 60")
    for _ in range(10):
        assert queue.status().running
    assert queue.launched == 2


def test_who_works_an_old_queue_off_starts_no_other_child(queue: Lying) -> None:
    """What waits for its turn was not forgotten, however long it waits."""
    queue.start([link(number) for number in range(81, 86)])
    with queue._store.write() as db:
        db.execute("UPDATE downloads SET changed = changed - 60")
    queue.work(Shelf())
    assert states(queue.status()) == ["done"] * 5
    assert queue.launched == 1


def test_a_process_elsewhere_that_is_not_heard_of_any_more_is_replaced(
    queue: Lying, library: Library
) -> None:
    """The library's stick was pulled out of another computer, or this one got another name."""
    queue.start([link(91), link(92)])
    with library.store.write() as db:
        db.execute("UPDATE downloads SET state = 'running', owner = 'elsewhere:1:1.0' WHERE id = 1")
    assert states(queue.status()) == ["running", "waiting"]
    with library.store.write() as db:
        db.execute("UPDATE downloads SET changed = changed - 7200")
    assert states(queue.status()) == ["failed", "waiting"]
    assert queue.launched == 2


def test_a_fault_of_the_program_is_no_dead_queue(queue: Lying) -> None:
    """It is raised, and the link has failed."""
    queue.start([link(71)])
    with pytest.raises(ZeroDivisionError):
        queue.work(Shelf(video71=ZeroDivisionError()))
    (one,) = queue.status().downloads
    assert (one.state, one.error) == ("failed", "The program failed: ZeroDivisionError")


# With the real child process, the real yt-dlp and the stand-in ----------------------------------


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write_clip(tmp_path_factory.mktemp("clip") / "clip.mp4").read_bytes()


def test_a_child_does_it_and_can_be_cancelled_and_killed(
    standin: StandIn, library: Library, environment: dict[str, str], clip: bytes
) -> None:
    """Good, then slow and cancelled, then slow and killed with SIGKILL: nothing is left over."""
    good, slow = "7400000000000000001", "7400000000000000002"
    media = "https://v16-webapp.tiktokcdn.com"
    standin.put(f"{media}/{good}.mp4", "video/mp4", clip)
    standin.put(f"{media}/{slow}.mp4", "slow", clip)
    queue = Downloads(library.store, library.root, environment)

    queue.start([standin.add(good), standin.add(slow)])
    until(
        lambda: states(queue.status()) == ["done", "running"] and standin.asked(f"{slow}.mp4") > 0
    )
    assert (library.root / f"{good}.mp4").read_bytes() == clip
    assert queue.cancel()
    until(lambda: not queue.status().running)
    assert states(queue.status()) == ["done", "cancelled"]

    queue.start([standin.add(slow), standin.add(good)])
    until(lambda: standin.asked(f"{slow}.mp4") > 1)
    with library.store.read() as db:
        owner = db.execute("SELECT owner FROM downloads WHERE state = 'running'").fetchone()[0]
    psutil.Process(int(owner.split(":")[1])).kill()
    until(lambda: not queue.status().running)
    assert states(queue.status()) == ["failed", "known"]
    assert not (library.root / f"{slow}.mp4").exists()


def test_the_command_line_downloads(
    standin: StandIn, root: Path, environment: dict[str, str], clip: bytes, tmp_path: Path
) -> None:
    """Links as arguments and in a file; one that fails is told and makes the exit code 1."""
    number = "7400000000000000003"
    standin.put(f"https://v16-webapp.tiktokcdn.com/{number}.mp4", "video/mp4", clip)
    file = tmp_path / "links.txt"
    file.write_text(f"# mine\n\n{standin.add(number)}\n")
    done = run(
        environment, "download", "nonsense", "--file", str(file), "--library", str(root), "--json"
    )
    assert done.returncode == 1, done.stderr
    assert [one["state"] for one in json.loads(done.stdout)["downloads"]] == ["failed", "done"]
    assert (root / f"{number}.mp4").exists()
    assert run(environment, "download", "--library", str(root)).returncode == 2


def test_the_command_line_tells_metadata(standin: StandIn, environment: dict[str, str]) -> None:
    """As JSON, also without a library."""
    told = run(environment, "info", standin.add("7400000000000000004"))
    assert json.loads(told.stdout)["uploader"] == "cat.lover", told.stderr
