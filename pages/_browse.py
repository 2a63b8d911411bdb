"""Walking through the folders of this computer: a browser can't tell a page where a folder lies."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from sorter_core.app import Summary
from sorter_core.files import readable
from sorter_core.library import check_library
from sorter_core.tree import Tree
from sorter_core.types import Folder

_USUAL = ("Downloads", "Videos", "Movies", "Desktop", "Pictures", "Documents")
_MOUNTS = {"darwin": ("/Volumes",), "linux": ("/media", "/mnt", "/run/media")}


def suggestions(home: Path | None = None) -> list[Path]:
    """Places where videos are often kept, as far as they exist: usual folders, then other disks."""
    home = home or Path.home()
    return [home, *(home / name for name in _USUAL if (home / name).is_dir()), *_disks()]


def _disks() -> list[Path]:
    if sys.platform == "win32":
        return [Path(drive) for drive in os.listdrives()] if hasattr(os, "listdrives") else []
    return [
        Path(place)
        for place in _MOUNTS.get(sys.platform, ())
        if os.access(place, os.R_OK) and any(Path(place).iterdir())
    ]


def subfolders(path: Path) -> list[str]:
    """The names of the visible folders in ``path``. Raises ``OSError`` when it may not be read."""
    with os.scandir(path) as entries:
        names = [
            entry.name for entry in entries if not entry.name.startswith(".") and entry.is_dir()
        ]
    return sorted(filter(readable, names), key=str.casefold)


def look(path: str | Path) -> Summary:
    """What ``path`` would be as a library; nothing is written. Raises ``NotALibrary``."""
    root = check_library(path)
    tree = Tree(root)
    folders = [Folder(name, len(listing.videos)) for name, listing in tree.folders().items()]
    return Summary(root, len(tree.root().videos), folders)
