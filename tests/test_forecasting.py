"""The learning curve and what it promises."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sorter_core.forecasting import MORE, Forecast, Point, forecast, points
from sorter_core.settings import Settings
from tests.learned import analysed


def trained(run: int, videos: int, accuracy: float, folders: int = 4) -> Point:
    """A training of which only these figures matter."""
    return Point(run, "2026-01-01T00:00:00Z", "knn", videos, folders, videos, accuracy, 0.0, 1.0)


def course(sizes: list[int], scale: float = 2.0, power: float = 0.4) -> list[Point]:
    """Trainings that follow a power law exactly."""
    return [trained(i, n, 1 - scale * n**-power) for i, n in enumerate(sizes)]


def test_an_exact_power_law_is_continued() -> None:
    """The forecast is the law's own value, and lies inside its interval."""
    told = forecast(course([100, 200, 400, 800]))
    assert isinstance(told, Forecast)
    expected = 1 - 2 * (800 + MORE) ** -0.4
    assert told.then.videos == 850
    assert told.then.accuracy == pytest.approx(expected, abs=1e-3)
    assert told.then.low < expected < told.then.high
    assert told.gain[0] <= told.gain[1] <= told.gain[2]


def test_the_interval_covers_what_then_comes() -> None:
    """Of 60 noisy courses at least 85 % end inside the 95 % interval, which is not the whole axis."""
    dice, inside, widths = np.random.default_rng(1), 0, []
    sizes = [60, 90, 130, 180, 250]
    truth = 1 - 2 * (250 + MORE) ** -0.5
    for _ in range(60):
        seen = [trained(i, n, 1 - dice.binomial(n, 2 * n**-0.5) / n) for i, n in enumerate(sizes)]
        told = forecast(seen)
        assert isinstance(told, Forecast)
        inside += told.then.low <= truth <= told.then.high
        widths.append(told.then.high - told.then.low)
    assert inside >= 51
    assert np.median(widths) < 0.15


def test_more_labels_do_no_harm() -> None:
    """A course that fell by chance is not continued downwards."""
    told = forecast([trained(1, 50, 0.9), trained(2, 80, 0.85), trained(3, 120, 0.8)])
    assert isinstance(told, Forecast)
    assert told.gain[1] == 0
    assert told.then.accuracy == pytest.approx(told.now.accuracy)


@pytest.mark.parametrize(
    "known",
    [
        course([100]),
        course([100, 200]),
        course([100, 105, 110]),
        [trained(1, 50, 0.5, 2), trained(2, 80, 0.6, 2), trained(3, 120, 0.7, 3)],
    ],
    ids=["one training", "two", "nearly one size", "another number of folders"],
)
def test_too_little_is_said_in_words(known: list[Point]) -> None:
    """No forecast from a course that tells nothing."""
    told = forecast(known)
    assert isinstance(told, str)
    assert told.startswith("No forecast yet")


def test_all_right_is_no_fault() -> None:
    """A model that is never wrong has no logarithm of its errors."""
    told = forecast([trained(1, 20, 1.0), trained(2, 40, 1.0), trained(3, 80, 1.0)])
    assert isinstance(told, Forecast)
    assert told.then.accuracy > 0.98


def test_the_points_are_those_of_the_runs(tmp_path: Path, settings: Settings) -> None:
    """Oldest first, with the interval of each report."""
    sorter = analysed(tmp_path / "learned", settings)
    sorter.train()
    sorter.train()
    first, second = points(sorter.library)
    report = sorter.evaluate()
    assert (first.run, second.run) == (1, 2)
    assert [second.low, second.high] == report["interval"]
    assert (second.accuracy, second.scored) == (report["accuracy"], report["scored"])
