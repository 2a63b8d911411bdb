"""Importing: first the preview, then the same thing done, as one batch that one undo takes back.

Files are linked or copied in; they are moved out of where they lie only when that was asked for.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sorter_core import import_runs, imports, texts
from sorter_core.errors import (
    Busy,
    DiskFull,
    InvalidInput,
    ReadOnly,
    SorterError,
    TargetExists,
)
from sorter_core.import_plan import ImportOptions, Plan, Report, Step, check_there, make_plan, named
from sorter_core.imports import LeftOut
from sorter_core.library import Library, join
from sorter_core.types import ReportProgress

MAX_QUEUED = 10_000
"""Links queued for download by one import."""
_LINK = "https://www.tiktok.com/@/video/{}"
_TEXTS_AT_ONCE = 500
_EXAMPLES = 200
_BEGIN_SECONDS = 2.0

Queue = Callable[[Sequence[str]], object]
"""Takes links that are to be downloaded, at most :data:`~sorter_core.extraction.downloads.MAX_LINKS`."""


@dataclass(frozen=True, slots=True)
class ListCount:
    """A list of the source: how many videos, and whether they are taken."""

    name: str
    videos: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would do; ``size`` in bytes, ``examples`` the first places in the library."""

    source: str
    title: str
    lists: tuple[ListCount, ...]
    folders: tuple[str, ...]
    new: int
    known: int
    missing: int
    size: int
    examples: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]


@dataclass(slots=True)
class Imported:
    """What an import did; ``batch`` undoes it, ``stopped`` says why it ended early."""

    batch: int | None = None
    imported: int = 0
    known: int = 0
    texts: int = 0
    queued: int = 0
    folders: list[str] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    stopped: str | None = None


def unheard(_stage: str, _done: int, _total: int) -> None:
    """Take no interest in progress."""


def summary(done: Imported, most: int = 1000) -> dict[str, Any]:
    """What an import did as plain JSON, with at most so many of the things left out."""
    told = asdict(done)
    return {**told, "left_out": told["left_out"][:most], "left_out_total": len(done.left_out)}


def judge_path(typed: str | Path) -> Path:
    """The absolute path of what is to be imported; blanks and quotes around a typed one are forgiven.

    Raises :class:`InvalidInput`.
    """
    text = str(typed) if isinstance(typed, Path) else typed.strip().strip("\"'").strip()
    if not text or "\0" in text:
        raise InvalidInput("Give the path of what is to be imported.")
    try:
        path = Path(text).expanduser().absolute()
        there = path.exists()
    except (OSError, RuntimeError, UnicodeError) as error:
        raise InvalidInput(f"{text!a} can't be opened: {error}.") from error
    if not there:
        raise InvalidInput(f"{text!a} is not on this computer.")
    return path.resolve()


@dataclass(frozen=True, slots=True)
class Here:
    """Where to: the library, how it is looked over, and the environment for its downloads."""

    library: Library
    scan: Callable[[ReportProgress], object]
    environment: Mapping[str, str]

    def queue(self, urls: Sequence[str]) -> None:
        """Have links downloaded in the background."""
        from sorter_core.extraction.downloads import Downloads

        Downloads(self.library.store, self.library.root, self.environment).start(urls)


def run(here: Here, path: str | Path, options: ImportOptions, report: Report) -> Imported:
    """Import ``path`` as the one import of this library, whose state every face can see.

    Raises :class:`InvalidInput`, :class:`~sorter_core.errors.Busy` while another one runs.
    """
    place = judge_path(path)
    with import_runs.running(here.library.store) as running:

        def told(stage: str, done: int, total: int) -> None:
            running.report(stage, done, total)
            report(stage, done, total)

        here.scan(lambda done, total: told("read", done, total))
        imported = carry_out(here.library, place, options, told, here.queue)
        try:
            here.scan(lambda _done, _total: None)
        except SorterError as error:  # what came in is told all the same; the next scan finds it
            imported.stopped = imported.stopped or str(error)
        running.finish(summary(imported), imported.stopped)
    return imported


def start(here: Here, path: str | Path, options: ImportOptions) -> None:
    """The same in a thread. Raises for a path that can't be imported, before it starts."""
    imports.source_of(judge_path(path))
    begun = threading.Event()

    def work() -> None:
        try:
            with suppress(SorterError):  # it stands in the status
                run(here, path, options, lambda _stage, _done, _total: begun.set())
        finally:
            begun.set()
            here.library.close()

    if import_runs.status(here.library.store).running:
        raise Busy("An import is running already. Wait for its end, or cancel it.")
    threading.Thread(target=work, name="import", daemon=True).start()
    begun.wait(_BEGIN_SECONDS)


