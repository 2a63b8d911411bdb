"""The search page in a real Chromium: words, a move, and its undo."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import grow, look
from tests.serving import serve


@pytest.fixture
def library(tmp_path: Path, clips: list[bytes]) -> Path:
    """Two unsorted videos and two folders."""
    return grow(
        tmp_path / "own",
        {
            "1.mp4": clips[0],
            "1.info.json": '{"description": "Crème brûlée 日本料理"}',
            "2.mp4": clips[1],
            "Cats": {"3.mp4": clips[2]},
            "Dogs": {"4.mp4": clips[3]},
        },
    )


@pytest.fixture
def address(tmp_path: Path, library: Path) -> Iterator[str]:
    with serve(tmp_path / "home", DATA_DIR=str(library)) as address:
        # what the first analysis does
        from sorter_core import Settings, Sorter

        Sorter(Settings(_env_file=None, data_dir=library, state_dir=tmp_path / "state")).scan()
        yield address


def test_find_move_and_undo(page: Page, address: str, library: Path) -> None:
    """Typed words show pictures; a ticked one is moved with one click and brought back with another."""
    page.goto(f"{address}/search")
    field = page.get_by_role("textbox")
    expect(field).to_be_visible(timeout=20_000)
    field.fill("creme 料理")
    field.press("Enter")
    expect(page.get_by_text("1 video found")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("Crème brûlée 日本料理")).to_be_visible()
    picture = page.locator(".st-key-found img")
    expect(picture).to_have_count(1)
    page.wait_for_function(
        "() => document.querySelector('.st-key-found img').naturalWidth > 0", timeout=20_000
    )
    page.get_by_test_id("stCheckbox").click()
    page.get_by_role("button", name="Move 1 video").dblclick(
        timeout=10_000
    )  # the second does nothing
    expect(page.get_by_text("moved to “Cats”")).to_be_visible(timeout=10_000)
    assert "1.mp4" in look(library)["Cats"]
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("moved to “Cats”")).to_be_hidden(timeout=10_000)
    assert "1.mp4" not in look(library)["Cats"]
    page.get_by_role("button", name="Alike").click()
    page.get_by_role("button", name="Back to the search").click()
    expect(page.get_by_text("1 video found")).to_be_visible(timeout=20_000)
    expect(field).to_have_value("creme 料理")
