"""What a training mixes up: the confusion matrix, the videos of its cells, and suspected misfilings."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import streamlit as st

from pages import _charts, _score, _ui
from pages._score import Report
from sorter_core import gallery
from sorter_core.review import Review

_CHART = {"displayModeBar": False}
_CHOSEN = "review_cell"
"""The chosen cell in the session: (run, lies in, would go to)."""


def matrix(review: Review) -> None:
    """The confusion matrix; a click on a cell lists its videos below."""
    report = review.run.report
    chart, table = st.columns([3, 2], gap="medium")
    with chart:
        st.caption(
            "Turquoise: right. Red: lies in the row's folder, would be put into the column's."
            " Click on a cell to see its videos."
        )
        shares = st.segmented_control(
            "Figures",
            ["Videos", "Share of the row"],
            default="Videos",
            required=True,
            label_visibility="collapsed",
        )
        st.plotly_chart(
            _charts.confusion(report, review.order, shares=shares == "Share of the row"),
            config=_CHART,
            key=f"matrix_{review.run.id}",
            on_select=lambda: _clicked(review),
            selection_mode="points",
        )
    with table:
        worst(review, report)
    chosen = st.session_state.get(_CHOSEN)
    if chosen and chosen[0] == review.run.id:
        cell(review.run.id, *chosen[1:])


def worst(review: Review, report: Report) -> None:
    """The largest cells beside the diagonal; a chosen line lists its videos too."""
    st.caption("Mixed up most often; choose a line to see the videos:")
    mixed = _score.mixed_up(report)
    lines = [
        {"Lies in": _ui.plain(a), "Would go to": _ui.plain(b), "Videos": n} for a, b, n in mixed
    ]
    if not lines:
        st.text("Not one video.")
        return
    narrow = {
        name: st.column_config.TextColumn(width="small") for name in ("Lies in", "Would go to")
    }
    st.dataframe(
        lines,
        hide_index=True,
        column_config=narrow,
        key=f"worst_{review.run.id}",
        on_select=lambda: _picked(review.run.id, mixed),
        selection_mode="single-row",
    )


def _clicked(review: Review) -> None:
    points = st.session_state[f"matrix_{review.run.id}"]["selection"]["points"]
    if points:
        row, column = (review.order[int(points[0][axis])] for axis in ("y", "x"))
        st.session_state[_CHOSEN] = (review.run.id, row, column)


def _picked(run: int, mixed: list[tuple[str, str, int]]) -> None:
    rows = st.session_state[f"worst_{run}"]["selection"]["rows"]
    if rows:
        folder, predicted, _ = mixed[rows[0]]
        st.session_state[_CHOSEN] = (run, folder, predicted)


def cell(run: int, folder: str, predicted: str) -> None:
    """The videos of one cell, playable, each movable."""
    if folder == predicted:
        st.markdown(f"#### In {_ui.listed([folder])}, and rightly guessed")
    else:
        st.markdown(f"#### In {_ui.listed([folder])}, would go to {_ui.listed([predicted])}")
    asked = urlencode({"folder": folder, "predicted": predicted, "run": run})
    videos(
        f"/api/diagnostics/cell?{asked}",
        "None of them lies there any more.",
        key="cell",
        scroll=True,
    )


def misfilings() -> None:
    """Videos that may lie in the wrong folder."""
    st.caption(
        "For these the model, which had not seen them, is as sure of another folder as it usually"
        " is of that folder's own videos (confident learning). Move what is wrong; what is right"
        " as it is will not be asked again."
    )
    videos("/api/misfilings", "Nothing looks misfiled.", key="misfilings")


def videos(path: str, none: str, *, key: str, scroll: bool = False) -> None:
    """Mount the list of videos that ``path`` answers with; it takes the keys."""
    data = {"path": path, "none": none, "focus": True, "scroll": scroll}
    _component("gallery")(key=key, data=data, height="content")


def atlas(run: int) -> None:
    """Mount the map."""
    _component("map")(key="map", data={"path": f"/api/diagnostics/map?run={run}"}, height="content")


def _component(name: str) -> Any:
    return st.components.v2.component(
        f"sorter_{name}",
        html=gallery.text(f"{name}.html"),
        css=gallery.text("gallery.css"),
        js=gallery.text(f"{name}.js"),
    )
