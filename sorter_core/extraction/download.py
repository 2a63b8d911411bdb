"""From a link to a video in the library: ``<id>.mp4`` with its ``<id>.info.json``.

Both grow in a hidden folder of the library and take their names only when they are whole; nothing
is overwritten, ever.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from sorter_core import files
from sorter_core.captions import SIDECAR
from sorter_core.extraction import links
from sorter_core.extraction.info import VideoInfo
from sorter_core.extraction.tiktok import Report


class Fetcher(Protocol):
    """What a download asks for; see :class:`~sorter_core.extraction.source.YtDlpSource`."""

    def video(self, url: str) -> VideoInfo:
        """The metadata of a video."""

    def download(
        self, url: str, target: Path, report: Report, cancelled: Callable[[], bool]
    ) -> tuple[str, dict[str, Any]]:
        """Write the video to ``target``; returns its id and sidecar."""


@dataclass(frozen=True, slots=True)
class Downloaded:
    """The video's name in the library; ``known``: it was there already, sorted or not."""

    filename: str
    known: bool


def download(
    url: str,
    root: Path,
    scratch: Path,
    source: Fetcher,
    *,
    report: Report,
    cancelled: Callable[[], bool],
) -> Downloaded:
    """Put the video that ``url`` leads to into the library's inbox.

    ``scratch`` is a hidden folder on the library's disk; it is made and taken away. Raises an
    ``ExtractionError``, a :class:`~sorter_core.errors.StorageError`, or ``Cancelled``.
    """
    number = links.parse(url).video_id or source.video(url).video_id
    name = f"{number}.mp4"
    if _lies_in(root, name):
        return Downloaded(name, known=True)
    _clear(scratch)
    try:
        scratch.mkdir()
        _, sidecar = source.download(url, scratch / name, report, cancelled)
        return Downloaded(name, known=not _place(scratch / name, root, sidecar))
    except OSError as error:
        raise files.translated(error, root / name) from error
    finally:
        _clear(scratch)


def _lies_in(root: Path, name: str) -> bool:
    """Whether the library holds a video of this name, sorted or not."""
    with os.scandir(root) as entries:
        folders = [
            Path(entry)
            for entry in entries
            if entry.is_dir(follow_symlinks=False) and not entry.name.startswith(".")
        ]
    return any(os.path.lexists(folder / name) for folder in (root, *folders))


def _place(video: Path, root: Path, sidecar: dict[str, Any]) -> bool:
    """Give the video and its sidecar their names; False when another came first.

    The sidecar goes first, so that whoever sees the video finds what is known of it.
    """
    beside = video.with_name(video.stem + SIDECAR)
    beside.write_text(json.dumps(sidecar, ensure_ascii=False), encoding="utf-8")
    placed = root / beside.name
    try:
        files.rename_exclusive(beside, placed)
    except FileExistsError:  # the person's own; it is as good
        placed = beside
    try:
        files.rename_exclusive(video, root / video.name)
    except BaseException as error:
        placed.unlink()
        if isinstance(error, FileExistsError):
            return False
        raise
    return True


def _clear(scratch: Path) -> None:
    with suppress(OSError):  # what can't be taken away now is at the next download
        shutil.rmtree(scratch)
