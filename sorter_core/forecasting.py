"""The learning curve over the trainings, and what more labels would bring.

The share of wrong guesses falls with the number of labels like a power, ``b * n ** -c`` (Cortes et
al. 1993; fitted with weights as by Figueroa et al. 2012, doi:10.1186/1472-6947-12-8). A floor that
no number of labels undercuts is left out: some few trainings could not tell it from the rest, and
over 50 more labels it hardly matters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sorter_core.library import Library

MORE = 50
"""Labels that the forecast looks ahead."""
RUNS = 3
"""Trainings, each with another number of videos, that a forecast takes at least."""
SPAN = 1.2
"""The largest of them must have so many times the videos of the smallest."""
STEEPEST = 1.0
"""Exponents seen in practice are below it (Hestness et al. 2017, arXiv:1712.00409)."""
DRAWS = 500
"""Bootstrap draws for an interval."""
_KEPT = 100

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Point:
    """One training: shares right of ``scored`` videos, with the 95 % interval."""

    run: int
    finished_at: str
    classifier: str
    videos: int
    folders: int
    scored: int
    accuracy: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Guess:
    """The accuracy to be expected with ``videos`` labels, with its 95 % interval."""

    videos: int
    accuracy: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """The fitted curve, from the first training to ``MORE`` labels ahead of the newest.

    ``gain``: what these bring, as a share (low, middle, high). ``runs``: how many trainings tell.
    """

    now: Guess
    then: Guess
    gain: tuple[float, float, float]
    curve: tuple[Guess, ...]
    runs: int


def points(library: Library) -> list[Point]:
    """The trainings that have a score, oldest first; the newest hundred of them."""
    with library.store.read() as db:
        rows = db.execute(
            "SELECT id AS run, finished_at, classifier, videos, folders,"
            " json_extract(report, '$.scored') AS scored, accuracy,"
            " json_extract(report, '$.interval[0]') AS low,"
            " json_extract(report, '$.interval[1]') AS high"
            " FROM runs WHERE accuracy IS NOT NULL ORDER BY id DESC LIMIT ?",
            (_KEPT,),
        ).fetchall()
    return [Point(**row) for row in reversed(rows)]


def forecast(known: Sequence[Point], more: int = MORE, seed: int = 0) -> Forecast | str:
    """What ``more`` labels would bring; a sentence where nothing can be said.

    Only trainings with as many folders as the newest count: with more folders the task is another.

    >>> seen = [Point(i, "", "", n, 2, n, 1 - n**-0.5, 0, 1) for i, n in enumerate((50, 100, 200))]
    >>> ahead = forecast(seen)
    >>> ahead.then.videos, round(ahead.then.accuracy, 2)
    (250, 0.94)
    """
    told = _telling(known)
    sizes = np.array([point.videos for point in told], float)
    if len(told) < RUNS or sizes.max() < SPAN * sizes.min():
        return (
            "No forecast yet: it takes at least three trainings with the same number of folders,"
            " the last with a fifth more videos than the first."
        )
    scored = np.array([point.scored for point in told], float)
    wrong = scored * (1 - np.array([point.accuracy for point in told]))
    asked = np.array(sorted({*np.linspace(sizes.min(), sizes.max() + more, 40), sizes.max()}))
    middle = _curve(sizes, wrong[None], scored, asked)[0]
    at_sizes = _curve(sizes, wrong[None], scored, sizes)[0]
    dice = np.random.default_rng(seed)
    drawn = dice.binomial(scored.astype(int), at_sizes, (DRAWS, len(sizes))).astype(float)
    others = _curve(sizes, drawn, scored, asked)
    low, high = np.quantile(others, (0.025, 0.975), axis=0)
    curve = [
        Guess(round(n), float(1 - m), float(1 - max(h, m)), float(1 - min(lo, m)))
        for n, m, lo, h in zip(asked, middle, low, high, strict=True)
    ]
    here = int(np.searchsorted(asked, sizes.max()))
    gains = others[:, here] - others[:, -1]
    least, most = np.quantile(gains, (0.025, 0.975))
    gain = (float(least), float(middle[here] - middle[-1]), float(most))
    return Forecast(curve[here], curve[-1], gain, tuple(curve), len(told))


def _telling(known: Sequence[Point]) -> list[Point]:
    """One training, the newest, for each number of videos; those with the newest's folders."""
    same = {point.videos: point for point in known if point.folders == known[-1].folders}
    return [same[videos] for videos in sorted(same)]


def _curve(sizes: Numbers, wrong: Numbers, scored: Numbers, asked: Numbers) -> Numbers:
    """Weighted least squares of ``log error = log b - c log n``: (draws, asked) shares wrong.

    ``wrong`` is (draws, runs). Half a video at least counts as wrong, and as right, so that no share
    is 0 or 1; the weights are the inverse variances of a binomial share's logarithm.
    """
    share = np.clip(wrong, 0.5, scored - 0.5) / scored
    weight = scored * share / (1 - share)
    weight = weight / weight.sum(axis=1, keepdims=True)
    x, y = np.log(sizes), np.log(share)
    mean_x, mean_y = (weight * x).sum(axis=1), (weight * y).sum(axis=1)
    spread = (weight * (x - mean_x[:, None]) ** 2).sum(axis=1)
    slope = (weight * (x - mean_x[:, None]) * (y - mean_y[:, None])).sum(axis=1) / spread
    slope = np.clip(slope, -STEEPEST, 0)  # more labels do no harm
    fitted = mean_y[:, None] + slope[:, None] * (np.log(asked) - mean_x[:, None])
    return np.asarray(np.minimum(np.exp(fitted), 1.0))
