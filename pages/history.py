"""History: everything that was moved, by whom and when, and a button that takes it back."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from pages import _ui
from sorter_core.history import Batch, Filter

_PAGE = 30
_MOVES = 500
KINDS = {
    "sort": "Sorted",
    "move": "Moved",
    "import": "Imported",
    "import_move": "Moved in",
    "merge": "Merged folders",
    "create_folder": "Made a folder",
    "rename_folder": "Renamed a folder",
    "delete_folder": "Deleted a folder",
    "trash": "To the trash",
    "undo": "Undone",
}
ACTORS = {"person": "You, one by one", "bulk": "You, in bulk", "import": "An import"}
ICONS = {
    "sort": "swipe",
    "move": "drive_file_move",
    "import": "download",
    "import_move": "drive_file_move",
    "merge": "merge",
    "create_folder": "create_new_folder",
    "rename_folder": "edit",
    "delete_folder": "folder_off",
    "trash": "delete",
    "undo": "undo",
}


@_ui.shown_errors()
def show() -> None:
    """What was done, newest first."""
    _ui.page_header("History", "Everything that was moved, also days ago, can be taken back here.")
    _ui.sorter().summary()
    if said := st.session_state.pop("history_said", None):
        st.success(_ui.escape(said))
    seen = chosen()
    view = st.segmented_control(
        "View", ["What was done", "Every move"], default="What was done", required=True,
    )  # fmt: skip
    page = st.session_state.get("history_page", 0)
    if view == "Every move":
        every_move(seen, page)
    else:
        batches(seen, page)


def chosen() -> Filter:
    """The filters, in one line."""
    folders = [folder.name for folder in _ui.sorter().folders()]
    what, who, where, text = st.columns(4)
    kind = what.selectbox(
        "What", [None, *KINDS], format_func=lambda k: KINDS.get(k, "All"), on_change=to_the_newest
    )
    actor = who.selectbox(
        "Who", [None, *ACTORS], format_func=lambda a: ACTORS.get(a, "All"), on_change=to_the_newest
    )
    folder = where.selectbox(
        "Folder",
        [None, *folders],
        format_func=lambda f: "All" if f is None else _ui.plain(f),
        key="history_folder",  # or a folder made elsewhere would forget the choice
        on_change=to_the_newest,
    )
    typed = text.text_input("Name", placeholder="Part of a video's name", on_change=to_the_newest)
    return Filter(actor, kind, folder, typed.strip() or None)


def to_the_newest() -> None:
    """Begin at the first page."""
    st.session_state.history_page = 0


def batches(seen: Filter, page: int) -> None:
    """One line for each thing that was done."""
    found = _ui.sorter().batches(seen, limit=_PAGE + 1, offset=page * _PAGE)
    if not found:
        st.info(
            "Nothing was moved yet. What you sort, move or import is listed here, to be taken back."
            if seen == Filter()
            else "Nothing of that kind. Choose “All” above to see the rest."
        )
    for batch in found[:_PAGE]:
        with st.container(border=True):
            one_batch(batch)
    turn(page, more=len(found) > _PAGE)


def one_batch(batch: Batch) -> None:
    """What, when, who, and the button."""
    words, button = st.columns([5, 1], vertical_alignment="center")
    with words:
        st.markdown(f":material/{ICONS.get(batch.kind, 'circle')}: {sentence(batch)}")
        st.caption(" · ".join(notes(batch)))
    if batch.undoable and button.button("Undo", key=f"undo:{batch.number}", width="stretch"):
        with _ui.shown_errors():
            done = _ui.sorter().undo(batch.number)
            stayed = _ui.sorter().stayed(done[0].batch)
            st.session_state.history_said = undone(len(done), stayed)
            st.rerun()


def undone(count: int, stayed: list[tuple[str, str]]) -> str:
    """What an undo did, and what not.

    >>> undone(2, [("Cats/1.mp4", "It is not there.")])
    'Undone: 2 moves taken back. 1 was not: It is not there.'
    """
    text = f"Undone: {_ui.counted(count, 'move')} taken back."
    if not stayed:
        return text
    were = "was" if len(stayed) == 1 else "were"
    return f"{text} {len(stayed):,} {were} not: {stayed[0][1]}"


def sentence(batch: Batch) -> str:
    """What happened, for Markdown."""
    source, target = (_ui.escape(path) for path in (batch.source, batch.target))
    into = _ui.escape(batch.target.rpartition("/")[0] or "the unsorted videos")
    if batch.kind in {"create_folder", "rename_folder", "delete_folder"} and batch.moves == 1:
        return f"**{KINDS[batch.kind]}** " + " → ".join(filter(None, (source, target)))
    if batch.kind == "create_folder":
        return f"**Made a folder** {target} and filled it: {_ui.counted(batch.moves - 1, 'video')}"
    if batch.moves > 1:
        more = f"{_ui.counted(batch.moves, 'move')}, the first: {source}"
        return f"**{KINDS.get(batch.kind, batch.kind)}** {more} → {into}"
    if batch.kind == "trash":
        return f"**To the trash** {source}"
    name = _ui.escape((batch.target or batch.source).rpartition("/")[2])
    return f"**{KINDS.get(batch.kind, _ui.escape(batch.kind))}** {name} → {into}"


def notes(batch: Batch) -> list[str]:
    """When, who, and what became of it."""
    said = [_ui.ago(batch.at), ACTORS.get(batch.actor, _ui.escape(batch.actor))]
    if batch.undone:
        said.append("undone" if batch.undone == batch.moves else f"{batch.undone:,} undone")
    if batch.failed:
        said.append(f"{batch.failed:,} failed: {_ui.escape(batch.error or '')}")
    if batch.kind == "trash":
        said.append("take it back from the trash of this computer")
    return said


def every_move(seen: Filter, page: int) -> None:
    """A table of single moves."""
    found = _ui.sorter().history(limit=_MOVES + 1, offset=page * _MOVES, seen=replace(seen))
    moves = found[:_MOVES]
    table = pd.DataFrame(
        {
            "When": [move.at.replace("T", " ")[:19] for move in moves],
            "What": [KINDS.get(move.kind, move.kind) for move in moves],
            "From": [_ui.plain(move.source) for move in moves],
            "To": [_ui.plain(move.target) for move in moves],
            "Who": [ACTORS.get(move.actor, move.actor) for move in moves],
            "State": [_ui.plain(move.error or move.state) for move in moves],
        }
    )
    st.dataframe(table, hide_index=True, height=600)
    turn(page, more=len(found) > _MOVES)


def turn(page: int, *, more: bool) -> None:
    """To what was done before and after."""
    if not page and not more:
        return
    with st.container(horizontal=True):
        if st.button("Newer", disabled=not page, icon=":material/chevron_left:"):
            st.session_state.history_page = page - 1
            st.rerun()
        if st.button("Older", disabled=not more, icon=":material/chevron_right:"):
            st.session_state.history_page = page + 1
            st.rerun()


show()
