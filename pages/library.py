"""Library: choose the folder with the videos, or try the demo library."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages import _browse, _proposals, _ui
from sorter_core.app import Summary
from sorter_core.library import check_library

_MOST = 300  # folders shown at once: a page with more is slow, and nobody reads it
_STYLE = """
<style>
  .st-key-folders button { justify-content: flex-start; }
  .st-key-folders button > div { justify-content: flex-start; overflow: hidden; }
  .st-key-folders button { min-height: 2rem; padding-block: 0.15rem; }
  .st-key-here [data-testid="stText"] { overflow: hidden; text-overflow: ellipsis; }
</style>
"""


@_ui.shown_errors()
def show() -> None:
    """Two ways to a library, side by side."""
    chosen = _ui.sorter().data_dir
    if chosen is None:
        _ui.page_header(
            "Welcome",
            "Sort a pile of saved videos into your own folders. Nothing leaves this computer.",
        )
    else:
        _ui.page_header(
            "Library",
            "Each sub-folder of a library is a category; what lies beside them is unsorted.",
        )
        in_use()
    st.html(_STYLE)
    own, other = st.columns([3, 2], gap="medium")
    with own, st.container(border=True):
        own_folder()
    with other, st.container(border=True):
        demo_library()


@_ui.shown_errors()
def in_use() -> None:
    """What the library now in use holds."""
    summary = _ui.sorter().summary()
    with st.container(border=True):
        st.markdown(":material/check_circle: **In use**")
        st.text(_ui.plain(summary.data_dir))
        holds(summary)
        _proposals.offer()


def own_folder() -> None:
    """A path, typed or clicked together, what is there, and the button."""
    st.subheader(":material/folder_open: Choose my folder", anchor=False)
    st.text_input(
        "Folder that holds your videos",
        key="typed",
        placeholder="Type or paste a path, or click through below",
        on_change=follow_typed,
    )
    suggested()
    with _ui.shown_errors():
        place: str | Path | None = st.session_state.get("place")
        here = check_library(place) if isinstance(place, str) else place or Path.home()
        browser(here)
        if place:
            choose(here)


def follow_typed() -> None:
    """Take up the typed path."""
    st.session_state.place = st.session_state.typed


def go(place: Path) -> None:
    """Go to a clicked folder; the field shows it too, as far as text can."""
    st.session_state.place, st.session_state.typed = place, _ui.plain(place)


def suggested() -> None:
    """Places where videos are often kept."""
    with st.container(horizontal=True, gap="small"):
        for place in _browse.suggestions():
            label = "Home" if place == Path.home() else place.name or str(place)
            st.button(
                _ui.escape(label), key=f"at:{place}", type="tertiary", on_click=go, args=(place,)
            )


def browser(here: Path) -> None:
    """The sub-folders of ``here``; a click goes down, the arrow up."""
    with st.container(horizontal=True, vertical_alignment="center", key="here"):
        st.button(
            "Up",
            icon=":material/arrow_upward:",
            on_click=go,
            args=(here.parent,),
            disabled=here == here.parent,
        )
        st.text(_ui.plain(here), wrap=False)
    with st.container(height=216, key="folders", gap=None), _ui.shown_errors():
        names = _browse.subfolders(here)
        if not names:
            st.caption("No folders in here.")
        for name in names[:_MOST]:
            st.button(
                _ui.escape(name),
                key=f"in:{_ui.plain(here / name)}",
                icon=":material/folder:",
                type="tertiary",
                width="stretch",
                on_click=go,
                args=(here / name,),
            )
        if len(names) > _MOST:
            st.caption(f"and {len(names) - _MOST:,} more: type the path above.")


def choose(here: Path) -> None:
    """What ``here`` would be as a library, and the button that makes it one."""
    summary = _browse.look(here)
    holds(summary)
    if not summary.unsorted and not any(folder.count for folder in summary.folders):
        st.info("No video lies here, nor in the folders one level below.", icon=":material/info:")
    if st.button("Use this folder", type="primary", icon=":material/check:", width="stretch"):
        begin(_ui.sorter().setup(here))


def holds(summary: Summary) -> None:
    """Counts and folders."""
    filed = sum(folder.count for folder in summary.folders)
    st.markdown(
        f"**{_ui.counted(summary.unsorted, 'video')}** to sort, **{filed:,}** already in"
        f" **{_ui.counted(len(summary.folders), 'folder')}**"
    )
    _ui.folder_badges(summary.folders)


def demo_library() -> None:
    """Short clips that the program draws itself."""
    st.subheader(":material/auto_awesome: Try the demo library", anchor=False)
    st.write(
        "Some 60 short clips with sound, drawn on this computer: 5 folders with examples, and a pile to sort."
        " Your own videos are not touched."
    )
    with _ui.shown_errors():
        if not st.button("Try the demo library", icon=":material/play_arrow:", width="stretch"):
            return
        bar = st.progress(0.0, text="Drawing the clips…")

        def drawn(done: int, total: int) -> None:
            bar.progress(done / max(total, 1), text=f"Drawing the clips: {done} of {total}")

        begin(_ui.sorter().demo(drawn))


def begin(summary: Summary) -> None:
    """Go on to what comes next in the library that was chosen."""
    examples = sum(folder.count > 0 for folder in summary.folders) > 1
    st.switch_page(_ui.TRAIN if examples and not _ui.sorter().runs(1) else _ui.SORT)


show()
