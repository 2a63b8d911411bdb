"""What one TikTok link told, drawn; everything of it is somebody else's text."""

from __future__ import annotations

import streamlit as st

from pages import _ui
from sorter_core.extraction.answers import Extraction
from sorter_core.extraction.lookups import Told, as_json

_COUNTS = {
    "view_count": "view",
    "like_count": "like",
    "comment_count": "comment",
    "share_count": "share",
}
_SEEN = {
    "visual_style": "Style",
    "setting": "Setting",
    "people_count": "People",
    "camera_angle": "Camera",
    "text_overlay_style": "Words",
    "color_scheme": "Colours",
}
_MINUTE = 60


def show(url: str, told: Told) -> None:
    """One link with its answer, or with the reason why there is none."""
    with st.container(border=True):
        if told.answer is None:
            st.text(_ui.plain(url))
            _ui.problem(told.problem)
            return
        left, right = st.columns([1, 4])
        if told.picture is not None:
            left.image(told.picture, width="stretch")
        with right:
            metadata(told.answer)
            analysis(told.answer)
            transcript(told.answer)
            for warning in told.answer.warnings:
                st.warning(_ui.escape(warning), icon=":material/info:")
            with st.expander("JSON", icon=":material/data_object:"):
                st.code(as_json([told.answer]), language="json")


def metadata(answer: Extraction) -> None:
    """The video's title, maker, date, length and counts."""
    st.text(_ui.plain(title(answer)))
    facts = [f"@{answer.uploader}" if answer.uploader else None, answer.upload_date]
    facts.append(length(answer.duration))
    facts += [
        _ui.counted(count, noun)
        for name, noun in _COUNTS.items()
        if (count := getattr(answer, name)) is not None
    ]
    st.caption(_ui.escape(" · ".join(fact for fact in facts if fact)))
    if answer.description and answer.description != title(answer):
        st.text(_ui.plain(answer.description))
    if answer.track:
        st.caption(_ui.escape(f"♪ {answer.track}{f', {answer.artist}' if answer.artist else ''}"))


def title(answer: Extraction) -> str:
    """The title; where that is but the beginning of the description, the whole of it."""
    begins = answer.description.startswith(answer.title.removesuffix("..."))
    return (answer.description if begins else answer.title) or answer.video_id


def length(seconds: float | None) -> str | None:
    """Minutes and seconds.

    >>> length(75.2), length(None)
    ('1:15', None)
    """
    return None if seconds is None else f"{int(seconds) // _MINUTE}:{int(seconds) % _MINUTE:02d}"


def analysis(answer: Extraction) -> None:
    """What the thumbnail shows, as far as it is known."""
    found = answer.thumbnail_analysis
    if found is None:
        return
    seen = {
        label: value for name, label in _SEEN.items() if (value := getattr(found, name)) is not None
    }
    with st.container(horizontal=True, gap="small"):
        for label, value in seen.items():
            _ui.badge(f"{label}: {value}")
        for hook in found.hook_elements:
            _ui.badge(hook, "blue")
        st.caption(f"{found.confidence_score:.0%} of it is known")


def transcript(answer: Extraction) -> None:
    """The captions, with their times."""
    if answer.transcript is None:
        return
    kind = "written by hand" if answer.transcript.source == "manual" else "made by a machine"
    with st.expander(f"Captions ({_ui.escape(answer.transcript.language)}, {kind})"):
        st.text(
            "\n".join(
                f"{length(segment.start)}  {_ui.plain(segment.text)}"
                for segment in answer.transcript.segments
            )
        )
