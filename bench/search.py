"""Search in 100,000 videos: words of any kind, more like this, and the memory they take.

Each caption has a dozen of 5,000 made-up words (their frequency falls as that of real ones does,
after Zipf), ``fyp`` in nine of ten, and Japanese in one of ten; one video in twenty has a transcript.
The baseline for words is what a program does without an index: ``LIKE`` over all texts.
"""

from __future__ import annotations

import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import psutil

from bench._rows import Row
from sorter_core import Settings, Sorter, encoders

VIDEOS = 100_000
WORDS = 5000
ROUNDS = 7
LIMIT_MS = 100
LIMIT_MB = 400
ENCODER = "frames"
_BLOCK = 2000


def run() -> list[Row]:
    """Make the library's store, ask, and give the table's lines."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        sorter = _library(Path(folder))
        words = _fill(sorter)
        started = time.perf_counter()
        from sorter_core import search

        search.refresh(sorter.library)
        indexing = time.perf_counter() - started
        rows = [Row("reading all into the index, once", indexing, "s", "", None, "", None)]
        queries = {
            "a rare word": words[4000],
            "a frequent word": words[3],
            "a word in nine of ten": "fyp",
            "three words": f"fyp {words[3]} {words[10]}",
            "one letter": "a",
            "Japanese, two letters": "料理",
            "a folder and a word": f"folder {words[50]}",
            "hostile": "\"*) OR NEAR( ' -- " + words[5],
        }
        rows += [_words(sorter, name, query) for name, query in queries.items()]
        return [*rows, *_alike(sorter)]


def _words(sorter: Sorter, name: str, query: str) -> Row:
    found = sorter.search(query).total
    each = _median(lambda: sorter.search(query))
    plain = _median(lambda: _like(sorter, query.split(maxsplit=1)[0]), rounds=1)
    title = f"{name}: {found:,} hits"
    return Row(title, each, "ms", "LIKE", plain, f"under {LIMIT_MS} ms", each < LIMIT_MS)


def _alike(sorter: Sorter) -> list[Row]:
    started = time.perf_counter()
    sorter.refresh_alike()  # at the end of the job, in its process
    made = time.perf_counter() - started
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as server:
        first, grown = server.submit(_in_a_server, sorter.settings).result()
    each = _median(lambda: sorter.search_alike("0.mp4"))
    dim = encoders.available()[ENCODER].dim
    return [
        Row(f"vectors of {dim} made comparable, once", made, "s", "", None, "", None),
        Row("more like this, the first time", first, "ms", "", None, "", None),
        Row("more like this", each, "ms", "", None, f"under {LIMIT_MS} ms", each < LIMIT_MS),
        Row("memory for it", grown, "MiB", "", None, f"under {LIMIT_MB}", grown < LIMIT_MB),
    ]


def _in_a_server(chosen: Settings) -> tuple[float, float]:
    """Milliseconds of the first question in a process of its own, and MiB that it grew by."""
    sorter = Sorter(chosen)
    sorter.summary()
    process = psutil.Process()
    before = process.memory_info().rss
    first = _median(lambda: sorter.search_alike("0.mp4"), rounds=1)
    return first, (process.memory_info().rss - before) / 2**20


def _median(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Milliseconds."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


def _like(sorter: Sorter, word: str) -> int:
    with sorter.library.store.read() as db:
        rows = db.execute(
            "SELECT count(*) FROM texts JOIN files USING (fingerprint) WHERE text LIKE ?",
            (f"%{word}%",),
        )
        return int(rows.fetchone()[0])


def _library(folder: Path) -> Sorter:
    """One real video to start from; the others are known to the store alone."""
    root = folder / "library"
    for number in range(8):
        (root / f"Folder {number}").mkdir(parents=True)
    (root / "0.mp4").write_bytes(b"0")
    sorter = Sorter(Settings(_env_file=None, data_dir=root, state_dir=folder))
    sorter.scan()
    return sorter


def _fill(sorter: Sorter) -> list[str]:
    random = np.random.default_rng(0)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    words = ["".join(random.choice(letters, 3 + i % 6)) + str(i % 10) for i in range(WORDS)]
    share = 1 / np.arange(1, WORDS + 1)
    share /= share.sum()
    kind = encoders.available()[ENCODER]
    with sorter.library.store.read() as db:
        first = db.execute("SELECT fingerprint FROM files").fetchone()[0]
    for start in range(0, VIDEOS, _BLOCK):
        numbers = range(start, start + _BLOCK)
        marks = [first if i == 0 else f"{i * 2654435761 % 2**32:032x}" for i in numbers]
        drawn = random.choice(WORDS, (_BLOCK, 12), p=share)
        vectors = random.normal(size=(_BLOCK, kind.dim)).astype("<f4")
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        texts = [
            (mark, "caption", " ".join([*(words[w] for w in row), *_more(i)]))
            for i, mark, row in zip(numbers, marks, drawn, strict=True)
        ]
        spoken = random.choice(WORDS, (_BLOCK // 20, 300), p=share)
        texts += [
            (mark, "speech", " ".join(words[w] for w in row))
            for mark, row in zip(marks[::20], spoken, strict=True)
        ]
        with sorter.library.store.write() as db:
            db.executemany("INSERT INTO texts VALUES (?, ?, ?)", texts)
            db.executemany(
                "INSERT OR IGNORE INTO files VALUES (?, ?, 1, 1, ?, NULL)",
                [
                    (f"Folder {i % 8}" if i % 5 else "", f"{i}.mp4", mark)
                    for i, mark in zip(numbers, marks, strict=True)
                ],
            )
            db.executemany(
                "INSERT INTO features VALUES (?, ?, ?, ?, NULL)",
                [
                    (mark, ENCODER, kind.version, row.tobytes())
                    for mark, row in zip(marks, vectors, strict=True)
                ],
            )
    return words


def _more(number: int) -> list[str]:
    return [
        *(["#fyp"] if number % 10 else []),
        *(["今日の料理はカレー"] if number % 10 == 3 else []),
    ]