def preview(library: Library, path: str | Path, options: ImportOptions, report: Report) -> Preview:
    """What :func:`run` would do now; nothing is changed. Raises :class:`InvalidInput`."""
    plan = make_plan(library, judge_path(path), options, report)
    return Preview(
        plan.source,
        plan.title,
        tuple(ListCount(name, n, name in plan.lists) for name, n in plan.found.lists.items()),
        tuple(named(plan.found)),
        len(plan.steps),
        len(plan.known),
        len(plan.missing),
        plan.size,
        tuple(join(step.folder, step.name) for step in plan.steps[:_EXAMPLES]),
        tuple(plan.left_out),
        tuple(plan.found.notes),
    )


def carry_out(
    library: Library, path: Path, options: ImportOptions, report: Report, queue: Queue
) -> Imported:
    """Import ``path``; a fault of one file stops no other.

    Raises :class:`InvalidInput` before anything is changed. A full or read-only disk, a store that
    can't be written, a source that goes away and a cancel end it early: what came in by then stays, is told, and can be undone.
    """
    plan = make_plan(library, path, options, report)
    return _Carrying(library, plan, path, report).run(options, queue)


class _Carrying:
    """The work of :func:`carry_out`."""

    def __init__(self, library: Library, plan: Plan, path: Path, report: Report) -> None:
        self.library, self.plan, self.path, self.report = library, plan, path, report
        self.done = Imported(left_out=plan.left_out, notes=plan.found.notes)
        self.texts = list(plan.known)

    def run(self, options: ImportOptions, queue: Queue) -> Imported:
        self.done.known = len(self.plan.known)
        try:
            self._folders()
            for number, step in enumerate(self.plan.steps):
                self.report("copy", number, len(self.plan.steps))
                self._one(step, options)
            if options.download:
                self._queue(queue)
        except SorterError as error:
            self.done.stopped = str(error)
        finally:
            self._write_texts()
        return self.done

    def _write_texts(self) -> None:
        try:
            self.done.texts = write_texts(self.library, self.texts)
        except SorterError as error:  # importing again brings them: the videos are known then
            self.done.stopped = self.done.stopped or str(error)

    def _folders(self) -> None:
        for name in dict.fromkeys(self.plan.folders.values()):
            try:
                made = self.library.journal.create_folder(
                    name, actor="import", batch=self.done.batch
                )
            except TargetExists:
                continue  # the folder is there already: what belongs there goes there
            self.done.batch = made.batch
            self.done.folders.append(name)

    def _one(self, step: Step, options: ImportOptions) -> None:
        journal, place, batch = (
            self.library.journal,
            join(step.folder, step.name),
            self.done.batch,
        )
        try:
            if options.move:
                move = journal.take(step.file, place, step.mark, batch=batch)
            else:
                move = journal.bring(step.file, place, step.mark, link=options.link, batch=batch)
        except (DiskFull, ReadOnly):
            raise
        except SorterError as error:
            check_there(self.path)
            self.done.left_out.append(LeftOut(str(step.file), str(error)))
            return
        self.done.batch = move.batch
        self.done.imported += 1
        self.texts.append((step.mark, step.texts))

    def _queue(self, queue: Queue) -> None:
        from sorter_core.extraction.downloads import MAX_LINKS

        ids = self.plan.missing[:MAX_QUEUED]
        for start in range(0, len(ids), MAX_LINKS):
            queue([_LINK.format(video_id) for video_id in ids[start : start + MAX_LINKS]])
        self.done.queued = len(ids)
        if rest := len(self.plan.missing) - len(ids):
            self.done.notes.append(f"{rest:,} more can be queued by importing again, later.")


def write_texts(library: Library, known: Sequence[tuple[str, dict[str, str]]]) -> int:
    """Keep what was not known yet of each content; returns of how many something was new.

    What lies beside a video, or was known before, is not replaced.
    """
    told = 0
    for start in range(0, len(known), _TEXTS_AT_ONCE):
        with library.store.write() as db:
            for mark, found in known[start : start + _TEXTS_AT_ONCE]:
                before = db.total_changes
                texts.complete(db, mark, found)
                told += db.total_changes > before
    return told
