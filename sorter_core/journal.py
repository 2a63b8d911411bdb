"""Moves that survive a crash and can be undone.

Each is written down as ``planned``, done on the disk, and written down as ``done``; what a killed
process left ``planned`` is settled by :meth:`Journal.recover` from what the disk says.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

from sorter_core import recovery
from sorter_core.claims import check, claim, exists, missing
from sorter_core.copying import bring, has
from sorter_core.entries import IMPORT, TAKE, Entries, Plan
from sorter_core.errors import ReadOnly, SorterError, StorageError, TargetExists, UnknownFolder
from sorter_core.files import move, translated
from sorter_core.history import TRASH
from sorter_core.store import Store
from sorter_core.types import Move

_DROPPINGS = (".DS_Store", "Thumbs.db", "desktop.ini")
"""What file managers leave in a folder that a person would call empty."""


class Journal:
    """Moves inside one library; paths are relative to ``root``, POSIX style."""

    def __init__(self, store: Store, root: Path) -> None:
        self.store = store
        self.root = root
        self.entries = Entries(store, root)

    def move(
        self,
        kind: str,
        source: str,
        target: str,
        *,
        actor: str = "person",
        batch: int | None = None,
    ) -> Move:
        """Move ``source`` to ``target`` and remember it.

        Moves of one ``batch`` (the id of its first move) are undone together.
        Raises :class:`VideoNotFound`, :class:`TargetExists`, :class:`UnknownFolder`,
        :class:`Busy`, or a :class:`~sorter_core.errors.StorageError`; the file is then where it was.
        """
        return self.carry_out(Plan(kind, source, target, actor, batch))

    def carry_out(self, plan: Plan) -> Move:
        """Move a file or a folder as planned. Raises as :meth:`move`."""
        source, target = self.root / plan.source, self.root / plan.target
        return self._arrive(plan, lambda scratch: move(source, target, scratch))

    def bring(
        self, source: Path, target: str, mark: str, *, link: bool, batch: int | None = None
    ) -> Move:
        """Link or copy a file from outside to ``target``; it stays where it is, too.

        ``mark`` is its fingerprint; ``source`` is absolute, and so is the journal's. Raises as
        :meth:`move`; nothing has come in then.
        """
        plan = Plan(IMPORT, source.as_posix(), target, IMPORT, batch, fingerprint=mark)
        place = self.root / target
        return self._arrive(plan, lambda scratch: bring(source, place, scratch, mark, link=link))

    def take(self, source: Path, target: str, mark: str, *, batch: int | None = None) -> Move:
        """Move a file from outside to ``target``: it is no more where it was.

        Arguments and errors as of :meth:`bring`; the file is then where it was.
        """
        if not has(source, mark):
            raise StorageError(f"{source.name!r} changed while it was being imported: it stays.")
        if not os.access(source.parent, os.W_OK):
            raise ReadOnly(
                f"No right to take files out of {source.parent.name!r}: nothing was moved. Copy or link them."
            )
        return self.carry_out(
            Plan(TAKE, source.as_posix(), target, IMPORT, batch, fingerprint=mark)
        )

    def _arrive(self, plan: Plan, act: Callable[[Path], None]) -> Move:
        """Let ``act``, which is given a scratch path, make the target of ``plan``."""
        check(self.root, plan.source, plan.target)
        claimed = claim(self.entries, plan)
        try:
            act(self.entries.scratch(claimed))
        except FileNotFoundError as error:
            reason = missing(self.root, plan.source, plan.target)
            raise self.entries.fail(claimed, reason) from error
        except FileExistsError as error:
            raise self.entries.fail(claimed, exists(plan.target)) from error
        except SorterError as error:
            raise self.entries.fail(claimed, error) from error
        except BaseException:
            recovery.decide(self.entries, claimed)  # interrupted (Ctrl-C): the disk tells how far
            raise
        return self.entries.settle(claimed)

    def discard(
        self,
        source: str,
        throw_away: Callable[[Path], None],
        *,
        actor: str = "person",
        batch: int | None = None,
    ) -> Move:
        """Let ``throw_away`` take a file out of the library (to the system's trash) and remember it.

        It is the one thing that can't be undone from here. Raises what ``throw_away`` raises.
        """
        check(self.root, source, source)
        claimed = claim(self.entries, Plan(TRASH, source, "", actor, batch))
        try:
            throw_away(self.root / source)
        except SorterError as error:
            raise self.entries.fail(claimed, error) from error
        except BaseException:
            recovery.decide(self.entries, claimed)
            raise
        return self.entries.settle(claimed)

    def create_folder(self, name: str, *, actor: str = "person", batch: int | None = None) -> Move:
        """Make an empty folder. Raises :class:`TargetExists`."""
        return self.make_folder(Plan("create_folder", "", name, actor, batch))

    def make_folder(self, plan: Plan) -> Move:
        """Make the target of ``plan``. Raises :class:`TargetExists`, or a :class:`StorageError`."""
        name = plan.target
        claimed = claim(self.entries, plan)
        try:
            (self.root / name).mkdir()
        except FileExistsError as error:
            reason = TargetExists(f"There is something named {name!r} already.")
            raise self.entries.fail(claimed, reason) from error
        except OSError as error:
            raise self.entries.fail(claimed, translated(error, self.root / name)) from error
        return self.entries.settle(claimed)

    def delete_folder(self, name: str, *, actor: str = "person", batch: int | None = None) -> Move:
        """Remove an empty folder. Raises :class:`UnknownFolder`, :class:`TargetExists` when it is not empty."""
        if not (self.root / name).is_dir():
            raise UnknownFolder(f"There is no folder {name!r} in the library.")
        return self.remove_folder(Plan("delete_folder", name, "", actor, batch))

    def remove_folder(self, plan: Plan, *, gone_is_well: bool = False) -> Move:
        """Remove the source of ``plan``, an empty folder; one that is gone is an error, or well."""
        folder = self.root / plan.source
        claimed = claim(self.entries, plan)
        try:
            _drop_droppings(folder)
            folder.rmdir()
        except FileNotFoundError as error:
            if not gone_is_well:
                raise self.entries.fail(claimed, _kept(error, folder)) from error
        except OSError as error:
            raise self.entries.fail(claimed, _kept(error, folder)) from error
        return self.entries.settle(claimed)

    def recover(self) -> list[Move]:
        """Settle what dead processes left ``planned``; returns those moves as they are now."""
        return recovery.recover(self.entries)


def _kept(error: OSError, folder: Path) -> Exception:
    """Why a folder could not be removed."""
    if error.errno in {errno.ENOENT, errno.ENOTDIR}:
        return UnknownFolder(f"The folder {folder.name!r} is gone already.")
    if error.errno in {errno.ENOTEMPTY, errno.EEXIST}:
        return TargetExists(f"The folder {folder.name!r} is not empty: move its videos first.")
    return translated(error, folder)


def _drop_droppings(folder: Path) -> None:
    """Take away what file managers left, when there is nothing else.

    Looks once: what another process brings in meanwhile was not judged, and must stay.
    """
    found = list(folder.iterdir())
    if all(path.name in _DROPPINGS and path.is_file() for path in found):
        for path in found:
            path.unlink(missing_ok=True)
