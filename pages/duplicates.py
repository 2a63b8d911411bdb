"""Duplicates: keep one, let the others go to the system's trash, or say that they are none."""

from __future__ import annotations

import hashlib
from urllib.parse import quote, urlencode

import streamlit as st

from pages import _ui
from sorter_core.duplicates import Copy, Duplicates, Group, Place

_PAGE = 8
_ACROSS = 5
_REASONS = 10
"""Told one by one; so many different ones are enough."""
_STYLE = """
<style>
  .stImage img { border-radius: 0.7rem; aspect-ratio: 9 / 14; object-fit: cover; }
  [data-testid="stText"] { overflow: hidden; text-overflow: ellipsis; font-family: inherit; }
</style>
"""


@_ui.shown_errors()
def show() -> None:
    """What was found, group by group."""
    _ui.page_header(
        "Duplicates",
        "Copies, and videos that show and sound the same. What you remove goes to the trash of "
        "this computer, where you can take it back.",
    )
    st.html(_STYLE)
    _ui.sorter().summary()
    for kind, text in st.session_state.pop("duplicates_said", []):
        (st.success if kind == "done" else st.warning)(_ui.escape(text))
    found = look()
    unseen(found)
    if not found.groups:
        st.info("No duplicates were found.", icon=":material/check_circle:")
        return
    summed_up(found)
    page = st.session_state.get("duplicates_page", 0)
    last = (len(found.groups) - 1) // _PAGE
    page = min(page, last)
    for group in found.groups[page * _PAGE : (page + 1) * _PAGE]:
        with st.container(border=True):
            one_group(group)
    if last:
        turn(page, last)


def look() -> Duplicates:
    """The groups as of the last look: comparing a large library takes seconds."""
    if st.session_state.get("duplicates_of") != str(_ui.sorter().data_dir):
        with st.spinner(
            "Looking for new videos …"
        ):  # or copies that came meanwhile would be missing
            _ui.sorter().scan()
        st.session_state.duplicates_of = str(_ui.sorter().data_dir)
    key = (str(_ui.sorter().data_dir), len(_ui.sorter().failures()), _ui.sorter().news().unanalysed)
    kept = st.session_state.get("duplicates")
    if kept is None or kept[0] != key:
        with st.spinner("Comparing the videos …"):
            kept = st.session_state.duplicates = (key, _ui.sorter().duplicates())
    found: Duplicates = kept[1]
    return found


def again() -> None:
    """Compare anew at the next look."""
    st.session_state.pop("duplicates", None)


