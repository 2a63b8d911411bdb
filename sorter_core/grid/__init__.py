"""The bulk grid: one component of plain HTML, CSS and JavaScript for the Bulk page.

It talks to the HTTP routes only. Streamlit's components v2 take ``text("grid.html")``,
``text("grid.css")`` and ``text("grid.js")``; what it shares with the player lies there.
"""

from __future__ import annotations

from importlib.resources import files

from sorter_core import player


def text(name: str) -> str:
    """The content of one of the files; a script comes with the modules it imports.

    Streamlit takes a script as one string, which can't import its neighbours.

    >>> script = text("grid.js")
    >>> "class Tiles" in script, "export default" in script, "import {" in script
    (True, True, False)
    """
    if name.endswith(".js"):
        return player.joined(name, __name__)
    return files(__name__).joinpath(name).read_text(encoding="utf-8")
