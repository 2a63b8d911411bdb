"""What TikTok tells of a library's own videos: asked for once, slowly, kept for the learner."""

from __future__ import annotations

import itertools
import json
import time
from pathlib import Path
from typing import Any

import pytest

from sorter_core import captions, texts
from sorter_core.app import Sorter
from sorter_core.extraction.asking import texts_of
from sorter_core.extraction.errors import (
    ExtractionFailed,
    NotVideoContent,
    VideoUnavailable,
)
from sorter_core.extraction.fill import Fills, FillStatus, Problem
from sorter_core.extraction.info import VideoInfo
from sorter_core.library import Library
from sorter_core.scan import scan
from sorter_core.settings import Settings
from tests.conftest import grow
from tests.extraction.children import run, until
from tests.extraction.standin import StandIn

FIRST = 7301234567890123456
KINDS = {"caption": "A cat #cats", "author": "cat.lover", "sound": "Song - Band"}
WHOLE = {**KINDS, "hashtags": "cats"}


def name(number: int) -> str:
    return f"{FIRST + number}.mp4"


class TikTok:
    """Tells the same of every video, but for those that it is told to fail with."""

    def __init__(self, **faults: Exception) -> None:
        self.faults = faults
        self.asked: list[int] = []

    def video(self, url: str) -> VideoInfo:
        number = int(url.rpartition("/")[2]) - FIRST
        self.asked.append(number)
        if fault := self.faults.get(f"video{number}"):
            raise fault
        return VideoInfo(
            url, "", "", "A cat #cats", uploader="cat.lover", track="Song", artist="Band",
            hashtags=("cats",),
        )  # fmt: skip


class Lying(Fills):
    """A queue that starts no child."""

    launched = 0

    def _launch(self) -> None:
        self.launched += 1


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Four videos named after ids, one of them sorted, one with its sidecar; one that is no TikTok's."""
    root = grow(
        tmp_path / "library",
        {
            name(0): "zero",
            f"A cat [{FIRST + 1}].mp4": "one",
            "holiday.mp4": "mine",
            name(2): "two",
            f"{FIRST + 2}.info.json": json.dumps({"description": "told already"}),
            "Cats": {name(3): "three"},
        },
    )
    library = Library(root)
    look(library)
    return library


def look(library: Library) -> None:
    scan(library, lambda _done, _total: None)


def names(library: Library) -> list[str]:
    with library.looking() as tree:
        return [n for part in (tree.root(), *tree.folders().values()) for n in part.videos]


@pytest.fixture
def fills(library: Library) -> Lying:
    return Lying(library.store, library.root, per_minute=60_000)


def held(library: Library) -> dict[str, dict[str, str]]:
    """The texts of each file."""
    found: dict[str, dict[str, str]] = {}
    with library.store.read() as db:
        for row in db.execute("SELECT * FROM files JOIN texts USING (fingerprint)"):
            found.setdefault(row["name"], {})[row["kind"]] = row["text"]
    return found


def test_what_lacks_its_caption_is_asked_for_once(fills: Lying, library: Library) -> None:
    """Sorted or not; what brought its own, and what has no id, is left alone."""
    tiktok = TikTok()
    status = fills.start(names(library))
    assert (status.running, status.done, status.total, fills.launched) == (True, 0, 3, 1)
    fills.work(tiktok)
    assert sorted(tiktok.asked) == [0, 1, 3]
    assert fills.status() == FillStatus(
        running=False, cancelling=False, done=3, total=3, filled=3, unavailable=0, failed=0,
        eta_seconds=None, stopped=None, problems=(),
    )  # fmt: skip
    found = held(library)
    assert found[name(0)] == found[name(3)] == found[f"A cat [{FIRST + 1}].mp4"] == WHOLE
    assert found[name(2)] == {"caption": "told already"}
    assert "holiday.mp4" not in found
    fills.start(names(library))
    fills.work(tiktok)
    assert len(tiktok.asked) == 3


def test_the_learner_reads_it_like_a_sidecar(library: Library, tmp_path: Path) -> None:
    """The kinds and their form are those of what yt-dlp writes beside a video."""
    sidecar = {
        "description": "A cat #cats",
        "uploader": "cat.lover",
        "track": "Song",
        "artists": ["Band"],
    }
    (tmp_path / "1.info.json").write_text(json.dumps(sidecar))
    assert captions.read(tmp_path / "1.mp4") == texts_of(TikTok().video(f"/{FIRST}")) == WHOLE


