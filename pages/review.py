"""Review: how good the newest model is, which videos it gets wrong, and how it came along."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages import _charts, _mixups, _progress, _score, _ui
from pages._score import Report

_CHART = {"displayModeBar": False}
_NAMED = 12
"""Folders that are named in a sentence."""


@_ui.shown_errors()
def show() -> None:
    """The report of the newest training."""
    _ui.page_header(
        "Review", "How good the newest model is, counted on videos that it had not seen."
    )
    if not _ui.sorter().runs(1):
        nothing_yet()
        return
    review = _ui.sorter().review()
    report = review.run.report
    st.markdown(_score.sentence(report))
    learned_from(report)
    if report["accuracy"] is None:
        return
    figures(report)
    parts: dict[str, Callable[[], None]] = {
        "What is mixed up": lambda: _mixups.matrix(review),
        "In the wrong folder?": _mixups.misfilings,
        "Folders": lambda: by_folder(report),
        "Its confidence": lambda: confidence(report),
        "Classifiers": lambda: candidates(report),
        "Over time": lambda: _progress.show(review),
        "Map": lambda: _mixups.atlas(review.run.id),
    }
    tabs = st.tabs(list(parts), key="review_part", on_change="rerun")
    for tab, draw in zip(tabs, parts.values(), strict=True):
        if tab.open:  # the others cost nothing
            with tab:
                draw()


def nothing_yet() -> None:
    """Before the first training."""
    st.info("Nothing has been learned yet: there is nothing to review.", icon=":material/info:")
    st.page_link(_ui.TRAIN, label="Go to Train", icon=":material/model_training:")


def learned_from(report: Report) -> None:
    """What the model knows, and which folders are too small to be judged."""
    names = ", ".join(f"`{entry['name']}`" for entry in report["encoders"] if entry["used"])
    st.caption(
        f"Learned from {_ui.counted(report['videos'], 'video')} in"
        f" {_ui.counted(len(report['folders']), 'folder')}, by what it looks at: {names}."
    )
    if small := report["small_folders"]:
        st.warning(
            f"With fewer than five videos these can hardly be learned or judged: {few(small)}.",
            icon=":material/folder:",
        )


def few(names: list[str]) -> str:
    """Names for a sentence; of many, the first and how many more."""
    more = len(names) - _NAMED
    return _ui.listed(names[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def figures(report: Report) -> None:
    """The score with its interval, and three others that keep it honest."""
    dummies = report["dummies"]
    shown = (
        (
            "Right folder",
            report["accuracy"],
            f"{_score.between(report['interval'])} (95 %)",
            f"Share of the {report['scored']:,} videos that were held back once and guessed rightly",
        ),
        (
            "Each folder alike",
            report["balanced_accuracy"],
            f"F1 {report['macro_f1']:.2f}",
            "The mean over the folders, so that big ones do not hide small ones; macro F1 below",
        ),
        (
            "Without looking",
            dummies["majority"],
            f"by lot {_score.percent(dummies['stratified'])}",
            "What one reaches who always names the biggest folder, or draws lots by size",
        ),
        (
            "Confidence is off by",
            report["ece"],
            f"{_score.between(report['ece_interval'])} (95 %)",
            (
                "Expected calibration error over 15 bins: the mean gap between said confidence and"
                " share right. With few videos chance alone makes it several per cent"
            ),
        ),
    )
    for column, one in zip(st.columns(len(shown)), shown, strict=True):
        with column:
            figure(*one)


def figure(label: str, share: float, below: str, meaning: str) -> None:
    """One figure in a box, with what it stands beside and what it means."""
    st.metric(
        label,
        _score.percent(share),
        below,
        delta_color="off",
        delta_arrow="off",
        border=True,
        help=meaning,
    )


def by_folder(report: Report) -> None:
    """Precision, recall and F1 of each folder."""
    st.dataframe(
        [
            {
                "Folder": _ui.plain(name),
                "Videos": one["support"],
                "Precision": _score.hundredths(one["precision"]),
                "Recall": _score.hundredths(one["recall"]),
                "F1": _score.hundredths(one["f1"]),
            }
            for name, one in report["per_folder"].items()
        ],
        hide_index=True,
        placeholder="-",
        column_config={
            "Precision": _ui.bar("When it names this folder, how often it is right"),
            "Recall": _ui.bar("Of the videos in this folder, how many it finds"),
            "F1": _ui.bar("Both in one: their harmonic mean"),
        },
    )


def confidence(report: Report) -> None:
    """The reliability diagram, the histogram, and what sorting by a threshold would have done."""
    chart, table = st.columns(2, gap="medium")
    with chart:
        st.caption(
            "On the dotted line, of the videos it calls 80 % sure, 80 % are right. Big dots: many videos."
            " Below 90 % it states its confidence in a few steps: no finer than so many videos can tell."
        )
        st.plotly_chart(_charts.reliability(report), config=_CHART)
        st.caption("How sure it was, of how many videos:")
        st.plotly_chart(_charts.histogram(report), config=_CHART)
    with table:
        st.caption(
            "Had all guesses at or above a confidence been sorted without looking. All these videos"
            " belong to a folder; what is like none of them is marked in Bulk, and is never sorted so."
        )
        st.dataframe(
            [
                {
                    "At least": f"{100 * line['threshold']:g} %",
                    "Sorted": line["taken"],
                    "Wrong": line["errors"],
                    "Wrong, as it expected": round(line["expected_errors"], 1),
                }
                for line in report["thresholds"]
            ],
            hide_index=True,
            height="content",
        )


def candidates(report: Report) -> None:
    """The classifiers that were tried, the best first."""
    st.caption(
        "Chosen by log loss, which punishes being sure and wrong; less is better."
        " The bars are the standard deviation over the folds. The score above is that of the"
        " best combination, found anew without the videos that are counted."
    )
    st.plotly_chart(_charts.candidates(report), config=_CHART)
    st.dataframe(
        [
            {
                "Classifier": _ui.plain(one["title"]),
                "Right folder": f"{_score.percent(one['accuracy'])} ± {100 * one['std']:.0f}",
                "Log loss": round(one["log_loss"], 3),
                "In use": _score.in_use(one["name"], report),
            }
            for one in report["candidates"]
        ],
        hide_index=True,
    )


show()
