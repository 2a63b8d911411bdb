"""What yt-dlp left: videos, with ``.info.json`` beside them or an id in their names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from sorter_core import captions
from sorter_core.imports import _walk
from sorter_core.imports._base import UPLOADED, Found, Item, Report, Source
from sorter_core.imports._ids import id_in, moment
from sorter_core.imports.folder import dated, folder_of, folders_of

_LOOKED_AT = 2000
_EACH = 100
_TEMPLATE = re.compile(r".*\S.*\[[0-9]{15,20}\]")
"""yt-dlp's own: ``%(title)s [%(id)s].%(ext)s``."""
_ID = re.compile(r"[0-9]{15,20}")


class YtDlp(Source):
    """Every video below a folder, with what yt-dlp wrote about it."""

    name = "ytdlp"
    title = "a folder that yt-dlp filled (.info.json beside the videos)"
    turn = 20

    def recognises(self, path: Path) -> bool:
        """A folder where a video has its ``.info.json``, or a name of yt-dlp's own template."""
        if not path.is_dir():
            return False
        return any(
            _TEMPLATE.fullmatch(file.stem) or file.with_name(file.stem + captions.SIDECAR).is_file()
            for file in islice(_walk.videos(path, []), _LOOKED_AT)
        )

    def read(self, path: Path, report: Report) -> Found:
        """List the videos with their texts; a broken sidecar costs its own texts only."""
        found = Found()
        for count, file in enumerate(_walk.videos(path, found.left_out), start=1):
            if count % _EACH == 0:
                report(count, 0)
            info = captions.info(file) or {}
            video_id = _id(info) or id_in(file.stem)
            texts = {**dated(video_id), **captions.read(file)}
            if (uploaded := moment(info.get("timestamp"))) is not None:
                texts[UPLOADED] = uploaded
            found.items.append(Item(video_id, file, folder=folder_of(file, path), texts=texts))
        found.folders = folders_of(found.items)
        return found


def _id(info: Mapping[str, Any]) -> str | None:
    """The id in a sidecar, as text; a number would have been rounded by many a program."""
    value = info.get("id")
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return text if _ID.fullmatch(text) and text.isascii() else None
