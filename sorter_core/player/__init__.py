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

_IMPORT = re.compile(r"^import \{[^}]*\} from '(\./|\.\./player/)([a-z]+\.js)';\n", re.MULTILINE)
_PACKAGES = {"../player/": __name__}
_SLOT = "<!-- player.html -->"


def text(name: str) -> str:
    """The content of one of the player's files; a script comes with the modules it imports.

    Streamlit takes a script as one string, which can't import its neighbours.

    >>> script = text("player.js")
    >>> "class Queue" in script, "export default" in script, "import {" in script
    (True, True, False)
    """
    return joined(name) if name == "player.js" else _read(name)


def joined(name: str, package: str = __name__) -> str:
    """A script of ``package`` behind the modules it imports from there and from here, in one scope.

    Each comes once.

    >>> joined("words.js").count("class Server ")
    1
    """
    return _joined(package, name, set())


def page() -> str:
    """The page of ``GET /``: the shell with the player's markup in it.

    >>> page().count('class="player"')
    1
    """
    return _read("shell.html").replace(_SLOT, _read("player.html"))


def _read(name: str, package: str = __name__) -> str:
    return files(package).joinpath(name).read_text(encoding="utf-8")


def _joined(package: str, name: str, done: set[tuple[str, str]]) -> str:
    done.add((package, name))
    source = _read(name, package)
    imported = [(_PACKAGES.get(where, package), found) for where, found in _IMPORT.findall(source)]
    needed = [_joined(*one, done) for one in imported if one not in done]
    own = _IMPORT.sub("", source)
    return "\n".join([*needed, re.sub(r"^export (?!default)", "", own, flags=re.MULTILINE)])
