"""Decoding and encoding many videos in worker processes with limits on time, memory and pixels.

A video file is hostile input: whatever one does to its worker (crash, hang, eat memory) becomes the
reason why that file failed, and the others go on in a new worker.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable, Mapping
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, TypeAlias

from sorter_core import encoders, spawning
from sorter_core.types import Vector

if TYPE_CHECKING:
    from sorter_core.encoders._base import Encoder
    from sorter_core.media import Limits

MEDIA = "media"
"""The name under which a failed decoding is told, beside the encoders' names."""
OUT_OF_TIME = 97
OUT_OF_MEMORY = 98
"""Exit codes by which a worker says why it ended itself; others mean a crash."""
LOAD_SECONDS = 300
"""What loading the encoders may take (converting a network, the first time) on top of the time."""
ATTEMPTS = 2
"""How often a file is tried when a whole pool broke, or a laptop slept: it may be no file's fault."""
TASKS_A_WORKER = 500
"""After so many a worker is replaced, so that a leak in a decoder is nobody's failure."""

MakeEncoder: TypeAlias = "Callable[[str, Path], Encoder]"


@dataclass(frozen=True, slots=True)
class Task:
    """One video to analyse: ``key`` comes back in the result, ``texts`` lie beside the video.

    ``mark``, when given, is the fingerprint that the file must have: hours may have passed since it
    was listed, and what another file shows must not be kept as this one's.
    """

    key: str
    path: Path
    encoders: tuple[str, ...]
    texts: Mapping[str, str] = field(default_factory=dict)
    mark: str | None = None


@dataclass(frozen=True, slots=True)
class Analysis:
    """What came of one task: a vector or a reason an encoder, and the texts that were read.

    The reason under ``media`` stands for every encoder of pictures or sound. Both mappings are
    empty when the file was moved away or replaced meanwhile: then nothing is known, and nothing is
    wrong.
    """

    key: str
    vectors: Mapping[str, Vector]
    reasons: Mapping[str, str]
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Setup:
    """What each worker is told at its start."""

    limits: Limits
    seconds: float
    memory_mb: int
    cache_dir: Path
    make: MakeEncoder


def analyse(
    tasks: Iterable[Task],
    *,
    limits: Limits,
    workers: int,
    seconds: float,
    memory_mb: int,
    cache_dir: Path,
    make: MakeEncoder = encoders.make,
) -> Generator[Analysis, None, None]:
    """Analyse ``tasks`` in ``workers`` processes (0: one a core); yield results as they complete.

    ``seconds`` and ``memory_mb`` (MiB) bound one file. Tasks are drawn as they are needed, a few
    ahead. Closing the generator ends the workers at once. ``make`` must be importable by name.

    Raises :class:`~sorter_core.errors.EncoderUnavailable` when a wanted encoder can't be loaded.
    """
    workers = workers or os.cpu_count() or 1
    crew = _Crew(workers, Setup(limits, seconds, memory_mb, cache_dir, make))
    try:
        for task in tasks:
            crew.submit(task)
            while crew.busy >= 2 * workers:
                yield crew.result()
        while crew.busy:
            yield crew.result()
    finally:
        crew.stop()


@dataclass(slots=True)
class _Order:
    """A task in flight."""

    task: Task
    attempt: int = 1


class _Crew:
    """A pool of workers that is replaced when it breaks, and the tasks in flight."""

    def __init__(self, workers: int, setup: Setup) -> None:
        self._workers = workers
        self._setup = setup
        self._orders: dict[Future[Analysis], _Order] = {}
        self._finished: SimpleQueue[Future[Analysis]] = SimpleQueue()
        self._pool = self._start()

    @property
    def busy(self) -> int:
        return len(self._orders)

    def submit(self, task: Task) -> None:
        self._send(_Order(task))

    def result(self) -> Analysis:
        """Wait for the next result, whatever it takes: a new try, a new pool."""
        while True:
            order, analysis = self._next()
            if analysis is not None:
                return analysis
            if order.attempt >= ATTEMPTS:
                return _failed(order.task, "the decoder crashed")
            order.attempt += 1
            self._send(order)

    def stop(self) -> None:
        self._pool.stop()
        self._pool.join()

    def _start(self) -> Any:
        from pebble import ProcessPool

        from sorter_core import _worker

        return ProcessPool(
            max_workers=self._workers,
            max_tasks=TASKS_A_WORKER,
            initializer=_worker.start,
            initargs=(self._setup,),
            context=spawning.context(),  # fork and threads do not go together
        )

    def _send(self, order: _Order) -> None:
        from sorter_core import _worker

        # the worker ends itself in time; the pool's own clock is for one that can't any more
        timeout = self._setup.seconds + LOAD_SECONDS
        if not self._pool.active:
            self._replace()
        future = self._pool.schedule(
            _worker.analyse, args=(order.task, self._setup), timeout=timeout
        )
        self._orders[future] = order
        future.add_done_callback(self._finished.put)

    def _next(self) -> tuple[_Order, Analysis | None]:
        """Give a finished order and its analysis; None when it must be tried again."""
        while True:
            try:
                future = self._finished.get(timeout=1)
            except Empty:
                if not self._pool.active:
                    self._replace()
                continue
            if (order := self._orders.pop(future, None)) is not None:  # else: of a former pool
                return order, self._outcome(future, order.task)

    def _outcome(self, future: Future[Analysis], task: Task) -> Analysis | None:
        from pebble import ProcessExpired

        try:
            return future.result()
        except ProcessExpired as expired:
            return _failed(task, self._why(expired.exitcode))
        except (BrokenProcessPool, TimeoutError):
            return None

    def _why(self, code: int) -> str:
        if code == OUT_OF_TIME:
            return f"took longer than {self._setup.seconds:g} s"
        if code == OUT_OF_MEMORY:
            return f"needed more than {self._setup.memory_mb} MiB of memory"
        return "the decoder crashed"

    def _replace(self) -> None:
        """Start anew after the pool broke; what was in flight is sent again."""
        orders = list(self._orders.values())
        self._orders.clear()
        self.stop()
        self._pool = self._start()
        for order in orders:
            self._send(order)


def _failed(task: Task, reason: str) -> Analysis:
    return Analysis(task.key, {}, {MEDIA: reason})
