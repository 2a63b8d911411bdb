"""The bulk grid: one component of plain HTML, CSS and JavaScript for the Bulk page.

It talks to the HTTP routes only. Streamlit's components v2 take ``text("grid.html")``,
``text("grid.css")`` and ``text("grid.js")``; what it shares with the player lies there.
"""

from __future__ import annotations

from sorter_core import player


def text(name: str) -> str:
    """The content of one of the files, as :func:`sorter_core.player.text` joins it.

    >>> "class Tiles" in text("grid.js"), ".toast" in text("grid.css")
    (True, True)
    """
    return player.text(name, __name__)
