"""What is written beside a video: the ``.info.json`` that yt-dlp leaves (``--write-info-json``).

The file is hostile input. Whatever it holds (nulls, other types, half a file, a million brackets),
reading it never fails: what can't be used is left out.
"""

from __future__ import annotations

import json
import os
import stat
import unicodedata
from collections.abc import Iterator, Mapping
from itertools import takewhile
from pathlib import Path
from typing import Any

SIDECAR = ".info.json"
MAX_BYTES = 5 << 20
"""yt-dlp's files have some 10 KiB to 1 MiB (all formats, subtitles and comments are in them)."""
MAX_TEXT = 10_000
"""Characters; TikTok allows 4,000 in a caption."""
MAX_TAGS = 100
JOINERS = "_\u200c\u200d"
"""Besides letters, marks and digits in a hashtag; Persian and Indic words need the zero-width two."""


def read(path: Path) -> dict[str, str]:
    """The texts beside the video ``path``, by kind: ``caption``, ``author``, ``sound``, ``hashtags``.

    ``<stem>.info.json`` is looked for beside the video, then where the video lay before it was
    sorted: in the folder above. A kind without text is left out; nothing found is ``{}``.
    ``hashtags`` are lower-case, without ``#``, with blanks between them.
    """
    found = info(path)
    return _texts(found) if found is not None else {}


def info(path: Path) -> Mapping[str, Any] | None:
    """All that yt-dlp wrote about the video ``path``; None when there is nothing of use."""
    name = path.stem + SIDECAR
    for folder in (path.parent, path.parent.parent):
        if (found := _load(folder / name)) is not None:
            return found
    return None


def hashtags(text: str) -> list[str]:
    """The hashtags of ``text`` in any script, lower-case, each once, without those of digits only.

    A tag is what Unicode calls letters, marks and digits (UAX #31, "hashtag identifiers").

    >>> hashtags("Новый #Танец#dance! &#39; #हिन्दी #dance #1")
    ['танец', 'dance', 'हिन्दी']
    """
    tags = {tag: None for tag in _tags(text) if not tag.isnumeric()}
    return list(tags)[:MAX_TAGS]


def _tags(text: str) -> Iterator[str]:
    # NFKC also makes the full-width # of Japanese keyboards the plain one
    before, *parts = unicodedata.normalize("NFKC", text).split("#")
    for part in parts:
        tag = "".join(takewhile(_in_tag, part))
        # behind & or / it is part of an HTML entity or of an address
        if tag and before[-1:] not in ("&", "/"):
            yield tag.lower()
        before = part


def _in_tag(char: str) -> bool:
    return unicodedata.category(char)[0] in "LMN" or char in JOINERS


def _load(path: Path) -> Mapping[str, Any] | None:
    """The object in a JSON file; None when there is no such file or nothing of use in it."""
    try:
        info = json.loads(_bytes(path).decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return None
    return info if isinstance(info, dict) else None


def _bytes(path: Path) -> bytes:
    """The content of a regular file of at most MAX_BYTES; raises OSError or ValueError."""
    flags = os.O_RDONLY
    for name in ("O_BINARY", "O_NOFOLLOW", "O_NONBLOCK"):  # none of them exists on every system
        flags |= getattr(os, name, 0)
    with os.fdopen(os.open(path, flags), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise ValueError("it is no file")
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise ValueError("it is too big")
    return data


def _texts(info: Mapping[str, Any]) -> dict[str, str]:
    """yt-dlp's fields as ours; its README ("Output template") says what each means."""
    caption = _first(info, "description", "title")
    marked = " ".join([caption, *(f"#{tag}" for tag in _strings(info.get("tags")))])
    found = {
        "caption": caption,
        "author": _first(info, "uploader", "channel", "creator", "uploader_id"),
        "sound": " - ".join(filter(None, [_first(info, "track"), _artists(info)])),
        "hashtags": " ".join(hashtags(marked)),
    }
    return {kind: text for kind, text in found.items() if text}


def _artists(info: Mapping[str, Any]) -> str:
    return ", ".join(_strings(info.get("artists"))) or _first(info, "artist")


def _first(info: Mapping[str, Any], *fields: str) -> str:
    """The first of ``fields`` that holds text; else an empty string."""
    return next((text for field in fields for text in _strings([info.get(field)])), "")


def _strings(values: object) -> list[str]:
    """What of a list is text; without what no database or page can hold (surrogates, control)."""
    if not isinstance(values, list):
        return []
    texts = (clean(value) for value in values[:MAX_TAGS] if isinstance(value, str))
    return [text for text in texts if text]


def clean(text: str) -> str:
    r"""``text`` without what no database or page can hold, and not longer than :data:`MAX_TEXT`.

    >>> clean(" a\x00b\ud800\nc ")
    'a b \nc'
    """
    text = text[:MAX_TEXT]
    kept = (c if c == "\n" or unicodedata.category(c) not in ("Cc", "Cs") else " " for c in text)
    return "".join(kept).strip()
