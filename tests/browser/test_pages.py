"""The pages in a real Chromium: what only a browser can tell."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import grow
from tests.pages.conftest import HOSTILE, MARKUP
from tests.serving import serve

PAGES = ("train", "review", "library", "")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, clips: list[bytes]) -> Path:
    """Everything in it has a name that wants to be obeyed."""
    names = {HOSTILE: {"1.mp4": clips[0]}, MARKUP: {"2.mp4": clips[1]}}
    return grow(
        tmp_path_factory.mktemp("own") / f"{HOSTILE} {MARKUP}",
        {f"{HOSTILE}.mp4": clips[2], **names},
    )


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, library: Path) -> Iterator[str]:
    with serve(tmp_path_factory.mktemp("home"), DATA_DIR=str(library)) as address:
        yield address


@pytest.fixture
def outside(page: Page, address: str) -> list[str]:
    """What the page asked other machines for."""
    ours = (address, address.replace("http", "ws"), "data:", "blob:")
    asked: list[str] = []
    page.on(
        "request",
        lambda request: None if request.url.startswith(ours) else asked.append(request.url),
    )
    return asked


def settle(page: Page) -> None:
    """Wait until the script has run: the sidebar's figures come with it."""
    expect(page.get_by_text("1 to sort")).to_be_visible(timeout=20_000)
    page.wait_for_load_state("networkidle")


def test_the_first_visit_may_be_to_any_page(page: Page, address: str) -> None:
    """Directly after the start, a bookmark of a page shows it whole, with the list of pages."""
    page.goto(f"{address}/train")
    expect(page.get_by_role("heading", name="Train")).to_be_visible(timeout=20_000)
    settle(page)
    links = page.get_by_test_id("stSidebarNav").get_by_role("link")
    for name in ("Sort", "Train", "Review", "Library"):
        expect(links.get_by_text(name, exact=True)).to_be_visible()


@pytest.mark.parametrize("path", PAGES)
def test_hostile_names_do_nothing(page: Page, address: str, outside: list[str], path: str) -> None:
    """No element is made from a name, nothing runs, nothing is asked of another machine."""
    alarms: list[str] = []
    page.on("dialog", lambda dialog: (alarms.append(dialog.message), dialog.dismiss()))
    page.goto(f"{address}/{path}")
    settle(page)
    assert page.locator('img[src="x"]').count() == 0
    assert page.locator("strong", has_text="bold").count() == 0
    assert page.locator(".katex").count() == 0
    assert alarms == []
    assert outside == []


def test_hostile_names_are_shown_as_they_are(page: Page, address: str) -> None:
    """The folders' names can be read on the page of the library, and in the player."""
    page.goto(f"{address}/library")
    settle(page)
    shown = page.get_by_test_id("stMain").inner_text().replace("\u2060", "")
    assert HOSTILE in shown
    assert MARKUP in shown
    page.goto(address)
    expect(page.get_by_role("button", name=f"1 {MARKUP} 1")).to_be_visible(timeout=20_000)


def test_the_player_fills_the_page(page: Page, address: str) -> None:
    """From edge to edge beside the sidebar, with nothing to scroll."""
    page.goto(address)
    settle(page)
    player = page.locator('[data-part="player"]')
    expect(player).to_be_visible(timeout=20_000)
    page.wait_for_function(  # the sidebar slides in first
        """() => {
          const sidebar = document.querySelector('[data-testid="stSidebar"]').getBoundingClientRect();
          const player = [...document.querySelectorAll('*')]
            .map((element) => element.shadowRoot?.querySelector('[data-part="player"]')).find(Boolean)
            .getBoundingClientRect();
          return player.top === 0 && player.bottom === innerHeight
            && Math.abs(player.left - sidebar.right) < 1 && player.right === innerWidth;
        }"""
    )


def test_the_video_plays_with_ranges(page: Page, address: str, library: Path) -> None:
    """The file route serves it under its own name, whatever that is."""
    page.goto(address)
    settle(page)
    video = page.locator("video").first
    expect(video).to_be_attached(timeout=20_000)
    page.wait_for_function(
        "() => [...document.querySelectorAll('*')].flatMap(e => e.shadowRoot ? [...e.shadowRoot.querySelectorAll('video')] : [])"
        ".some(v => v.currentTime > 0 || v.readyState > 2)",
        timeout=20_000,
    )
    answer = page.request.get(
        f"{address}/videos/{quote(f'{HOSTILE}.mp4')}", headers={"Range": "bytes=0-3"}
    )
    assert answer.status == 206
    assert (library / f"{HOSTILE}.mp4").read_bytes().startswith(answer.body())


@pytest.mark.parametrize(
    ("path", "first"), [("", '[data-part="left"]'), ("bulk", '.st-key-view [role="radio"]')]
)
def test_on_a_phone_nothing_lies_under_the_sidebar_button(
    page: Page, address: str, path: str, first: str
) -> None:
    """What a page that fills the window begins with stands beside it."""
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{address}/{path}")
    expect(page.locator(first).first).to_be_visible(timeout=20_000)
    button = page.get_by_test_id("stExpandSidebarButton").bounding_box()
    text = page.locator(first).first.bounding_box()
    assert button is not None
    assert text is not None
    assert text["x"] >= button["x"] + button["width"]


def test_the_list_of_pages_stays_where_it_is(page: Page, address: str) -> None:
    """A click on it must not move it from under the pointer."""
    heights = set()
    for path in ("", "bulk", "train"):
        page.goto(f"{address}/{path}")
        settle(page)
        box = page.get_by_test_id("stSidebarNavLink").first.bounding_box()
        assert box is not None
        heights.add(box["y"])
    assert len(heights) == 1


def test_what_fills_the_page_fills_it_when_something_comes_above(page: Page, address: str) -> None:
    """No second scrollbar, and no strip below."""
    page.goto(address)
    settle(page)
    player = page.locator(".player")
    expect(player).to_be_visible(timeout=20_000)
    page.get_by_test_id("stMainBlockContainer").locator(
        '> [data-testid="stVerticalBlock"]'
    ).evaluate("block => block.insertAdjacentHTML('afterbegin', '<p style=\"height: 90px\"></p>')")
    page.wait_for_function(
        """() => {
            const hosts = document.querySelectorAll('[data-testid="stBidiComponentIsolated"]');
            const found = [...hosts].map((host) => host.shadowRoot?.querySelector('.player'));
            const box = found.find(Boolean).getBoundingClientRect();
            return box.top > 80 && Math.abs(box.bottom - innerHeight) < 1;
        }"""
    )
