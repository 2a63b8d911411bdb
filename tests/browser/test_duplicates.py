"""The Duplicates page in a real Chromium: keep one, remove to the trash, "not duplicates"."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import draw
from tests.conftest import grow, look
from tests.serving import serve


@pytest.fixture
def library(tmp_path: Path, clips: list[bytes]) -> Path:
    """One video twice, another in two sizes, and one alone."""
    large, small = draw(11, seconds=3.0), draw(11, size=(72, 128), seconds=3.0)
    return grow(
        tmp_path / "own",
        {
            "1.mp4": clips[0],
            "2.mp4": large,
            "3.mp4": small,
            "4.mp4": clips[1],
            "Cats": {"5.mp4": clips[0]},
        },
    )


@pytest.fixture
def trash(tmp_path: Path) -> Path:
    """Where Linux has the trash of :func:`serve`'s home (the FreeDesktop.org trash specification)."""
    return tmp_path / "home" / "data" / "Trash" / "files"


@pytest.fixture
def address(tmp_path: Path, library: Path) -> Iterator[str]:
    with serve(tmp_path / "home", DATA_DIR=str(library)) as address:
        yield address


def test_exact_copies_go_to_the_trash(page: Page, address: str, library: Path, trash: Path) -> None:
    """The filed one stays without a question which; the other is in the system's trash."""
    page.goto(f"{address}/duplicates")
    page.get_by_role("button", name="Look again").click(timeout=20_000)
    expect(page.get_by_text("Exact copies · 2")).to_be_visible(timeout=20_000)
    page.get_by_role("button", name="Remove the exact copy").click()
    page.get_by_role("button", name="Remove them").click()
    expect(page.get_by_text("1 video went to the trash")).to_be_visible(timeout=20_000)
    assert "1.mp4" not in look(library)
    assert "5.mp4" in look(library)["Cats"]
    if sys.platform == "linux":  # elsewhere it is the person's own, which no test may look into
        assert [path.name for path in trash.iterdir()] == ["1.mp4"]
    expect(page.get_by_text("No duplicates were found.")).to_be_visible()


def test_near_duplicates_are_compared_and_what_is_none_stays_away(
    page: Page, address: str, library: Path, trash: Path
) -> None:
    """One click compares the pictures; "Not duplicates" is remembered over a reload."""
    page.goto(f"{address}/duplicates")
    page.get_by_role("button", name="Look again").click(timeout=20_000)
    page.get_by_role("button", name="Compare them now").click(timeout=20_000)
    near = page.get_by_text("Show and sound the same · 2")
    expect(near).to_be_visible(timeout=60_000)
    for name in ("2.mp4", "3.mp4"):
        expect(page.get_by_text(name, exact=True)).to_be_visible()
    page.get_by_role("button", name="Not duplicates").last.click()
    expect(near).to_be_hidden(timeout=20_000)
    page.reload()
    figure = page.get_by_test_id("stMetric").filter(has_text="Groups of near-duplicates")
    expect(figure.get_by_test_id("stMetricValue")).to_have_text("0", timeout=20_000)
    expect(page.get_by_text("Exact copies · 2")).to_be_visible()
    expect(near).to_be_hidden()
    assert {"1.mp4", "2.mp4", "3.mp4"} <= set(look(library))
    assert not trash.exists()
