"""Who is doing something, and whether that process still lives.

An owner is ``host:pid:start``; the start time tells a reused process id from the real one.
"""

from __future__ import annotations

import os
import socket
from functools import cache

import psutil


@cache
def _described(pid: int) -> str:
    return f"{socket.gethostname()}:{pid}:{psutil.Process(pid).create_time():.2f}"


def me() -> str:
    """The owner string of this process.

    >>> alive(me())
    True
    """
    return _described(os.getpid())


def alive(owner: str | None) -> bool:
    """Whether ``owner`` may still be at work; a process of another machine counts as alive.

    >>> alive(None)
    False
    """
    if not owner:
        return False
    host, pid, start = owner.rsplit(":", 2)
    if host != socket.gethostname():
        return True
    try:
        process = psutil.Process(int(pid))
        return process.status() != psutil.STATUS_ZOMBIE and f"{process.create_time():.2f}" == start
    except psutil.NoSuchProcess:
        return False
