"""Tiny real videos, written with PyAV for the tests that need one."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import av
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

RATE = 16_000


def write_clip(
    path: Path,
    *,
    seconds: float = 1,
    size: tuple[int, int] = (64, 96),
    fps: int | Fraction = 10,
    seed: int = 0,
    tone_hz: float | None = 440,
    gop: int = 250,
    codec: str = "libx264",
    pictures: Iterable[NDArray[np.uint8]] | None = None,
    sound: NDArray[np.float32] | None = None,
    pts: list[int] | None = None,
    options: dict[str, str] | None = None,
) -> Path:
    """Write a clip and give its path back; ``size`` is (width, height).

    Unless ``pictures`` (height, width, 3) are given, it shows moving blocks drawn from ``seed``;
    unless ``sound`` (n,) at 16 kHz is given, a tone (None: no sound track). ``gop``: key frame
    distance; ``pts``: the pictures' times in 1/fps; ``options``: the muxer's.
    """
    count = round(seconds * fps)
    with av.open(str(path), "w", format=None if path.suffix else "mp4", options=options) as out:
        video = out.add_stream(codec, rate=fps)
        video.width, video.height = size
        video.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        if codec == "libx264":
            video.options = {"preset": "ultrafast", "g": str(gop), "sc_threshold": "0"}
        if sound is None and tone_hz is not None:
            sound = tone(seconds, tone_hz)
        audio = out.add_stream("aac", rate=RATE, layout="mono") if sound is not None else None
        for i, picture in enumerate(pictures or blocks(count, size, seed)):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), "rgb24")
            frame.pts, frame.time_base = (pts[i] if pts else i), 1 / Fraction(fps)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        if audio is not None and sound is not None:
            out.mux(audio.encode(_audio_frame(sound)))
            out.mux(audio.encode(None))
    return path


def blocks(count: int, size: tuple[int, int], seed: int = 0) -> Iterable[NDArray[np.uint8]]:
    """Give pictures of coloured blocks that move from one to the next."""
    width, height = size
    rng = np.random.default_rng(seed)
    small = rng.integers(40, 255, (6, 6, 3), dtype=np.uint8)
    large = np.kron(small, np.ones((height // 6 + 1, width // 6 + 1, 1), np.uint8))
    for i in range(count):
        yield np.roll(large, (3 * i, 5 * i), (0, 1))[:height, :width]


def plain(count: int, size: tuple[int, int], grey: int = 0) -> Iterable[NDArray[np.uint8]]:
    """Give pictures of one grey."""
    for _ in range(count):
        yield np.full((size[1], size[0], 3), grey, np.uint8)


def tone(seconds: float, hz: float = 440) -> NDArray[np.float32]:
    """Give a sine of half the full level, (n,) at 16 kHz."""
    time = np.arange(round(seconds * RATE)) / RATE
    return (0.5 * np.sin(2 * np.pi * hz * time)).astype(np.float32)


def write_sound(path: Path, *, seconds: float = 1, hz: float = 440) -> Path:
    """Write a file with a sound track and no pictures."""
    with av.open(str(path), "w", format="mp4") as out:
        audio = out.add_stream("aac", rate=RATE, layout="mono")
        out.mux(audio.encode(_audio_frame(tone(seconds, hz))))
        out.mux(audio.encode(None))
    return path


def _audio_frame(sound: NDArray[np.float32]) -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(sound.reshape(1, -1), "fltp", "mono")
    frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
    return frame
