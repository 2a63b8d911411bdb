"""Bulk: the grid fills the page; it talks to the HTTP routes, not to this script."""

from __future__ import annotations

from pages import _proposals, _stage, _ui
from sorter_core import grid


@_ui.shown_errors()
def show() -> None:
    """Mount the grid over the library, or the folders that it suggests."""
    _ui.sorter().summary()  # a library that is gone is told here, in words
    if _proposals.chosen():
        _proposals.show()
    else:
        _stage.fill(
            "grid", grid.text, _stage.BY_NAMES if _ui.sorter().guessed_by() == "names" else ""
        )


show()