def test_the_next_analysis_makes_vectors_of_it(
    fills: Lying, library: Library, tmp_path: Path
) -> None:
    """Of what was told, for videos that had none."""
    chosen = Settings(
        _env_file=None,
        data_dir=library.root,
        state_dir=tmp_path / "state",
        cache_dir=tmp_path / "cache",
        encoders=("caption",),
        workers=1,
    )
    sorter = Sorter(chosen)
    sorter.extract()

    def vectors() -> set[str]:
        with library.store.read() as db:
            rows = db.execute(
                "SELECT name FROM files JOIN features USING (fingerprint)"
                " WHERE encoder = 'caption' AND vector IS NOT NULL"
            )
            return {row[0] for row in rows}

    assert vectors() == {name(2)}
    fills.start(names(library))
    fills.work(TikTok())
    assert sorter.news().unanalysed == 3
    sorter.extract()
    assert vectors() == {name(0), f"A cat [{FIRST + 1}].mp4", name(2), name(3)}


def test_old_vectors_of_captions_go(fills: Lying, library: Library) -> None:
    """And no others; a text that does not change leaves them."""
    with library.store.write() as db:
        mark = db.execute("SELECT fingerprint FROM files WHERE name = ?", (name(0),)).fetchone()[0]
        for encoder in ("caption", "frames"):
            db.execute("INSERT INTO features VALUES (?, ?, '1', NULL, 'x')", (mark, encoder))

    def encoders() -> list[str]:
        with library.store.read() as db:
            return [row[0] for row in db.execute("SELECT encoder FROM features ORDER BY encoder")]

    with library.store.write() as db:
        texts.complete(db, mark, {})
    assert encoders() == ["caption", "frames"]
    fills.start(names(library))
    fills.work(TikTok())
    assert encoders() == ["frames"]


def test_what_was_known_before_counts_more(fills: Lying, library: Library) -> None:
    """An import's caption stays; only what is lacking comes from TikTok."""
    with library.store.write() as db:
        mark = db.execute("SELECT fingerprint FROM files WHERE name = ?", (name(0),)).fetchone()[0]
        texts.write(db, mark, {"caption": "mine"})
    fills.start(names(library))
    fills.work(TikTok())
    assert held(library)[name(0)] == {**WHOLE, "caption": "mine"}


def test_what_is_not_to_be_had_is_remembered(fills: Lying, library: Library) -> None:
    """Private, deleted, photos: not asked for again, unless wished; a passing fault is."""
    tiktok = TikTok(
        video0=VideoUnavailable("The video is private."),
        video1=NotVideoContent("A photo post."),
        video3=ExtractionFailed("TikTok blocks this address."),
    )
    fills.start(names(library))
    fills.work(tiktok)
    status = fills.status()
    assert (status.done, status.filled, status.unavailable, status.failed) == (3, 0, 2, 1)
    assert Problem(name(0), "VIDEO_UNAVAILABLE", "The video is private.") in status.problems
    tiktok.asked.clear()
    fills.start(names(library))
    fills.work(tiktok)
    assert tiktok.asked == [3]
    tiktok.asked.clear()
    fills.start(names(library), again=True)
    fills.work(tiktok)
    assert sorted(tiktok.asked) == [0, 1, 3]


def test_a_limit_is_kept_and_the_next_round_goes_on(fills: Lying, library: Library) -> None:
    """Each video is asked for in one of them."""
    tiktok = TikTok()
    for left in (2, 1, 0):
        assert fills.start(names(library), limit=1).running
        assert fills.start(names(library)).total == 1  # a running round gets nothing added
        fills.work(tiktok)
        assert len(fills.missing(names(library))) == left
    assert sorted(tiktok.asked) == [0, 1, 3]
    assert not fills.start(names(library)).running


def test_a_round_is_cancelled_and_taken_up(fills: Lying, library: Library) -> None:
    """What was told stays; the rest is asked for in the next round."""

    class Cancelling(TikTok):
        def video(self, url: str) -> VideoInfo:
            assert fills.status().running
            assert fills.cancel()
            assert fills.status().cancelling
            assert fills.status().eta_seconds is None
            return super().video(url)

    fills.start(names(library))
    fills.work(Cancelling())
    status = fills.status()
    assert (status.running, status.filled, status.stopped) == (False, 1, None)
    assert (status.done, status.total) == (1, 3)
    assert not fills.cancel()
    tiktok = TikTok()
    fills.start(names(library))
    fills.work(tiktok)
    assert len(tiktok.asked) == 2
    assert fills.missing(names(library)) == {}


def test_cancelling_ends_the_wait_between_two_questions(library: Library) -> None:
    """At one a minute nobody waits for a minute."""
    fills = Lying(library.store, library.root, per_minute=1)
    began = time.monotonic()

    class Cancelling(TikTok):
        def video(self, url: str) -> VideoInfo:
            told = super().video(url)
            with library.store.write() as db:  # as if somebody cancelled a moment later
                db.execute("UPDATE downloads SET cancelling = 1 WHERE state = 'waiting'")
            return told

    fills.start(names(library))
    assert fills.status().eta_seconds == pytest.approx(180)
    tiktok = Cancelling()
    fills.work(tiktok)
    assert len(tiktok.asked) == 1
    assert time.monotonic() - began < 30


