"""Looking through somebody else's folder: links are not followed, nothing is opened."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from sorter_core.files import is_video, readable
from sorter_core.imports._base import LeftOut

MAX_DEPTH = 12
EACH = 250
MAX_FILES = 1_000_000


def videos(root: Path, left_out: list[LeftOut], tick: Callable[[], object]) -> Iterator[Path]:
    """The video files below ``root``, by name; what looks like one and can't be taken goes to ``left_out``.

    ``tick`` is called every few hundred files and folders, videos or not; it may raise to stop.
    """
    count = 0
    for seen, entry in enumerate(_entries(root, left_out, 0), start=1):
        if seen % EACH == 0:
            tick()
        if not is_video(entry.name) or entry.is_dir(follow_symlinks=False):
            continue
        if reason := _unfit(entry):
            left_out.append(LeftOut(_shown(entry.path), reason))
            continue
        count += 1
        if count > MAX_FILES:
            left_out.append(LeftOut(str(root), f"it holds more than {MAX_FILES:,} videos"))
            return
        yield Path(entry.path)


def _entries(folder: Path, left_out: list[LeftOut], depth: int) -> Iterator[os.DirEntry[str]]:
    """Files first, then what the folders hold; hidden ones are nobody's videos."""
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        left_out.append(LeftOut(_shown(str(folder)), f"it can't be read ({error.strerror})"))
        return
    folders = []
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            folders.append(entry)
        else:
            yield entry
    for entry in folders:
        yield entry
        if entry.name.startswith("."):
            continue
        if depth == MAX_DEPTH:
            left_out.append(LeftOut(_shown(entry.path), "it lies too deep in other folders"))
            continue
        yield from _entries(Path(entry.path), left_out, depth + 1)


def _unfit(entry: os.DirEntry[str]) -> str | None:
    if not readable(entry.name):
        return "its name is no valid Unicode"
    if entry.is_symlink():
        return "it is a link: import the folder where the file itself lies"
    if not entry.is_file(follow_symlinks=False):
        return "it is no regular file"
    return None


def _shown(path: str) -> str:
    return path.encode("utf-8", "replace").decode()
