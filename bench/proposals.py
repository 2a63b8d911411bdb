"""Proposals of new folders: how pure they are, how much they cover, how many classes they find.

With ``BENCH_DATA`` (a folder of ``SET/CLASS/*.mp4``), for each set: first all videos are unsorted and
there is no folder; then a half of the classes has folders, with two thirds of their videos filed, and
the app has learned them. A proposal's purity is the share of its commonest class; a class is found by
a proposal in which it has the half. The baseline is k-means (the best of ten starts) on the vectors of
the pictures, told the true number of classes, and free to call everything a folder. Drawn clouds of
vectors otherwise. Run with ``python -m bench proposals``.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bench._rows import Row
from sorter_core import Settings, Sorter, features
from sorter_core.clustering import clusters
from sorter_core.fusion import clean
from sorter_core.proposals import SHOWN
from sorter_core.types import FeatureTable

DRAWN = {"frames": 640, "sound": 160, "caption": 256}
MANY = 2000
FEW = 4
"""Classes below which a half of them are no folders to learn from."""


class Score(NamedTuple):
    """Of some groups of videos, by the classes that these really have."""

    groups: int
    purity: float
    covered: float
    found: int


def scored(
    groups: Sequence[Sequence[str]], everything: int, wanted: Collection[str] | None = None
) -> Score:
    """``groups``: the true class of each video in each group; only ``wanted`` classes are found."""
    best = [Counter(group).most_common(1)[0] for group in groups]
    videos = sum(map(len, groups))
    found = {
        name for (name, count), group in zip(best, groups, strict=True) if count * 2 >= len(group)
    }
    found &= set(wanted) if wanted is not None else found
    purity = sum(count for _, count in best) / max(videos, 1)
    return Score(len(groups), purity, videos / max(everything, 1), len(found))


def run(data: Path | None = None) -> list[Row]:
    """Measure, and give the table's lines; ``data`` or ``BENCH_DATA`` names the sets."""
    place = data or (Path(os.environ["BENCH_DATA"]) if "BENCH_DATA" in os.environ else None)
    rows = [*_drawn_rows(), _speed()]
    for path in sorted(path for path in place.iterdir() if path.is_dir()) if place else []:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            rows += _set_rows(path, Path(folder))
    return rows


def _set_rows(path: Path, place: Path) -> Iterator[Row]:
    sorter, truth = _analysed(path, place)
    yield from _lines(f"{path.name}, no folder yet", *_both(sorter, truth))
    classes = sorted(set(truth.values()))
    if len(classes) < FEW:
        return
    for name in classes[::2]:
        sorter.create_folder(name)
        for video in sorted(video for video, true in truth.items() if true == name)[::3]:
            truth.pop(video)
            sorter.sort(video, name)
    sorter.train()
    sorter.predict()
    strange = {video: true for video, true in truth.items() if true in classes[1::2]}
    yield from _lines(f"{path.name}, half of the classes filed", *_both(sorter, truth, strange))


def _both(
    sorter: Sorter, truth: dict[str, str], wanted: dict[str, str] | None = None
) -> tuple[Score, Score, int]:
    """Ours, the baseline's on all unsorted videos, and how many classes there are to find."""
    wanted = truth if wanted is None else wanted
    ours = [[truth[video] for video in one.videos] for one in sorter.proposals()]
    with sorter.library.store.read() as db:
        rows = db.execute("SELECT fingerprint, name FROM files WHERE folder = ''").fetchall()
    table = features.load(sorter.library.store, [mark for mark, _ in rows], ["frames"])
    known = {mark: truth[name] for mark, name in rows}
    labels = np.array([known[mark] for mark in table.fingerprints])
    return (
        scored(ours, len(wanted), set(wanted.values())),
        _kmeans(table, labels, len(set(truth.values())), set(wanted.values())),
        len(set(wanted.values())),
    )


def _kmeans(
    table: FeatureTable,
    labels: NDArray[np.str_],
    classes: int,
    wanted: Collection[str] | None = None,
) -> Score:
    from sklearn.cluster import KMeans

    x, present = clean(table, "frames")
    told = KMeans(classes, n_init=10, random_state=0).fit_predict(x[present])
    groups = [labels[present][told == number].tolist() for number in range(classes)]
    return scored(groups, len(labels), wanted)


def _lines(name: str, ours: Score, plain: Score, classes: int) -> Iterator[Row]:
    better = ours.groups > 0 and ours.purity >= plain.purity
    baseline = "k-means"
    yield Row(
        f"{name}: purity of {ours.groups} proposals",
        ours.purity,
        "",
        baseline,
        plain.purity,
        "the baseline's",
        better,
    )
    yield Row(
        f"{name}: share of videos in them", ours.covered, "", baseline, plain.covered, "", None
    )
    yield Row(
        f"{name}: classes found of {classes}", ours.found, "", baseline, plain.found, "", None
    )


def _analysed(path: Path, place: Path) -> tuple[Sorter, dict[str, str]]:
    """All videos of a set in one pile, analysed, and their true classes by file name."""
    root = place / "library"
    root.mkdir()
    truth = {}
    for number, video in enumerate(sorted(path.glob("*/*.mp4"))):
        name = f"{7_000_000_000_000_000_000 + number * 977}.mp4"
        shutil.copyfile(video, root / name)
        truth[name] = video.parent.name
    sorter = Sorter(Settings(_env_file=None, data_dir=root, state_dir=place, cache_dir=place))
    sorter.extract()
    return sorter, truth


def _drawn(classes: int, each: int, alone: int, seed: int) -> tuple[FeatureTable, NDArray[np.str_]]:
    """Clouds of vectors in three modalities, with ``alone`` videos that belong to none."""
    dice = np.random.default_rng(seed)
    y = np.concatenate([np.repeat(np.arange(classes), each), classes + np.arange(alone)])
    vectors, present = {}, {}
    for name, dim in DRAWN.items():
        x = dice.normal(size=(y.max() + 1, dim))[y] + 2 * dice.normal(size=(len(y), dim))
        x *= np.exp(-np.arange(dim) / 40)  # some directions matter more, as in all real vectors
        vectors[name] = x.astype(np.float32)
        present[name] = (dice.random(len(y)) < 0.6) | (name == "frames")
    table = FeatureTable(tuple(f"v{i}" for i in range(len(y))), vectors, present)
    return table, np.array([f"class {number}" for number in y])


def _drawn_rows() -> Iterator[Row]:
    table, labels = _drawn(10, 30, 100, seed=0)
    groups = [labels[list(one.rows)].tolist() for one in clusters(table)[:SHOWN]]
    yield from _lines(
        "drawn clouds and strays", scored(groups, 300), _kmeans(table, labels, 10), 10
    )


def _speed() -> Row:
    """As many videos as are ever compared; the least disturbed of three rounds."""
    table, _ = _drawn(40, 30, MANY - 1200, seed=1)
    times = []
    for _ in range(3):
        start = time.perf_counter()
        clusters(table)
        times.append(time.perf_counter() - start)
    taken = min(times)
    return Row(f"groups among {MANY:,} videos", taken, "s", "", None, "under 2 s", taken < 2)
