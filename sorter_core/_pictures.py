"""Which pictures of a video are looked at: at or near key frames, spread, each showing something."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np

from sorter_core import _seeking
from sorter_core.errors import MediaError

if TYPE_CHECKING:
    from collections.abc import Generator

    from numpy.typing import NDArray

    from sorter_core.types import Frame

FLAT = 5.0
"""Grey levels of 255. A thumbnail that spreads less (standard deviation) is one colour."""
DARK = 8.0
"""Grey levels of 255. A thumbnail darker than this on average is a fade, not a scene."""
ALIKE = 2.0
"""Grey levels of 255. Two thumbnails that differ less on average show the same."""
THUMBNAIL = 16

FORWARD = 48e6
"""Pixels decoded between key frames, at most: some 40 ms for 576x1024, as much as eight key frames.
More shows little new when there are key frames enough."""
FORWARD_ALONE = 256e6
"""The same for a video with fewer than :data:`FEW` key frames, else only its start would be seen."""
FEW = 4
SUBSTITUTES = 2
"""Pictures tried in the place of a blank or known one."""
ROUNDING = 1e-3
"""Seconds; time stamps are rounded to their time base."""
DONE = inf
"""No further picture is wanted from here."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """The chosen frames with their times in seconds; width and height as the file is shown."""

    frames: tuple[Frame, ...]
    times: tuple[float, ...]
    width: int
    height: int


@dataclass(slots=True)
class _Album:
    """Keeps what shows something new; remembers one rejected picture for a video without any."""

    wanted: int
    short_side: int
    kept: list[tuple[float, Frame]] = field(default_factory=list)
    thumbnails: list[NDArray[np.float32]] = field(default_factory=list)
    spare: tuple[float, Frame] | None = None
    size: tuple[int, int] = (0, 0)

    @property
    def full(self) -> bool:
        return len(self.kept) >= self.wanted

    def offer(self, time: float, picture: Any) -> bool:
        """Take ``picture`` (an av.VideoFrame) unless it is blank or known; say whether."""
        frame = shrink(picture, self.short_side)
        self.size = _upright(picture.width, picture.height, picture.rotation)
        thumbnail = _thumbnail(picture)
        if _blank(thumbnail) or any(_alike(thumbnail, each) for each in self.thumbnails):
            self.spare = self.spare or (time, frame)
            return False
        self.kept.append((time, frame))
        self.thumbnails.append(thumbnail)
        return True


def look(container: Any, video: Any, frames: int, short_side: int) -> Pictures:
    """Decode up to ``frames`` pictures of the stream ``video``; at least one, or MediaError."""
    album = _Album(frames, short_side)
    rate = _seeking.rate(video)
    seconds = _seeking.duration(container, video) or frames / rate
    keys = _seeking.key_times(container, video, seconds, 2 * frames)
    pixels = video.codec_context.width * video.codec_context.height
    allowed = (FORWARD if len(keys) >= FEW else FORWARD_ALONE) / max(1, pixels)
    chosen = _seeking.plan(keys, seconds, frames, allowed / rate)
    _collect(container, video, chosen, album)
    # where something was blank, known or damaged the other key frames stand in
    _collect(container, video, {key: [key] for key in keys if key not in chosen}, album)
    pictures = sorted(album.kept, key=lambda each: each[0])
    if not pictures and album.spare:
        pictures = [album.spare]
    if not pictures:
        raise MediaError("not one picture could be decoded: the video is empty or damaged")
    times, images = zip(*pictures, strict=True)
    return Pictures(images, times, *album.size)


def _collect(container: Any, video: Any, chosen: dict[float, list[float]], album: _Album) -> None:
    """Offer the pictures at the ``chosen`` times, by key frame, to ``album`` until it is full."""
    for key, times in chosen.items():
        if album.full:
            return
        alone = times == [key]
        offers = _offers(key, times)
        due = next(offers)
        for time, picture in _seeking.decoded(container, video, key, alone=alone):
            if time >= due - ROUNDING:
                due = offers.send(album.offer(time, picture))
            if album.full or due == DONE:
                break


def _offers(key: float, times: list[float]) -> Generator[float, bool]:
    """Give the next time at which a picture is due; sent whether that picture was of use.

    In the place of one of no use, two soon after it are tried.
    """
    pause = (times[-1] - key) / len(times) / (SUBSTITUTES + 1)
    for time in times:
        for attempt in range(SUBSTITUTES + 1):
            if (yield time + attempt * pause):
                break
    yield DONE


def shrink(picture: Any, short_side: int) -> Frame:
    """RGB, upright, its shorter side ``short_side`` pixels or fewer; ``picture``: av.VideoFrame."""
    scale = min(1.0, short_side / min(picture.width, picture.height))
    small = picture.reformat(
        width=max(1, round(picture.width * scale)),
        height=max(1, round(picture.height * scale)),
        format="rgb24",
        interpolation="AREA",
        threads=1,
    )
    # the display matrix: phones store a portrait lying on its side
    return np.ascontiguousarray(np.rot90(small.to_ndarray(), round(picture.rotation / 90)))


def _upright(width: int, height: int, rotation: float) -> tuple[int, int]:
    return (height, width) if round(rotation / 90) % 2 else (width, height)


def _thumbnail(picture: Any) -> NDArray[np.float32]:
    small = picture.reformat(THUMBNAIL, THUMBNAIL, "gray", interpolation="AREA", threads=1)
    return np.asarray(small.to_ndarray(), dtype=np.float32)


def _blank(thumbnail: NDArray[np.float32]) -> bool:
    return bool(thumbnail.std() < FLAT or thumbnail.mean() < DARK)


def _alike(one: NDArray[np.float32], other: NDArray[np.float32]) -> bool:
    return bool(np.abs(one - other).mean() < ALIKE)
