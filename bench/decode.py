"""Decoding one video: ours against ``cv2.VideoCapture``.

Two clips of 30 s, 576x1024, H.264 with AAC, are made: a key frame each 250 frames (x264's default)
and each 2 s (what streaming sites send). The baseline is what most programs do: five seeks, spread
over the video, and a read after each. Times are medians; both sides run in turn, so that a busy
moment meets both. Run with ``python -m bench decode``.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from bench._rows import Row
from sorter_core.media import Limits, decode

SECONDS, FPS, WIDTH, HEIGHT = 30, 30, 576, 1024
SOUND_RATE = 44_100
FRAMES = 5
ROUNDS = 7


def run() -> list[Row]:
    """Make the clips, measure, and give the table's lines."""
    with tempfile.TemporaryDirectory() as folder:
        return [
            row
            for name, gop in (("key frame each 250", 250), ("key frame each 2 s", 2 * FPS))
            for row in _rows(write(Path(folder) / f"{gop}.mp4", gop), name)
        ]


def _rows(path: Path, name: str) -> list[Row]:
    pictures = Limits(frames=FRAMES, audio_seconds=0)
    ours, cv2_reads = _medians(
        lambda: decode(path, pictures), lambda: _cv2_reads(path), clock=time.perf_counter
    )
    whole, _ = _medians(lambda: decode(path), lambda: None, clock=time.process_time)
    return [
        Row(
            f"{FRAMES} pictures, {name}",
            ours,
            "ms",
            f"{FRAMES} cv2 seeks",
            cv2_reads,
            "3 times faster",
            cv2_reads >= 3 * ours,
        ),
        Row(
            f"8 pictures and sound, {name}",
            whole,
            "ms CPU",
            "",
            None,
            "under 150 ms CPU",
            whole < 150,
        ),
    ]


def _medians(
    ours: Callable[[], object], baseline: Callable[[], object], *, clock: Callable[[], float]
) -> tuple[float, float]:
    """Run both in turn; give the median of each in milliseconds. The first round warms up."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS + 1):
        for work, kept in zip((ours, baseline), times, strict=True):
            start = clock()
            work()
            kept.append(1000 * (clock() - start))
    return statistics.median(times[0][1:]), statistics.median(times[1][1:])


def _cv2_reads(path: Path) -> None:
    import cv2

    capture = cv2.VideoCapture(str(path))
    count = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
    for i in range(FRAMES):
        capture.set(cv2.CAP_PROP_POS_FRAMES, int((i + 0.5) * count / FRAMES))
        read, _ = capture.read()
        if not read:
            raise RuntimeError(f"cv2 could not read picture {i} of {path.name}")
    capture.release()


def write(path: Path, gop: int) -> Path:
    """Write a clip of a moving camera with a grain, so that no picture compresses to nothing."""
    import av

    rng = np.random.default_rng(0)
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=FPS)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        video.options = {"preset": "veryfast", "g": str(gop), "sc_threshold": "0"}
        audio = out.add_stream("aac", rate=SOUND_RATE, layout="stereo")
        for i, picture in enumerate(_pictures(rng)):
            frame = av.VideoFrame.from_ndarray(picture, "rgb24")
            frame.pts, frame.time_base = i, Fraction(1, FPS)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        out.mux(audio.encode(_sound(rng)))
        out.mux(audio.encode(None))
    return path


def _pictures(rng: np.random.Generator) -> Any:
    import cv2

    scene = cv2.resize(
        rng.integers(0, 255, (40, 24, 3), dtype=np.uint8),
        (2 * WIDTH, 2 * HEIGHT),
        interpolation=cv2.INTER_CUBIC,
    )
    grains = [rng.integers(0, 12, (HEIGHT, WIDTH, 1), dtype=np.uint8) for _ in range(4)]
    for i in range(SECONDS * FPS):
        x = int((np.sin(i / 40) + 1) / 2 * WIDTH)
        y = int((np.cos(i / 55) + 1) / 2 * HEIGHT)
        yield cv2.add(scene[y : y + HEIGHT, x : x + WIDTH], np.repeat(grains[i % 4], 3, axis=2))


def _sound(rng: np.random.Generator) -> Any:
    import av

    seconds = np.arange(SECONDS * SOUND_RATE) / SOUND_RATE
    wave = 0.3 * np.sin(2 * np.pi * (300 + 100 * np.sin(seconds)) * seconds)
    samples = (wave + rng.normal(0, 0.02, wave.size)).astype(np.float32)
    frame = av.AudioFrame.from_ndarray(np.stack([samples] * 2), "fltp", "stereo")
    frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, 0, Fraction(1, SOUND_RATE)
    return frame
