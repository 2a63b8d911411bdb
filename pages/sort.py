"""Sort: the player fills the page; it talks to the HTTP routes, not to this script."""

from __future__ import annotations

from pages import _proposals, _stage, _ui
from sorter_core import player


@_ui.shown_errors()
def show() -> None:
    """Mount the player over the library."""
    _ui.sorter().summary()  # a library that is gone is told here, in words
    _proposals.offer(key="offer")
    _stage.fill("player", player.text)


show()
