"""The Review page in a real Chromium: cells that are clicked, videos that are moved with a key."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page, expect

from sorter_core import Sorter
from sorter_core.files import fingerprint
from sorter_core.library import Library
from tests.serving import serve
from tests.trained import prepared

WRONG = ("Dogs-10.mp4", "Dogs-11.mp4")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, clips: list[bytes]) -> Path:
    """Trained; two dogs lie among the cats, and can be played."""

    def misfile(sorter: Sorter) -> None:
        for name in WRONG:
            sorter.move(name, "Dogs", "Cats")

    root = prepared(tmp_path_factory.mktemp("review") / "library", misfile)
    for name, clip in zip(WRONG, clips, strict=False):
        (root / "Cats" / name).write_bytes(clip)  # after the training: only to be played
    return root


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, library: Path) -> Iterator[str]:
    with serve(tmp_path_factory.mktemp("home"), DATA_DIR=str(library)) as address:
        yield address


@pytest.fixture
def review(page: Page, address: str) -> Page:
    """The page, drawn."""
    page.set_default_timeout(20_000)
    page.goto(f"{address}/review")
    expect(page.locator(".js-plotly-plot .nsewdrag").first).to_be_visible(timeout=30_000)
    return page


def open_part(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name, exact=True).click()


def lies(library: Path, name: str) -> list[str]:
    """The folders that hold a video."""
    return [path.parent.name for path in library.glob(f"*/{name}")]


def test_a_misfiling_is_moved_kept_and_taken_back(review: Page, library: Path) -> None:
    """One click or key each; the next video is chosen by itself, and a double click does it once."""
    open_part(review, "In the wrong folder?")
    cards = review.locator(".gallery .card")
    expect(cards).to_have_count(2, timeout=20_000)
    first = cards.first.get_attribute("title") or ""
    second = cards.last.get_attribute("title") or ""
    expect(review.locator(".gallery video")).to_have_attribute("src", re.compile(re.escape(first)))
    move = review.get_by_role("button", name="Move to “Dogs”")
    move.click()
    expect(cards.first.locator(".state")).to_have_text("in Dogs")
    assert lies(library, first) == ["Dogs"]
    expect(cards.last).to_have_attribute("aria-selected", "true")
    move.dispatch_event("click", {"detail": 2})  # of a double click: not for the next video as well
    review.keyboard.press("k")
    expect(cards.last.locator(".state")).to_have_text("right")
    assert lies(library, second) == ["Cats"]
    review.keyboard.press("u")
    expect(cards.last.locator(".state")).to_have_text("")
    review.keyboard.press("u")
    expect(cards.first.locator(".state")).to_have_text("")
    assert lies(library, first) == ["Cats"]


def test_a_failed_move_is_told(review: Page, library: Path) -> None:
    """The reason is shown, the video stays where it is and can be tried again."""
    open_part(review, "In the wrong folder?")
    cards = review.locator(".gallery .card")
    expect(cards).to_have_count(2, timeout=20_000)
    name = cards.first.get_attribute("title") or ""
    taken = library / "Dogs" / name
    taken.write_bytes(b"another")
    review.keyboard.press("Enter")
    expect(review.locator(".gallery .toast.problem")).to_contain_text(name)
    taken.unlink()
    expect(cards.first.locator(".state")).to_have_text("")
    expect(review.get_by_role("button", name="Move to “Dogs”")).to_be_visible()


def test_the_words_of_a_video_stand_under_it(review: Page, library: Path) -> None:
    """Caption and transcript, as text; a click on a line jumps there, a key hides all of it."""
    store = Library(library).store
    mark = fingerprint(library / "Cats" / WRONG[0])
    said = {
        "caption": "<b>bold</b>",
        "speech": "Hello.\nThere.",
        "speech_times": "[[0,0.3],[0.5,9]]",
    }
    with store.write() as db:
        db.executemany("INSERT INTO texts VALUES (?, ?, ?)", [(mark, *one) for one in said.items()])
    open_part(review, "In the wrong folder?")
    review.locator(f'.gallery .card[title="{WRONG[0]}"]').click()
    expect(review.locator(".gallery .about")).to_have_text("<b>bold</b>")
    review.keyboard.press(" ")
    expect(review.locator(".gallery video")).to_have_js_property("paused", value=True)
    review.locator(".gallery .line", has_text="Hello.").click()
    expect(review.locator(".gallery .line[aria-current]")).to_have_text(re.compile("Hello."))
    review.locator(".gallery .line", has_text="There.").click()
    expect(review.locator(".gallery .line[aria-current]")).to_have_text(re.compile("There."))
    review.locator(f'.gallery .card[title="{WRONG[1]}"]').click()
    expect(review.locator(".gallery .texts")).to_be_hidden()
    review.locator(f'.gallery .card[title="{WRONG[0]}"]').click()
    expect(review.locator(".gallery .texts")).to_be_visible()
    review.keyboard.press("t")
    expect(review.locator(".gallery .texts")).to_be_hidden()


def test_a_click_on_a_cell_lists_its_videos(review: Page, address: str) -> None:
    """Where the two dogs are counted, they are listed, and the keys are theirs at once."""
    with urlopen(f"{address}/api/diagnostics") as answer:
        order = json.load(answer)["order"]
    box = review.locator(".js-plotly-plot .nsewdrag").first.bounding_box()
    assert box is not None
    x = box["x"] + box["width"] * (order.index("Dogs") + 0.5) / 2
    y = box["y"] + box["height"] * (order.index("Cats") + 0.5) / 2
    review.mouse.move(x, y)
    review.mouse.click(x, y)
    expect(review.get_by_text("would go to “Dogs”")).to_be_visible(timeout=20_000)
    cards = review.locator(".gallery .card")
    for name in WRONG:
        expect(review.locator(f'.gallery .card[title="{name}"]')).to_be_visible()
    expect(cards.first).to_have_attribute("aria-selected", "true")
    review.keyboard.press("ArrowRight")
    expect(cards.nth(1)).to_have_attribute("aria-selected", "true")


def test_the_map_shows_a_picture_and_plays(review: Page, address: str) -> None:
    """Under the mouse the folder and the picture, with a click the video."""
    open_part(review, "Map")
    canvas = review.locator('canvas[data-part="canvas"]')
    expect(canvas).to_be_visible(timeout=60_000)
    with urlopen(f"{address}/api/diagnostics/map") as answer:
        spots = json.load(answer)["spots"]
    spot = next(spot for spot in spots if spot["filename"] == WRONG[0])
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    edge = 18
    x = box["x"] + edge + spot["x"] * (box["width"] - 2 * edge)
    y = box["y"] + edge + spot["y"] * (box["height"] - 2 * edge)
    review.mouse.move(x, y)
    expect(review.locator(".map .card-of .folder")).to_have_text(spot["folder"])
    review.mouse.click(x, y)
    expect(review.locator(".map .watch video")).to_have_attribute("src", re.compile("/videos/"))
    expect(review.locator(".map .legend .entry")).to_have_count(3)
