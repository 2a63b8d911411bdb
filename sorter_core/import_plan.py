"""What an import would do: which files are new, which are there already, which can't come in, and why."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sorter_core import imports
from sorter_core.captions import clean
from sorter_core.errors import InvalidInput, InvalidName, MediaError
from sorter_core.files import fingerprint, judge_new_name, readable
from sorter_core.imports import Found, Item, LeftOut
from sorter_core.imports._base import SAVED
from sorter_core.imports._ids import id_in
from sorter_core.library import Library, join

Report = Callable[[str, int, int], None]
"""Called with (stage, done, total); may raise to stop."""
_EACH = 50


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What the person wants of it.

    ``lists``: those of the source to take; None takes what is meant by "my videos". ``folders``:
    names that become folders and take what belongs there; all else is unsorted. ``link``: hard
    links where the disk has them, else copies; False always copies. ``download``: queue what the
    source names and nobody has. ``move``: take the new files out of where they lie; only for a
    person who asked for just that.
    """

    lists: tuple[str, ...] | None = None
    folders: tuple[str, ...] = ()
    link: bool = True
    download: bool = False
    move: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One file that comes in: from where, to which place in the library, with which content."""

    file: Path
    folder: str
    name: str
    mark: str
    texts: dict[str, str]


@dataclass(slots=True)
class Plan:
    """All that an import would do; ``known`` are (fingerprint, texts) of what is in the library."""

    source: str
    title: str
    found: Found
    lists: tuple[str, ...]
    folders: dict[str, str]
    """The source's name of each that is to be a folder, and what it is called in the library."""
    steps: list[Step] = field(default_factory=list)
    known: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    """Ids, as strings."""
    left_out: list[LeftOut] = field(default_factory=list)
    size: int = 0
    """Bytes of the new files."""


def make_plan(library: Library, path: Path, options: ImportOptions, report: Report) -> Plan:
    """Read ``path`` and compare it with the library, which must have been scanned; changes nothing.

    Raises :class:`InvalidInput` for a path that is no source, and for lists and folders that it
    does not have.
    """
    source = imports.source_of(path)
    found = source.read(path, lambda done, total: report("read", done, total))
    lists = tuple(found.wanted if options.lists is None else options.lists)
    folders = _folders(library, [_folder(name) for name in options.folders])
    if unknown := [*(set(lists) - set(found.lists)), *(set(folders) - set(named(found)))]:
        raise InvalidInput(f"{path.name!r} has nothing named {', '.join(map(repr, unknown))}.")
    plan = Plan(source.name, source.title, found, lists, folders, left_out=list(found.left_out))
    _Comparing(library, plan).run(report)
    check_there(path)  # else all that it holds would be told as unreadable, one by one
    return plan


def check_there(path: Path) -> None:
    """Raise :class:`InvalidInput` when a source went while it was read: its disk was taken out."""
    if not path.exists():
        raise InvalidInput(f"{path.name!r} is not there any more. Is its disk connected?")


def named(found: Found) -> list[str]:
    """The names of a source that can become folders, as they would be called."""
    good = []
    for name in found.folders:
        try:
            good.append(judge_new_name(clean(name)))
        except InvalidName:
            continue
    return list(dict.fromkeys(good))


def _folder(name: str) -> str:
    return judge_new_name(clean(name))


def _folders(library: Library, names: Sequence[str]) -> dict[str, str]:
    """For each name the folder that a person can't tell from it, the library's own or the first.

    One é may be one code point or, in archives from a Mac, two (UAX #15).
    """
    with library.looking() as tree:
        there = {_alike(name): name for name in tree.root().folders}
    return {
        name: name if name in there.values() else there.setdefault(_alike(name), name)
        for name in names
    }


def _alike(name: str) -> str:
    return unicodedata.normalize("NFC", name)


class _Comparing:
    """Puts each item where it belongs."""

    def __init__(self, library: Library, plan: Plan) -> None:
        self.library, self.plan = library, plan
        self.marks, self.ids = _contents(library)
        self.names = _names(library)
        self.fresh: set[str] = set()

    def run(self, report: Report) -> None:
        items: Sequence[Item] = self.plan.found.items
        wanted = set(self.plan.lists)
        for number, item in enumerate(items, start=1):
            if number % _EACH == 0 or number == len(items):
                report("compare", number, len(items))
            if item.lists and wanted.isdisjoint(item.lists):
                continue
            if item.file is None:
                self._without_file(item)
            else:
                self._with_file(item, item.file)

    def _without_file(self, item: Item) -> None:
        place = self.ids.get(item.id or "")
        if place is not None:
            self.plan.known.append((place[0], _texts(item)))
        elif item.id:
            self.plan.missing.append(item.id)

    def _with_file(self, item: Item, file: Path) -> None:
        try:
            mark, size = fingerprint(file), file.stat().st_size
        except (OSError, MediaError) as error:
            self._leave(file, getattr(error, "strerror", None) or str(error))
            return
        if mark in self.marks:
            self.plan.known.append((mark, _texts(item)))
        elif mark in self.fresh:
            self.plan.known.append((mark, {}))
        elif size == 0:
            self._leave(file, "it is empty")
        elif (place := self.ids.get(item.id or "")) is not None:
            self._leave(file, f"the library has this video with other content: {place[1]}")
        else:
            self._new(item, file, mark, size)

    def _new(self, item: Item, file: Path, mark: str, size: int) -> None:
        try:
            folder = self._place(item)
            name = judge_new_name(f"{item.id}{file.suffix.lower()}" if item.id else file.name)
        except InvalidName as error:
            self._leave(file, str(error))
            return
        taken = self.names.setdefault(folder, set())
        if name.casefold() in taken:
            self._leave(
                file,
                f"{join(folder, name)!r} is there already with other content; nothing is overwritten",
            )
            return
        taken.add(name.casefold())
        self.fresh.add(mark)
        if item.id:
            self.ids[item.id] = (mark, join(folder, name))
        self.plan.size += size
        self.plan.steps.append(Step(file, folder, name, mark, _texts(item)))

    def _place(self, item: Item) -> str:
        if item.folder is None or not self.plan.folders:
            return ""
        return self.plan.folders.get(clean(item.folder).strip(), "")

    def _leave(self, file: Path, reason: str) -> None:
        shown = str(file) if readable(str(file)) else ascii(str(file))
        self.plan.left_out.append(LeftOut(shown, reason))


def _contents(library: Library) -> tuple[set[str], dict[str, tuple[str, str]]]:
    """The fingerprints in the library, and for each id (fingerprint, place)."""
    with library.store.read() as db:
        rows = db.execute("SELECT fingerprint, folder, name FROM files").fetchall()
    ids = {
        video_id: (mark, join(folder, name))
        for mark, folder, name in rows
        if (video_id := id_in(os.path.splitext(name)[0]))  # noqa: PTH122 - hot loop
    }
    return {row[0] for row in rows}, ids


def _names(library: Library) -> dict[str, set[str]]:
    """The names taken in each folder, regardless of case: some file systems ignore it."""
    with library.looking() as tree:
        places = {"": tree.root(), **tree.folders()}
        return {place: set(map(str.casefold, found.videos)) for place, found in places.items()}


def _texts(item: Item) -> dict[str, str]:
    saved = {SAVED: item.saved} if item.saved else {}
    cleaned = {kind: clean(text) for kind, text in {**item.texts, **saved}.items()}
    return {kind: text for kind, text in cleaned.items() if text}
