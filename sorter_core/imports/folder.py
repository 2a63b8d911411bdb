"""A plain folder of any videos."""

from __future__ import annotations

from pathlib import Path

from sorter_core.imports import _walk
from sorter_core.imports._base import UPLOADED, Found, Item, Report, Source
from sorter_core.imports._ids import id_in, uploaded


class PlainFolder(Source):
    """Every video below a folder; the names of its sub-folders may become folders of the library."""

    name = "folder"
    title = "a folder of videos"
    turn = 100

    def recognises(self, path: Path) -> bool:
        """Any folder."""
        return path.is_dir()

    def read(self, path: Path, report: Report) -> Found:
        """List the videos; an id in a name is taken where it can only be one."""
        found = Found()
        for file in _walk.videos(path, found.left_out, lambda: report(len(found.items), 0)):
            video_id = id_in(file.stem, sure=True)
            found.items.append(
                Item(video_id, file, folder=folder_of(file, path), texts=dated(video_id))
            )
        found.folders = folders_of(found.items)
        return found


def dated(video_id: str | None) -> dict[str, str]:
    """The upload time that an id holds, as a text."""
    moment = uploaded(video_id) if video_id else None
    return {UPLOADED: moment} if moment else {}


def folder_of(file: Path, root: Path) -> str | None:
    """The folder that a file lies in directly, unless that is ``root``."""
    return file.parent.name if file.parent != root else None


def folders_of(items: list[Item]) -> list[str]:
    """The folders of ``items``, by name, each once."""
    return sorted({item.folder for item in items if item.folder})
