"""Worker processes, so that a time limit really ends the work, whatever it hangs in.

Not pebble, as in decoding: these report progress, are started only as they are needed (a person who
asks for one link needs one), and their answers are read as JSON instead of being unpickled, so that
a worker that a hostile page took over can still only say things.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

from sorter_core import spawning
from sorter_core.extraction import _serving
from sorter_core.extraction.errors import BY_CODE, ExtractionFailed
from sorter_core.extraction.tiktok import Report, Setup

START_SECONDS = 60
"""What starting a worker may take, besides the time for its work."""
CALLS_A_WORKER = 500
"""After so many a worker is replaced, so that a leak is nobody's failure."""
TICK = 0.2
"""Seconds between two looks whether the work was cancelled."""

BUSY = "Too many extractions are running. Try again in a moment."
CRASHED = "The extraction crashed. Try again."
CLOSED = "The service is shutting down."


def ignore(_done: int, _total: int) -> None:
    """Take no interest in progress."""


def never() -> bool:
    """Cancel nothing."""
    return False


class Cancelled(Exception):
    """The caller did not want the answer any more; the worker is gone."""


class Workers:
    """At most ``count`` processes, kept warm; may be used from many threads."""

    def __init__(self, count: int, setup: Setup) -> None:
        self.count = count
        self._setup = setup
        self._free = threading.Semaphore(count)
        self._lock = threading.Lock()
        self._idle: list[_Worker] = []
        self._busy: set[_Worker] = set()
        self._closed = False

    def call(
        self,
        task: str,
        *arguments: str | None,
        seconds: float,
        patience: float,
        report: Report = ignore,
        cancelled: Callable[[], bool] = never,
    ) -> dict[str, Any]:
        """Do a method of :class:`~sorter_core.extraction.tiktok.TikTok` in a worker.

        Waits up to ``patience`` seconds for a free one; ``seconds`` bound the work. Raises an
        ``ExtractionError``, or :class:`Cancelled`.
        """
        if not self._free.acquire(timeout=max(0.0, patience)):
            raise ExtractionFailed(BUSY)
        try:
            worker = self._take()
            try:
                return worker.call([task, *arguments], seconds, report, cancelled)
            finally:
                self._put_back(worker)
        finally:
            self._free.release()

    def warm(self) -> None:
        """Start one worker ahead of the first call."""
        self._put_back(self._take())

    def processes(self) -> list[int]:
        """The ids of the processes that run."""
        with self._lock:
            return [worker.pid for worker in (*self._idle, *self._busy)]

    def close(self) -> None:
        """End all workers, also those at work."""
        with self._lock:
            self._closed = True
            workers = [*self._idle, *self._busy]
            self._idle.clear()
        for worker in workers:
            worker.end()

    def _take(self) -> _Worker:
        with self._lock:
            if self._closed:
                raise ExtractionFailed(CLOSED)
            dead = [worker for worker in self._idle if not worker.usable]
            self._idle = [worker for worker in self._idle if worker.usable]
            # the last used one: what is not needed any more is not kept busy by turns
            worker = self._idle.pop() if self._idle else _Worker(self._setup)
            self._busy.add(worker)
        for one in dead:  # the system was short of memory, say; that is no fault of this call
            one.end()
        try:
            worker.wait_ready()
        except BaseException:
            self._put_back(worker)
            raise
        return worker

    def _put_back(self, worker: _Worker) -> None:
        with self._lock:
            self._busy.discard(worker)
            keep = not self._closed and worker.usable
            if keep:
                self._idle.append(worker)
        if not keep:
            worker.end()


class _Worker:
    """One process and the pipe to it."""

    def __init__(self, setup: Setup) -> None:
        context = spawning.context()  # fork and threads do not go together
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serving.serve, args=(theirs, setup), daemon=True)
        self._process.start()
        theirs.close()
        self._calls = 0
        self._ready = False
        self._sound = True

    @property
    def pid(self) -> int:
        return self._process.pid or 0

    @property
    def usable(self) -> bool:
        return self._sound and self._calls < CALLS_A_WORKER and self._process.is_alive()

    def wait_ready(self) -> None:
        if not self._ready:
            self._sound = False
            _result(self._answer(time.monotonic() + START_SECONDS, ignore, never))
            self._sound = self._ready = True

    def call(
        self,
        request: list[str | None],
        seconds: float,
        report: Report,
        cancelled: Callable[[], bool],
    ) -> dict[str, Any]:
        """Send a request and wait for its answer; when there is none in time, the process ends."""
        self._calls += 1
        self._sound = False  # until the answer is whole
        try:
            self._pipe.send_bytes(json.dumps(request).encode())
        except OSError as error:
            raise ExtractionFailed(CRASHED, passing=True) from error
        answer = self._answer(time.monotonic() + seconds, report, cancelled)
        self._sound = True
        return _result(answer)

    def end(self) -> None:
        """Kill the process: a decoder, a lock or a socket may hold it against a polite word."""
        with suppress(OSError):
            self._process.kill()
        self._process.join(START_SECONDS)
        with suppress(OSError):
            self._pipe.close()

    def _answer(
        self, deadline: float, report: Report, cancelled: Callable[[], bool]
    ) -> dict[str, Any]:
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise ExtractionFailed("TikTok took too long. Try again later.", timed_out=True)
            if cancelled():
                raise Cancelled
            message = _received(self._pipe, min(left, TICK))
            if message is None:
                continue
            if (progress := message.get("progress")) is None:
                return message
            report(*progress)


def _received(pipe: Connection[bytes, bytes], seconds: float) -> dict[str, Any] | None:
    """The next message of a worker, None when there is none yet."""
    try:
        if not pipe.poll(seconds):
            return None
        message: dict[str, Any] = json.loads(pipe.recv_bytes())
    except (EOFError, OSError, ValueError) as error:
        raise ExtractionFailed(CRASHED, passing=True) from error
    return message


def _result(answer: dict[str, Any]) -> dict[str, Any]:
    """What a worker answered; raises the error that it described."""
    if (fault := answer.get("error")) is None:
        result: dict[str, Any] = answer["result"]
        return result
    kind = BY_CODE.get(fault["code"], ExtractionFailed)
    if issubclass(kind, ExtractionFailed):
        raise kind(fault["message"], passing=fault["passing"], **fault["details"])
    raise kind(fault["message"], **fault["details"])
