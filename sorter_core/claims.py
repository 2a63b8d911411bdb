"""Who may move what: one process at a time moves a file, and only one aims at a name."""

from __future__ import annotations

import sqlite3
import stat
import time
from pathlib import Path, PurePosixPath

from sorter_core.entries import Entries, Plan
from sorter_core.errors import Busy, SorterError, TargetExists, UnknownFolder, VideoNotFound
from sorter_core.recovery import catch_up, recover
from sorter_core.types import Move

_PATIENCE = 5.0  # seconds to wait for another process that moves the same file


def claim(entries: Entries, plan: Plan) -> Move:
    """Write the plan down; while it stands, no other process moves this file or takes this name.

    Raises :class:`Busy` when another process does so for too long, or what
    :func:`check` raises once that one is through.
    """
    catch_up(entries)
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            return entries.insert(plan)
        except sqlite3.IntegrityError:
            if recover(entries):
                continue
            if time.monotonic() > deadline:
                raise _busy(plan) from None
            time.sleep(0.005)
            if plan.source and plan.target:
                check(entries.root, plan.source, plan.target)


def _busy(plan: Plan) -> Busy:
    name = name_of(plan.source or plan.target)
    if plan.kind.endswith("_folder"):
        return Busy(f"Another process is moving the folder {name!r}, or something in it.")
    return Busy(f"{name!r} is being moved by another process.")


def check(root: Path, source: str, target: str) -> None:
    """Raise what stands in the way of a move, without touching anything: a look at the disk."""
    try:
        mode = (root / source).lstat().st_mode
    except (FileNotFoundError, NotADirectoryError) as error:
        raise missing(root, source, target) from error
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise VideoNotFound(
            f"{name_of(source)!r} is no regular file: only the file itself can be moved."
        )
    folder = (root / target).parent
    if folder.is_symlink() or not folder.is_dir():
        raise UnknownFolder(f"There is no folder {folder.name!r} in the library.")


def missing(root: Path, source: str, target: str) -> SorterError:
    """The error for a file that is not there, or whose target's folder is not."""
    if not (root / target).parent.is_dir():
        return UnknownFolder(f"The folder of {target!r} is gone.")
    return VideoNotFound(
        f"{name_of(source)!r} is not there any more: it was moved or sorted already."
    )


def exists(target: str) -> TargetExists:
    """The error for a name that is taken."""
    folder = PurePosixPath(target).parent.name or "the unsorted videos"
    return TargetExists(
        f"There is a file {name_of(target)!r} in {folder!r} already; nothing was overwritten."
    )


def name_of(path: str) -> str:
    """The last part of a path.

    >>> name_of("Cats/1.mp4")
    '1.mp4'
    """
    return PurePosixPath(path).name
