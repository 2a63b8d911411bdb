"""The bulk page in a real Chromium, over the whole app: folder by folder, move, undo, folders."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from sorter_core import Settings, Sorter
from tests.conftest import grow, look
from tests.serving import serve
from tests.test_bulk import guess

VIDEOS = 560
CATS, DOGS = 500, 40
"""Guessed as Cats with 0.95, as Dogs with 0.6; the rest has no guess."""
PATIENCE = 20_000


def own(clip: bytes, number: int) -> bytes:
    """The same pictures in a file of its own content: a ``free`` box changes no frame."""
    return clip + struct.pack(">I4sQ", 16, b"free", number)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, clips: list[bytes]) -> Path:
    names = [f"{7_300_000 + n}.mp4" for n in range(VIDEOS)]
    files = {name: own(clips[n % len(clips)], n) for n, name in enumerate(names)}
    root = grow(
        tmp_path_factory.mktemp("bulk") / "library", {**files, "Cats": {}, "Dogs": {}, "Old": {}}
    )
    grow(root, {"Old": {"1.mp4": own(clips[0], 9000), "2.mp4": own(clips[1], 9001)}})
    sorter = Sorter(Settings(_env_file=None, data_dir=root))
    sure = dict.fromkeys(names[:CATS], ("Cats", 0.95))
    unsure = dict.fromkeys(names[CATS : CATS + DOGS], ("Dogs", 0.6))
    guess(sorter, sure | unsure)
    return root


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, library: Path) -> Iterator[str]:
    with serve(tmp_path_factory.mktemp("home"), DATA_DIR=str(library)) as address:
        yield address


@pytest.fixture
def grid(page: Page, address: str) -> Locator:
    """The grid, ready."""
    page.goto(f"{address}/bulk")
    grid = page.locator('[data-part="grid"][data-state="ready"]')
    expect(grid).to_be_visible(timeout=PATIENCE)
    return grid


def tiles(grid: Locator) -> Locator:
    return grid.locator(".tile")


def selected(grid: Locator) -> Locator:
    return grid.locator('[data-part="chosen"]')


def pile(grid: Locator, name: str) -> Locator:
    return grid.locator(".pile", has=grid.page.locator(".words .name", has_text=name))


def title(grid: Locator) -> Locator:
    return grid.locator('[data-part="title"]')


def subtitle(grid: Locator) -> Locator:
    return grid.locator('[data-part="subtitle"]')


def finished(grid: Locator) -> Locator:
    return grid.locator('[data-part="finished-title"]')


def everything(grid: Locator) -> None:
    """All folders in one grid."""
    pile(grid, "Everything").locator(".open").click()
    expect(title(grid)).to_have_text("Everything")
    settle(grid)


def said(grid: Locator, text: str) -> Locator:
    return grid.locator(".toast", has_text=text)


def settle(grid: Locator) -> None:
    """No move is under way."""
    expect(grid.page.locator('[data-part="grid"].moving')).to_have_count(0, timeout=PATIENCE)
    expect(grid.page.locator('[data-part="grid"].loading')).to_have_count(0, timeout=PATIENCE)


def test_the_slider_tells_how_many_and_how_many_wrong(grid: Locator) -> None:
    """0.95 five hundred times is 25 wrong; at 0.96 nothing is taken."""
    everything(grid)
    takes = grid.locator('[data-part="takes"]')
    expect(takes).to_contain_text("500 videos")
    expect(takes).to_contain_text("about 25 wrong")
    slider = grid.locator('[data-part="threshold"]')
    slider.fill("60")
    expect(takes).to_contain_text("540 videos")
    expect(takes).to_contain_text("about 41 wrong")
    expect(pile(grid, "Dogs").locator(".count")).to_have_text("40")
    slider.fill("96")
    expect(grid.get_by_text("Nothing is that certain")).to_be_visible()
    slider.fill("90")
    expect(selected(grid)).to_have_text("500 selected")


def test_few_elements_whatever_the_number(grid: Locator) -> None:
    """Of 500 videos only those in sight are drawn, also at the end of the page."""
    scroller = grid.locator('[data-part="scroller"]')
    assert tiles(grid).count() < 60
    scroller.evaluate("box => box.scrollTo(0, box.scrollHeight)")
    expect(grid.get_by_title(f"{7_300_000 + CATS - 1}.mp4")).to_be_visible()
    assert tiles(grid).count() < 60


def test_pictures_and_a_preview(grid: Locator) -> None:
    """Each tile gets its picture; the pointer over it plays the video, muted."""
    expect(tiles(grid).first).to_have_class("tile seen", timeout=PATIENCE)
    tiles(grid).first.hover()
    video = tiles(grid).first.locator("video")
    expect(video).to_be_attached()
    assert video.evaluate("video => video.muted && video.loop")
    video.evaluate(
        "video => new Promise(done => video.readyState > 1 ? done() : video.onloadeddata = done)"
    )
    grid.locator('[data-part="title"]').hover()
    expect(grid.locator("video")).to_have_count(0)


def test_what_the_slider_takes_is_selected(grid: Locator) -> None:
    """In the first folder, in everything, and again after the slider; the button says how many."""
    expect(title(grid)).to_have_text("Cats")
    expect(selected(grid)).to_have_text("500 selected")
    expect(grid.get_by_role("button", name="Move 500 to Cats")).to_be_enabled()
    everything(grid)
    grid.locator('[data-part="threshold"]').fill("60")
    expect(selected(grid)).to_have_text("540 selected")
    expect(grid.get_by_role("button", name="Move 540")).to_be_enabled()


def test_click_shift_and_all(grid: Locator) -> None:
    """One out, a range out and in again, nothing, everything."""
    tiles(grid).nth(1).click()
    expect(selected(grid)).to_have_text("499 selected")
    tiles(grid).nth(5).click(modifiers=["Shift"])
    expect(selected(grid)).to_have_text("495 selected")
    tiles(grid).nth(3).click()
    expect(selected(grid)).to_have_text("496 selected")
    grid.page.keyboard.press("a")
    expect(selected(grid)).to_have_text("500 selected")
    grid.get_by_role("button", name="Select none").click()
    expect(selected(grid)).to_have_text("Nothing selected")
    tiles(grid).nth(0).click()
    expect(selected(grid)).to_have_text("1 selected")
    grid.get_by_role("button", name="Select all 500").click()
    expect(selected(grid)).to_have_text("500 selected")


def test_nothing_selected_stays_so_until_the_next_folder(grid: Locator) -> None:
    """Esc is respected, and forgotten where something else is shown."""
    grid.page.keyboard.press("Escape")
    expect(selected(grid)).to_have_text("Nothing selected")
    expect(grid.get_by_role("button", name="Move 0 to Cats")).to_be_disabled()
    everything(grid)
    expect(selected(grid)).to_have_text("500 selected")


def test_walking_with_the_keys(grid: Locator) -> None:
    """Arrows move the focus, Space takes out; the folder's first video has the focus."""
    everything(grid)
    expect(tiles(grid).first).to_be_focused()
    grid.page.keyboard.press("ArrowRight")
    grid.page.keyboard.press("ArrowDown")
    grid.page.keyboard.press("Space")
    expect(selected(grid)).to_have_text("499 selected")
    assert grid.locator('.tile[aria-selected="false"]').evaluate("tile => tile.index") > 2


