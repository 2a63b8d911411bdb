"""What stands around each page: the list of pages, and which library this is."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages import _job, _ui
from sorter_core import player

_ICON = Path(player.__path__[0]) / "icon.svg"
_STYLE = """
<style>
  [data-testid="stSidebarHeader"] { height: auto; padding-bottom: 0; }
  section[data-testid="stSidebar"] [data-testid="stText"] {
    font-family: inherit; font-weight: 600; overflow: hidden; text-overflow: ellipsis;
  }
  [data-testid="stSidebarNavLink"]:focus-visible { outline: 2px solid #25f4ee; outline-offset: -2px; }
</style>
"""


def visit() -> None:
    """Draw the page that was asked for, and the sidebar."""
    # A picture of our own: those of Material icons as a tab's icon come from Google's servers.
    st.set_page_config("TikTok Sorter", _ICON, "wide", 220)
    st.logo(_ICON, size="large")
    chosen = _ui.sorter().data_dir is not None
    page = st.navigation(
        [
            st.Page(_ui.SORT, title="Sort", icon=":material/swipe:", default=True),
            st.Page(_ui.BULK, title="Bulk", icon=":material/grid_view:"),
            st.Page(_ui.SEARCH, title="Search", icon=":material/search:"),
            st.Page(_ui.TRAIN, title="Train", icon=":material/model_training:"),
            st.Page(_ui.REVIEW, title="Review", icon=":material/monitoring:"),
            st.Page(_ui.DUPLICATES, title="Duplicates", icon=":material/content_copy:"),
            st.Page(_ui.HISTORY, title="History", icon=":material/history:"),
            st.Page(_ui.IMPORT, title="Import", icon=":material/drive_folder_upload:"),
            st.Page(_ui.EXTRACT, title="Extract", icon=":material/link:"),
            st.Page(_ui.LIBRARY, title="Library", icon=":material/video_library:"),
        ],
        position="sidebar" if chosen else "hidden",
    )
    if chosen:
        watch()
        with st.sidebar:
            library()
    page.run()


@_ui.shown_errors()
def watch() -> None:
    """Begin to notice new files, if the person turned it on; the app is open now."""
    if (where := _ui.sorter().data_dir) is not None and where.is_dir():
        _ui.sorter().keep_watching()


@st.fragment(run_every=3)
@_ui.shown_errors()
def library() -> None:
    """The library in use; looked at again every 3 s, since the player sorts without this script."""
    st.html(_STYLE)
    where = _ui.sorter().data_dir
    if where is None or not where.is_dir():
        st.caption(":material/link_off: The library is not there.")  # the page itself says more
        return
    summary = _ui.sorter().summary()
    with st.container(border=True, gap="small"):
        st.text(_ui.plain(where.name or where), help=_ui.escape(where))
        filed = sum(folder.count for folder in summary.folders)
        folders = _ui.counted(len(summary.folders), "folder")
        st.caption(f"{summary.unsorted:,} to sort  \n{filed:,} filed in {folders}")
        status = _ui.sorter().job()
        if status.running:
            name = _job.STAGES.get(status.stage or "", "Starting")
            st.progress(_job.share(status), text=f"{name} · {100 * _job.share(status):.0f} %")
