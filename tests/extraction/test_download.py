"""One link becomes one video in the library, or nothing."""

from __future__ import annotations

import itertools
import json
import os
from pathlib import Path
from typing import Any

import pytest

from sorter_core import captions
from sorter_core.errors import ReadOnly
from sorter_core.extraction.download import Downloaded, download
from sorter_core.extraction.errors import (
    ExtractionError,
    ExtractionFailed,
    VideoTooLong,
    VideoUnavailable,
)
from sorter_core.extraction.source import YtDlpSource
from sorter_core.extraction.workers import Cancelled, ignore, never
from sorter_core.settings import Settings
from tests.clips import write_clip
from tests.conftest import grow, look
from tests.extraction.standin import StandIn

NUMBERS = map(str, itertools.count(7_300_000_000_000_000_000))


@pytest.fixture
def number() -> str:
    return next(NUMBERS)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A playable video."""
    return write_clip(tmp_path_factory.mktemp("clip") / "clip.mp4").read_bytes()


def put(standin: StandIn, number: str, data: bytes, kind: str = "video/mp4", **post: Any) -> str:
    """Make a video with a file behind it; returns its link."""
    standin.put(f"https://v16-webapp.tiktokcdn.com/{number}.mp4", kind, data)
    return standin.add(number, **post)


def fetch(url: str, root: Path, source: YtDlpSource, **more: Any) -> Downloaded:
    more = {"report": ignore, "cancelled": never, **more}
    return download(url, root, root / ".sorter-downloads", source, **more)


def test_the_video_and_its_sidecar_come(
    standin: StandIn, source: YtDlpSource, root: Path, number: str, clip: bytes
) -> None:
    """Byte for byte, named by the id, with what the learner reads, and without addresses that expire."""
    told: list[tuple[int, int]] = []
    url = put(standin, number, clip)
    found = fetch(url, root, source, report=lambda done, total: told.append((done, total)))
    assert found == Downloaded(f"{number}.mp4", known=False)
    assert (root / f"{number}.mp4").read_bytes() == clip
    assert captions.read(root / f"{number}.mp4") == {
        "caption": "So good #Cats #кот &more",
        "author": "cat.lover",
        "sound": "original sound - A, B",
        "hashtags": "cats кот",
    }
    sidecar = (root / f"{number}.info.json").read_text()
    assert json.loads(sidecar)["view_count"] == 1000
    assert "tt_chain_token" not in sidecar
    assert ".mp4" not in sidecar
    assert told[-1] == (len(clip), len(clip))
    assert not list(root.glob(".sorter-*"))


def test_what_the_library_has_is_left_alone(
    standin: StandIn, source: YtDlpSource, root: Path, number: str, clip: bytes
) -> None:
    """Unsorted or sorted; by a short link too; no byte of it is fetched."""
    url = put(standin, number, clip)
    short = standin.shorten("https://vm.tiktok.com/ZMknown/", url)
    for folder in (root, root / "Cats"):
        mine = folder / f"{number}.mp4"
        mine.write_text("mine")
        before = look(root)
        for link in (url, short):
            assert fetch(link, root, source) == Downloaded(f"{number}.mp4", known=True)
        assert look(root) == before
        mine.unlink()
    assert standin.asked(f"{number}.mp4") == 0


def test_who_comes_first_meanwhile_keeps_the_name(
    standin: StandIn, source: YtDlpSource, root: Path, number: str, clip: bytes
) -> None:
    """Another program put the file there while ours was coming in."""
    url = put(standin, number, clip)

    def report(_done: int, _total: int) -> None:
        (root / f"{number}.mp4").write_text("theirs")

    assert fetch(url, root, source, report=report).known
    assert (root / f"{number}.mp4").read_text() == "theirs"
    assert not (root / f"{number}.info.json").exists()


def test_a_sidecar_of_the_persons_own_stays(
    standin: StandIn, source: YtDlpSource, root: Path, number: str, clip: bytes
) -> None:
    """What lies there may be more than we know."""
    (root / f"{number}.info.json").write_text("{}")
    fetch(put(standin, number, clip), root, source)
    assert (root / f"{number}.info.json").read_text() == "{}"
    assert (root / f"{number}.mp4").exists()


@pytest.mark.parametrize(
    ("data", "kind", "post", "error"),
    [
        (b"<html>Log in</html>", "text/html", {}, ExtractionFailed),
        (b"", "video/mp4", {}, ExtractionFailed),
        (b"no", "403", {}, ExtractionFailed),
        (b"no", "404", {}, VideoUnavailable),
        (b"x" * 5000, "video/mp4 cut", {}, ExtractionFailed),
        (b"", "video/mp4", {"seconds": 9999}, VideoTooLong),
    ],
    ids=["page", "empty", "403", "404", "cut off", "too long"],
)
def test_what_fails_leaves_nothing(
    standin: StandIn,
    source: YtDlpSource,
    root: Path,
    number: str,
    data: bytes,
    kind: str,
    post: dict[str, Any],
    error: type[ExtractionError],
) -> None:
    """Not a name, not a hidden folder."""
    before = sorted(root.rglob("*"))
    with pytest.raises(error):
        fetch(put(standin, number, data, kind, **post), root, source)
    assert sorted(root.rglob("*")) == before


def test_a_cancelled_download_leaves_nothing(
    standin: StandIn, source: YtDlpSource, root: Path, number: str, clip: bytes
) -> None:
    """Half of it had come."""
    url = put(standin, number, clip, "slow")
    before = sorted(root.rglob("*"))
    with pytest.raises(Cancelled):
        fetch(url, root, source, cancelled=lambda: standin.asked(f"{number}.mp4") > 0)
    assert sorted(root.rglob("*")) == before


def test_leftovers_are_cleared(
    standin: StandIn, source: YtDlpSource, root: Path, number: str, clip: bytes
) -> None:
    """Of a process that was killed at the same link."""
    grow(root, {".sorter-downloads": {f"{number}.mp4": "half", "more.part": "x"}})
    fetch(put(standin, number, clip), root, source)
    assert (root / f"{number}.mp4").read_bytes() == clip
    assert not (root / ".sorter-downloads").exists()


@pytest.mark.parametrize("name", ["100% %(title)s ünï", "a $HOME ${HOME} b $$", "~"])
def test_a_folder_with_a_strange_name(
    standin: StandIn, source: YtDlpSource, tmp_path: Path, number: str, clip: bytes, name: str
) -> None:
    """yt-dlp takes a path for a template, and puts the environment into it."""
    root = grow(tmp_path / name, {})
    fetch(put(standin, number, clip), root, source)
    assert {path.name for path in root.iterdir()} == {f"{number}.info.json", f"{number}.mp4"}


@pytest.mark.skipif(os.name == "nt", reason="a shell script stands for the program")
@pytest.mark.parametrize(
    "media", ["rtmp://127.0.0.1/x", "https://v16-webapp.tiktokcdn.com/list.m3u8"]
)
def test_no_other_program_fetches_a_video(
    standin: StandIn, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, media: str
) -> None:
    """yt-dlp would start ffmpeg or rtmpdump with an address off the page, past every judge."""
    for program in ("ffmpeg", "ffprobe", "rtmpdump"):
        script = tmp_path / "bin" / program
        script.parent.mkdir(exist_ok=True)
        script.write_text(f'#!/bin/sh\necho {program} "$@" >> {tmp_path}/ran\necho version 6.0\n')
        script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    number = next(NUMBERS)
    playlist = b"#EXTM3U\n#EXT-X-KEY:METHOD=SAMPLE-AES,URI='x'\n#EXTINF:1,\nx.ts\n#EXT-X-ENDLIST\n"
    standin.put("https://v16-webapp.tiktokcdn.com/list.m3u8", "text/plain", playlist)
    settings = Settings(_env_file=None, proxy_url=standin.proxy, max_concurrent_extractions=1)
    source = YtDlpSource(settings, ca_file=standin.ca_file)
    try:
        with pytest.raises(ExtractionFailed):
            fetch(standin.add(number, media=media), root, source)
    finally:
        source.close()
    assert not (tmp_path / "ran").exists()


class Refusing:
    """A source whose disk refuses."""

    def video(self, url: str) -> Any:
        raise AssertionError(url)

    def download(self, *_: object) -> Any:
        raise PermissionError(13, "Permission denied")


def test_a_disk_that_refuses_is_said(root: Path) -> None:
    """In the words of the other parts."""
    with pytest.raises(ReadOnly):
        fetch("https://www.tiktok.com/@a/video/5", root, Refusing())  # type: ignore[arg-type]
