"""Search: videos by words, by what a picture shows, or by another video; what is found can be moved."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from urllib.parse import quote, urlencode

import streamlit as st

from pages import _transfer, _ui
from sorter_core.app import BatchResult
from sorter_core.search import Hit, Hits

_ACROSS = 6
_PAGE = 4 * _ACROSS
_UNSORTED = "unsorted"
_WORDS, _SEEN, _PICTURE = "What is said and written", "What is shown", "A picture"
_STYLE = """
<style>
  .st-key-found .stMarkdown img {
    display: block; width: 100%; border-radius: 0.7rem; aspect-ratio: 9 / 14; object-fit: cover; background: #8882;
  }
  .st-key-found [data-testid="stText"] { overflow: hidden; text-overflow: ellipsis; font-family: inherit; }
  .st-key-found [data-testid="stCaptionContainer"] p { overflow-wrap: anywhere; }
</style>
"""


@_ui.shown_errors()
def show() -> None:
    """The question, what was found, and what is to be done with it."""
    _ui.page_header(
        "Search", "All videos, filed or not. Find them by words, by a picture, or by another video."
    )
    _ui.sorter().summary()
    st.html(_STYLE)
    said()
    found = asked()
    if found is None:
        return
    if not found.hits and st.session_state.get("search_page"):
        first_page()  # there were more pages a moment ago
        st.rerun()
    if not found.hits:
        st.info("Nothing was found.", icon=":material/search_off:")
        return
    st.caption(f"{_ui.counted(found.total, 'video')} found")
    with st.container(key="found"):
        grid(found.hits)
    turn(found.total)
    act(found.hits)


def asked() -> Hits | None:
    """What the person looks for; None while that is nothing."""
    remember("search_way", "search_words")
    if (like := st.session_state.get("search_like")) is not None:
        filename, folder = like
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"Like “{_ui.escape(filename)}”")
            st.button("Back to the search", icon=":material/close:", on_click=forget)
        return page(alike(filename, folder or ""))
    st.session_state.setdefault("search_way", _WORDS)
    way = st.segmented_control(
        "Search in", [_WORDS, _SEEN, _PICTURE], required=True, label_visibility="collapsed",
        key="search_way", on_change=first_page,
    )  # fmt: skip
    if way == _PICTURE:
        picture = st.file_uploader("A picture", ["jpg", "jpeg", "png", "webp"], max_upload_size=20)
        return page(_ui.sorter().search_pictured(picture.getvalue())) if picture else None
    words = st.text_input(
        "Words",
        key="search_words",
        placeholder="Words in any language; part of a word will do"
        if way != _SEEN
        else "Describe in English what is to be seen",
        on_change=first_page,
        label_visibility="collapsed",
    )
    if way == _SEEN:
        return described(words)
    if not words.strip():
        return None
    start = _PAGE * st.session_state.get("search_page", 0)
    return _ui.sorter().search(words, limit=_PAGE, offset=start)


def remember(*keys: str) -> None:
    """Keep what was typed and chosen: Streamlit forgets it of what a run does not draw.

    In every run, or the browser is not told either when it is drawn again.
    """
    for key in keys:
        if key in st.session_state:
            st.session_state[key] = st.session_state[key]


def alike(filename: str, folder: str) -> Hits:
    """What is like a video; the first question before any analysis has compared takes its time."""
    ready = _ui.sorter().alike().ready(filename, folder)
    with nullcontext() if ready else st.spinner("Reading all videos' vectors, once…"):
        return _ui.sorter().search_alike(filename, folder, limit=10 * _PAGE)


def described(words: str) -> Hits | None:
    """What the encoder that knows pictures and words finds, or how to get it."""
    if lack := _ui.sorter().alike().why_no_words():
        st.info(_ui.escape(lack), icon=":material/download:")
        return None
    return page(_ui.sorter().search_described(words)) if words.strip() else None


def page(found: Hits) -> Hits:
    """The part of a list that is to be shown."""
    start = _PAGE * st.session_state.get("search_page", 0)
    return Hits(found.hits[start : start + _PAGE], len(found.hits))


def first_page() -> None:
    """A new question begins at its best answer."""
    st.session_state.search_page = 0


def like(hit: Hit) -> None:
    """Look for what is like ``hit``."""
    st.session_state.search_like = (hit.filename, hit.folder)
    first_page()


def forget() -> None:
    """Go back to the words."""
    st.session_state.search_like = None
    first_page()


def grid(hits: list[Hit]) -> None:
    """Pictures, side by side."""
    for start in range(0, len(hits), _ACROSS):
        for column, hit in zip(st.columns(_ACROSS), hits[start : start + _ACROSS], strict=False):
            with column:
                one(hit)


def one(hit: Hit) -> None:
    """One video: its picture, where it lies, why it was found, and what can be done."""
    address = f"{quote(hit.filename, safe='', errors='replace')}?{urlencode({'folder': hit.folder or ''}, errors='replace')}"
    # By its address: the browser fetches what is seen, and a page of pictures does not wait for the last.
    st.markdown(f"![no picture](/api/posters/{address})")
    st.checkbox(_ui.escape(hit.folder or _UNSORTED), key=key("select", hit))
    if hit.excerpt and hit.kind not in ("name", "folder"):
        st.caption(f"**{hit.kind}** {_ui.escape(hit.excerpt)}")
    elif hit.score is not None:
        st.caption(f"likeness {100 * max(hit.score, 0):.0f} %")
    st.text(_ui.plain(hit.filename))
    with st.container(horizontal=True, gap="small"):
        st.link_button("Play", f"/videos/{address}", type="tertiary")
        st.button(
            "Alike", key=key("like", hit), on_click=like, args=(hit,), type="tertiary",
            help="More like this one",
        )  # fmt: skip


def key(what: str, hit: Hit) -> str:
    """A widget's name; the place is part of it. As ASCII no two names are alike."""
    return f"search:{what}:{hit.folder or ''!a}/{hit.filename!a}"


