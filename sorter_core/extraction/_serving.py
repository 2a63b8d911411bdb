"""What runs in a worker process of :mod:`sorter_core.extraction.workers`."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import threading
import time
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from typing import Any

from sorter_core.extraction.errors import ExtractionError, ExtractionFailed
from sorter_core.extraction.tiktok import Setup, TikTok

MEMORY = 2 << 30
"""Bytes on top of what an idle worker has: no page or picture needs more."""
REPORT_SECONDS = 0.2


def serve(pipe: Connection[bytes, bytes], setup: Setup) -> None:
    """Answer requests until the parent hangs up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to judge
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with suppress(EOFError, OSError):
        try:
            tiktok = TikTok(setup)
        except (ImportError, OSError) as error:
            _send(pipe, _told(_unable(error)))
            return
        _limit_memory()
        _send(pipe, {"result": {}})
        while True:
            request = json.loads(pipe.recv_bytes())
            _send(pipe, _answer(tiktok, request, pipe))


def _answer(tiktok: TikTok, request: list[Any], pipe: Connection[bytes, bytes]) -> dict[str, Any]:
    task, *arguments = request
    if task == "download":
        arguments.append(_reporter(pipe))
    try:
        return {"result": getattr(tiktok, task)(*arguments)}
    except ExtractionError as error:
        return _told(error)


def _told(error: ExtractionError) -> dict[str, Any]:
    passing = isinstance(error, ExtractionFailed) and error.passing
    told = {"code": error.code, "message": str(error), "details": error.details}
    return {"error": {**told, "passing": passing}}


def _unable(error: Exception) -> ExtractionFailed:
    """Why no worker can be had on this machine."""
    if isinstance(error, ImportError):
        return ExtractionFailed(f"{error.name} is missing. Run: pip install -r requirements.txt")
    return ExtractionFailed("SSL_CERT_FILE names no file of certificates that can be read.")


def _reporter(pipe: Connection[bytes, bytes]) -> Any:
    """Send progress on, at most five times a second."""
    sent = 0.0

    def report(done: int, total: int) -> None:
        nonlocal sent
        if time.monotonic() - sent > REPORT_SECONDS or done == total:
            sent = time.monotonic()
            _send(pipe, {"progress": [done, total]})

    return report


def _send(pipe: Connection[bytes, bytes], message: dict[str, Any]) -> None:
    # half a surrogate pair, which JSON can hold and no answer can carry, becomes a question mark
    pipe.send_bytes(json.dumps(message, ensure_ascii=False).encode(errors="replace"))


def _end_with_parent() -> None:
    """End this process when the parent dies, also by SIGKILL, also in the middle of the work."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(0)


def _limit_memory() -> None:
    """Refuse what a compressed or endless answer would eat (where systems can)."""
    import psutil

    try:
        import resource
    except ImportError:  # Windows
        return
    space = psutil.Process().memory_info().vms + MEMORY
    with suppress(ValueError, OSError):  # macOS reserves more than it admits
        resource.setrlimit(resource.RLIMIT_AS, (space, space))
