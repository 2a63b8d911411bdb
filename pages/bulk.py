"""Bulk: the grid fills the page; like the player it talks to the HTTP routes, not to this script."""

from __future__ import annotations

import streamlit as st

from pages import _ui
from sorter_core import grid

_STYLE = """
<style>
  .stMainBlockContainer { padding: 0; max-width: none; }
  .stMainBlockContainer > [data-testid="stVerticalBlock"] { gap: 0; }
  .stAppHeader { background: transparent; pointer-events: none; height: 2.6rem; min-height: 0; }
  .stAppHeader button { pointer-events: auto; }
  .stMain { overflow: hidden; }
  [data-testid="stStatusWidget"] { display: none; }
</style>
"""

# The link that led here keeps the focus, and would take the first Enter for itself.
_TAKE_FOCUS = """
export default () => {
  const { activeElement } = document;
  if (activeElement?.closest('[data-testid="stSidebarNav"]')) activeElement.blur();
};
"""


@_ui.shown_errors()
def show() -> None:
    """Mount the grid over the library."""
    _ui.sorter().summary()  # a library that is gone is told here, in words
    st.html(_STYLE)
    mount = st.components.v2.component(
        "sorter_grid",
        html=grid.text("grid.html"),
        css=grid.text("grid.css"),
        js=grid.text("grid.js"),
    )
    mount(key="grid", data={}, height="content")
    st.components.v2.component("sorter_grid_focus", js=_TAKE_FOCUS)(key="focus", height=1)


show()
