"""The page with the grid."""

from __future__ import annotations

import shutil
from pathlib import Path

from sorter_core import grid
from sorter_core.app import Sorter
from tests.pages.conftest import Visit, words


def test_the_grid_is_mounted(visit: Visit, sorter: Sorter) -> None:
    """The page itself has nothing but the component: all else is over HTTP."""
    app = visit("bulk")
    assert list(app.error) == []
    assert words(app).count("Bulk") == 0


def test_guesses_from_names_say_so(visit: Visit, sorter: Sorter) -> None:
    """One line above the grid, until something was learned."""
    said = "These guesses come from the names of your folders only."
    assert said not in words(visit("bulk"))
    sorter.scan()
    with sorter.library.store.write() as db:
        db.execute(
            "INSERT INTO predictions (fingerprint, run, folder, confidence, guesses)"
            " SELECT fingerprint, 0, 'Cats', 0.9, '[]' FROM files WHERE folder = ''"
        )
    assert said in words(visit("bulk"))
    with sorter.library.store.write() as db:
        db.execute("UPDATE predictions SET run = 1")
    assert said not in words(visit("bulk"))


def test_without_a_library_it_leads_to_the_choice(visit: Visit) -> None:
    """No page fails for want of a library."""
    assert "Choose my folder" in words(visit("bulk"))


def test_a_vanished_library_is_said(visit: Visit, sorter: Sorter, root: Path) -> None:
    """In words, with a way out."""
    shutil.rmtree(root)
    assert "choose another folder" in words(visit("bulk"))


def test_the_script_is_one_module_of_its_own() -> None:
    """What Streamlit gets imports nothing, and each shared piece is in it once."""
    script = grid.text("grid.js")
    assert "import {" not in script
    assert script.count("class Tiles") == script.count("const memory =") == 1
    assert script.count("export ") == 1
    assert "innerHTML" not in script
