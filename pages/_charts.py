"""The charts of a report; whatever a person has named goes through :func:`pages._ui.for_plotly`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from pages import _score, _ui

if TYPE_CHECKING:
    from pages._score import Report
    from sorter_core.forecasting import Forecast, Point

_GROUND, _RIGHT, _WRONG, _QUIET = "#16161e", "#12908d", "#d3224a", "#8a8a99"
_DOT, _SOFT = "#25f4ee", "rgba(37, 244, 238, 0.14)"
_NUMBERED = 30  # folders; with more, figures in the cells can't be read
_BINS = 20
_WIDTH = 1 / _BINS


def confusion(report: Report, order: Sequence[str], *, shares: bool) -> go.Figure:
    """Rows: where a video lies. Columns: where the model would put it. Colours: shares of the row.

    ``order``: all folders. The cells are dots that nobody sees, since Plotly lets no heatmap be
    clicked; each carries its row's and column's place in ``order``.
    """
    table = _reordered(report, order)
    names = [_ui.for_plotly(name) for name in order]
    places = list(range(len(names)))
    parts = [[count / max(sum(row), 1) for count in row] for row in table]
    # the root, for a single video that went astray is to be seen as well
    signed = [
        [s**0.5 if i == j else -(s**0.5) for j, s in enumerate(row)] for i, row in enumerate(parts)
    ]
    written = [[f"{100 * s:.0f} %" if s else "" for s in row] for row in parts]
    counted = [[count or "" for count in row] for row in table]
    numbered = len(names) <= _NUMBERED
    chart = go.Figure(
        go.Heatmap(
            z=signed,
            zmin=-1,
            zmax=1,
            colorscale=[(0, _WRONG), (0.5, _GROUND), (1, _RIGHT)],
            showscale=False,
            xgap=2,
            ygap=2,
            hoverinfo="skip",
            text=(written if shares else counted) if numbered else None,
            texttemplate="%{text}" if numbered else None,
            textfont={"color": "white"},
        )
    )
    cells = [(i, j) for i in places for j in places if table[i][j]]
    unseen = {"marker": {"opacity": 0}}
    height = max(380, 150 + 30 * len(names))
    chart.add_scatter(
        x=[j for _, j in cells],
        y=[i for i, _ in cells],
        mode="markers",
        marker={"size": 30, "symbol": "square", "opacity": 0},
        selected=unseen,
        unselected=unseen,
        customdata=[[names[i], names[j], table[i][j], parts[i][j]] for i, j in cells],
        hovertemplate="%{customdata[2]} in “%{customdata[0]}” (%{customdata[3]:.0%}) would go to"
        " “%{customdata[1]}”<extra></extra>",
    )
    axis = {"tickvals": places, "ticktext": names, "showgrid": False, "zeroline": False}
    axis |= {"automargin": True, "ticklabeloverflow": "allow"}  # else a long name is left out
    ends = [-0.5, len(names) - 0.5]
    # on a narrow screen slanted names would lie over each other
    angles = {"autotickangles": [-40, -90]}
    chart.update_xaxes(title="would be put into", side="top", range=ends, **axis, **angles)
    chart.update_yaxes(title="lies in", range=ends[::-1], **axis)
    # px: nearly all of a cell answers, and not only its middle
    chart.update_layout(dragmode=False, hovermode="closest", hoverdistance=45)
    return _sized(chart, height)


def _reordered(report: Report, order: Sequence[str]) -> list[list[int]]:
    place = {name: at for at, name in enumerate(report["confusion"]["folders"])}
    counts = report["confusion"]["counts"]
    return [[counts[place[a]][place[b]] for b in order] for a in order]


def reliability(report: Report) -> go.Figure:
    """Said confidence against the share that was right; on the line, both are the same."""
    bins = report["reliability"]
    chart = go.Figure()
    chart.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", line={"color": _QUIET, "dash": "dot"}, hoverinfo="skip"
    )
    most = max(part["videos"] for part in bins)
    chart.add_scatter(
        x=[part["confidence"] for part in bins],
        y=[part["accuracy"] for part in bins],
        mode="markers",
        marker={
            "size": [8 + 26 * (part["videos"] / most) ** 0.5 for part in bins],
            "color": _DOT,
            "opacity": 0.85,
        },
        customdata=[part["videos"] for part in bins],
        hovertemplate="said %{x:.0%}, right %{y:.0%}: %{customdata} videos<extra></extra>",
    )
    chart.update_xaxes(title="said confidence", range=[-0.03, 1.05], tickformat=".0%")
    chart.update_yaxes(title="were right", range=[-0.05, 1.1], tickformat=".0%")
    return _sized(chart, height=330)


def histogram(report: Report) -> go.Figure:
    """How many guesses came with which confidence, right and wrong ones."""
    bars = {True: [0] * _BINS, False: [0] * _BINS}
    for line in report["out_of_fold"]:
        place = min(int(line["confidence"] * _BINS), _BINS - 1)
        bars[line["true"] == line["predicted"]][place] += 1
    chart = go.Figure()
    for right, name, fill in ((True, "right", _RIGHT), (False, "wrong", _WRONG)):
        chart.add_bar(
            x=[(place + 0.5) * _WIDTH for place in range(_BINS)],
            y=bars[right],
            width=_WIDTH * 0.92,
            name=name,
            marker={"color": fill},
            customdata=[[place * _WIDTH, (place + 1) * _WIDTH] for place in range(_BINS)],
            hovertemplate="%{y} " + name + ", %{customdata[0]:.0%} to %{customdata[1]:.0%} sure"
            "<extra></extra>",
        )
    chart.update_layout(barmode="stack")
    chart.update_xaxes(title="said confidence", range=[0, 1.01], tickformat=".0%")
    chart.update_yaxes(title="videos", rangemode="tozero")
    return _legend(_sized(chart, height=260))


def candidates(report: Report) -> go.Figure:
    """The classifiers that were tried, with the standard deviation over the folds; the best on top."""
    tried = report["candidates"][::-1]
    chart = go.Figure()
    chart.add_scatter(
        x=[one["accuracy"] for one in tried],
        y=list(range(len(tried))),
        mode="markers",
        marker={"size": 11, "color": [_DOT if _score.in_use(one["name"], report) else _QUIET for one in tried]},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [min(one["std"], 1 - one["accuracy"]) for one in tried],
            "arrayminus": [min(one["std"], one["accuracy"]) for one in tried],
            "color": _QUIET,
            "width": 5,
        },
        customdata=[[one["std"], one["log_loss"]] for one in tried],
        hovertemplate="%{x:.1%} ± %{customdata[0]:.1%}, log loss %{customdata[1]:.3f}<extra></extra>",
    )  # fmt: skip
    majority = report["dummies"]["majority"]
    chart.add_vline(majority, line={"color": _QUIET, "dash": "dot"})
    chart.add_annotation(
        x=majority, y=1.0, yref="paper", text="biggest folder", showarrow=False, xanchor="left",
        yanchor="bottom", font={"color": _QUIET, "size": 12},
    )  # fmt: skip
    chart.update_xaxes(title="right folder", range=[0, 1.05], tickformat=".0%")
    titles = [_ui.for_plotly(one["title"]) for one in tried]
    chart.update_yaxes(
        tickvals=list(range(len(tried))), ticktext=titles, range=[-0.6, len(tried) - 0.4]
    )
    return _sized(chart, height=130 + 38 * len(tried), top=28)


def learning_curve(points: Sequence[Point], forecast: Forecast | None) -> go.Figure:
    """Accuracy over the number of labelled videos, and where the curve goes on to."""
    chart = go.Figure()
    if forecast is not None:
        _ahead(chart, forecast)
    chart.add_scatter(
        x=[point.videos for point in points],
        y=[point.accuracy for point in points],
        mode="markers",
        name="trainings",
        marker={"size": 9, "color": _DOT},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [point.high - point.accuracy for point in points],
            "arrayminus": [point.accuracy - point.low for point in points],
            "color": _QUIET,
            "thickness": 1,
            "width": 4,
        },
        customdata=[[p.run, p.folders, _ui.for_plotly(p.classifier, 60)] for p in points],
        hovertemplate="training %{customdata[0]}: %{y:.1%} with %{x} videos in %{customdata[1]} folders"
        "<br>%{customdata[2]}<extra></extra>",
    )
    chart.update_xaxes(title="labelled videos", tickformat=",d", range=_around(points, forecast))
    chart.update_yaxes(title="right folder", tickformat=".0%", range=[0, 1.03])
    return _legend(_sized(chart, height=380))


def _around(points: Sequence[Point], forecast: Forecast | None) -> list[float]:
    """The ends of the axis of videos: of few trainings no half videos are to be written there."""
    sizes = [point.videos for point in points] + ([forecast.then.videos] if forecast else [])
    low, high = min(sizes, default=0), max(sizes, default=0)
    room = max(5.0, 0.06 * (high - low))
    return [low - room, high + room]


def _ahead(chart: go.Figure, forecast: Forecast) -> None:
    asked = [guess.videos for guess in forecast.curve]
    band = [g.high for g in forecast.curve] + [g.low for g in forecast.curve][::-1]
    chart.add_scatter(
        x=asked + asked[::-1], y=band, fill="toself", fillcolor=_SOFT, line={"width": 0},
        hoverinfo="skip", name="95 %",
    )  # fmt: skip
    chart.add_scatter(
        x=asked, y=[guess.accuracy for guess in forecast.curve], mode="lines", hoverinfo="skip",
        line={"color": _DOT, "dash": "dot", "width": 2}, name="fitted curve",
    )  # fmt: skip
    then = forecast.then
    chart.add_scatter(
        x=[then.videos], y=[then.accuracy], mode="markers", name="forecast",
        marker={"size": 13, "color": _WRONG, "symbol": "diamond"},
        hovertemplate="%{x} videos: about %{y:.1%}<extra></extra>",
    )  # fmt: skip


def _legend(chart: go.Figure) -> go.Figure:
    place: dict[str, Any] = {"orientation": "h", "x": 1, "xanchor": "right", "y": 1.02}
    chart.update_layout(showlegend=True, legend={**place, "yanchor": "bottom"})
    chart.update_layout(margin={"t": 36})
    return chart


def _sized(chart: go.Figure, height: int, top: int = 8) -> go.Figure:
    chart.update_layout(height=height, margin={"l": 8, "r": 8, "t": top, "b": 8}, showlegend=False)
    return chart
