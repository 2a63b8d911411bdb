"""What the Sorter answers with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sorter_core.types import Folder


@dataclass(frozen=True, slots=True)
class Summary:
    """What a library holds, as the person sees it before anything is done."""

    data_dir: Path
    unsorted: int
    folders: list[Folder]


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What a batch of moves did (or, dry, would do); ``batch`` undoes it."""

    batch: int | None
    moved: list[tuple[str, str]]
    failed: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class News:
    """What has come since the last training."""

    unsorted: int
    labelled: int
    unanalysed: int
    labels_since_run: int
    again: int = 0
    """Of the unanalysed: what was looked at, and is to be read by a better model."""


def ignore(done: int, total: int) -> None:
    """Take no interest in progress."""