def test_questions_keep_their_distance(library: Library) -> None:
    """The setting is per minute."""
    fills = Lying(library.store, library.root, per_minute=300)
    moments: list[float] = []

    class Timed(TikTok):
        def video(self, url: str) -> VideoInfo:
            moments.append(time.monotonic())
            return super().video(url)

    fills.start(names(library))
    fills.work(Timed())
    assert all(later - earlier > 0.19 for earlier, later in itertools.pairwise(moments))


def test_a_tiktok_that_refuses_is_left_in_peace(tmp_path: Path) -> None:
    """After five refusals in a row the round ends and says why; nothing is remembered as gone."""
    library = Library(grow(tmp_path / "many", {name(n): str(n) for n in range(8)}))
    look(library)
    fills = Lying(library.store, library.root, per_minute=60_000)
    blocked = ExtractionFailed("TikTok blocks this address.")
    tiktok = TikTok(**{f"video{n}": blocked for n in range(8)})
    fills.start(names(library))
    fills.work(tiktok)
    status = fills.status()
    assert (len(tiktok.asked), status.running, status.failed) == (5, False, 5)
    assert "TikTok blocks this address." in str(status.stopped)
    assert len(fills.missing(names(library))) == 8


def test_the_library_is_looked_over_first(library: Library, fills: Lying) -> None:
    """A video that came since the last look is asked for as well, and one that went is not."""
    (library.root / name(9)).write_text("nine")
    (library.root / name(0)).unlink()
    tiktok = TikTok()
    fills.start([*names(library), name(0)])
    fills.work(tiktok, lambda: look(library))
    assert sorted(tiktok.asked) == [1, 3, 9]
    assert held(library)[name(9)] == WHOLE


def test_downloads_and_questions_do_not_stand_in_each_others_way(
    fills: Lying, library: Library
) -> None:
    """One row of each kind may run; each sees its own only."""
    from sorter_core.extraction.downloads import Downloads

    class Still(Downloads):
        def _launch(self) -> None:
            pass

    downloads = Still(library.store, library.root)
    downloads.start([f"https://www.tiktok.com/@a/video/{FIRST}"])
    with library.store.write() as db:
        db.execute("UPDATE downloads SET state = 'running', owner = 'elsewhere:1:1.0'")
    tiktok = TikTok()
    fills.start(names(library))
    fills.work(tiktok)
    assert len(tiktok.asked) == 3
    assert (downloads.status().total, fills.status().total) == (1, 3)
    fills.cancel()
    assert downloads.status().running


# With the real child process, the real yt-dlp and the stand-in ----------------------------------


def test_the_command_line_fills(
    standin: StandIn, library: Library, environment: dict[str, str]
) -> None:
    """Two that are told, one that is private; then there is nothing more to ask."""
    for number in (0, 1):
        standin.add(str(FIRST + number))
    standin.add(str(FIRST + 3), "private")
    place = ("--library", str(library.root))
    done = run(environment, "fill", *place, "--json")
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    assert (told["filled"], told["unavailable"], told["failed"]) == (2, 1, 0)
    assert told["problems"][0]["filename"] == name(3)
    assert held(library)[name(0)]["author"] == "cat.lover"
    assert "кот" in held(library)[name(0)]["hashtags"]
    again = run(environment, "fill", *place)
    assert (again.returncode, again.stdout) == (3, "Nothing to ask.\n")


def test_a_killed_child_is_replaced(
    standin: StandIn, library: Library, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever looks next lets the rest be asked for; the page that it hung at costs itself alone."""
    import psutil

    for key, value in environment.items():
        monkeypatch.setenv(key, value)
    for number in (0, 1, 3):
        standin.add(str(FIRST + number), "slow" if number == 0 else "well")
    chosen = Settings(_env_file=None, data_dir=library.root, fill_per_minute=600)
    sorter = Sorter(chosen)
    before = standin.asked(str(FIRST))
    sorter.fill()
    until(lambda: standin.asked(str(FIRST)) > before)
    with library.store.read() as db:
        owner = db.execute("SELECT owner FROM downloads WHERE state = 'running'").fetchone()[0]
    psutil.Process(int(owner.split(":")[1])).kill()
    until(lambda: not sorter.fills().status().running)
    status = sorter.fills().status()
    assert (status.filled, status.failed) == (2, 1)
    assert sorter.unfilled() == 1
