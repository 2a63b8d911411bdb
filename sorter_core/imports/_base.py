"""What a source tells: videos, and what is known of them. It only reads."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar

UPLOADED, SAVED = "uploaded", "saved"
"""Kinds of text beside those of :mod:`sorter_core.captions`: moments, UTC, ISO 8601."""
DATES = (UPLOADED, SAVED)
NOTHING: Mapping[str, str] = MappingProxyType({})
"""The texts of an item that has none; one for all, since there may be a million."""


def _no_texts() -> Mapping[str, str]:
    return NOTHING


Report = Callable[[int, int], None]
"""Called with (done, total) now and then; may raise to stop the reading."""


@dataclass(frozen=True, slots=True)
class Item:
    """One video: a file, or only its ``id`` (a string: it exceeds 2^53), or both.

    ``lists`` are the source's own (Favorites, Likes); ``folder`` is where it lay, if that is a
    name to sort by; ``texts`` are by kind; ``saved`` is when the person saved it.
    """

    id: str | None
    file: Path | None = None
    lists: tuple[str, ...] = ()
    folder: str | None = None
    texts: Mapping[str, str] = field(default_factory=_no_texts)
    saved: str | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What is not taken, and why."""

    path: str
    reason: str


@dataclass(slots=True)
class Found:
    """All that a source tells.

    ``lists`` counts the videos of each; ``wanted`` are those that a person means by "my videos".
    ``folders`` are names that may become folders; ``notes`` are sentences for the person.
    """

    items: list[Item] = field(default_factory=list)
    lists: dict[str, int] = field(default_factory=dict)
    wanted: tuple[str, ...] = ()
    folders: list[str] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class Source(ABC):
    """A place that people's videos come from."""

    name: ClassVar[str]
    title: ClassVar[str]
    """For persons: what to give."""
    turn: ClassVar[int]
    """Sources are asked in this order; the first that recognises a path takes it."""

    @abstractmethod
    def recognises(self, path: Path) -> bool:
        """Whether ``path`` is of this kind; a quick look."""

    @abstractmethod
    def read(self, path: Path, report: Report) -> Found:
        """Read what ``path`` tells; what is damaged is left out and said, never fatal.

        Raises :class:`~sorter_core.errors.InvalidInput` when nothing can be read at all.
        """
