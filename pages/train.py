"""Train: what is new, the job with its progress, what failed and why, earlier trainings, encoders."""

from __future__ import annotations

import streamlit as st

from pages import _encoders, _failures, _job, _score, _ui
from sorter_core.app import News
from sorter_core.refit import MOST_LABELS
from sorter_core.types import JobStatus, Run

_MOST_RUNS = 50


@_ui.shown_errors()
def show() -> None:
    """The whole page."""
    _ui.page_header(
        "Train",
        "The program looks at each video once, learns from what you have filed, and predicts the rest."
        " Nothing leaves this computer.",
    )
    sorter = _ui.sorter()
    news, status = sorter.news(), sorter.job()
    figures(news)
    st.fragment(job, run_every=1 if status.running else 3)(drawn=phase(status), news=news)
    failures, trainings = sorter.failures(), sorter.runs(_MOST_RUNS)
    failed, past, looks = st.tabs(
        [
            f"Could not be read ({_failures.number(failures)})",
            f"Earlier trainings ({len(trainings):,})",
            "What it looks at",
        ]
    )
    with failed:
        _failures.show(failures)
    with past:
        history(trainings)
    with looks:
        _encoders.show()


def figures(news: News) -> None:
    """Four figures that say whether a training is worth its while."""
    unsorted, filed, fresh, unseen = st.columns(4)
    unsorted.metric("To sort", f"{news.unsorted:,}", border=True)
    filed.metric("Filed", f"{news.labelled:,}", border=True)
    fresh.metric("Filed since the last training", f"{news.labels_since_run:,}", border=True)
    unseen.metric("Not analysed yet", f"{news.unanalysed:,}", border=True)


def phase(status: JobStatus) -> tuple[bool, str | None]:
    """What decides which parts and figures the page shows."""
    return status.running, status.stage


@_ui.shown_errors()
def job(*, drawn: tuple[bool, str | None], news: News) -> None:
    """The running job, or the button that starts one; in a new phase the whole page is drawn again.

    ``news`` are those of the figures above: counting them takes a while in a big library.
    """
    status = _ui.sorter().job()
    if phase(status) != drawn:
        st.rerun()
    with st.container(border=True):
        if not status.running:
            _job.outcome(status)
            start(news)
            return
        _job.stages(status)
        st.progress(_job.share(status), text=_job.progress(status))
        text, button = st.columns([4, 1], vertical_alignment="center")
        text.caption(
            f"Started {_ui.ago(status.started_at)}. Meanwhile you can go on sorting, or close this page."
        )
        if button.button(
            "Cancel", icon=":material/close:", disabled=status.cancelling, width="stretch"
        ):
            _ui.sorter().cancel()
            st.rerun()


def start(news: News) -> None:
    """The button, and what it would do now."""
    sorter = _ui.sorter()
    first = not sorter.runs(1)
    text, button = st.columns([3, 1], vertical_alignment="center")
    taught = sum(folder.count > 0 for folder in sorter.folders()) > 1
    text.write(forecast(news, first=first, taught=taught))
    if button.button(
        "Analyse now" if first else "Retrain now",
        type="primary" if first or news.labels_since_run or news.unanalysed else "secondary",
        icon=":material/model_training:",
        width="stretch",
        disabled=not (taught or news.unanalysed if first else news.unsorted + news.labelled),
    ):
        if (sorter.analyse if first else sorter.retrain)() == "already_running":
            st.toast("A training is running already.")
        st.rerun()


def forecast(news: News, *, first: bool, taught: bool = True) -> str:
    """What a training would do now; ``taught``: whether two folders have videos."""
    if not news.unsorted + news.labelled:
        return "There is no video in this library yet."
    if first:
        looked = f" {_ui.counted(news.unanalysed, 'video')} will be looked at, once."
        then = (
            f"Then it learns from the {news.labelled:,} filed and predicts the {news.unsorted:,} unsorted."
            if taught
            else _job.FOLDERS_WANTED
        )
        return f"**Nothing has been learned yet.**{looked if news.unanalysed else ''} {then}"
    parts = []
    if news.labels_since_run:
        parts.append(f"{_ui.counted(news.labels_since_run, 'video')} filed since the last training")
    if fresh := news.unanalysed - news.again:
        parts.append(f"{_ui.counted(fresh, 'video')} to be looked at for the first time")
    if news.again:
        parts.append(f"{_ui.counted(news.again, 'video')} to be transcribed again")
    if not parts:
        return "**No new videos** since the last training."
    late = news.labels_since_run and news.labelled > MOST_LABELS
    note = f" With more than {MOST_LABELS:,} filed, new ones count from the next training on, not sooner."
    return f"**New:** {', '.join(parts)}.{note if late else ''}"


def history(trainings: list[Run]) -> None:
    """Earlier trainings, newest first."""
    if not trainings:
        st.caption("No training has been finished yet.")
        return
    library = str(_ui.sorter().data_dir)
    st.dataframe(
        [
            {
                "Finished": run.finished_at,
                "Right folder": None if run.accuracy is None else 100 * run.accuracy,
                "95 % sure": _score.interval(library, run.id, run.finished_at),
                "Videos": run.videos,
                "Folders": run.folders,
                "Classifier": _ui.plain(run.classifier),
            }
            for run in trainings
        ],
        hide_index=True,
        column_config={
            "Finished": st.column_config.DatetimeColumn(format="distance"),
            "Right folder": _ui.bar("Counted on videos that the training had not seen"),
        },
    )


show()
