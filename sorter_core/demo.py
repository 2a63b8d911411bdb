"""The demo library: short clips with sound in five folders and a pile of unsorted ones.

All is drawn and played by the program (:mod:`sorter_core.scenes`), from a seed: the same seed gives
the same library. Folders can be told apart, but not by one sign alone: places and people are
shared, a third of the clips plays where another topic belongs, and a quarter has the same song.
"""

from __future__ import annotations

import errno
import json
import os
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from sorter_core.errors import DiskFull, NotALibrary, ReadOnly, StorageError, TargetExists
from sorter_core.files import SCRATCH_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sorter_core.scenes.topics import Topic
    from sorter_core.types import Frame, ReportProgress

FPS = 15
LABELLED = 8
"""Clips in each folder."""
UNSORTED = 22
ODD, POPULAR, SILENT = 0.35, 0.25, 0.03
"""Shares of the clips that play at an unusual place, that have the common song, or no sound."""
TITLED, DESCRIBED = 0.5, 0.6
"""Shares of the clips with words in the picture, and with an .info.json beside them."""
COMMON_LINES = ("wait for it", "POV: it's monday", "no way this works", "part 2?", "tell me why")
COMMON_TAGS = ("fyp", "foryou", "viral")


@dataclass(frozen=True, slots=True)
class Part:
    """One clip to be made; ``folder`` is empty for the unsorted pile."""

    id: str
    topic: int
    folder: str
    seed: tuple[int, int]


def ignore(done: int, total: int) -> None:
    """Report to nobody."""


def write(
    path: Path,
    *,
    seed: int = 0,
    labelled: int = LABELLED,
    unsorted: int = UNSORTED,
    progress: ReportProgress = ignore,
) -> None:
    """Write the demo library into ``path``, a new or empty directory, or one with this demo.

    There are ``labelled`` clips in each folder and ``unsorted`` ones beside them; another number is
    another library. What is there already, in whatever folder it was sorted into, is left alone; so an interrupted
    call can be repeated. Raises :class:`NotALibrary` when ``path`` is a file,
    :class:`TargetExists` when other things lie in it, :class:`StorageError`.
    """
    parts = cast(seed, labelled, unsorted)
    try:
        missing = _missing(path, parts)
        for part in missing:
            (path / part.folder).mkdir(parents=True, exist_ok=True)
        _write_all(path, missing, progress)
    except OSError as error:
        kinds = {errno.ENOSPC: DiskFull, errno.EACCES: ReadOnly, errno.EROFS: ReadOnly}
        kind = kinds.get(error.errno or 0, StorageError)
        raise kind(f"The demo can't be written to {path}: {error.strerror or error}.") from error


def cast(seed: int, labelled: int = LABELLED, unsorted: int = UNSORTED) -> list[Part]:
    """List the clips of the demo drawn from ``seed``, in the order of their names.

    >>> parts = cast(0)
    >>> len(parts), sorted({part.folder for part in parts})
    (62, ['', 'Cats', 'Cooking', 'Dance', 'Football', 'Travel'])
    """
    from sorter_core.scenes.topics import TOPICS

    rng = np.random.default_rng(seed)
    places = [(i, topic.name) for i, topic in enumerate(TOPICS) for _ in range(labelled)]
    places += [(i % len(TOPICS), "") for i in range(unsorted)]
    # as TikTok's: 19 digits, growing with time
    numbers = np.sort(
        rng.integers(7_300_000_000_000_000_000, 7_500_000_000_000_000_000, len(places))
    )
    order = rng.permutation(len(places))
    return [
        Part(str(number), places[place][0], places[place][1], (seed, int(place)))
        for number, place in zip(numbers, order, strict=True)
    ]


def _missing(path: Path, parts: list[Part]) -> list[Part]:
    """Judge the directory; give the parts that are not in it, in any of its folders."""
    if path.exists() and not path.is_dir():
        raise NotALibrary(f"{path} is a file; give a new or empty folder for the demo.")
    if not path.exists():
        return parts
    visible = [entry for entry in path.iterdir() if not entry.name.startswith(".")]
    names = {entry.name for entry in path.glob("*.mp4")} | {
        file.name for file in path.glob("*/*.mp4")
    }
    missing = [part for part in parts if f"{part.id}.mp4" not in names]
    if visible and len(missing) == len(parts):
        raise TargetExists(f"{path} holds other things; give a new or empty folder for the demo.")
    return missing


