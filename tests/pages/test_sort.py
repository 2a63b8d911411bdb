"""The page that shows the player."""

from __future__ import annotations

import ast
from pathlib import Path

from sorter_core.app import Sorter
from tests.conftest import grow
from tests.pages.conftest import HOSTILE, MARKUP, VISIT, Visit, words


def players(app) -> int:
    return sum(
        part.proto.component_name == "sorter_player" for part in app.main.get("bidi_component")
    )


def test_the_player_is_the_page(visit: Visit, sorter: Sorter) -> None:
    """It is mounted once, and nothing stands above it."""
    app = visit("")
    assert players(app) == 1
    assert [*app.main.title, *app.main.markdown, *app.main.error] == []


def test_the_player_is_there_before_anything_was_learned_or_filed(
    visit: Visit, sorter: Sorter, tmp_path: Path
) -> None:
    """A pile without folders can be sorted too: the player makes folders."""
    sorter.setup(grow(tmp_path / "pile", {"1.mp4": "one"}))
    assert players(visit("")) == 1


def test_the_sidebar_counts(visit: Visit, sorter: Sorter) -> None:
    """Which library, how many to sort, how many filed."""
    said = words(visit(""))
    assert "library" in said
    assert "3 to sort" in said
    assert "1 filed in 2 folders" in said


def test_a_hostile_library_name_stays_text(visit: Visit, sorter: Sorter, tmp_path: Path) -> None:
    """The sidebar shows the folder's name and its path."""
    sorter.setup(grow(tmp_path / f"{HOSTILE} {MARKUP}", {}))
    app = visit("")
    [name] = app.sidebar.text
    assert name.value == f"{HOSTILE} {MARKUP}"
    assert "<img" not in name.proto.help
    assert "$x$" not in name.proto.help


def test_no_page_holds_what_belongs_into_the_core() -> None:
    """No SQL, no numpy, no st.video; the only ``try`` in what draws is the one that shows an error."""
    for path in VISIT.parent.glob("*.py"):
        source = path.read_text(encoding="utf-8")
        tries = sum(isinstance(node, ast.Try) for node in ast.walk(ast.parse(source)))
        assert not tries or path.name == "_ui.py" or "streamlit" not in source, path.name
        for word in ("numpy", "sqlite3", "SELECT ", "st.video", "unsafe_allow_html=True"):
            assert word not in source, path.name


def test_only_constants_reach_html() -> None:
    """``st.html`` is for our own styles: a plain name, never something put together."""
    for path in VISIT.parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "st.html":
                assert [ast.unparse(argument) for argument in node.args] == ["_STYLE"], path.name
