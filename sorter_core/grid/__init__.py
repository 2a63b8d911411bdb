"""The bulk grid: one component of plain HTML, CSS and JavaScript for the Bulk page.

It talks to the HTTP routes only. Streamlit's components v2 take ``text("grid.html")``,
``text("grid.css")`` and ``text("grid.js")``; what it shares with the player lies there.
"""

from __future__ import annotations

import re
from importlib.resources import files

from sorter_core import player

_IMPORT = re.compile(r"^import \{[^}]*\} from '(\./|\.\./player/)([a-z]+\.js)';\n", re.MULTILINE)
_PACKAGES = {"./": __name__, "../player/": player.__name__}


def text(name: str) -> str:
    """The content of one of the files; a script comes with the modules it imports.

    Streamlit takes a script as one string, which can't import its neighbours.

    >>> script = text("grid.js")
    >>> "class Tiles" in script, "export default" in script, "import {" in script
    (True, True, False)
    """
    return _joined("./", name, set()) if name.endswith(".js") else _read("./", name)


def _read(where: str, name: str) -> str:
    return files(_PACKAGES[where]).joinpath(name).read_text(encoding="utf-8")


def _joined(where: str, name: str, done: set[str]) -> str:
    """A module behind those it imports, each once, all in one scope."""
    done.add(name)
    source = _read(where, name)
    needed = [
        _joined(there, found, done) for there, found in _IMPORT.findall(source) if found not in done
    ]
    own = _IMPORT.sub("", source)
    return "\n".join([*needed, re.sub(r"^export (?!default)", "", own, flags=re.MULTILINE)])
