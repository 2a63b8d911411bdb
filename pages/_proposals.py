"""New folders: groups of unsorted videos that belong together, to be named and made with a click."""

from __future__ import annotations

import streamlit as st

from pages import _job, _ui
from sorter_core import gallery

FOLDERS, NEW = "Folders", "New folders"
QUERY = "view"
"""In the address: ``/bulk?view=New+folders``."""
_STYLE = """
<style>
  .st-key-view, .st-key-offer { padding: 0.9rem 1.2rem 0.5rem; }
  .stApp:has([data-testid="stExpandSidebarButton"]) :is(.st-key-view, .st-key-offer) { padding-left: 6rem; }
</style>
"""
"""For what stands above a component that fills the page, beside the button that opens the sidebar."""


def chosen() -> bool:
    """The switch above the page; whether it stands on the new folders."""
    view = st.segmented_control(
        "Show", [FOLDERS, NEW], default=FOLDERS, required=True, key=QUERY, bind="query-params",
        label_visibility="collapsed",
    )  # fmt: skip
    if view != NEW:
        st.html(_STYLE)
    return view == NEW


def show() -> None:
    """The proposals, or why there are none and what to do."""
    _ui.page_header(
        "New folders",
        "Videos that belong together and lie in no folder. Look them over, name them, make the folder.",
    )
    with st.spinner("Looking for videos that belong together…"):
        found = _ui.sorter().proposals()
    if not found:
        nothing()
        return
    mount = st.components.v2.component(
        "sorter_proposals",
        html=gallery.text("proposals.html"),
        css=gallery.text("proposals.css"),
        js=gallery.text("proposals.js"),
    )
    mount(key="proposals", data={}, height="content")


def nothing() -> None:
    """One sentence, and what can be done about it."""
    if _ui.sorter().job().running:
        analysing()
        return
    st.info(_ui.escape(_ui.sorter().why_no_proposals()), icon=":material/create_new_folder:")
    news = _ui.sorter().news()
    if not (news.unsorted and news.unanalysed):
        return
    if st.button("Analyse the videos", type="primary", icon=":material/model_training:"):
        begin()
        st.rerun()
    st.caption("Each is looked at once, on this computer. You can close this page meanwhile.")


def begin() -> None:
    """Look at them; what can be learned for the first time is learned, too."""
    _ui.sorter().analyse()


@st.fragment(run_every=2)
@_ui.shown_errors()
def analysing() -> None:
    """How far the job is; when it ends, the page is drawn again."""
    status = _ui.sorter().job()
    if not status.running:
        st.rerun()
    what = _job.STAGES.get(status.stage or "", "Starting")
    st.progress(_job.share(status), text=f"{what}: {_job.progress(status)}")


def offer(key: str | None = None) -> None:
    """Where there is no folder yet: one sentence, and the way here. ``key``: for a page without margins."""
    summary = _ui.sorter().summary()
    if not summary.unsorted or summary.folders:
        return
    if key is not None:
        st.html(_STYLE)
    with st.container(key=key):
        st.page_link(
            _ui.BULK,
            label="No folders yet? Let the app propose some.",
            icon=":material/create_new_folder:",
            query_params={QUERY: NEW},
        )