def test_a_button_under_the_focus_does_what_it_says(grid: Locator, library: Path) -> None:
    """Enter there moves nothing: only the grid's Enter does."""
    before = look(library)
    pile(grid, "Everything").locator(".open").focus()
    grid.page.keyboard.press("Enter")
    expect(title(grid)).to_have_text("Everything")
    settle(grid)
    grid.get_by_role("button", name="Select none").focus()
    grid.page.keyboard.press("Enter")
    expect(selected(grid)).to_have_text("Nothing selected")
    assert look(library) == before


def test_five_hundred_move_and_one_undo_brings_them_back(grid: Locator, library: Path) -> None:
    """Exactly: the same files with the same bytes in the same places, and the folder as it was."""
    before = look(library)
    grid.page.keyboard.press("Enter")
    expect(said(grid, "500 videos moved to Cats")).to_be_visible(timeout=PATIENCE)
    settle(grid)
    assert len(look(library)["Cats"]) == 500
    expect(finished(grid)).to_have_text("Done with 90 % sure: 60 left.")
    said(grid, "500 videos moved").get_by_role("button", name="Undo").click()
    expect(said(grid, "Undone: 500 videos went back")).to_be_visible(timeout=PATIENCE)
    settle(grid)
    assert look(library) == before
    expect(title(grid)).to_have_text("Cats")
    expect(selected(grid)).to_have_text("500 selected")


