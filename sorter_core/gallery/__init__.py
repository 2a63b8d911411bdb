"""Two components of the Review page: a list of doubtful videos to be set right, and the map.

They talk to the HTTP routes only; what they share with the player lies in its package. Streamlit's
components v2 take ``text("gallery.html")``, ``text("gallery.css")`` and ``text("gallery.js")``
(for the map ``map.html``, ``map.js`` and the same style).
"""

from __future__ import annotations

from importlib.resources import files

from sorter_core import player


def text(name: str) -> str:
    """The content of one of the files; a script comes with the player's modules that it imports.

    Streamlit takes a script as one string, which can't import its neighbours.

    >>> script = text("gallery.js")
    >>> "class Server" in script, "export default" in script, "import {" in script
    (True, True, False)
    """
    if name.endswith(".js"):
        return player.joined(name, __name__)
    return files(__name__).joinpath(name).read_text(encoding="utf-8")
