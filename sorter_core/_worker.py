"""What runs in a worker process of :mod:`sorter_core.decoding`."""

from __future__ import annotations

import contextlib
import functools
import multiprocessing
import os
import signal
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

from sorter_core import _stills, media
from sorter_core.decoding import MEDIA, OUT_OF_MEMORY, OUT_OF_TIME, Analysis
from sorter_core.encoders import Reader
from sorter_core.errors import CannotEncode, MediaError
from sorter_core.files import fingerprint
from sorter_core.types import Clip, Vector

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from sorter_core.decoding import MakeEncoder, Setup, Task
    from sorter_core.encoders._base import Encoder
    from sorter_core.media import Limits

MIB = 1 << 20
LIBRARIES = 1 << 30
"""Bytes of address space on top of the limit: what libraries reserve and never touch."""
TICK = 0.05
"""Seconds between two looks of the watchdog."""


class _Watchdog:
    """Ends this process when a file takes too much, or when nobody waits for it any more.

    Its thread runs while the decoder works, since FFmpeg and onnxruntime release Python's lock.
    """

    def __init__(self) -> None:
        self._deadline: float | None = None  # None: between two files, when ending loses a result

    @contextmanager
    def limit(self, seconds: float) -> Iterator[None]:
        """Bound what is done inside to ``seconds`` and to the memory given to :meth:`start`."""
        self._deadline = time.monotonic() + seconds
        try:
            yield
        finally:
            self._deadline = None

    def start(self, memory: int) -> None:
        threading.Thread(target=self._watch, args=(memory,), daemon=True).start()

    def _watch(self, memory: int) -> None:
        import psutil

        this = psutil.Process()
        parent = multiprocessing.parent_process()
        # the sentinel becomes ready when the parent dies, also by SIGKILL
        while parent and not wait([parent.sentinel], timeout=TICK):
            deadline = self._deadline
            if deadline is None:
                continue
            if time.monotonic() > deadline:
                os._exit(OUT_OF_TIME)
            if this.memory_info().rss > memory:
                os._exit(OUT_OF_MEMORY)
        os._exit(0)


_watchdog = _Watchdog()


def start(setup: Setup) -> None:
    """Prepare this process: one thread for each library, the limits, the watchdog."""
    import threadpoolctl

    for name in ("SORTER_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = "1"  # each core has a worker of its own
    threadpoolctl.threadpool_limits(1)  # for what was loaded before this line
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # ends at once, also inside a decoder
    _limit_address_space(setup.memory_mb * MIB)
    _watchdog.start(setup.memory_mb * MIB)


def _limit_address_space(memory: int) -> None:
    """Refuse a single huge allocation, which is too quick for the watchdog (where systems can)."""
    import psutil

    try:
        import resource
    except ImportError:  # Windows: the watchdog alone
        return
    space = psutil.Process().memory_info().vms + memory + LIBRARIES
    with contextlib.suppress(ValueError, OSError):  # macOS reserves more than it admits
        resource.setrlimit(resource.RLIMIT_AS, (space, space))


def analyse(task: Task, setup: Setup) -> Analysis:
    """Decode the video once and run its encoders; the limits hold for this, not for loading."""
    wanted = [_encoder(name, setup.make, setup.cache_dir) for name in task.encoders]
    with _watchdog.limit(setup.seconds):
        try:
            return _analyse(task, wanted, setup.limits)
        except MemoryError:
            os._exit(OUT_OF_MEMORY)  # what this process has left is not worth a second file


def draw(video: Path, picture: Path, setup: Setup) -> str | None:
    """Write a small picture of ``video`` to ``picture``; gives the reason when there can be none.

    Raises :class:`~sorter_core.errors.StorageError` when the disk does not take it.
    """
    with _watchdog.limit(setup.seconds):
        try:
            _stills.write(video, picture, setup.limits)
        except MediaError as error:
            return str(error)
        except MemoryError:
            os._exit(OUT_OF_MEMORY)
    return None


@functools.cache
def _encoder(name: str, make: MakeEncoder, cache_dir: Path) -> Encoder:
    encoder = make(name, cache_dir)
    encoder.load()
    return encoder


def _analyse(task: Task, wanted: Sequence[Encoder], limits: Limits) -> Analysis:
    clip = Clip((), (), None, 0.0, 0, 0)
    reasons = {}
    reads = {encoder.reads for encoder in wanted}
    if reads - {"texts"}:
        try:
            clip = media.decode(task.path, _needed(limits, reads))
        except MediaError as error:
            reasons[MEDIA] = str(error)
            wanted = [encoder for encoder in wanted if encoder.reads == "texts"]
        if not _still_there(task):
            return Analysis(task.key, {}, {})
    clip = replace(clip, texts=task.texts)
    vectors: dict[str, Vector] = {}
    read: dict[str, str] = {}
    for encoder in wanted:
        try:
            vectors[encoder.name] = _encode(encoder, clip, read)
        except CannotEncode as error:
            reasons[encoder.name] = str(error)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - one encoder's fault with one file costs that alone
            reasons[encoder.name] = f"the encoder failed: {type(error).__name__}: {error}"
    return Analysis(task.key, vectors, reasons, read)


def _still_there(task: Task) -> bool:
    """Whether what was decoded is what was to be: a person may have sorted or replaced it just now."""
    if task.mark is None:
        return os.path.lexists(task.path)
    try:
        return fingerprint(task.path) == task.mark
    except FileNotFoundError:
        return False
    except (OSError, MediaError):  # it can't be read, which is said as such
        return os.path.lexists(task.path)


def _encode(encoder: Encoder, clip: Clip, read: dict[str, str]) -> Vector:
    """The clip's vector; the words that the encoder finds in it are put into ``read``."""
    if not isinstance(encoder, Reader):
        return encoder.encode(clip)
    found = encoder.read(clip)
    read.update(found)
    return encoder.embed(found[encoder.name])


def _needed(limits: Limits, reads: Collection[str]) -> Limits:
    """Decode no sound, or one picture only, where no encoder reads more."""
    if "audio" not in reads:
        return replace(limits, audio_seconds=0)
    return limits if "frames" in reads else replace(limits, frames=1)