def unseen(found: Duplicates) -> None:
    """What has not been compared, and the button that does it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Look again", icon=":material/refresh:"):
            _ui.sorter().scan()
            again()
            st.rerun()
        if found.unseen:
            st.caption(
                f"The pictures of {_ui.counted(found.unseen, 'video')} were not compared yet, "
                "so only exact copies of them show."
            )
            if st.button("Compare them now", type="primary"):
                compare()


def compare() -> None:
    """Look at the pictures that were not looked at yet."""
    line = st.progress(0.0, text="Looking at the pictures …")

    def progress(done: int, total: int) -> None:
        text = f"Looking at the pictures: {done:,} of {total:,}"
        line.progress(done / total if total else 1.0, text=text)

    _ui.sorter().compare(progress)
    again()
    st.rerun()


def summed_up(found: Duplicates) -> None:
    """How many there are, what they cost, and one button for the certain ones."""
    exact = [group for group in found.groups if group.kind == "exact"]
    spare = sum(copy.size for group in found.groups for copy in group.copies[1:])
    with st.container(horizontal=True):
        st.metric("Groups of exact copies", len(exact), border=True)
        st.metric("Groups of near-duplicates", len(found.groups) - len(exact), border=True)
        st.metric("Could be freed", size(spare), border=True)
    if exact:
        count = sum(len(group.copies) - 1 for group in exact)
        with st.popover(
            "Remove the exact copy" if count == 1 else f"Remove all {count:,} exact copies"
        ):
            st.write(
                "Of each group the first stays; of the others every byte is compared with it, "
                "then they go to the trash."
            )
            if st.button("Remove them", type="primary", key=f"remove:{mark(exact)}"):
                throw_away([(group, group.copies[0]) for group in exact])
                st.rerun()


def mark(groups: list[Group]) -> str:
    """What tells these groups from all others: a button for them must never act on what came in their place."""
    names = [place(copy) for group in groups for copy in group.copies]
    return hashlib.sha256(ascii(names).encode()).hexdigest()[:16]


def one_group(group: Group) -> None:
    """The copies side by side, each with the button that keeps it alone."""
    words = "Exact copies" if group.kind == "exact" else "Show and sound the same"
    key = mark([group])
    top, end = st.columns([4, 1], vertical_alignment="center")
    top.subheader(f"{words} · {len(group.copies)}", anchor=False)
    if end.button("Not duplicates", key=f"not:{key}", width="stretch"):
        _ui.sorter().no_duplicates([place(copy) for copy in group.copies])
        again()
        st.rerun()
    for start in range(0, len(group.copies), _ACROSS):
        columns = st.columns(_ACROSS)
        for number, copy in enumerate(group.copies[start : start + _ACROSS]):
            with columns[number]:
                one_copy(group, copy, f"{key}:{start + number}", best=start + number == 0)


def one_copy(group: Group, copy: Copy, key: str, *, best: bool) -> None:
    """Its picture, where it lies, how large it is."""
    _ui.poster(copy.filename, copy.folder or "")
    _ui.badge(copy.folder or "unsorted", "blue" if copy.folder else "gray")
    st.text(_ui.plain(copy.filename))
    seconds = f" · {copy.seconds:.0f} s" if copy.seconds else ""
    st.caption(f"{size(copy.size)}{seconds}")
    query = urlencode({"folder": copy.folder or ""})
    st.link_button("Play", f"/videos/{quote(copy.filename, safe='')}?{query}", width="stretch")
    if st.button(
        "Keep this one",
        key=f"keep:{key}",
        type="primary" if best else "secondary",
        width="stretch",
    ):
        throw_away([(group, copy)])
        st.rerun()


def throw_away(chosen: list[tuple[Group, Copy]]) -> None:
    """Of each group let all go but the one named, and say what went."""
    removed, stayed = 0, []
    for group, keep in chosen:
        others = [place(copy) for copy in group.copies if copy != keep]
        done = _ui.sorter().remove_duplicates(place(keep), others, exact=group.kind == "exact")
        removed += len(done.removed)
        stayed += [("stayed", f"{name}: {reason}") for (name, _), reason in done.failed]
    said = st.session_state.setdefault("duplicates_said", [])
    if removed:
        kept = f"{chosen[0][1].filename} stays" if len(chosen) == 1 else "one of each group stays"
        said.append(("done", f"{_ui.counted(removed, 'video')} went to the trash; {kept}."))
    said += stayed[:_REASONS]
    if len(stayed) > _REASONS:
        said.append(("stayed", f"and {len(stayed) - _REASONS:,} more stayed."))
    again()


def turn(page: int, last: int) -> None:
    """To the groups before and after."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Before", disabled=page == 0, icon=":material/chevron_left:"):
            st.session_state.duplicates_page = page - 1
            st.rerun()
        st.caption(f"{page + 1} of {last + 1}")
        if st.button("More", disabled=page == last, icon=":material/chevron_right:"):
            st.session_state.duplicates_page = page + 1
            st.rerun()


def place(copy: Copy) -> Place:
    """Where it lies."""
    return copy.filename, copy.folder


def size(count: int) -> str:
    """Bytes in words.

    >>> size(900), size(2_400_000)
    ('1 KB', '2.4 MB')
    """
    if count < 1_000_000:  # noqa: PLR2004 - a megabyte
        return f"{max(1, round(count / 1000))} KB"
    return f"{count / 1e6:.1f} MB" if count < 1e9 else f"{count / 1e9:.1f} GB"  # noqa: PLR2004 - a gigabyte


show()
