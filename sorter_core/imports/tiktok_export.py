"""TikTok's "Download your data": ``user_data_tiktok.json``, alone, in its zip, or in a folder.

The lists are known by their own names (``FavoriteVideoList``, ``ItemFavoriteList``,
``FavoriteCollectionList``), wherever they stand: what is around them changed over the years
(``Likes and Favorites``, ``Your Activity``, ``Activity``). A list of another name that holds links
to videos is offered, too; entries are told by their shape, a date and a link.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from sorter_core.errors import InvalidInput
from sorter_core.extraction import links
from sorter_core.extraction.errors import ExtractionError
from sorter_core.imports import _zip
from sorter_core.imports._base import Found, Item, Report, Source
from sorter_core.imports._json import MAX_BYTES, Fields, Where, objects
from sorter_core.imports._tracking import Tracked

FAVORITES, LIKES = "Favorites", "Likes"
_LISTS = {"favoritevideolist": FAVORITES, "itemfavoritelist": LIKES}
_COLLECTIONS = "favoritecollectionlist"
_HISTORY = frozenset({"videolist", "sharehistorylist", "watchlivemap", "searchlist"})
"""Watched, shared, looked for, posted: nothing that the person put aside."""
_LINK = re.compile(
    r"https?://(?:[\w-]+\.)*tiktokv?\.com/(?:@[\w.-]*/)?(?:share/)?video/([0-9]{15,20})/?(?:[?#].*)?",
    re.ASCII,
)
_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)\D*")
_FILE = re.compile(r"user_data.*\.json", re.IGNORECASE)
_MOST_COLLECTIONS = 1000


class TikTokExport(Source):
    """Favourites and likes with their dates, and the names of collections; TikTok packs no videos."""

    name = "tiktok_export"
    title = "TikTok's data export (user_data_tiktok.json, or its zip)"
    turn = 0

    def recognises(self, path: Path) -> bool:
        """A JSON file, a zip archive, or a folder with such a file."""
        if path.is_dir():
            return _in_folder(path) is not None
        return path.suffix.lower() in {".json", ".zip"} and path.is_file()

    def read(self, path: Path, report: Report) -> Found:
        """Read ids, dates and names.

        Raises :class:`InvalidInput` when the file is no such export.
        """
        found = Found()
        reading = _Reading(found)
        with _opened(path) as (stream, size):
            for where, fields in objects(Tracked(stream, size, report), found.notes, path.name):
                reading.take(where, fields)
        if not reading.finish():
            why = " ".join(found.notes)
            raise InvalidInput(
                f"{path.name} holds no list of videos that TikTok's export would have. {why}".strip()
            )
        return found


class _Reading:
    """Puts the entries together: a video in two lists is one item."""

    def __init__(self, found: Found) -> None:
        self.found = found
        self.items: dict[str, Item] = {}
        self.counts: Counter[str] = Counter()
        self.known = False
        self.linkless = 0

    def take(self, where: Where, fields: Fields) -> None:
        """Take one object, if it is an entry of a list."""
        name = _letters(where[-1]) if where else ""
        if "favoritevideolist" in map(_letters, fields) or "itemfavoritelist" in map(
            _letters, fields
        ):
            self.known = True
        if name == _COLLECTIONS:
            self._collection(fields)
        elif name not in _HISTORY:
            self._entry(_LISTS.get(name), where, fields)

    def _collection(self, fields: Fields) -> None:
        self.known = True
        names = [v for k, v in fields.items() if isinstance(v, str) and not _DATE.fullmatch(v)]
        if names and len(self.found.folders) < _MOST_COLLECTIONS:
            self.found.folders.append(names[-1].strip())

    def _entry(self, known: str | None, where: Where, fields: Fields) -> None:
        texts = [value for value in fields.values() if isinstance(value, str)]
        video_id = next(filter(None, map(_id, texts)), None)
        if known is not None:
            self.known = True
        if video_id is None:
            self.linkless += known is not None
            return
        name = known or " / ".join(where[-2:]) or "Videos"
        self.counts[name] += 1
        saved = next(filter(None, map(_date, texts)), None)
        before = self.items.get(video_id)
        if before is None:
            self.items[video_id] = Item(video_id, lists=(name,), saved=saved)
        elif name not in before.lists:
            self.items[video_id] = Item(
                video_id, lists=(*before.lists, name), saved=before.saved or saved
            )

    def finish(self) -> bool:
        """Write it all into ``found``; False when there was nothing of an export."""
        found = self.found
        found.items = list(self.items.values())
        order = [FAVORITES, LIKES, *sorted(self.counts)]
        found.lists = {
            name: self.counts[name] for name in dict.fromkeys(order) if name in self.counts
        }
        found.wanted = tuple(name for name in (FAVORITES, LIKES) if name in self.counts)
        found.folders = list(dict.fromkeys(found.folders))
        if found.lists and not found.wanted:
            found.notes.append(
                "None of its lists has a name that is known (an export in another language?):"
                " choose which to take."
            )
        if self.linkless:
            found.notes.append(
                f"Entries without a link to a video (photo posts, or deleted by now): {self.linkless:,}."
            )
        return self.known or bool(self.items) or bool(found.folders)


def _letters(key: str) -> str:
    return "".join(filter(str.isalpha, key)).lower()


def _id(text: str) -> str | None:
    if found := _LINK.fullmatch(text):
        return found[1]
    if "tiktok" not in text:
        return None
    try:
        return links.parse(text).video_id
    except ExtractionError:
        return None


def _date(text: str) -> str | None:
    """TikTok's dates are UTC."""
    found = _DATE.fullmatch(text.strip())
    if not found:
        return None
    return f"{found[1]}T{found[2] if len(found[2]) > len('00:00') else found[2] + ':00'}Z"


@contextmanager
def _opened(path: Path) -> Iterator[tuple[IO[bytes], int]]:
    """The JSON document as a stream, and about how many bytes it will give."""
    file = _in_folder(path) if path.is_dir() else path
    if file is None:
        raise InvalidInput(f"{path.name} holds no user_data_tiktok.json.")
    try:
        if file.suffix.lower() == ".zip":
            with _zip.member(file, _in_zip(file)) as stream:
                yield stream, MAX_BYTES
        else:
            with file.open("rb") as stream:
                yield stream, file.stat().st_size
    except OSError as error:
        raise InvalidInput(f"{file.name} can't be read: {error.strerror}.") from error


def _in_folder(folder: Path) -> Path | None:
    """The export in an unpacked folder, or one level below."""
    try:
        for place in (folder, *(entry for entry in sorted(folder.iterdir()) if entry.is_dir())):
            for file in sorted(place.iterdir()):
                if _FILE.fullmatch(file.name) and file.is_file() and not file.is_symlink():
                    return file
    except OSError:
        return None
    return None


def _in_zip(path: Path) -> str:
    listed = _zip.names(path)
    documents = [name for name in listed if name.lower().endswith(".json")]
    for name in sorted(documents, key=lambda name: (not _is_export(name), name.count("/"), name)):
        return name
    if any(name.lower().endswith(".txt") for name in listed):
        raise InvalidInput(f"{path.name} holds texts: ask TikTok for the data again, as JSON.")
    raise InvalidInput(f"{path.name} holds no user_data_tiktok.json.")


def _is_export(name: str) -> bool:
    return _FILE.fullmatch(name.rpartition("/")[2]) is not None
