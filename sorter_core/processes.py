"""Who is doing something, and whether that process still lives.

An owner is ``host:pid:start``; the start tells a reused process id from the real one.
"""

from __future__ import annotations

import os
import socket
import sys
from functools import cache
from pathlib import Path

import psutil

_UNHEARD_SECONDS = 3600
"""Nobody can look at the processes of another machine. Nothing that waits for one takes so long; and it
may be this one under another name (a laptop in another network, a new container), waiting for itself."""


def _start(pid: int) -> str:
    """When a process began, in seconds, as the system wrote it down then. Raises psutil's errors.

    Not psutil's ``create_time()``: where it can, it corrects that by what the clock was set by since
    (a laptop woken up, a time server), so that a process would be somebody else afterwards. Linux
    counts from when the computer came up (proc_pid_stat(5), field 22); macOS and Windows keep the
    time of day, and never touch it again.
    """
    if sys.platform == "linux":
        return f"{_ticks(pid) / os.sysconf('SC_CLK_TCK'):.2f}"
    system = psutil.Process(pid)._proc  # noqa: SLF001 - the public one corrects, see above
    try:
        return f"{system.create_time(monotonic=True):.2f}"
    except TypeError:  # Windows, and psutil before 7.1: it does not correct
        return f"{system.create_time():.2f}"


def _ticks(pid: int) -> int:
    try:
        told = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError) as error:
        raise psutil.NoSuchProcess(pid) from error
    return int(told.rpartition(")")[2].split()[19])  # the name, in brackets, may hold anything


@cache
def _described(pid: int) -> str:
    return f"{socket.gethostname()}:{pid}:{_start(pid)}"


def me() -> str:
    """The owner string of this process.

    >>> alive(me())
    True
    """
    return _described(os.getpid())


def here(owner: str) -> bool:
    """Whether ``owner`` is of this machine, as far as its name tells.

    >>> here(me()), here("elsewhere:12:3.00")
    (True, False)
    """
    return owner.rsplit(":", 2)[0] == socket.gethostname()


def alive(owner: str | None) -> bool:
    """Whether ``owner`` may still be at work; a process of another machine counts as alive.

    >>> alive(None)
    False
    """
    if not owner:
        return False
    if not here(owner):
        return True
    _, pid, start = owner.rsplit(":", 2)
    try:
        status = psutil.Process(int(pid)).status()
        return status != psutil.STATUS_ZOMBIE and _start(int(pid)) == start
    except psutil.NoSuchProcess:
        return False


def gone(owner: str | None, quiet: float) -> bool:
    """Whether ``owner``, of whom nothing was heard for ``quiet`` seconds, is not at work any more.

    >>> gone(me(), 7200), gone("elsewhere:12:3.00", 7200), gone("elsewhere:12:3.00", 60)
    (False, True, False)
    """
    return not alive(owner) or (quiet > _UNHEARD_SECONDS and not here(str(owner)))
