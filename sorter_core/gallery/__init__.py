"""Two components of the Review page: a list of doubtful videos to be set right, and the map.

They talk to the HTTP routes only; what they share with the player lies in its package. Streamlit's
components v2 take ``text("gallery.html")``, ``text("gallery.css")`` and ``text("gallery.js")``
(for the map ``map.html``, ``map.js`` and the same style).
"""

from __future__ import annotations

import re
from importlib.resources import files

from sorter_core import player

_IMPORT = re.compile(r"^import \{[^}]*\} from '\.\./player/([a-z]+\.js)';\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?!default)", re.MULTILINE)


def text(name: str) -> str:
    """The content of one of the files; a script comes with the player's modules that it imports.

    Streamlit takes a script as one string, which can't import its neighbours.

    >>> script = text("gallery.js")
    >>> "class Server" in script, "export default" in script, "import {" in script
    (True, True, False)
    """
    source = files(__name__).joinpath(name).read_text(encoding="utf-8")
    needed = [_EXPORT.sub("", player.text(found)) for found in _IMPORT.findall(source)]
    return "\n".join([*needed, _IMPORT.sub("", source)])