def test_enter_alone_goes_through_the_folders_and_down_the_steps(
    grid: Locator, library: Path
) -> None:
    """A folder, the end of the step, the next step, its folder, the end: then one by one."""
    before = look(library)
    grid.page.keyboard.press("Enter")
    expect(finished(grid)).to_be_visible(timeout=PATIENCE)
    settle(grid)
    expect(grid.get_by_role("button", name="Go to 60 %")).to_be_focused()
    grid.page.keyboard.press("Enter")
    expect(title(grid)).to_have_text("Dogs", timeout=PATIENCE)
    expect(selected(grid)).to_have_text("40 selected")
    settle(grid)
    grid.page.keyboard.press("Enter")
    expect(finished(grid)).to_have_text("Done with 60 % sure: 20 left.", timeout=PATIENCE)
    settle(grid)
    assert [len(look(library)[name]) for name in ("Cats", "Dogs")] == [500, 40]
    expect(grid.get_by_role("button", name="Go to")).to_have_count(0)
    expect(grid.get_by_role("link", name="Sort the rest one by one")).to_be_focused()
    for name, percent in (("Dogs", "60 %"), ("Cats", "90 %")):
        grid.page.keyboard.press("u")
        expect(title(grid)).to_have_text(name, timeout=PATIENCE)
        expect(grid.locator('[data-part="percent"]')).to_have_text(percent)
        settle(grid)
    assert look(library) == before


def test_the_end_of_the_steps_leads_to_the_player(grid: Locator, library: Path) -> None:
    """With Enter, too; there comes first what teaches most."""
    grid.locator('[data-part="threshold"]').fill("50")
    expect(grid.locator('[data-part="percent"]')).to_have_text("50 %")
    settle(grid)
    for name in ("Dogs", None):
        grid.page.keyboard.press("g")
        expect(title(grid) if name else finished(grid)).to_contain_text(name or "Done with 50 %")
        settle(grid)
    expect(grid.get_by_role("link", name="Sort the rest one by one")).to_be_focused()
    grid.page.keyboard.press("Enter")
    page = grid.page
    expect(page.locator('[data-part="grid"]')).to_have_count(0, timeout=PATIENCE)
    assert page.evaluate("localStorage.getItem('sorter.order')") == "learn"
    assert page.url.rstrip("/").count("/") == 2


def test_going_on_moves_nothing(grid: Locator, library: Path) -> None:
    """By the key and by the button; in the end the step is done, and nothing was filed."""
    before = look(library)
    grid.locator('[data-part="threshold"]').fill("60")
    expect(grid.locator('[data-part="takes"]')).to_contain_text("500 videos")
    settle(grid)
    grid.page.keyboard.press("g")
    expect(title(grid)).to_have_text("Dogs")
    settle(grid)
    grid.get_by_role("button", name="Go on").click()
    expect(finished(grid)).to_have_text("Done with 60 % sure: 560 left.")
    assert look(library) == before


def test_what_is_taken_out_stays_out(grid: Locator, library: Path) -> None:
    """After the move, after its undo, at a lower step: at the end, and not selected."""
    before = look(library)
    out = {str(tiles(grid).nth(n).get_attribute("title")) for n in (0, 2)}
    for n in (0, 2):
        tiles(grid).nth(n).click()
    expect(selected(grid)).to_have_text("498 selected")
    grid.get_by_role("button", name="Move 498 to Cats").click()
    expect(said(grid, "498 videos moved")).to_be_visible(timeout=PATIENCE)
    settle(grid)
    pile(grid, "Cats").locator(".open").click()
    expect(subtitle(grid)).to_have_text("0 of 62 unsorted, 2 taken out")
    assert {str(tile.get_attribute("title")) for tile in tiles(grid).all()} == out
    expect(selected(grid)).to_have_text("Nothing selected")
    everything(grid)
    grid.locator('[data-part="threshold"]').fill("60")
    expect(selected(grid)).to_have_text("40 selected")
    expect(subtitle(grid)).to_have_text("40 of 62 unsorted, 2 taken out")
    settle(grid)
    grid.locator('[data-part="undo"]').click()
    expect(said(grid, "Undone: 498 videos")).to_be_visible(timeout=PATIENCE)
    settle(grid)
    expect(title(grid)).to_have_text("Cats")
    expect(selected(grid)).to_have_text("498 selected")
    grid.page.reload()
    expect(title(grid)).to_have_text("Everything", timeout=PATIENCE)
    expect(selected(grid)).to_have_text("538 selected")
    assert look(library) == before


