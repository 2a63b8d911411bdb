"""A real Chromium, and small real videos for it to play."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, Playwright, sync_playwright

HERE = Path(__file__).parent
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
             "--disable-background-networking", "--disable-component-update"]  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this directory as ``browser``."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


def _launch(playwright: Playwright) -> Browser:
    """Chromium as named by ``CHROMIUM``, else the system's, else Playwright's own."""
    named = os.environ.get("CHROMIUM")
    system = [found for name in ("chromium", "chromium-browser") if (found := shutil.which(name))]
    reasons = []
    for path in [named] if named else [*system, None]:
        try:
            return playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        except Error as error:
            reasons.append(f"{path or 'playwright'}: {error.message.splitlines()[0]}")
    pytest.skip(f"no Chromium could be started ({'; '.join(reasons)}); see `make test`")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for the whole run (one a worker with pytest-xdist)."""
    with sync_playwright() as playwright:
        chromium = _launch(playwright)
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A clean browser profile, as large as a laptop's screen."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(5000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """An empty page; an uncaught error in its script fails the test."""
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert errors == []


def draw(
    seed: int, *, size: tuple[int, int] = (90, 160), seconds: float = 1.0, rate: int = 24
) -> bytes:
    """An upright H.264 video: a coloured sky with a ball that falls, different for each seed."""
    import av

    width, height = size
    rng = np.random.default_rng(seed)
    top, bottom, ball = rng.integers(20, 236, (3, 3))
    y, x = np.mgrid[0:height, 0:width]
    sky = top + (bottom - top) * (y / height)[..., None]
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=rate)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.time_base = Fraction(1, rate)
        for number in range(int(seconds * rate)):
            fall = height * number / (seconds * rate)
            inside = (x - width / 2) ** 2 + (y - fall) ** 2 < (width / 6) ** 2
            picture = np.where(inside[..., None], ball, sky).astype(np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return buffer.getvalue()


@pytest.fixture(scope="session")
def clips() -> list[bytes]:
    """Eight small videos."""
    return [draw(seed) for seed in range(8)]
