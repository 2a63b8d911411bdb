"""The background job as a person sees it, whoever started it."""

from __future__ import annotations

import streamlit as st

from pages import _score, _ui
from sorter_core.types import JobStatus, Run

STAGES = {
    "extract_features": "Look at the videos",
    "train": "Learn your folders",
    "predict": "Predict the unsorted ones",
}
_CANCELLED = "cancelled"
FOLDERS_WANTED = "To learn, sort at least one video into each of two folders, then train."
_PACE = 5  # videos before a pace can be told: the first ones wait for models to load


def progress(status: JobStatus) -> str:
    """One line: how far the stage is, how long it still takes, what failed.

    >>> progress(JobStatus(running=True, last_result=None, stage="train", done=5, total=8, eta_seconds=200))
    '5 of 8 · about 3 min left'
    """
    if status.cancelling:
        return "Stopping…"
    parts = [f"{status.done:,} of {status.total:,}"] if status.total else ["Starting…"]
    if status.eta_seconds is not None and status.done >= _PACE:
        parts.append(f"{_ui.duration(status.eta_seconds)} left")
    if status.failures:
        parts.append(f"{status.failures:,} could not be read")
    return " · ".join(parts)


def share(status: JobStatus) -> float:
    """0..1 of the stage."""
    return min(1.0, status.done / status.total) if status.total else 0.0


def stages(status: JobStatus) -> None:
    """The three stages, with a mark at what is done and what runs."""
    names = list(STAGES)
    at = names.index(status.stage) if status.stage in STAGES else 0
    for position, (column, text) in enumerate(
        zip(st.columns(len(names)), STAGES.values(), strict=True)
    ):
        if position < at:
            column.markdown(f":green[:material/check_circle:] {text}")
        elif position == at:
            column.markdown(f":primary[:material/radio_button_checked:] **{text}**")
        else:
            column.markdown(f":gray[:material/radio_button_unchecked: {text}]")


def ended_well(status: JobStatus, newest: list[Run]) -> str:
    """In words; a job may have looked at the videos and guessed, and not have trained."""
    when = _ui.ago(status.finished_at)
    if not newest:
        return f"The videos were analysed, {when}."
    how_good = _score.sentence(_ui.sorter().run(newest[0].id).report)
    trained = status.started_at is None or newest[0].finished_at >= status.started_at
    if trained:
        return f"The last training ended well, {when}. {how_good}"
    return (
        f"New videos were analysed and guessed, {when}, by the training of"
        f" {_ui.ago(newest[0].finished_at)}. {how_good}"
    )


def outcome(status: JobStatus) -> None:
    """How the last finished job ended."""
    if status.last_result is None:
        return
    if status.last_result == "success":
        st.success(ended_well(status, _ui.sorter().runs(1)), icon=":material/check_circle:")
        return
    stage, _, reason = status.last_result.removeprefix("Failed at ").partition(": ")
    if reason == _CANCELLED:
        st.info(
            "The last training was cancelled. What had been analysed by then is kept; it goes on from there.",
            icon=":material/pause_circle:",
        )
        return
    what = STAGES.get(stage, stage)
    st.error(
        f"The last training stopped at “{_ui.escape(what)}”: {_ui.escape(reason)}",
        icon=":material/error:",
    )
