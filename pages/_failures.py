"""The videos that could not be analysed, by reason."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import streamlit as st

from pages import _ui
from sorter_core.features import MEDIA
from sorter_core.types import Failure

_MOST_GROUPS, _MOST_NAMES = 30, 500
_MANY = 1000  # Sorter.failures() ends there

Group = tuple[str, list[str]]


def unreadable(failures: Iterable[Failure]) -> list[Failure]:
    """Those of which nothing at all could be read.

    >>> len(unreadable([Failure("1.mp4", "media", "empty"), Failure("2.mp4", "sound", "silent")]))
    1
    """
    return [failure for failure in failures if failure.encoder == MEDIA]


def number(failures: list[Failure]) -> str:
    """How many could not be read; with a plus when there may be more than were listed.

    >>> number([Failure("1.mp4", "media", "empty")] * 1000)
    '1,000+'
    """
    return f"{len(unreadable(failures)):,}" + ("+" if len(failures) >= _MANY else "")


def show(failures: list[Failure]) -> None:
    """What could not be read, what lacks something, and the button that has it all tried again."""
    whole = unreadable(failures)
    if not whole:
        st.caption("Every video that was looked at could be read.")
    if not failures:
        return
    text, button = st.columns([3, 1], vertical_alignment="center")
    text.write(
        "These can be sorted by hand like any other. After a repair or an update, have them tried again."
        if whole
        else "What some of them lack is told below; nothing has to be done about it."
    )
    if button.button("Try them again", icon=":material/refresh:", width="stretch"):
        _ui.sorter().retry_failures()
        _ui.sorter().retrain()
        st.rerun()
    groups(by_reason(whole))
    partly = [failure for failure in failures if failure.encoder != MEDIA]
    if partly:
        st.markdown(
            "**Read, but not in every respect.** The rest of what these show and sound like is used."
        )
        groups(by_reason(partly))


def groups(found: list[Group]) -> None:
    """One box a reason; it holds the names."""
    for reason, paths in found[:_MOST_GROUPS]:
        title = f"{_ui.escape(reason)}  ·  {_ui.counted(len(paths), 'video')}"
        with st.expander(title, icon=":material/error_outline:"):
            st.dataframe(
                {"Video": [_ui.plain(path) for path in paths[:_MOST_NAMES]]}, hide_index=True
            )
            if len(paths) > _MOST_NAMES:
                st.caption(f"and {len(paths) - _MOST_NAMES:,} more")
    if len(found) > _MOST_GROUPS:
        st.caption(f"and {len(found) - _MOST_GROUPS:,} more reasons")


def by_reason(failures: Iterable[Failure]) -> list[Group]:
    """The failures' paths by reason, the largest group first.

    >>> by_reason([Failure("1.mp4", "media", "It is empty."), Failure("2.mp4", "media", "It is empty.")])
    [('It is empty', ['1.mp4', '2.mp4'])]
    """
    found: dict[str, list[str]] = defaultdict(list)
    for failure in failures:
        found[failure.reason.removesuffix(".")].append(failure.path)
    return sorted(found.items(), key=lambda group: -len(group[1]))