def act(hits: list[Hit]) -> None:
    """Move what was selected."""
    names = [folder.name for folder in _ui.sorter().folders()]
    with st.container(horizontal=True, vertical_alignment="bottom", border=True):
        st.button("Select all on this page", on_click=select, args=(hits, True), type="tertiary")
        target = st.selectbox(
            "Move to",
            [None, *names],
            format_func=lambda name: _UNSORTED if name is None else _ui.plain(name),
            index=1 if names else 0,
            key="search_target",  # or a new folder, made elsewhere, would choose another for the person
            width=260,
        )
        ticked = [hit for hit in hits if st.session_state.get(key("select", hit))]
        chosen = [hit for hit in ticked if hit.folder != target]  # the others are there already
        clicked = st.button(
            f"Move {_ui.counted(len(chosen), 'video')}",
            key="search_move",  # or a click would be lost where another tick came just before it
            type="primary",
            disabled=not chosen,
            icon=":material/drive_file_move:",
        )
        if clicked and chosen:  # of a double click the second finds nothing left
            done = _ui.sorter().move_many([(hit.filename, hit.folder) for hit in chosen], target)
            st.session_state.search_said = (done, target, _ui.sorter().data_dir)
            st.rerun()


def select(hits: list[Hit], wanted: bool) -> None:  # noqa: FBT001 - Streamlit hands over what stands in args
    """Tick all boxes of this page."""
    for hit in hits:
        st.session_state[key("select", hit)] = wanted


def said() -> None:
    """What the last move did, with the button that takes it back."""
    kept: tuple[BatchResult, str | None, Path] | None = st.session_state.get("search_said")
    if kept is None or kept[2] != _ui.sorter().data_dir:
        return  # another library numbers its batches anew
    done, target, _ = kept
    if done.moved:
        with st.container(horizontal=True, vertical_alignment="center"):
            moved = _ui.counted(len(done.moved), "video")
            st.success(f"{moved} moved to {_ui.listed([target or _UNSORTED])}.")
            if done.batch is not None and st.button("Undo", icon=":material/undo:"):
                st.session_state.search_said = None
                _transfer.take_back(done.batch)
                st.rerun()
    for name, reason in done.failed:
        st.warning(f"{_ui.escape(name)}: {_ui.escape(reason)}")


def turn(total: int) -> None:
    """To the results before and after."""
    here, last = st.session_state.get("search_page", 0), (total - 1) // _PAGE
    if not last:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Before", disabled=here == 0, icon=":material/chevron_left:"):
            st.session_state.search_page = here - 1
            st.rerun()
        st.caption(f"{here + 1} of {last + 1}")
        if st.button("More", disabled=here >= last, icon=":material/chevron_right:"):
            st.session_state.search_page = here + 1
            st.rerun()


show()
