"""The charts of a report: the confusion matrix and the reliability diagram."""

from __future__ import annotations

from typing import TYPE_CHECKING

import plotly.graph_objects as go

from pages import _ui

if TYPE_CHECKING:
    from pages._score import Report

_GROUND, _RIGHT, _WRONG, _QUIET = "#16161e", "#12908d", "#d3224a", "#8a8a99"
_DOT = "#25f4ee"
_NUMBERED = 30  # folders; with more, figures in the cells can't be read


def confusion(report: Report) -> go.Figure:
    """Rows: where a video lies. Columns: where the model would put it. Colours: shares of the row."""
    counts = report["confusion"]["counts"]
    names = [_ui.for_plotly(name) for name in report["confusion"]["folders"]]
    places = list(range(len(names)))
    shares = [[count / max(sum(row), 1) for count in row] for row in counts]
    signed = [[s if i == j else -s for j, s in enumerate(row)] for i, row in enumerate(shares)]
    cells = [[[names[i], names[j], counts[i][j]] for j in places] for i in places]
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
            customdata=cells,
            text=[[count or "" for count in row] for row in counts] if numbered else None,
            texttemplate="%{text}" if numbered else None,
            textfont={"color": "white"},
            hovertemplate="%{customdata[2]} in “%{customdata[0]}” would go to “%{customdata[1]}”<extra></extra>",
        )
    )
    axis = {"tickvals": places, "ticktext": names, "showgrid": False, "zeroline": False}
    chart.update_xaxes(title="would be put into", side="top", tickangle=-40, **axis)
    chart.update_yaxes(title="lies in", autorange="reversed", **axis)
    return _sized(chart, height=max(380, 150 + 30 * len(names)))


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
    return _sized(chart, height=380)


def _sized(chart: go.Figure, height: int) -> go.Figure:
    chart.update_layout(height=height, margin={"l": 8, "r": 8, "t": 8, "b": 8}, showlegend=False)
    return chart
