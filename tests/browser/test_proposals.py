"""New folders in a real Chromium: looked over, made, refused, and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from sorter_core import Settings
from tests.piles import EACH, piled
from tests.serving import serve

WAIT = 30_000
"""Milliseconds; a busy machine moves ten files and draws ten pictures slowly."""


@pytest.fixture
def library(tmp_path: Path, clips: list[bytes]) -> Path:
    """One big pile; two of its cats can be played."""
    root = tmp_path / "pile"
    settings = Settings(_env_file=None, state_dir=tmp_path / "s", cache_dir=tmp_path / "c")
    piled(root, settings, also={"cats-0.mp4": clips[0], "cats-1.mp4": clips[1]}).library.close()
    return root


@pytest.fixture
def address(tmp_path: Path, library: Path) -> Iterator[str]:
    with serve(tmp_path / "home", DATA_DIR=str(library)) as address:
        yield address


@pytest.fixture
def proposals(page: Page, address: str) -> Page:
    """The page, with all three proposals, reached by the link of the Sort page."""
    page.set_default_timeout(20_000)
    page.goto(address)
    page.get_by_text("No folders yet? Let the app propose some.").click()
    expect(page.locator(".proposal")).to_have_count(3, timeout=WAIT)
    return page


def named(page: Page, name: str) -> Locator:
    """The proposal that came with this name."""
    return page.get_by_role("region", name=name, exact=True)


def lies(library: Path, folder: str) -> list[str]:
    return sorted(path.name for path in (library / folder).glob("*.mp4"))


def test_a_folder_is_made_without_what_was_taken_out(proposals: Page, library: Path) -> None:
    """One click each; the folder is there with the rest, and one undo takes it all back."""
    cats = named(proposals, "Cats")
    expect(cats.locator(".size")).to_have_text(f"{EACH} videos", timeout=WAIT)
    cats.get_by_role("button", name="cats-3.mp4").click()
    cats.get_by_role("button", name="cats-4.mp4").click()
    cats.get_by_role("button", name="cats-4.mp4").click()
    expect(cats.locator(".size")).to_have_text(f"{EACH - 1} of {EACH} videos", timeout=WAIT)
    field = cats.get_by_label("Folder name")
    field.fill("a/b")
    field.press("Enter")
    expect(cats.get_by_role("alert")).to_contain_text("path separator", timeout=WAIT)
    field.fill("My cats")
    cats.get_by_role("button", name="Make this folder").click()
    expect(cats).to_contain_text(f"{EACH - 1} videos moved to “My cats”.", timeout=WAIT)
    assert lies(library, "My cats") == sorted(f"cats-{i}.mp4" for i in range(EACH) if i != 3)
    cats.get_by_role("button", name="Undo").click()
    expect(cats.locator(".size")).to_have_text(f"{EACH - 1} of {EACH} videos", timeout=WAIT)
    assert not (library / "My cats").exists()
    assert len(list(library.glob("cats-*.mp4"))) == EACH


def test_a_second_group_joins_a_folder_that_is_there(proposals: Page, library: Path) -> None:
    """The button says so before it is pressed."""
    cats, dogs = named(proposals, "Cats"), named(proposals, "Dogs")
    cats.get_by_role("button", name="Make this folder").click()
    expect(cats).to_contain_text("moved to “Cats”", timeout=WAIT)
    dogs.get_by_label("Folder name").fill("Cats")
    dogs.get_by_role("button", name="Add to this folder").click()
    expect(dogs).to_contain_text(f"{EACH} videos moved to “Cats”.", timeout=WAIT)
    assert len(lies(library, "Cats")) == 2 * EACH
    pizza = named(proposals, "Pizza")
    for video in library.glob("pizza-*.mp4"):
        video.unlink()  # by hand, with the page open
    pizza.get_by_label("Folder name").fill("Cats")
    pizza.get_by_role("button", name="Add to this folder").click()
    expect(pizza.get_by_role("alert")).to_contain_text("Nothing was moved.", timeout=WAIT)
    expect(pizza.get_by_role("button", name="Undo")).to_have_count(0)


def test_what_is_no_folder_does_not_come_back(proposals: Page) -> None:
    """Not after a reload either; but an undo brings it back."""
    dogs = named(proposals, "Dogs")
    dogs.get_by_role("button", name="Not a folder").click()
    expect(dogs).to_contain_text("be suggested again", timeout=WAIT)
    proposals.reload()
    expect(proposals.locator(".proposal")).to_have_count(2, timeout=WAIT)
    expect(named(proposals, "Dogs")).to_have_count(0, timeout=WAIT)
    pizza = named(proposals, "Pizza")
    pizza.get_by_role("button", name="Not a folder").click()
    pizza.get_by_role("button", name="Undo").click()
    expect(pizza.get_by_label("Folder name")).to_have_value("Pizza", timeout=WAIT)
    proposals.reload()
    expect(proposals.locator(".proposal")).to_have_count(2, timeout=WAIT)


def test_words_and_pictures(proposals: Page) -> None:
    """A click on a word takes it for the name; under the mouse a video plays."""
    cats = named(proposals, "Cats")
    cats.get_by_label("Folder name").fill("something else")
    cats.get_by_role("button", name="cats", exact=True).click()
    expect(cats.get_by_label("Folder name")).to_have_value("Cats", timeout=WAIT)
    tile = cats.get_by_role("button", name="cats-0.mp4")
    expect(tile.locator("img")).to_have_attribute(
        "src", "/api/posters/cats-0.mp4?folder=", timeout=WAIT
    )
    expect(cats.locator(".tile.seen")).to_have_count(2, timeout=WAIT)
    expect(cats.locator(".tile.blind").first).to_be_visible(timeout=WAIT)
    tile.hover()
    expect(tile.locator("video")).to_have_attribute(
        "src", "/videos/cats-0.mp4?folder=", timeout=WAIT
    )
    cats.get_by_role("button", name="cats-1.mp4").hover()
    expect(tile.locator("video")).to_have_count(0, timeout=WAIT)
    proposals.get_by_text("Folders", exact=True).click()
    expect(proposals.locator(".grid .piles")).to_be_visible(timeout=WAIT)
