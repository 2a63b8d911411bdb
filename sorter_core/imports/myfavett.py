"""An archive of the browser extension myfaveTT: videos by list, and what it knows of them."""

from __future__ import annotations

from pathlib import Path

from sorter_core.imports import _walk
from sorter_core.imports._base import Found, Item, LeftOut, Report, Source
from sorter_core.imports._facts import Facts, data_folder, read_facts
from sorter_core.imports._ids import id_in
from sorter_core.imports.folder import dated, folders_of

FAVORITES = "Favorites"
_FOLLOWING = "Following"


class MyFaveTT(Source):
    """Favourites, likes and whole profiles (``data/Following/<author>``), with captions and authors."""

    name = "myfavett"
    title = "a myfaveTT archive (the folder that holds data/)"
    turn = 10

    def recognises(self, path: Path) -> bool:
        """The archive's folder, its ``data``, or a folder of videos in there."""
        return path.is_dir() and data_folder(path) is not None

    def read(self, path: Path, report: Report) -> Found:
        """List the videos below ``path``, and the ones that the archive knows and does not hold."""
        found = Found()
        data = data_folder(path)
        if data is None:
            return found
        facts = read_facts(data, found.notes, report)
        items = dict(_with_files(path, data, facts, found, report))
        if path in {data, data.parent}:
            _add_missing(items, facts)
        found.items = list(items.values())
        for item in found.items:
            for name in item.lists:
                found.lists[name] = found.lists.get(name, 0) + 1
        found.wanted = tuple(found.lists)
        found.folders = folders_of(found.items)
        return found


def _with_files(
    path: Path, data: Path, facts: Facts, found: Found, report: Report
) -> dict[str, Item]:
    items: dict[str, Item] = {}
    below = path if data in {path, *path.parents} else data
    for file in _walk.videos(below, found.left_out, lambda: report(len(items), 0)):
        parts = file.relative_to(data).parts
        video_id = id_in(file.stem)
        before = items.get(video_id or str(file))
        name = parts[0] if len(parts) > 1 else FAVORITES
        lists = {*(before.lists if before else ()), name, *facts.lists_of(video_id)}
        author = parts[1] if name == _FOLLOWING and len(parts) > 2 else None  # noqa: PLR2004 - Following/<author>/…
        if before is not None and before.file is not None and _differ(before.file, file):
            other = f"{before.file.name!r} is this video, too, in another version"
            found.left_out.append(LeftOut(str(file), other))
        items[video_id or str(file)] = Item(
            video_id,
            before.file if before else file,
            tuple(sorted(lists)),
            before.folder if before else author,
            {**dated(video_id), **facts.texts(video_id)},
        )
    return items


def _differ(one: Path, other: Path) -> bool:
    """Whether two files of one id are no copies of each other; a look at their sizes."""
    try:
        return one.stat().st_size != other.stat().st_size
    except OSError:
        return True


def _add_missing(items: dict[str, Item], facts: Facts) -> None:
    for name, ids in facts.lists.items():
        for video_id in ids:
            if video_id not in items:
                texts = {**dated(video_id), **facts.texts(video_id)}
                items[video_id] = Item(video_id, lists=(name,), texts=texts)
            elif name not in items[video_id].lists:
                old = items[video_id]
                items[video_id] = Item(
                    old.id, old.file, (*old.lists, name), old.folder, old.texts, old.saved
                )
