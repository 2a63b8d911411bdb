"""A source without a network: a small real class, handed in."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image

from sorter_core.extraction.errors import VideoUnavailable
from sorter_core.extraction.info import Segment, Transcript, VideoInfo

LINK = "https://www.tiktok.com/@cat.lover/video/7301234567890123456"
ORANGE = (255, 140, 0)


def link(number: int | str) -> str:
    return f"https://www.tiktok.com/@cat.lover/video/{number}"


def jpeg(colour: tuple[int, int, int] = ORANGE, size: tuple[int, int] = (270, 480)) -> bytes:
    return picture(np.full((size[1], size[0], 3), colour, np.uint8))


def picture(pixels: np.ndarray, form: str = "JPEG") -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, form)
    return out.getvalue()


class FakeSource:
    """Knows every video; counts its calls and how many run at once; fails where it is told to.

    ``faults`` maps a video's id to the error it raises. ``gate`` holds each call until it is set; ``together``
    calls meet before they go on.
    """

    def __init__(
        self,
        faults: Mapping[str, Exception] | None = None,
        *,
        thumbnail: Callable[[], bytes] = jpeg,
        seconds: float = 0,
        duration: float | None = 15.4,
        captions: bool = True,
        together: int = 1,
    ) -> None:
        self._faults = dict(faults or {})
        self._thumbnail, self._seconds, self._duration = thumbnail, seconds, duration
        self._captions = captions
        self._lock = threading.Lock()
        self.gate = threading.Event()
        self.gate.set()
        self._together = threading.Barrier(together, timeout=10)
        self.videos: list[str] = []
        self.transcripts: list[str | None] = []
        self.at_once = self.most_at_once = 0
        self.closed = False

    def video(self, url: str) -> VideoInfo:
        with self._lock:
            self.videos.append(url)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            assert self.gate.wait(10), "nobody opened the gate"
            self._together.wait()
            time.sleep(self._seconds)
            return self._video(url)
        finally:
            with self._lock:
                self.at_once -= 1

    def _video(self, url: str) -> VideoInfo:
        number = url.rstrip("/").rpartition("/")[2]
        if number in self._faults:
            raise self._faults[number]
        return VideoInfo(
            url=url,
            video_id=number,
            title="The cat <b>that</b> opens doors",
            description="The cat that opens doors #cats #doors",
            duration=self._duration,
            view_count=120_000,
            upload_date="2026-01-20",
            uploader="cat.lover",
            thumbnail_url="https://p16-sign.tiktokcdn.com/cover.jpeg",
            hashtags=("cats", "doors"),
        )

    def transcript(self, url: str, language: str | None) -> Transcript:
        self.transcripts.append(language)
        if not self._captions:
            raise VideoUnavailable("The video has no captions.")
        return Transcript("en", "manual", "Look, 10 cats.", (Segment(0.0, 1.5, "Look, 10 cats."),))

    def fetch_thumbnail(self, url: str) -> bytes:
        return self._thumbnail()

    def close(self) -> None:
        self.closed = True
