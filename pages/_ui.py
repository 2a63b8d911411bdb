"""What the pages share: the Sorter, errors in plain words, and text that can't become markup.

Names of files and folders are hostile input. Where Streamlit reads Markdown (labels, captions,
alerts) they go through :func:`escape`; where it shows text as it is (``st.text``, tables) through
:func:`plain`; in Plotly, which reads some HTML, through :func:`for_plotly`. ``st.html`` gets
constants only.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from sorter_core.app import Sorter, shared
from sorter_core.errors import NoLibrary, SorterError
from sorter_core.types import Folder

HERE = Path(__file__).parent
LIBRARY, SORT, TRAIN, REVIEW, EXTRACT, IMPORT = (
    HERE / f"{name}.py" for name in ("library", "sort", "train", "review", "extract", "import")
)
BULK, DUPLICATES, HISTORY = (HERE / f"{name}.py" for name in ("bulk", "duplicates", "history"))
SEARCH = HERE / "search.py"

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_MINUTE, _HOUR, _DAY = 60, 3600, 86400

_STYLE = """
<style>
  .stMainBlockContainer { padding: 2.6rem 2.5rem 3rem; max-width: 74rem; }
  .stAppHeader { background: transparent; }
  [data-testid="stStatusWidget"] { display: none; }
  [data-testid="stMetricValue"] { font-variant-numeric: tabular-nums; }
  [data-testid="stBaseButton-primary"]:enabled { background: #e0274e; border-color: #e0274e; }
  [data-testid="stBaseButton-primary"]:enabled:hover { background: #c02143; border-color: #c02143; }
</style>
"""
# The primary colour of the theme, darker: white on it has 4.6 to 1, as small text needs (WCAG AA); on the theme's 3.7.


def sorter() -> Sorter:
    """The one Sorter of this process, which the HTTP routes use as well."""
    return shared()


def page_header(title: str, text: str) -> None:
    """Start an ordinary page."""
    st.html(_STYLE)
    st.title(title, anchor=False)
    st.caption(text)


def plain(text: object) -> str:
    r"""``text`` on one line, without what can't be shown: controls, direction marks, broken Unicode.

    >>> plain("a\nb\udcff")
    'a b?'
    """
    shown = str(text).encode("utf-8", "replace").decode()
    return _CONTROLS.sub(" ", shown)


def escape(text: object) -> str:
    r"""``text`` for a place where Streamlit reads Markdown: it is shown, and never obeyed.

    The backslash stops Markdown, HTML and LaTeX. Streamlit looks for emoji, icons and addresses in
    the text that is left, so an invisible word joiner (U+2060) tears these apart.

    >>> escape("*a*").replace("\u2060", "|")
    '|\\*|a|\\*|'
    """
    return _PUNCTUATION.sub("\u2060\\\\\\1\u2060", plain(text).strip())


def for_plotly(text: object, width: int = 24) -> str:
    """``text`` as a label in a chart, where ``<b>`` and ``<a>`` would be obeyed; long ones are cut.

    >>> for_plotly("<b>x</b>")
    '&lt;b&gt;x&lt;/b&gt;'
    """
    shown = plain(text)
    return html.escape(shown if len(shown) <= width else f"{shown[: width - 1]}…", quote=False)


def problem(text: object) -> None:
    """Say what went wrong."""
    st.error(escape(text), icon=":material/error:")


def unforeseen(error: Exception) -> bool:
    """Show what no page expected; Streamlit has logged it by then and need not show it as well."""
    problem(f"This should not happen: {type(error).__name__}: {error}")
    st.caption(
        "The whole story is in the window where the app was started. Reload the page to go on."
    )
    return True


@contextmanager
def shown_errors() -> Iterator[None]:
    """Show an error in the place where it came up; the one ``try`` of all pages.

    Works as a decorator too. Without a library it leads to the page where one is chosen; so it
    does, by a link, when the library is gone.
    """
    try:
        yield
    except NoLibrary:
        st.switch_page(LIBRARY)
    except (SorterError, OSError) as error:
        problem(error)
        where = sorter().data_dir
        if where is not None and not where.is_dir():
            st.text("Connect its disk and reload the page, or choose another folder.")
            st.page_link(LIBRARY, label="Choose a folder", icon=":material/folder_open:")


def duration(seconds: float) -> str:
    """Seconds in words, as exact as a forecast deserves.

    >>> duration(8), duration(50), duration(130), duration(9000)
    ('a few seconds', 'under a minute', 'about 2 min', 'about 2.5 h')
    """
    if seconds < 10:  # noqa: PLR2004 - "a few"
        return "a few seconds"
    if seconds < _MINUTE:
        return "under a minute"
    if seconds < _HOUR:
        return f"about {round(seconds / _MINUTE)} min"
    return f"about {seconds / _HOUR:.1f} h"


def ago(moment: str | None, now: datetime | None = None) -> str:
    """How long ago an ISO 8601 moment was.

    >>> ago("2026-01-01T10:00:00Z", datetime(2026, 1, 1, 12, 5, tzinfo=UTC))
    '2 h ago'
    """
    if moment is None:
        return "never"
    seconds = ((now or datetime.now(UTC)) - datetime.fromisoformat(moment)).total_seconds()
    if seconds < _MINUTE:
        return "just now"
    if seconds < _HOUR:
        return f"{int(seconds // _MINUTE)} min ago"
    if seconds < _DAY:
        return f"{int(seconds // _HOUR)} h ago"
    return f"{int(seconds // _DAY)} days ago"


def counted(number: int, noun: str) -> str:
    """A number and its noun.

    >>> counted(1, "video"), counted(1200, "video")
    ('1 video', '1,200 videos')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def bar(text: str) -> ColumnConfig:
    """A table's column of per cents, drawn as bars; ``text`` explains it."""
    return st.column_config.ProgressColumn(help=text, format="%.0f %%", min_value=0, max_value=100)


def listed(names: Iterable[str]) -> str:
    """Names for a sentence in Markdown.

    >>> listed(["Cats", "Dogs"])
    '“Cats”, “Dogs”'
    """
    return ", ".join(f"“{escape(name)}”" for name in names)


def folder_badges(folders: list[Folder], most: int = 24) -> None:
    """The folders with their counts, as far as there is room."""
    with st.container(horizontal=True, gap="small"):
        for folder in folders[:most]:
            badge(f"{folder.name}  {folder.count:,}")
        if len(folders) > most:
            badge(f"and {len(folders) - most:,} more")


def poster(filename: str, folder: str) -> None:
    """Draw a video's picture, or say that it has none: one that can't be read stops no page."""
    try:
        st.image(str(sorter().poster(filename, folder)))
    except SorterError:
        st.caption(":material/broken_image: no picture")


def badge(text: object, color: str = "gray") -> None:
    """A small label; ``st.badge`` has an escaping of its own, which does not bear ours."""
    st.markdown(f":{color}-badge[{escape(text)}]")
