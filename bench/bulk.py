"""The bulk page over 100,000 unsorted videos, against 100; and a batch of 500."""

from __future__ import annotations

import json
import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from playwright.sync_api import Browser, Page, sync_playwright

from bench._rows import Row
from bench.library import FOLDERS, ask, free_port, median_ms, served
from bench.player import ARGUMENTS
from sorter_core import Settings, Sorter
from sorter_core.learning import publisher
from sorter_core.types import Guess, Prediction

MANY, FEW = 100_000, 100
BATCH = 500
VISITS = 5
PAGES = ("Sort", "Search", "Train", "Review", "Duplicates", "Import", "Extract", "Library")


def grow(root: Path, videos: int) -> None:
    """``videos`` unsorted tiny files with a guess each, as sure as a good model's."""
    for folder in FOLDERS:
        (root / folder).mkdir(parents=True)
    for number in range(videos):
        (root / f"{7_000_000_000_000_000_000 + number * 977}.mp4").write_bytes(str(number).encode())
    sorter = Sorter(Settings(_env_file=None, data_dir=root))
    sorter.scan()
    with sorter.library.store.read() as db:
        marks = [row[0] for row in db.execute("SELECT fingerprint FROM files")]
    dice = random.Random(0)  # noqa: S311 - figures for a benchmark, no secret
    made = [
        Prediction(mark, (Guess(dice.choice(FOLDERS), round(dice.betavariate(5, 1), 4)),))
        for mark in marks
    ]
    with sorter.library.store.write() as db:
        publisher(None, made)(db)


@contextmanager
def app(root: Path) -> Iterator[int]:
    """The whole app over ``root``; gives its port."""
    port = free_port()
    command = ["-m", "streamlit", "run", "streamlit_app.py", "--server.port", str(port)]
    with served(command, port, root) as connection:
        ask(connection, "GET", "/api/config/status")
        yield port


def memory_mb() -> float:
    """Memory of the server and what it started, in MB; pages that they share count once.

    (PSS, ``/proc/PID/smaps``; where the system has none, what each has for itself alone.)
    """
    servers = [
        child
        for child in psutil.Process().children()
        if any("streamlit_app.py" in part for part in child.cmdline())
    ]
    family = [each for server in servers for each in (server, *server.children(recursive=True))]
    infos = [process.memory_full_info() for process in family]
    return sum(getattr(info, "pss", info.uss) for info in infos) / 1e6


def opened(page: Page) -> float:
    """Milliseconds from the click on the page's name to the first row of videos."""
    page.get_by_role("link", name="History").click()
    page.get_by_role("heading", name="History").wait_for()
    started = time.perf_counter()
    page.get_by_role("link", name="Bulk").click()
    page.locator(".grid .tile").nth(4).wait_for()
    return (time.perf_counter() - started) * 1000


def measure(browser: Browser, videos: int) -> dict[str, float]:
    """The page's opening, a batch with its undo, and what memory it all took."""
    with tempfile.TemporaryDirectory(prefix="bench-") as place:
        root = Path(place) / "library"
        grow(root, videos)
        with app(root) as port:
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.goto(f"http://127.0.0.1:{port}/bulk")
            page.locator(".grid .tile").nth(4).wait_for(timeout=60_000)
            visits = sorted(opened(page) for _ in range(VISITS))
            for name in PAGES:
                page.get_by_role("link", name=name, exact=True).click()
                page.wait_for_timeout(1500)
            page.close()
            memory = memory_mb()
        return {"open": visits[VISITS // 2], "memory": memory, **batch(root)}


def batch(root: Path) -> dict[str, float]:
    """Milliseconds of the API alone."""
    port = free_port()
    with served(["api_server.py"], port, root) as connection:
        names = json.loads(ask(connection, "GET", f"/api/bulk/videos?limit={BATCH}"))["videos"]
        items = [{"filename": v["filename"], "folder": FOLDERS[0]} for v in names]
        started = time.perf_counter()
        answer = json.loads(ask(connection, "POST", "/api/sort/bulk", {"items": items}))
        moved = time.perf_counter()
        ask(connection, "POST", "/api/undo", {"batch": answer["batch"]})
        back = time.perf_counter()
        return {
            "move": (moved - started) * 1000,
            "undo": (back - moved) * 1000,
            "slider": median_ms(lambda: ask(connection, "GET", "/api/bulk?threshold=0.9"), 20),
            "after": median_ms(
                lambda: ask(connection, "GET", "/api/bulk?threshold=0.9"),
                20,
                before=lambda: ask(connection, "POST", "/api/sort", items.pop()),
            ),
        }


def run() -> list[Row]:
    """100,000 unsorted videos, each figure beside that of 100."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=ARGUMENTS
        )
        few, many = measure(browser, FEW), measure(browser, MANY)
        browser.close()
    return [
        Row(
            f"bulk page of {MANY:,} videos opens",
            many["open"],
            "ms p50",
            f"{FEW} videos",
            few["open"],
            "under 1000 ms",
            many["open"] < 1000,
        ),
        Row(
            "server's memory after all pages",
            many["memory"],
            "MB",
            f"{FEW} videos",
            few["memory"],
            "under 400 MB",
            many["memory"] < 400,
        ),
        Row(
            f"moving {BATCH} of them",
            many["move"],
            "ms",
            f"all of {FEW}",
            few["move"],
            "1 ms each",
            many["move"] < BATCH,
        ),
        Row(f"undoing these {BATCH}", many["undo"], "ms", f"all of {FEW}", few["undo"], "", None),
        Row(
            "what a threshold takes",
            many["slider"],
            "ms p50",
            f"{FEW} videos",
            few["slider"],
            "under 20 ms",
            many["slider"] < 20,
        ),
        Row(
            "the same after a sort",
            many["after"],
            "ms p50",
            f"{FEW} videos",
            few["after"],
            "under 150 ms",
            many["after"] < 150,
        ),
    ]
