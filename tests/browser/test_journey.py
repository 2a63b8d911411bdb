"""The whole way of a person, with a real Chromium: demo, analysis, sorting, retraining, review."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.serving import serve

pytestmark = pytest.mark.slow

DRAWING, LEARNING = (
    180_000,
    180_000,
)  # ms; far beyond what it takes, for a machine that does other things


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serve(tmp_path_factory.mktemp("person")) as address:
        yield address


def predictions(page: Page, address: str) -> dict[str, Any]:
    answer = page.request.get(f"{address}/api/videos").json()
    return {video["filename"]: video["top_predictions"] for video in answer["videos"]}


def open_page(page: Page, name: str) -> None:
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=name, exact=True).click()


def wait_until(page: Page, holds: Callable[[], bool]) -> None:
    """Let the page work until ``holds``; a key's move is sent while the next video plays."""
    until = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < until
        page.wait_for_timeout(100)


def learn(page: Page, button: str) -> None:
    """Press ``button`` on the Train page, see it work, and wait for its good end."""
    page.get_by_role("button", name=button).click()
    expect(page.get_by_text("Look at the videos").first).to_be_visible(timeout=LEARNING)
    expect(page.get_by_role("button", name="Cancel")).to_be_visible(timeout=LEARNING)
    expect(page.get_by_text("The last training ended well")).to_be_visible(timeout=LEARNING)


def test_from_the_demo_library_to_better_predictions(
    page: Page, address: str, tmp_path: Path
) -> None:
    """Choose the demo, analyse, sort ten with keys, undo, retrain: the predictions change."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.goto(address)
    page.get_by_role("button", name="Try the demo library").click()
    expect(page.get_by_role("button", name="Analyse now")).to_be_visible(timeout=DRAWING)
    learn(page, "Analyse now")

    open_page(page, "Sort")
    name, guesses = (
        page.locator('[data-part="filename"]'),
        page.locator('[data-part="guesses"] button'),
    )
    expect(guesses.first).to_be_visible(timeout=20_000)
    before = predictions(page, address)
    assert all(len(three) == 3 for three in before.values())
    seen = []
    for key in ["Enter", "1", "Enter", "2", "Enter", "3", "Enter", "4", "Enter", "5"]:
        seen.append(name.text_content())
        page.keyboard.press(key)
        expect(name).not_to_have_text(seen[-1] or "")
    assert len(set(seen)) == 10
    left = {video: guess for video, guess in before.items() if video not in seen}
    wait_until(page, lambda: predictions(page, address).keys() == left.keys())

    page.keyboard.press("u")
    wait_until(page, lambda: seen[-1] in predictions(page, address))
    page.keyboard.press("Enter")
    wait_until(page, lambda: seen[-1] not in predictions(page, address))

    open_page(page, "Train")
    expect(page.get_by_text("10 videos filed since the last training")).to_be_visible(
        timeout=20_000
    )
    learn(page, "Retrain now")
    after = predictions(page, address)
    assert after.keys() == left.keys()
    assert after != left

    page.get_by_role("tab", name="Earlier trainings (2)").click()
    open_page(page, "Review")
    expect(page.get_by_test_id("stMetric").get_by_text("Right folder")).to_be_visible(
        timeout=20_000
    )
    assert [
        url
        for url in asked
        if not url.startswith((address, address.replace("http", "ws"), "data:", "blob:"))
    ] == []
