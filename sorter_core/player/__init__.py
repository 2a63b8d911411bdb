"""The sorting player: one component of plain HTML, CSS and JavaScript, mounted in two places.

Streamlit's components v2 take ``text("player.html")``, ``text("player.css")`` and
``text("player.js")``; the bare API answers ``GET /`` with :func:`page` and serves :data:`FILES`
under ``/player/``. The player itself talks to the HTTP routes only.

What the other components share with it lies here too: ``common.css`` and some modules.
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
_COMMON = "common.css"


def text(name: str, package: str = __name__) -> str:
    """The content of a component's file, with what it needs before it; ``package`` is whose it is.

    Streamlit takes a script and a style as one string each, which can't import their neighbours. So
    a script comes behind the modules it imports from there and from here, each once and all in one
    scope, and a style behind ``common.css``.

    >>> script = text("player.js")
    >>> "class Queue" in script, "export default" in script, "import {" in script
    (True, True, False)
    >>> text("words.js").count("class Server ")
    1
    >>> text("player.css").startswith(text("common.css"))
    True
    """
    if name.endswith(".js"):
        return _joined(package, name, set())
    if name.endswith(".css") and name != _COMMON:
        return f"{_read(_COMMON)}\n{_read(name, package)}"
    return _read(name, package)


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
