"""Filing videos, one or many, and taking it back."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sorter_core import history, learning
from sorter_core.app._shelf import Shelf
from sorter_core.app._types import BatchResult
from sorter_core.bulk import Bulk
from sorter_core.errors import SorterError
from sorter_core.files import judge_new_name
from sorter_core.history import Batch, Filter
from sorter_core.second_guesses import Out, SecondGuesses
from sorter_core.settings import Settings
from sorter_core.types import Move


class Moving(Shelf):
    """Filing videos, one or many, and taking it back."""

    def __init__(self, given: Settings | None = None) -> None:
        super().__init__(given)
        self._bulk: Bulk | None = None

    def sort(self, filename: str, folder: str, *, actor: str = "person") -> Move:
        """File an unsorted video.

        Raises ``InvalidName``, ``UnknownFolder``, ``VideoNotFound``, ``TargetExists``, ``Busy``, or
        a ``StorageError``; the file is then where it was.
        """
        return self.library.sort(filename, folder, actor=actor)

    def move(
        self, filename: str, source: str | None, target: str | None, *, actor: str = "person"
    ) -> Move:
        """Move a video between folders; None is the unsorted pile. Raises as :meth:`sort`."""
        return self.library.move(filename, source or "", target or "", actor=actor)

    def move_many(
        self, items: Sequence[tuple[str, str | None]], target: str | None, *, actor: str = "bulk"
    ) -> BatchResult:
        """Move (filename, folder) from wherever they lie to one place, as one batch; None: unsorted.

        What lies there already stays, without a word; one fault stops no other.
        """
        batch: int | None = None
        moved: list[tuple[str, str]] = []
        failed: list[tuple[str, str]] = []
        for filename, source in items:
            if source == target:
                continue
            try:
                batch = self.library.move(
                    filename, source or "", target or "", actor=actor, batch=batch
                ).batch
                moved.append((filename, target or ""))
            except SorterError as error:
                failed.append((filename, str(error)))
        return BatchResult(batch, moved, failed)

    def sort_many(
        self,
        items: Sequence[tuple[str, str]],
        *,
        dry_run: bool = False,
        actor: str = "bulk",
        new_folder: str | None = None,
    ) -> BatchResult:
        """File many videos as one batch, which one undo takes back; one fault stops no other.

        ``new_folder`` is made first, as a part of the batch. Raises ``InvalidName``,
        ``TargetExists`` when it can't be; nothing has moved then.
        """
        batch: int | None = None
        if new_folder is not None:
            made = judge_new_name(new_folder)  # without the blanks that were typed around it
            items = [(name, made if place == new_folder else place) for name, place in items]
            new_folder = made
            batch = self.library.start_folder(made, actor=actor, dry_run=dry_run)
        moved: list[tuple[str, str]] = []
        failed: list[tuple[str, str]] = []
        for filename, folder in items:
            try:
                if dry_run:
                    self.library.check_sort(filename, folder, made=new_folder)
                else:
                    batch = self.library.sort(filename, folder, actor=actor, batch=batch).batch
                moved.append((filename, folder))
            except SorterError as error:
                failed.append((filename, str(error)))
        return BatchResult(batch, moved, failed)

    def sort_predicted(
        self,
        threshold: float,
        folder: str | None = None,
        *,
        target: str | None = None,
        without: Collection[str] = (),
        version: str | None = None,
        out: Out | None = None,
        dry_run: bool = False,
        new_folder: str | None = None,
    ) -> BatchResult:
        """File what is predicted (for ``folder``, or anywhere) with at least ``threshold``.

        Each goes to its predicted folder, or all to ``target``; those named in ``without`` stay,
        and those in ``out`` count for their next guess (:meth:`second_guesses`).
        Raises :class:`~sorter_core.errors.Busy` when ``version`` is no more that of the predictions.
        """
        seen = self.second_guesses(out or {})
        chosen = seen.chosen(folder, threshold, without=without, version=version)
        items = [(name, target or guess) for name, guess in chosen if target or guess]
        return self.sort_many(items, dry_run=dry_run, new_folder=new_folder)

    def bulk(self) -> Bulk:
        """The unsorted videos by predicted folder, above a threshold."""
        catalog = self._catalogue()
        with self._lock:
            if self._bulk is None or self._bulk.catalog is not catalog:
                self._bulk = Bulk(catalog)
            return self._bulk

    def second_guesses(self, out: Out) -> SecondGuesses:
        """As :meth:`bulk`, where what was taken out of folders counts for its next guess."""
        return SecondGuesses(self.bulk(), out)

    def batches(
        self, seen: Filter | None = None, *, limit: int = 50, offset: int = 0
    ) -> list[Batch]:
        """What was done, newest first, the moves of one batch together."""
        return history.batches(self.library.store, seen or Filter(), limit, offset)

    def undo(self, batch: int | None = None) -> list[Move]:
        """Take back a batch of moves, or the newest. Raises ``NothingToUndo``.

        What can't be taken back stops no other; :meth:`stayed` tells it.
        """
        with learning.scripts_following(self.library):
            return self.library.undo(batch)

    def stayed(self, undoing: int) -> list[tuple[str, str]]:
        """Of an undoing, by its batch: (path, reason) of what could not be taken back."""
        return history.stayed(self.library.store, undoing)

    def can_undo(self, batch: int | None) -> bool:
        """Whether anything of that batch can still be taken back."""
        return batch is not None and history.can_undo(self.library.store, batch)

    def history(
        self, *, limit: int = 50, offset: int = 0, seen: Filter | None = None
    ) -> list[Move]:
        """The moves that ``seen`` lets through, or all, newest first."""
        return history.moves(self.library.store, limit, offset, seen)
