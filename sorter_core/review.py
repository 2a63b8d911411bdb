"""Looking closely at a training: which videos are behind its numbers, and what has changed.

The reports themselves come from :mod:`sorter_core.diagnostics`; they name videos by fingerprint.
Here they are found again where they lie now, so that a list never shows a video that was moved.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sorter_core import forecasting, learning
from sorter_core.errors import VideoNotFound
from sorter_core.following import WELL_FILED
from sorter_core.forecasting import Forecast, Point
from sorter_core.library import Library
from sorter_core.types import Run

KEPT = WELL_FILED
LISTED = 500
"""Videos of a list; nobody looks through more at once."""
LONG = ("out_of_fold", "suspects")
"""Entries of a report with a line for each video."""

_ORDERED = 300
"""Folders up to which the leaves are put into the best order, which takes their number cubed."""

Report = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Doubt:
    """A video in ``folder`` that the model would put into ``suggested``, ``confidence`` (0..1) sure."""

    filename: str
    folder: str
    suggested: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Doubts:
    """Videos, the surest first; ``total`` with those left out for length, ``gone``: moved since."""

    videos: list[Doubt]
    total: int
    gone: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two trainings on the videos that both had held back, and that lay in the same folder.

    ``gained``: right now and wrong before; ``lost``: the reverse. ``difference`` (share) has a 95 %
    ``interval``. ``folders``: name, F1 before, F1 now; None where it was not scored.
    """

    run: int
    against: int
    common: int
    before: float | None
    after: float | None
    gained: int
    lost: int
    difference: float | None
    interval: tuple[float, float] | None
    folders: list[tuple[str, float | None, float | None]]
    encoders: tuple[tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Review:
    """All that the page shows of one training but the lists of videos.

    ``order``: the folders so that confused ones lie together. ``forecast`` or ``why_no_forecast``.
    """

    run: Run
    order: list[str]
    misfilings: int
    curve: list[Point]
    forecast: Forecast | None
    why_no_forecast: str | None
    comparison: Comparison | None


def review(library: Library, number: int | None = None, against: int | None = None) -> Review:
    """The newest training, or ``number``, compared to ``against``. Raises ``ModelMissing``."""
    run = learning.run(library, number)
    curve = forecasting.points(library)
    ahead = forecasting.forecast(curve) if curve else "Nothing has a score yet."
    other = None if against is None else learning.run(library, against)
    report = dict(run.report)
    return Review(
        run,
        ordered_names(report),
        misfilings(library, report).total,
        curve,
        None if isinstance(ahead, str) else ahead,
        ahead if isinstance(ahead, str) else None,
        None if other is None else compare(run, other),
    )


# Videos behind a number ------------------------------------------------------------------------


def cell(library: Library, report: Report, folder: str, predicted: str) -> Doubts:
    """The videos of one cell of the confusion matrix."""
    lines = [
        (line["fingerprint"], folder, predicted, line["confidence"])
        for line in report["out_of_fold"]
        if line["true"] == folder and line["predicted"] == predicted
    ]
    return _found(library, sorted(lines, key=lambda line: -line[3]))


def misfilings(library: Library, report: Report) -> Doubts:
    """Videos that may lie in the wrong folder, but for those that a person has called right."""
    kept = _kept(library)
    return _found(
        library,
        [
            (one["fingerprint"], one["folder"], one["suggested"], one["confidence"])
            for one in report["suspects"]
            if (one["fingerprint"], one["folder"]) not in kept
        ],
    )


def keep(library: Library, filename: str, folder: str) -> None:
    """Remember for good that a video is right in its folder.

    Raises ``InvalidName``, ``UnknownFolder``, ``VideoNotFound``.
    """
    mark = _mark(library, filename, folder)
    with library.store.write() as db:
        db.execute(
            "INSERT OR IGNORE INTO decisions (fingerprint, kind, value) VALUES (?, ?, ?)",
            (mark, KEPT, folder),
        )


def doubt_again(library: Library, filename: str, folder: str) -> None:
    """Take :func:`keep` back. Raises the same."""
    mark = _mark(library, filename, folder)
    with library.store.write() as db:
        db.execute(
            "DELETE FROM decisions WHERE fingerprint = ? AND kind = ? AND value = ?",
            (mark, KEPT, folder),
        )


def _mark(library: Library, filename: str, folder: str) -> str:
    place = library.find(filename, folder)
    with library.store.read() as db:
        row = db.execute(
            "SELECT fingerprint FROM files WHERE folder = ? AND name = ?", place
        ).fetchone()
    if row is None:
        raise VideoNotFound(f"{filename!r} has not been looked at yet.")
    return str(row[0])


def _kept(library: Library) -> set[tuple[str, str]]:
    with library.store.read() as db:
        rows = db.execute("SELECT fingerprint, value FROM decisions WHERE kind = ?", (KEPT,))
        return {(mark, folder) for mark, folder in rows}


def _found(library: Library, lines: Sequence[tuple[str, str, str, float]]) -> Doubts:
    """(fingerprint, folder, suggested, confidence) as videos, as far as they still lie there."""
    places = located(library, {line[0] for line in lines})
    videos, gone = [], 0
    for mark, folder, suggested, confidence in lines:
        names = [name for where, name in places.get(mark, []) if where == folder]
        gone += not names
        videos += [Doubt(name, folder, suggested, confidence) for name in names]
    return Doubts(videos[:LISTED], len(videos), gone)


def located(library: Library, marks: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """(folder, name) of each file with such a content that the disk still has; '' is unsorted."""
    wanted, found = sorted(marks), dict[str, list[tuple[str, str]]]()
    with library.looking() as tree:
        listings = {"": tree.root(), **tree.folders()}
        query = (
            "SELECT fingerprint, folder, name FROM files WHERE fingerprint IN ({})"
            " ORDER BY folder, name"
        )
        for mark, folder, name in library.store.among(query, wanted):
            if folder in listings and name in listings[folder]:
                found.setdefault(mark, []).append((folder, name))
    return found


# The matrix, and two trainings ------------------------------------------------------------------


def ordered_names(report: Report) -> list[str]:
    """The folders of the confusion matrix, so that confused ones lie together."""
    if report["confusion"] is None:
        return []
    names = report["confusion"]["folders"]
    return [names[place] for place in order(report["confusion"]["counts"])]


def order(counts: Sequence[Sequence[int]]) -> list[int]:
    """Rows of a confusion matrix in the order of a tree over mutual confusion.

    Average linkage, then the order of its leaves that keeps neighbours closest (Bar-Joseph et al.
    2001, doi:10.1093/bioinformatics/17.suppl_1.S22).

    >>> order([[9, 0, 4], [0, 9, 0], [4, 0, 9]])
    [1, 2, 0]
    """
    if len(counts) < 3:  # noqa: PLR2004 - two lie together anyway
        return list(range(len(counts)))
    from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering
    from scipy.spatial.distance import squareform

    table = np.asarray(counts, float)
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    distance = 1 - (shares + shares.T) / 2
    np.fill_diagonal(distance, 0)
    apart = squareform(distance, checks=False)
    tree = linkage(apart, "average")
    if len(counts) <= _ORDERED:
        tree = optimal_leaf_ordering(tree, apart)
    return [int(place) for place in leaves_list(tree)]


def compare(run: Run, against: Run) -> Comparison:
    """What ``run`` does better or worse than ``against``, on the same videos.

    The interval of the paired difference is that of Agresti & Min (2005), doi:10.1002/sim.1781.
    """
    old = _answers(against.report)
    pairs = [(old[key], right) for key, right in _answers(run.report).items() if key in old]
    gained = sum(now and not before for before, now in pairs)
    lost = sum(before and not now for before, now in pairs)
    return Comparison(
        run.id,
        against.id,
        len(pairs),
        _share(before for before, _ in pairs),
        _share(now for _, now in pairs),
        gained,
        lost,
        (gained - lost) / len(pairs) if pairs else None,
        _paired(gained, lost, len(pairs)) if pairs else None,
        _scores(against.report, run.report),
        (_looked_at(against.report), _looked_at(run.report)),
    )


def _answers(report: Report) -> dict[tuple[str, str], bool]:
    """Whether each scored video, in its folder, was guessed rightly."""
    return {
        (line["fingerprint"], line["true"]): line["true"] == line["predicted"]
        for line in report["out_of_fold"]
    }


def _share(right: Iterable[bool]) -> float | None:
    told = list(right)
    return sum(told) / len(told) if told else None


def _paired(gained: int, lost: int, total: int) -> tuple[float, float]:
    plus, minus, n = gained + 0.5, lost + 0.5, total + 2
    middle = (plus - minus) / n
    half = 1.959964 * float(np.sqrt(plus + minus - (plus - minus) ** 2 / n)) / n
    return max(middle - half, -1.0), min(middle + half, 1.0)


def _scores(old: Report, new: Report) -> list[tuple[str, float | None, float | None]]:
    names = sorted({*old["per_folder"], *new["per_folder"]})
    return [
        (
            name,
            old["per_folder"].get(name, {}).get("f1"),
            new["per_folder"].get(name, {}).get("f1"),
        )
        for name in names
    ]


def _looked_at(report: Report) -> tuple[str, ...]:
    return tuple(entry["name"] for entry in report["encoders"] if entry["used"])
