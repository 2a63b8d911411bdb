"""Two components of the Review page: a list of doubtful videos to be set right, and the map.

They talk to the HTTP routes only; what they share with the player lies in its package. Streamlit's
components v2 take ``text("gallery.html")``, ``text("gallery.css")`` and ``text("gallery.js")``
(for the map ``map.html``, ``map.js`` and the same style).
"""

from __future__ import annotations

from sorter_core import player


def text(name: str) -> str:
    """The content of one of the files, as :func:`sorter_core.player.text` joins it.

    >>> "class Server" in text("gallery.js"), ".toast" in text("proposals.css")
    (True, True)
    """
    return player.text(name, __name__)