def test_put_back_what_was_taken_out(grid: Locator, library: Path) -> None:
    """A click selects it again, and it moves with the rest."""
    before = look(library)
    tiles(grid).nth(0).click()
    everything(grid)
    expect(subtitle(grid)).to_have_text("499 of 560 unsorted, 1 taken out")
    grid.locator('[data-part="scroller"]').evaluate("box => box.scrollTo(0, box.scrollHeight)")
    last = grid.locator('.tile[aria-label$="taken out"]')
    last.click()
    expect(selected(grid)).to_have_text("500 selected")
    grid.page.keyboard.press("Enter")
    expect(said(grid, "500 videos moved to Cats")).to_be_visible(timeout=PATIENCE)
    settle(grid)
    grid.page.keyboard.press("u")
    expect(said(grid, "Undone: 500 videos")).to_be_visible(timeout=PATIENCE)
    settle(grid)
    assert look(library) == before


def test_skipped_videos_are_left_alone(grid: Locator, library: Path) -> None:
    """They are dimmed, and neither all nor a move takes them."""
    skipped = tiles(grid).nth(0).get_attribute("title")
    grid.page.keyboard.press("Escape")
    tiles(grid).nth(0).click()
    grid.page.keyboard.press("s")
    expect(tiles(grid).nth(0)).to_have_class("tile seen skipped", timeout=PATIENCE)
    grid.page.keyboard.press("a")
    expect(selected(grid)).to_have_text("499 selected")
    grid.page.keyboard.press("Enter")
    expect(said(grid, "499 videos moved")).to_be_visible(timeout=PATIENCE)
    settle(grid)
    assert (library / str(skipped)).exists()
    grid.page.keyboard.press("u")
    expect(said(grid, "Undone: 499 videos")).to_be_visible(timeout=PATIENCE)
    settle(grid)


def test_skipping_twice_keeps_both(grid: Locator) -> None:
    """The second skip brings the first video back neither at once nor with "all"."""
    for n in (0, 1):
        grid.page.keyboard.press("Escape")
        tiles(grid).nth(n).click()
        grid.page.keyboard.press("s")
    grid.page.keyboard.press("a")
    expect(selected(grid)).to_have_text("498 selected")
    everything(grid)
    expect(selected(grid)).to_have_text("498 selected")


def test_what_no_folder_is_like_leads_to_new_folders(page: Page, address: str) -> None:
    """One quiet line with their number; none when there are none."""

    def far(route: Route) -> None:
        answer = route.fetch()
        said = answer.json()
        said["outlook"]["far"] = 12
        route.fulfill(response=answer, json=said)

    page.goto(f"{address}/bulk")
    grid = page.locator('[data-part="grid"][data-state="ready"]')
    expect(grid).to_be_visible(timeout=PATIENCE)
    expect(grid.locator('[data-part="far"]')).to_be_hidden()
    page.route("**/api/bulk/look", far)
    everything(grid)
    link = grid.get_by_role("link", name="12 look like none of your folders")
    expect(link).to_have_attribute("href", "?view=New+folders")


def test_a_folder_chosen_for_one_grid_is_not_kept_for_the_next(grid: Locator) -> None:
    """Else Enter would file the next folder's videos there."""
    grid.get_by_label("Move to", exact=True).select_option("Old")
    expect(grid.get_by_role("button", name="Move 500 to Old")).to_be_visible()
    grid.locator('[data-part="threshold"]').fill("60")
    settle(grid)
    grid.get_by_role("button", name="Go on").click()
    expect(grid.get_by_role("button", name="Move 40 to Dogs")).to_be_visible()


