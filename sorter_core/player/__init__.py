"""The sorting player: one component of plain HTML, CSS and JavaScript, mounted in two places.

Streamlit's components v2 take ``text("player.html")``, ``text("player.css")`` and
``text("player.js")``; the bare API answers ``GET /`` with :func:`page` and serves :data:`FILES`
under ``/player/``. The player itself talks to the HTTP routes only.
"""

from __future__ import annotations

import re
from importlib.resources import files

FILES = {
    "player.js": "text/javascript",
    "player.css": "text/css",
    "shell.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
"""What a server has to offer under ``/player/``, by name, with its media type."""

_IMPORT = re.compile(r"^import \{[^}]*\} from '\./([a-z]+\.js)';\n", re.MULTILINE)
_SLOT = "<!-- player.html -->"


def text(name: str) -> str:
    """The content of one of the player's files; a script comes with the modules it imports.

    Streamlit takes a script as one string, which can't import its neighbours.

    >>> script = text("player.js")
    >>> "class Queue" in script, "export default" in script, "import {" in script
    (True, True, False)
    """
    return _joined(name, set()) if name == "player.js" else _read(name)


def page() -> str:
    """The page of ``GET /``: the shell with the player's markup in it.

    >>> page().count('class="player"')
    1
    """
    return _read("shell.html").replace(_SLOT, _read("player.html"))


def _read(name: str) -> str:
    return files(__name__).joinpath(name).read_text(encoding="utf-8")


def _joined(name: str, done: set[str]) -> str:
    """A module behind those it imports, each once, all in one scope."""
    done.add(name)
    source = _read(name)
    needed = [_joined(found, done) for found in _IMPORT.findall(source) if found not in done]
    own = _IMPORT.sub("", source)
    return "\n".join([*needed, re.sub(r"^export (?!default)", "", own, flags=re.MULTILINE)])
