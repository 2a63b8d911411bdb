"""What is known of one video in words, as a person reads it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sorter_core import captions
from sorter_core.encoders._speech import Said
from sorter_core.encoders.speech import spoken
from sorter_core.errors import MediaError
from sorter_core.files import fingerprint
from sorter_core.library import Library


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of a video where it lies (``folder`` None: unsorted); what nobody knows is empty.

    ``hashtags`` are lower-case, without ``#``; ``sound`` is the track's name; ``transcript`` is what
    is said, with seconds of the file; ``screen`` are the lines that are written in the pictures.
    """

    filename: str
    folder: str | None
    caption: str | None = None
    author: str | None = None
    sound: str | None = None
    hashtags: tuple[str, ...] = ()
    transcript: tuple[Said, ...] = ()
    screen: tuple[str, ...] = ()


def of(library: Library, filename: str, folder: str | None = None) -> Words:
    """What is known of a video; of one that no scan has seen yet, what lies beside it.

    Raises :class:`~sorter_core.errors.InvalidName`, :class:`~sorter_core.errors.VideoNotFound`.
    """
    place, name = library.find(filename, folder)
    path = library.root / place / name
    texts = _kept(library, path) or captions.read(path)
    return Words(
        name,
        place or None,
        caption=texts.get("caption"),
        author=texts.get("author"),
        sound=texts.get("sound"),
        hashtags=tuple(texts.get("hashtags", "").split()),
        transcript=spoken(texts),
        screen=tuple(texts.get("screen", "").splitlines()),
    )


def _kept(library: Library, path: Path) -> dict[str, str]:
    """The stored texts, by kind, of what lies at ``path`` now: it may be newer than the last scan."""
    with suppress(OSError, MediaError):
        mark = fingerprint(path)
        with library.store.read() as db:
            rows = db.execute("SELECT kind, text FROM texts WHERE fingerprint = ?", (mark,))
            return dict(rows.fetchall())
    return {}
