"""What of a video is looked at: each encoder with its switch, and the models that can be fetched."""

from __future__ import annotations

import streamlit as st

from pages import _ui
from sorter_core.pulls import EncoderState

_EVERY = 2.0
"""Seconds between two looks while a model is being fetched."""


def show() -> None:
    """All of them; while a model comes, the list is drawn again and again."""
    pulling = any(state.state == "pulling" for state in _ui.sorter().encoder_states())
    st.fragment(_listed, run_every=_EVERY if pulling else None)(pulling=pulling)
    st.caption(
        "A change counts from the next training on. What was analysed with the others is kept."
    )


@_ui.shown_errors()
def _listed(*, pulling: bool) -> None:
    states = _ui.sorter().encoder_states()
    if pulling != any(state.state == "pulling" for state in states):
        st.rerun()  # it began or ended: the page is to look again and again, or not any more
    for state in states:
        with st.container(border=True):
            _one(state)


def _one(state: EncoderState) -> None:
    """What it looks at, where it comes from, what it lacks, its switch, and its model."""
    text, switch = st.columns([8, 1], vertical_alignment="center")
    text.markdown(f"**{_ui.escape(state.title)}**")
    size = f"{_megabytes(state.size)} on the disk" if state.size else "no files of its own"
    text.caption(
        f"`{state.name}` · {_ui.escape(state.source)} · {_ui.escape(state.licence)} · {size}"
    )
    key = f"use:{state.name}"
    st.session_state[key] = state.on  # another tab may have changed it
    switch.toggle(
        f"Use {state.name}",
        key=key,
        label_visibility="collapsed",
        on_change=_choose,
        args=(state.name,),
    )
    if state.state == "pulling":
        _coming(state)
        return
    if state.message:
        box = st.warning if state.on or state.state == "failed" else st.caption
        box(_ui.escape(state.message))
    if state.on and state.state == "ready":
        _better(state)
    if state.pull:
        which = "a bigger" if state.state == "ready" else "its"
        label = f"Fetch {which} model ({_megabytes(state.download)})"
        st.button(label, key=f"pull:{state.name}", on_click=_pull, args=(state.name,))


def _better(state: EncoderState) -> None:
    """What a lesser model has read before the better one came."""
    old = _ui.sorter().outdated(state.name)
    if old is None or not old.videos:
        return
    videos = _ui.counted(old.videos, "video")
    if old.waiting >= old.videos:
        st.caption(f"{videos} will be transcribed again with {old.model} in the next training.")
        return
    st.button(
        f"Transcribe again with {old.model} ({videos})",
        key=f"again:{state.name}",
        on_click=_again,
        args=(state.name,),
        help="Another model transcribed them. Their words stay until the new ones are there.",
    )


def _coming(state: EncoderState) -> None:
    share = min(1.0, state.done / state.total) if state.total else 0.0
    st.progress(share, f"{_megabytes(state.done)} of {_megabytes(state.total or state.download)}")
    st.button("Stop", key=f"stop:{state.name}", on_click=_stop)


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"


@_ui.shown_errors()
def _choose(name: str) -> None:
    """Switch an encoder on or off."""
    others = {*_ui.sorter().encoders()} - {name}
    wanted = st.session_state[f"use:{name}"]
    _ui.sorter().choose_encoders([*others, name] if wanted else [*others])


@_ui.shown_errors()
def _pull(name: str) -> None:
    """Fetch a model: the one thing here that uses the network, because the person asked for it."""
    if _ui.sorter().pull(name) == "already_running":
        st.toast("Another model is being fetched. Try again when it is here.")


@_ui.shown_errors()
def _again(name: str) -> None:
    """Have the next training read again what a lesser model has read."""
    _ui.sorter().read_again(name)


@_ui.shown_errors()
def _stop() -> None:
    _ui.sorter().cancel_pull()