def test_a_new_folder_from_the_selection(grid: Locator, library: Path) -> None:
    """Made and filled in one step, taken back in one; a bad name is told in the dialog."""
    before = look(library)
    grid.page.keyboard.press("Escape")
    for n in range(3):
        tiles(grid).nth(n).click()
    grid.page.keyboard.press("n")
    name = grid.get_by_label("Name", exact=True)
    name.fill("../out")
    grid.get_by_role("button", name="Make and move").click()
    expect(grid.get_by_role("alert")).to_contain_text("path separator")
    name.fill("<b>Three of them")
    grid.get_by_role("button", name="Make and move").click()
    expect(said(grid, "3 videos moved")).to_be_visible(timeout=PATIENCE)
    settle(grid)
    assert len(look(library)["<b>Three of them"]) == 3
    assert grid.locator("b").count() == 0
    grid.page.keyboard.press("u")
    expect(said(grid, "Undone: 3 videos")).to_be_visible(timeout=PATIENCE)
    settle(grid)
    assert look(library) == before


def test_what_has_no_guess_goes_where_it_is_told(grid: Locator, library: Path) -> None:
    """The pile without a guess needs a folder to be chosen."""
    before = look(library)
    pile(grid, "No guess yet").locator(".open").click()
    expect(subtitle(grid)).to_have_text("20 of 560 unsorted")
    expect(selected(grid)).to_have_text("Nothing selected")
    tiles(grid).nth(0).click()
    grid.get_by_label("Move to", exact=True).select_option("Dogs")
    grid.get_by_role("button", name="Move 1 to Dogs").click()
    expect(said(grid, "1 video moved to Dogs")).to_be_visible(timeout=PATIENCE)
    settle(grid)
    assert len(look(library)["Dogs"]) == 1
    grid.page.keyboard.press("u")
    expect(said(grid, "Undone: 1 video")).to_be_visible(timeout=PATIENCE)
    settle(grid)
    assert look(library) == before


def test_merging_and_deleting_folders(grid: Locator, library: Path) -> None:
    """Behind the three dots; each is undone exactly."""
    before = look(library)
    grid.get_by_label("Change the folder Old").select_option("merge")
    grid.get_by_label("Folder", exact=True).select_option("Dogs")
    grid.get_by_role("button", name="Merge").click()
    expect(said(grid, "2 videos moved to Dogs")).to_be_visible(timeout=PATIENCE)
    settle(grid)
    assert "Old" not in look(library)
    said(grid, "2 videos moved to Dogs").get_by_role("button", name="Undo").click()
    expect(said(grid, "Undone: 2 videos")).to_be_visible(timeout=PATIENCE)
    settle(grid)
    assert look(library) == before
    grid.get_by_label("Change the folder Dogs").select_option("delete")
    expect(said(grid, "The folder Dogs is gone")).to_be_visible(timeout=PATIENCE)
    assert not (library / "Dogs").exists()
    expect(pile(grid, "Dogs").locator(".menu")).to_have_count(0, timeout=PATIENCE)
    other = post(grid, "/api/sort", {"filename": "7300000.mp4", "folder": "Cats"})
    said(grid, "The folder Dogs is gone").get_by_role("button", name="Undo").click()
    expect(pile(grid, "Dogs").locator(".menu")).to_be_visible(timeout=PATIENCE)
    assert "7300000.mp4" in look(library)["Cats"]  # what was done since, on another page, stays
    post(grid, "/api/undo", {"batch": other["batch"]})
    assert look(library) == before


def post(grid: Locator, path: str, body: dict[str, Any]) -> Any:
    """What somebody else does at the same time."""
    return grid.page.request.post(urljoin(grid.page.url, path), data=body).json()


