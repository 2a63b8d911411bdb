"""Who is doing something, and whether that process still lives.

An owner is ``host:pid:start``; the start tells a reused process id from the real one.
"""

from __future__ import annotations

import os
import socket
import sys
from functools import cache

import psutil


def _start(process: psutil.Process) -> str:
    """When it began, in seconds, on a clock that nobody sets while it runs.

    Linux keeps the seconds since the computer came up, to which psutil adds the time of that; and
    that time moves with the system's clock (a laptop woken up, a clock corrected over the network).
    """
    seconds = process.create_time()
    if sys.platform == "linux":
        seconds -= psutil.boot_time()
    return f"{seconds:.2f}"


@cache
def _described(pid: int) -> str:
    return f"{socket.gethostname()}:{pid}:{_start(psutil.Process(pid))}"


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
        return process.status() != psutil.STATUS_ZOMBIE and _start(process) == start
    except psutil.NoSuchProcess:
        return False
