"""A component that fills the page: the player, the grid."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

_STYLE = """
<style>
  .stMainBlockContainer { padding: 0; max-width: none; }
  .stMainBlockContainer > [data-testid="stVerticalBlock"] { gap: 0; }
  .stAppHeader { background: transparent; pointer-events: none; height: 2.6rem; min-height: 0; }
  .stAppHeader button { pointer-events: auto; }
  .stMain { overflow: hidden; }
  .st-key-note { padding: 0.7rem 1.4rem 0; }
  [data-testid="stStatusWidget"] { display: none; }
  .stApp:has([data-testid="stExpandSidebarButton"]):not(:has(.st-key-view, .st-key-offer)) { --corner: 5.3rem; }
</style>
"""
# --corner: what the button that opens the sidebar covers of the component's first line.

# The link that led here keeps the focus, and would take the first Enter for itself.
_TAKE_FOCUS = """
export default () => {
  const { activeElement } = document;
  if (activeElement?.closest('[data-testid="stSidebarNav"]')) activeElement.blur();
};
"""


BY_NAMES = (
    "These guesses come from the names of your folders only."
    " Sort a few videos, and the app learns from them."
)


def fill(name: str, text: Callable[[str], str], note: str = "") -> None:
    """Mount the component ``name``, whose files (``name.html``, ``.css``, ``.js``) ``text`` gives.

    ``note`` is one line above it.
    """
    st.html(_STYLE)
    if note:
        with st.container(key="note"):
            st.caption(note)
    mount = st.components.v2.component(
        f"sorter_{name}",
        html=text(f"{name}.html"),
        css=text(f"{name}.css"),
        js=text(f"{name}.js"),
    )
    mount(key=name, data={}, height="content")
    st.components.v2.component(f"sorter_{name}_focus", js=_TAKE_FOCUS)(key="focus", height=1)