def test_what_others_moved_meanwhile_is_told(grid: Locator, library: Path) -> None:
    """Nothing is left to move, or one of them can't go back: both are said, with the reason."""
    before = look(library)
    grid.locator('[data-part="threshold"]').fill("60")
    expect(pile(grid, "Dogs").locator(".count")).to_have_text("40", timeout=PATIENCE)
    settle(grid)
    pile(grid, "Dogs").locator(".open").click()
    expect(selected(grid)).to_have_text("40 selected", timeout=PATIENCE)
    settle(grid)
    other = post(grid, "/api/sort/bulk", {"threshold": 0.6, "folder": "Dogs"})
    grid.page.keyboard.press("Enter")
    nothing = said(grid, "Nothing was moved: these videos have left the pile")
    expect(nothing).to_be_visible(timeout=PATIENCE)
    settle(grid)
    post(grid, "/api/undo", {"batch": other["batch"]})
    pile(grid, "Dogs").locator(".open").click()
    expect(selected(grid)).to_have_text("40 selected", timeout=PATIENCE)
    settle(grid)
    grid.page.keyboard.press("Enter")
    expect(said(grid, "40 videos moved to Dogs")).to_be_visible(timeout=PATIENCE)
    settle(grid)
    name = f"{7_300_000 + CATS}.mp4"
    move = post(grid, "/api/move", {"filename": name, "source": "Dogs", "target": "Old"})
    grid.page.keyboard.press("u")
    expect(said(grid, "Undone: 39 videos went back.")).to_be_visible(timeout=PATIENCE)
    expect(said(grid, f"1 video could not go back: '{name}'")).to_be_visible(timeout=PATIENCE)
    settle(grid)
    post(grid, "/api/undo", {"batch": move["batch"]})
    post(grid, "/api/move", {"filename": name, "source": "Dogs", "target": ""})
    assert look(library) == before


def test_another_library_is_not_taken_for_ours(
    grid: Locator, library: Path, tmp_path: Path
) -> None:
    """It numbers its batches anew: an undo of ours must not take back one of those."""
    before = look(library)
    grid.page.keyboard.press("Escape")
    tiles(grid).first.click()
    grid.page.keyboard.press("Enter")
    expect(said(grid, "1 video moved to Cats")).to_be_visible(timeout=PATIENCE)
    settle(grid)
    other = grow(tmp_path / "other", {"1.mp4": "one", "Dogs": {}})
    post(grid, "/api/setup", {"data_dir": str(other)})
    post(grid, "/api/sort", {"filename": "1.mp4", "folder": "Dogs"})
    grid.page.keyboard.press("u")
    expect(said(grid, "Another library was chosen on another page")).to_be_visible(timeout=PATIENCE)
    settle(grid)
    assert look(other)["Dogs"].keys() == {"1.mp4"}
    post(grid, "/api/setup", {"data_dir": str(library)})
    grid.page.keyboard.press("u")
    expect(said(grid, "Undone: 1 video")).to_be_visible(timeout=PATIENCE)
    settle(grid)
    assert look(library) == before


def test_a_server_that_was_gone_is_waited_for(grid: Locator, library: Path) -> None:
    """It is said when it is back, and the keys work again without a reload."""
    before = look(library)
    expect(title(grid)).to_have_text("Cats")
    grid.page.context.set_offline(True)
    grid.page.keyboard.press("Enter")
    expect(said(grid, "The server does not answer")).to_have_count(1, timeout=PATIENCE)
    grid.page.context.set_offline(False)
    expect(said(grid, "The server answers again")).to_be_visible(timeout=PATIENCE)
    settle(grid)
    grid.page.keyboard.press("g")
    expect(title(grid)).not_to_have_text("Cats", timeout=PATIENCE)
    assert look(library) == before


def test_renaming_the_folder_on_show(grid: Locator, library: Path) -> None:
    """What is predicted for it follows, and the page stays where it is."""
    pile(grid, "Cats").locator(".open").click()
    expect(title(grid)).to_have_text("Cats")
    long = "Kittens" * 30
    for old, new in (("Cats", long), (long, "Cats")):
        grid.get_by_label(f"Change the folder {old}").select_option("rename")
        grid.get_by_label("Name", exact=True).fill(new)
        grid.get_by_role("button", name="Rename", exact=True).click()
        expect(grid.locator('[data-part="title"]')).to_have_text(new, timeout=PATIENCE)
        expect(subtitle(grid)).to_have_text("500 of 560 unsorted")
        tile = tiles(grid).first
        expect(tile.locator(".name")).to_have_text(new)
        assert tile.evaluate("tile => tile.scrollWidth <= tile.clientWidth")
        assert (library / new).is_dir()
