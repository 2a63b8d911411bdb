"""What a myfaveTT archive knows: ``data/.appdata/facts.json``, or the older ``db_*.js`` files.

Schema 7: ``videos{id: {authorId, createTime, audioId, …}}``, ``videoDescriptions{id: text}``,
``authors{id: {uniqueIds[], nicknames[]}}``, ``bookmarked.officialList[]``. The ``db_*.js`` hold the
same, each as ``window.<name>="base64(gzip(JSON))"``; how much they unpack to is bounded.
"""

from __future__ import annotations

import binascii
import gzip
import re
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from sorter_core.captions import hashtags
from sorter_core.imports._base import UPLOADED, Report
from sorter_core.imports._ids import moment
from sorter_core.imports._json import Fields, Stream, Where, objects
from sorter_core.imports._tracking import Tracked

APPDATA, FACTS = ".appdata", "facts.json"
SCHEMA = 7
MAX_SCRIPT = 128 << 20
_ID = re.compile(r"[0-9]{15,20}", re.ASCII)
_HEAD = re.compile(rb"""^\s*(?:window\.)?[\w.$]+\s*=\s*(String\.raw)?["'`]""")
_SCRIPTS = {
    "db_videos.js": "videos",
    "db_texts.js": "videoDescriptions",
    "db_authors.js": "authors",
    "db_bookmarked.js": "bookmarked",
    "db_likes.js": "likes",
}
_LISTS = {"bookmarked": "Favorites", "likes": "Likes"}
_PARENTS = 4


@dataclass(slots=True)
class Facts:
    """What is known of videos, by id; ids are strings."""

    videos: dict[str, tuple[str, str, Any]] = field(default_factory=dict)
    """(author's id, sound's id, upload time in seconds)"""
    captions: dict[str, str] = field(default_factory=dict)
    authors: dict[str, str] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)
    _members: dict[str, set[str]] = field(default_factory=dict)

    def texts(self, video_id: str | None) -> dict[str, str]:
        """The texts of a video, by kind."""
        if video_id is None:
            return {}
        author, sound, created = self.videos.get(video_id, ("", "", None))
        caption = self.captions.get(video_id, "").strip()
        found = {
            "caption": caption,
            "author": self.authors.get(author, ""),
            "sound": sound,
            "hashtags": " ".join(hashtags(caption)),
            UPLOADED: moment(created) or "",
        }
        return {kind: text for kind, text in found.items() if text}

    def lists_of(self, video_id: str | None) -> list[str]:
        """The lists that a video is in."""
        if len(self._members) != len(self.lists):
            self._members = {name: set(ids) for name, ids in self.lists.items()}
        return [name for name, ids in self._members.items() if video_id in ids]

    def take(self, section: str, where: Where, fields: Fields) -> None:
        """Take one object out of a section; what has another shape is left out."""
        if section == "videos" and len(where) == 1:
            self.videos[where[0]] = (
                _text(fields.get("authorId")),
                _text(fields.get("audioId")),
                _number(fields.get("createTime")),
            )
        elif section == "videoDescriptions" and not where:
            self.captions.update((k, v) for k, v in fields.items() if isinstance(v, str))
        elif section == "authors" and len(where) == 1:
            self.authors[where[0]] = _first(fields.get("uniqueIds")) or _first(
                fields.get("nicknames")
            )
        elif section in _LISTS and isinstance(ids := fields.get("officialList"), list):
            known = [text for text in map(_text, ids) if _ID.fullmatch(text)]
            self.lists[_LISTS[section]] = list(dict.fromkeys(known))


def data_folder(path: Path) -> Path | None:
    """The archive's ``data`` that ``path`` is, holds, or lies in."""
    for place in (path, path / "data", *list(path.parents)[:_PARENTS]):
        if documents(place):
            return place
    return None


def documents(data: Path) -> list[Path]:
    """``facts.json``, or else the ``db_*.js``, of an archive; none when it is none."""
    folder = data / APPDATA
    try:
        if (folder / FACTS).is_file():
            return [folder / FACTS]
        return [folder / name for name in _SCRIPTS if (folder / name).is_file()]
    except OSError:
        return []


def read_facts(data: Path, notes: list[str], report: Report) -> Facts:
    """Read all that the archive knows; ``notes`` tells what was damaged."""
    facts = Facts()
    for path in documents(data):
        try:
            with path.open("rb") as file:
                tracked = Tracked(file, path.stat().st_size, report)
                if path.name == FACTS:
                    for where, fields in objects(tracked, notes, path.name):
                        if where:
                            facts.take(where[0], where[1:], fields)
                        elif (form := fields.get("schemaVersion")) not in (None, SCHEMA):
                            notes.append(
                                f"{FACTS} has form {form}, this program knows {SCHEMA}: some may be missing."
                            )
                else:
                    _read_script(path.name, tracked, facts, notes)
        except (OSError, EOFError, zlib.error, binascii.Error) as error:
            notes.append(f"{path.name} is damaged ({error}): its part is not known.")
    return facts


def _read_script(name: str, file: Stream, facts: Facts, notes: list[str]) -> None:
    start = file.read(1 << 16)
    head = _HEAD.match(start)
    if head is None:
        notes.append(f"{name} has another form than is known: it was left out.")
        return
    inside = _Inside(file, start[head.end() :], start[head.end() - 1 : head.end()])
    stream: Stream = inside if head[1] else _gunzipped(_Decoded(inside))
    for where, fields in objects(stream, notes, name):
        facts.take(_SCRIPTS[name], where, fields)


def _gunzipped(stream: Stream) -> Stream:
    return gzip.GzipFile(fileobj=_as_file(stream))


def _as_file(stream: Stream) -> IO[bytes]:
    return stream  # type: ignore[return-value]  # gzip asks for nothing but read()


class _Inside:
    """What stands between the quotes, at most :data:`MAX_SCRIPT` bytes."""

    def __init__(self, file: Stream, start: bytes, quote: bytes) -> None:
        self._file, self._rest, self._quote = file, start, quote
        self._left = MAX_SCRIPT
        self._over = False

    def read(self, size: int = -1, /) -> bytes:
        block = self._rest or (b"" if self._over else self._file.read(1 << 16))
        at = block.find(self._quote)
        if at >= 0:
            block, self._over, self._rest = block[:at], True, b""
        keep = block if size < 0 else block[:size]
        self._rest = block[len(keep) :]
        self._left -= len(keep)
        if self._left < 0:
            raise OSError("it is too big")
        return keep


class _Decoded:
    """Base64 decoded as it comes, blanks left out."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._waiting, self._ready = b"", b""

    def read(self, size: int = -1, /) -> bytes:
        while size < 0 or len(self._ready) < size:
            block = self._stream.read(1 << 16)
            text = self._waiting + b"".join(block.split())
            whole = len(text) if not block else len(text) // 4 * 4
            self._ready += binascii.a2b_base64(text[:whole])
            self._waiting = text[whole:]
            if not block:
                break
        given = self._ready if size < 0 else self._ready[:size]
        self._ready = self._ready[len(given) :]
        return given


def _text(value: object) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _number(value: object) -> object:
    """Seconds since 1970, also where they are written as text."""
    try:
        return int(value) if isinstance(value, str | int) else None
    except ValueError:
        return None


def _first(values: object) -> str:
    found = values if isinstance(values, list) else [values]
    return next((text for text in map(_text, found) if text), "")
