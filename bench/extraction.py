"""Extraction against a stand-in for TikTok (a process of its own, 50 ms of latency, 200 KB pages).

One link: ours (a worker process, the door that judges addresses, retries) against a bare call of
yt-dlp on the same page in a warm process: as its README shows it, and as lean as it can be called.
All run in turn; medians.
Many links: 200 threads ask at once for 200 videos. Run with ``python -m bench.extraction``.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from bench._rows import Row
from sorter_core.extraction.source import YtDlpSource
from sorter_core.settings import Settings

LATENCY = 0.05
ROUNDS = 40
LINKS = 200
BOUND = 5
FIRST = 7_000_000_000_000_000_000
OVERHEAD = 1.10
FLAT = 1.10


class _StandIn:
    """The running stand-in."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.where = self._line()

    def peak(self) -> int:
        """The most pages that were asked for at the same time."""
        if self._process.stdin is None:
            raise RuntimeError("it has no input")
        self._process.stdin.write("peak\n")
        self._process.stdin.flush()
        return int(self._line())

    def _line(self) -> Any:
        if self._process.stdout is None:
            raise RuntimeError("it has no output")
        return json.loads(self._process.stdout.readline())


def run() -> list[Row]:
    """Measure, and give the table's lines."""
    with tempfile.TemporaryDirectory() as folder, _standin(Path(folder)) as standin:
        source = _source(standin)
        try:
            return [*_one(source, standin), *_many(source, standin)]
        finally:
            source.close()


def _one(source: YtDlpSource, standin: _StandIn) -> list[Row]:
    ours, bare, lean = _medians(
        lambda number: source.video(_link(number)),
        _bare(standin),
        _bare(standin, process=False, allowed_extractors=["TikTok"]),
    )
    name, target = "one extraction, not cached", "at most 10 % more"
    return [
        Row(name, ours, "ms", "a bare yt-dlp call", bare, target, ours <= OVERHEAD * bare),
        Row(name, ours, "ms", "the leanest bare call", lean, target, ours <= OVERHEAD * lean),
    ]


def _many(source: YtDlpSource, standin: _StandIn) -> list[Row]:
    _ask_all(source, LINKS // 4)  # all workers are there, and have what they keep
    before = _memory(source)
    start = time.perf_counter()
    answered = _ask_all(source, LINKS)
    seconds = time.perf_counter() - start
    growth, peak = _memory(source) / before, standin.peak()
    name = f"{LINKS} extractions at once"
    return [
        Row(f"{name}: answered", answered, "", "", None, f"all {LINKS}", answered == LINKS),
        Row(f"{name}: in all", seconds, "s", "latency alone", LINKS * LATENCY / BOUND, "", None),
        Row(f"{name}: most at a time", peak, "", "the bound", BOUND, "the bound", peak <= BOUND),
        Row(f"{name}: memory", growth, "times", "before", 1, "at most 1.1", growth <= FLAT),
    ]


def _ask_all(source: YtDlpSource, links: int) -> int:
    """Ask for ``links`` videos, each from a thread of its own; how many came."""
    with ThreadPoolExecutor(links) as threads:
        numbers = range(FIRST, FIRST + links)
        found = threads.map(lambda number: source.video(_link(number)).video_id, numbers)
        return sum(one == str(number) for one, number in zip(found, numbers, strict=True))


def _medians(*works: Callable[[int], object]) -> list[float]:
    """Run all in turn; the median of each in milliseconds. The first rounds warm up."""
    times: list[list[float]] = [[] for _ in works]
    for number in range(FIRST, FIRST + ROUNDS + 3):
        for work, kept in zip(works, times, strict=True):
            start = time.perf_counter()
            work(number)
            kept.append(time.perf_counter() - start)
    return [1000 * statistics.median(kept[3:]) for kept in times]


def _bare(standin: _StandIn, *, process: bool = True, **options: object) -> Callable[[int], object]:
    """What a short script does; ``process=False`` leaves the choice of formats out, as we do."""
    from yt_dlp import YoutubeDL

    options |= {"quiet": True, "proxy": standin.where["proxy"], "compat_opts": ["no-certifi"]}

    def work(number: int) -> object:
        with YoutubeDL(dict(options)) as yt:
            return yt.extract_info(_link(number), download=False, process=process)

    return work


def _link(number: int) -> str:
    return f"https://www.tiktok.com/@cat.lover/video/{number}"


def _memory(source: YtDlpSource) -> int:
    """Bytes of all workers and of this process."""
    pids = [os.getpid(), *source.workers.processes()]
    return sum(psutil.Process(pid).memory_info().rss for pid in pids)


def _source(standin: _StandIn) -> YtDlpSource:
    settings = Settings(
        _env_file=None,
        proxy_url=standin.where["proxy"],
        max_concurrent_extractions=BOUND,
        extraction_timeout=120,
    )
    return YtDlpSource(settings, ca_file=Path(standin.where["ca_file"]))


@contextmanager
def _standin(folder: Path) -> Iterator[_StandIn]:
    command = [sys.executable, "-m", "tests.extraction.standin", str(folder), str(LATENCY)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            standin = _StandIn(process)
            for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
                os.environ[name] = standin.where["ca_file"]  # for the bare call
            yield standin
        finally:
            process.kill()


if __name__ == "__main__":
    for row in run():
        print(*row, sep=" | ")
