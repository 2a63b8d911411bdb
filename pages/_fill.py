"""The part of the Extract page that asks TikTok about videos which the library holds already."""

from __future__ import annotations

import streamlit as st

from pages import _ui
from sorter_core.extraction.fill import FillStatus


@_ui.shown_errors()
def show() -> None:
    """How many videos can be asked for, what that tells TikTok, the button, and the progress."""
    if _ui.sorter().data_dir is None:
        return
    status = _ui.sorter().fills().status()
    st.subheader("Captions of your own videos", anchor=False)
    if not status.running:
        ask()
    if status.total:
        st.fragment(progress, run_every=1 if status.running else None)(drawn_running=status.running)


def ask() -> None:
    """Say what will be sent to whom, and wait for the word."""
    count = _ui.sorter().unfilled()
    if not count:
        st.caption(
            "Nothing to ask: every video named after its TikTok id has been asked for, or brought its caption."
        )
        return
    rate = _ui.sorter().settings.fill_per_minute
    st.caption(
        f"{_ui.counted(count, 'video')} named after a TikTok id came without a caption. TikTok is asked for each "
        f"by its id: so it learns which videos you hold, and your address{_cookies()}. Nothing else is sent. The "
        "caption, author, sound and hashtags then help to sort them. "
        f"At most {rate:g} a minute: {_ui.duration(count * 60 / rate)} in all; "
        "stop and go on whenever you like."
    )
    if st.button(
        f"Ask TikTok about {_ui.counted(count, 'video')}", icon=":material/travel_explore:"
    ):
        _ui.sorter().fill()
        st.rerun()


def _cookies() -> str:
    named = _ui.sorter().settings.cookies_file is not None
    return ", and who you are, by the cookies of COOKIES_FILE" if named else ""


@_ui.shown_errors()
def progress(*, drawn_running: bool) -> None:
    """How far the newest round has come; the whole page is drawn again when it is done."""
    status = _ui.sorter().fills().status()
    if status.running != drawn_running:
        st.rerun()
    with st.container(border=True):
        left, right = st.columns([4, 1], vertical_alignment="center")
        left.progress(status.done / status.total if status.total else 0.0, text=said(status))
        if status.running and right.button(
            "Stop", icon=":material/close:", disabled=status.cancelling, width="stretch"
        ):
            _ui.sorter().fills().cancel()
            st.rerun(scope="fragment")
        if status.filled and not status.running:
            st.caption("The next training makes use of it.")
        if status.stopped:
            st.warning(_ui.escape(status.stopped), icon=":material/info:")
        if status.problems:
            with st.expander("Videos of which TikTok told nothing"):
                st.dataframe(
                    [
                        {"Video": _ui.plain(one.filename), "Why": _ui.plain(one.error)}
                        for one in status.problems
                    ],
                    hide_index=True,
                )


def said(status: FillStatus) -> str:
    """The counts, and how long it still takes.

    >>> said(FillStatus(True, False, 3, 9, 2, 1, 0, 130.0, None, ()))
    'Asked: 3 of 9 · 2 told · 1 not to be had · about 2 min left'
    """
    parts = [f"Asked: {status.done:,} of {status.total:,}", f"{status.filled:,} told"]
    parts += [f"{status.unavailable:,} not to be had"] if status.unavailable else []
    parts += [f"{status.failed:,} failed"] if status.failed else []
    if status.eta_seconds is not None:
        parts.append(f"{_ui.duration(status.eta_seconds)} left")
    return " · ".join(parts)
