"""Requests on a library of 100,000 files, against a plain ``glob`` + ``json`` server."""

from __future__ import annotations

import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench._rows import Row
from sorter_core import Settings, Sorter
from sorter_core.learning import after_publishing, publisher
from sorter_core.types import Guess, Prediction

FOLDERS = [f"Folder {n}" for n in range(8)]
UNSORTED_SHARE = 0.2


def grow(root: Path, files: int) -> None:
    """A library of ``files`` tiny files: a fifth unsorted, the rest in eight folders."""
    for folder in FOLDERS:
        (root / folder).mkdir(parents=True)
    for number in range(files):
        name = f"{7_000_000_000_000_000_000 + number * 977}.mp4"
        unsorted = number % 10 < 10 * UNSORTED_SHARE
        (root / name if unsorted else root / FOLDERS[number % 8] / name).write_bytes(
            str(number).encode()
        )


def predict(root: Path) -> None:
    """Three guesses for each unsorted video, as a retraining leaves them."""
    sorter = Sorter(Settings(_env_file=None, data_dir=root))
    sorter.scan()
    library = sorter.library
    with library.store.read() as db:
        marks = [row[0] for row in db.execute("SELECT fingerprint FROM files WHERE folder = ''")]
    guesses = tuple(Guess(folder, round(0.6 / (n + 1), 4)) for n, folder in enumerate(FOLDERS[:3]))
    with library.store.write() as db:
        publisher(None, [Prediction(mark, guesses) for mark in marks])(db)
    after_publishing(library)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(command: list[str], port: int, root: Path) -> Iterator[http.client.HTTPConnection]:
    """A server in a process of its own, and a connection to it that is kept open."""
    environment = {**os.environ, "DATA_DIR": str(root), "PORT": str(port), "LOG_LEVEL": "ERROR"}
    process = subprocess.Popen([sys.executable, *command], env=environment)
    try:
        for _ in range(400):
            try:
                socket.create_connection(("127.0.0.1", port), 0.1).close()
                break
            except OSError:
                time.sleep(0.05)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        yield connection
        connection.close()
    finally:
        process.terminate()
        process.wait()


def ask(
    connection: http.client.HTTPConnection, method: str, path: str, body: object = None
) -> bytes:
    """One request; raises when it is refused."""
    data = json.dumps(body) if body is not None else None
    connection.request(method, path, data, {"Content-Type": "application/json"} if data else {})
    response = connection.getresponse()
    answer = response.read()
    if response.status != http.client.OK:
        raise RuntimeError(f"{method} {path}: {response.status} {answer[:200]!r}")
    return answer


def median_ms(act: Callable[[], object], times: int, before: Callable[[], object] = int) -> float:
    """The median of ``times`` measurements, in milliseconds, after one that does not count.

    ``before`` is called ahead of each and is not measured.
    """
    act()
    taken = []
    for _ in range(times):
        before()
        started = time.perf_counter()
        act()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken) * 1000


def measure(command: list[str], port: int, root: Path, times: int) -> dict[str, float]:
    """Medians of the three requests, in milliseconds."""
    with served(command, port, root) as connection:
        names = [v["filename"] for v in json.loads(ask(connection, "GET", "/api/videos"))["videos"]]
        turns = iter(names[:: max(1, len(names) // (2 * times))])
        folders = iter(FOLDERS * times)

        def sort() -> None:
            ask(connection, "POST", "/api/sort", {"filename": next(turns), "folder": next(folders)})

        return {
            "sort": median_ms(sort, times),
            "folders": median_ms(lambda: ask(connection, "GET", "/api/folders"), times),
            "videos": median_ms(
                lambda: ask(connection, "GET", "/api/videos"), max(3, times // 10), before=sort
            ),
        }


def both(files: int, *, baseline: bool) -> tuple[dict[str, float], dict[str, float]]:
    """Our figures and the baseline's, on libraries of ``files`` files."""
    with tempfile.TemporaryDirectory(prefix="bench-") as place:
        root = Path(place) / "library"
        grow(root, files)
        predict(root)
        port = free_port()
        ours = measure(["api_server.py"], port, root, 100)
        port = free_port()
        plain = (
            measure(["-m", "bench._plain", str(root), str(port)], port, root, 10)
            if baseline
            else {}
        )
    return ours, plain


def run() -> list[Row]:
    """100,000 files against the baseline and against 10,000 files."""
    small, _ = both(10_000, baseline=False)
    large, plain = both(100_000, baseline=True)
    rows = [
        Row(
            f"POST /api/{what}" if what == "sort" else f"GET /api/{what}",
            large[what],
            "ms p50",
            "glob + json",
            plain[what],
            "at most 5 ms",
            large[what] <= 5,
        )
        for what in ("sort", "folders")
    ]
    share = large["videos"] / plain["videos"]
    rows.append(
        Row(
            "GET /api/videos after a sort",
            large["videos"],
            "ms p50",
            "glob + json",
            plain["videos"],
            "at most a tenth",
            share <= 0.1,
        )
    )
    rows += [
        Row(
            f"{what}: growth from 10,000 to 100,000 files",
            large[what],
            "ms p50",
            "10,000 files",
            small[what],
            "flat (at most 1.5 times, or 1 ms)",
            large[what] <= max(1.5 * small[what], small[what] + 1),
        )
        for what in ("sort", "folders")
    ]
    return rows
