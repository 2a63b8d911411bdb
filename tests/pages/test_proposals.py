"""The page with the folders that the unsorted videos suggest, and the ways that lead to it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from sorter_core import gallery
from sorter_core.app import Sorter, shared
from tests.conftest import grow
from tests.pages.conftest import Visit, words
from tests.pages.test_train import running
from tests.piles import piled

OFFER = "No folders yet? Let the app propose some."


def opened(visit: Visit) -> AppTest:
    """The Bulk page, switched to the new folders."""
    app = visit("bulk")
    app.segmented_control[0].set_value("New folders").run()
    assert list(app.exception) == []
    return app


@pytest.fixture
def pile(alone: Path, tmp_path: Path) -> Sorter:
    """The process' Sorter over one big pile without a folder."""
    root = tmp_path / "pile"
    piled(root, shared().settings)
    shared().setup(root)
    return shared()


def test_the_switch_stands_on_the_folders_first(visit: Visit, sorter: Sorter) -> None:
    """Who knows the page finds it as it was."""
    app = visit("bulk")
    assert app.segmented_control[0].value == "Folders"
    assert app.segmented_control[0].options == ["Folders", "New folders"]
    assert "New folders" not in words(app)


def test_proposals_are_shown(visit: Visit, pile: Sorter) -> None:
    """By the component; the page has no more than a title."""
    app = opened(visit)
    assert "New folders" in words(app)
    assert [*app.info, *app.error] == []


@pytest.mark.slow
def test_before_an_analysis_it_says_what_to_do(visit: Visit, sorter: Sorter) -> None:
    """And does it at a click."""
    app = opened(visit)
    assert "analysed yet" in words(app)
    [button] = app.button
    assert button.label == "Analyse the videos"
    button.click().run()
    until = time.monotonic() + 60
    while sorter.job().running and time.monotonic() < until:
        time.sleep(0.1)
    assert sorter.job().finished_at is not None
    assert sorter.failure_count() > 0  # they are no videos; but they were looked at


def test_while_it_goes_on_the_page_says_how_far_it_is(visit: Visit, sorter: Sorter) -> None:
    """Whoever started the job."""
    with running(sorter, done=30, total=60):
        app = opened(visit)
        assert [*app.button, *app.info] == []
        assert "30 of 60" in app.get("progress")[0].proto.text


def test_with_nothing_to_propose_all_is_well(visit: Visit, pile: Sorter) -> None:
    """One sentence, and no way to the analysis that is done."""
    for one in pile.proposals():
        pile.refuse_proposal(one.videos)
    app = opened(visit)
    assert "You have looked through all groups" in words(app)


@pytest.mark.parametrize("page", ["library", "sort"])
def test_without_folders_pages_lead_here(visit: Visit, pile: Sorter, page: str) -> None:
    """The most valuable case: one big pile and nothing else; gone with the first folder."""
    [link] = visit(page).get("page_link")
    assert link.proto.label == OFFER
    assert link.proto.query_string == "view=New+folders"
    pile.create_folder("Cats")
    assert list(visit(page).get("page_link")) == []


def test_an_empty_library_is_offered_nothing(visit: Visit, alone: Path, tmp_path: Path) -> None:
    """There is nothing to make a folder of."""
    shared().setup(grow(tmp_path / "empty", {}))
    assert list(visit("library").get("page_link")) == []


def test_the_script_is_one_module_of_its_own() -> None:
    """What Streamlit gets imports nothing, and text never becomes markup."""
    script = gallery.text("proposals.js")
    assert "import {" not in script
    assert script.count("export ") == 1
    assert "innerHTML" not in script