def _write_all(path: Path, parts: list[Part], progress: ReportProgress) -> None:
    """Write the clips, one thread a core: numpy, cv2 and FFmpeg release Python's lock."""
    progress(0, len(parts))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        futures = [pool.submit(_write, path, part) for part in parts]
        try:
            for done, future in enumerate(as_completed(futures), 1):
                future.result()
                progress(done, len(parts))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _write(path: Path, part: Part) -> None:
    """Write one clip under a hidden name, its text, and only then give it its name."""
    from sorter_core.scenes.topics import TOPICS

    topic = TOPICS[part.topic]
    rng = np.random.default_rng(part.seed)
    seconds = float(rng.uniform(3, 4))
    target = path / part.folder / f"{part.id}.mp4"
    scratch = target.with_name(f"{SCRATCH_PREFIX}{target.name}")
    try:
        _encode(scratch, _pictures(rng, topic, seconds), _sound(rng, topic, seconds))
        if rng.random() < DESCRIBED:
            text = json.dumps(_info(rng, part, topic, seconds), indent=1)
            target.with_suffix(".info.json").write_text(text, encoding="utf-8")
        scratch.replace(target)
    finally:
        scratch.unlink(missing_ok=True)


def _pictures(rng: np.random.Generator, topic: Topic, seconds: float) -> Iterator[Frame]:
    """Draw (512, 288, 3) pictures, FPS a second."""
    from sorter_core.scenes.canvas import Canvas, Lens
    from sorter_core.scenes.topics import scene

    kinds = topic.odd if rng.random() < ODD else topic.usual
    paint = scene(rng, kinds[rng.integers(len(kinds))])
    lens, start = Lens(rng), rng.uniform(0, 3)
    lines = topic.lines if rng.integers(2) else COMMON_LINES
    line = str(rng.choice(lines)) if rng.random() < TITLED else ""
    height, boxed = int(rng.choice([56, 84, 300, 440])), bool(rng.integers(2))
    for i in range(round(seconds * FPS)):
        canvas = Canvas()
        paint(canvas, start + i / FPS)
        canvas.image = lens.record(canvas.image, i / FPS, i)
        if line:  # written on the recording, as the app does it
            canvas.words(line, height, boxed=boxed)
        yield canvas.image


def _sound(rng: np.random.Generator, topic: Topic, seconds: float) -> np.ndarray | None:
    from sorter_core.scenes import sounds

    if rng.random() < SILENT:
        return None
    tune = sounds.trend if rng.random() < POPULAR else topic.tune
    return sounds.recorded(rng, tune(rng, seconds))


def _encode(path: Path, pictures: Iterator[Frame], sound: np.ndarray | None) -> None:
    """Write an .mp4 with H.264 and AAC, as PyAV's own FFmpeg has them."""
    import av

    from sorter_core.scenes.canvas import HEIGHT, WIDTH
    from sorter_core.scenes.sounds import RATE

    with av.open(str(path), "w", format="mp4", options={"movflags": "faststart"}) as out:
        video: Any = out.add_stream("libx264", rate=FPS)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        video.options = {"preset": "superfast", "crf": "26"}
        video.codec_context.thread_count = 1  # other counts would give other bytes
        audio: Any = out.add_stream("aac", rate=RATE, layout="mono") if sound is not None else None
        for i, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, "rgb24")
            frame.pts, frame.time_base = i, Fraction(1, FPS)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        if sound is not None:
            wave = av.AudioFrame.from_ndarray(sound.reshape(1, -1), "fltp", "mono")
            wave.sample_rate, wave.pts, wave.time_base = RATE, 0, Fraction(1, RATE)
            out.mux(audio.encode(wave))
            out.mux(audio.encode(None))


def _info(rng: np.random.Generator, part: Part, topic: Topic, seconds: float) -> dict[str, Any]:
    """What yt-dlp writes beside a video, as far as it matters here."""
    tags = [
        *rng.choice(topic.tags, int(rng.integers(0, 3)), replace=False),
        rng.choice(COMMON_TAGS),
    ]
    line = str(rng.choice(topic.lines if rng.integers(2) else COMMON_LINES))
    uploader = str(rng.choice(topic.people))
    return {
        "id": part.id,
        "title": line,
        "description": " ".join([line, *(f"#{tag}" for tag in tags)]),
        "uploader": uploader,
        "duration": round(seconds, 2),
        "timestamp": int(part.id) >> 32,  # the upper half of TikTok's numbers is the time
        "extractor_key": "TikTok",
        "webpage_url": f"https://www.tiktok.com/@{uploader}/video/{part.id}",
    }
