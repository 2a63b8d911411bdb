"""The charts of a report, as they are handed to Plotly."""

from __future__ import annotations

from pages import _charts
from sorter_core.forecasting import Point


def test_no_name_is_left_out_of_the_matrix() -> None:
    """Plotly hides labels that are too long for their place, unless it is told not to."""
    names = ["A", "B" * 40]
    report = {"confusion": {"folders": names, "counts": [[1, 2], [0, 3]]}}
    chart = _charts.confusion(report, names, shares=False)
    for axis in (chart.layout.xaxis, chart.layout.yaxis):
        assert axis.ticklabeloverflow == "allow"
        assert axis.automargin
        assert len(axis.ticktext) == 2


def test_the_learning_curve_shows_whole_videos() -> None:
    """A single training is a dot with room around it, not one between half videos."""
    [low, high] = _charts.learning_curve(
        [Point(1, "now", "lda", 56, 7, 56, 0.8, 0.7, 0.9)], None
    ).layout.xaxis.range
    assert (low, high) == (51, 61)
