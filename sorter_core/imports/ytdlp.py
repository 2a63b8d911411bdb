"""What yt-dlp left: videos, with ``.info.json`` beside them or an id in their names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sorter_core import captions
from sorter_core.imports import _walk
from sorter_core.imports._base import UPLOADED, Found, Item, Report, Source
from sorter_core.imports._ids import id_in, moment
from sorter_core.imports.folder import dated, folder_of, folders_of

_LOOKS = 40
"""Times 250 files and folders, to tell whether it is yt-dlp's: the first tell as much as all."""
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
        looks = iter(range(_LOOKS))
        try:
            return any(map(_is_ours, _walk.videos(path, [], lambda: next(looks))))
        except (
            StopIteration,
            RuntimeError,
        ):  # a generator tells the former as the latter (PEP 479)
            return False

    def read(self, path: Path, report: Report) -> Found:
        """List the videos with their texts; a broken sidecar costs its own texts only."""
        found = Found()
        for file in _walk.videos(path, found.left_out, lambda: report(len(found.items), 0)):
            info = captions.info(file) or {}
            video_id = _id(info) or id_in(file.stem)
            texts = {**dated(video_id), **captions.read(file)}
            if (uploaded := moment(info.get("timestamp"))) is not None:
                texts[UPLOADED] = uploaded
            found.items.append(Item(video_id, file, folder=folder_of(file, path), texts=texts))
        found.folders = folders_of(found.items)
        return found


def _is_ours(file: Path) -> bool:
    if _TEMPLATE.fullmatch(file.stem):
        return True
    try:
        return file.with_name(file.stem + captions.SIDECAR).is_file()
    except OSError:  # a name so long that there is no room for the sidecar's
        return False


def _id(info: Mapping[str, Any]) -> str | None:
    """The id in a sidecar, as text; a number would have been rounded by many a program."""
    value = info.get("id")
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return text if _ID.fullmatch(text) and text.isascii() else None
