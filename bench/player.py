"""From a key press to the next video's first frame, in real Chromium on the demo library."""

from __future__ import annotations

import json
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from bench._rows import Row
from bench.library import ask, free_port, served
from sorter_core import demo

PRESSES = 15
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# What a page without preloading does: give a player its address when the key is pressed.
COLD = """names => (async () => {
  const taken = [];
  for (const name of names) {
    const video = document.createElement('video');
    video.muted = true;
    document.body.append(video);
    const started = performance.now();
    video.src = `/videos/${encodeURIComponent(name)}`;
    video.play();
    await new Promise(shown => video.requestVideoFrameCallback(shown));
    taken.push(performance.now() - started);
    video.remove();
  }
  return taken;
})()"""


def press(page: Page) -> None:
    """Sort one video after another, as fast as a person who looks at each for half a second."""
    for number in range(PRESSES):
        page.wait_for_timeout(500)
        page.keyboard.press(str(1 + number % 5))
    page.wait_for_timeout(1000)


def measured(page: Page) -> list[float]:
    """Milliseconds that the player took from each press to the first frame."""
    entries: Any = page.evaluate(
        "performance.getEntriesByName('sort-to-frame').map(entry => entry.duration)"
    )
    return [float(entry) for entry in entries]


def run() -> list[Row]:
    """The median over fifteen presses, against loading at the press."""
    with tempfile.TemporaryDirectory(prefix="bench-") as place, sync_playwright() as playwright:
        root = Path(place) / "demo"
        demo.write(root)
        port = free_port()
        with served(["api_server.py"], port, root) as connection:
            listed = json.loads(ask(connection, "GET", "/api/videos"))["videos"]
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=ARGUMENTS
            )
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.goto(f"http://127.0.0.1:{port}/", wait_until="load")
            time.sleep(2)
            cold = page.evaluate(COLD, [video["filename"] for video in listed[-5:]])
            press(page)
            warm = measured(page)
            browser.close()
    if len(warm) < PRESSES:
        raise RuntimeError(f"{PRESSES} presses gave {len(warm)} measurements")
    ours = statistics.median(warm)
    return [
        Row(
            "key press to the next video's first frame",
            ours,
            "ms p50",
            "loading at the press",
            statistics.median(cold),
            "under 100 ms",
            ours < 100,
        )
    ]
