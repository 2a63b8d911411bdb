"""The page where a library is chosen."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from platformdirs import user_data_path

from sorter_core.app import Sorter, shared
from sorter_core.settings import APP
from tests.conftest import grow
from tests.pages.conftest import HOSTILE, MARKUP, Visit, words


def type_path(app, path: object):
    return app.text_input(key="typed").set_value(str(path)).run()


def press(app, label: str):
    found = [
        button
        for button in app.button
        if button.label.replace("\\", "").replace("\u2060", "") == label
    ]
    return found[0].click().run()


def test_without_a_library_the_first_page_offers_both_ways(visit: Visit) -> None:
    """Choose my folder, or try the demo library."""
    said = words(visit(""))
    assert "Choose my folder" in said
    assert "Try the demo library" in said


@pytest.mark.parametrize("page", ["sort", "train", "review"])
def test_every_page_leads_to_the_choice_while_there_is_none(visit: Visit, page: str) -> None:
    """No page fails for want of a library."""
    assert "Choose my folder" in words(visit(page))


def test_a_typed_path_is_shown_before_it_is_taken(visit: Visit, root: Path) -> None:
    """Counts and folders are there to be checked, and nothing is written into the folder yet."""
    app = type_path(visit(""), f' "{root}" ')
    said = words(app)
    assert "**3 videos** to sort" in said
    assert "gray-badge[Cats  1]" in said
    assert not (root / ".sorter").exists()
    assert shared().data_dir is None


def test_the_button_takes_the_folder_and_goes_on(visit: Visit, root: Path) -> None:
    """Then the library is set up, and the sorting page comes: there is nothing to learn from yet."""
    app = press(type_path(visit(""), root), "Use this folder")
    assert shared().data_dir == root
    assert not app.exception
    assert "Choose my folder" not in words(app)


def test_a_library_with_examples_goes_on_to_the_first_analysis(visit: Visit, root: Path) -> None:
    """With two folders filled there is something to learn from."""
    grow(root, {"Dogs": {"5.mp4": "five"}})
    app = press(type_path(visit(""), root), "Use this folder")
    assert "Analyse now" in words(app)


@pytest.mark.parametrize(
    "typed", ["/no/such/folder", "relative/nonsense", "\0", "~nobody-of-that-name/x"]
)
def test_what_is_no_folder_is_said(visit: Visit, typed: str) -> None:
    """A wrong path gets a sentence, and no button that takes it."""
    app = type_path(visit(""), typed)
    assert len(app.error) == 1
    assert "Use this folder" not in words(app)


def test_clicking_walks_down_and_up(visit: Visit, alone: Path) -> None:
    """The list of folders leads to any place without typing."""
    grow(alone, {"Videos": {"TikTok": {"1.mp4": "one"}}})
    app = press(press(visit(""), "Videos"), "TikTok")
    assert app.text_input(key="typed").value == str(alone / "Videos" / "TikTok")
    assert "**1 video** to sort" in words(app)
    assert app.text_input(key="typed").value == str(alone / "Videos" / "TikTok")
    up = press(app, "Up")
    assert up.text_input(key="typed").value == str(alone / "Videos")


def test_a_folder_that_no_field_can_hold_is_reached_by_clicking(visit: Visit, alone: Path) -> None:
    """Blanks, quotes and newlines at the ends of a name survive the click."""
    name = ' "a\nb" '
    grow(alone, {name: {"1.mp4": "one"}})
    app = visit("")
    [button] = [b for b in app.button if "a b" in b.label]
    app = press(button.click().run(), "Use this folder")
    assert shared().data_dir == alone / name


def test_hostile_names_are_shown_and_never_obeyed(visit: Visit, alone: Path) -> None:
    """Neither HTML nor Streamlit's Markdown gets through from a folder's name."""
    grow(alone, {HOSTILE: {}, MARKUP: {"1.mp4": "one"}})
    app = type_path(visit(""), alone)
    said = words(app)
    assert HOSTILE in said
    assert MARKUP in said
    raw = "".join(
        str(element.value) for kind in ("markdown", "caption") for element in app.get(kind)
    )
    raw += "".join(button.label for button in app.button)
    for dangerous in (HOSTILE, "<img", "**bold**", "$x$", ":red["):
        assert dangerous not in raw


def test_the_library_in_use_is_shown_and_can_be_changed(
    visit: Visit, sorter: Sorter, tmp_path: Path
) -> None:
    """What is in use stays until another folder is taken."""
    other = grow(tmp_path / "other", {"9.mp4": "nine"})
    app = visit("library")
    assert "In use" in words(app)
    press(type_path(app, other), "Use this folder")
    assert sorter.data_dir == other


def test_a_vanished_library_is_said_on_every_page(visit: Visit, sorter: Sorter, root: Path) -> None:
    """A disk that was unplugged gets plain words and a way to choose again."""
    shutil.rmtree(root)
    for page in ("", "train", "review", "library"):
        app = visit(page)
        assert "Connect its disk and reload the page, or choose another folder." in words(app)
        assert len(app.error) == 1
    assert "Choose my folder" in words(app)


def test_a_demo_that_can_t_be_written_is_told(visit: Visit) -> None:
    """Something else lies in its place: it stays there, and no library is chosen."""
    place = user_data_path(APP) / "demo"
    place.parent.mkdir(parents=True)
    place.write_text("mine")
    app = press(visit(""), "Try the demo library")
    assert "is a file" in words(app)
    assert shared().data_dir is None
    assert place.read_text() == "mine"
