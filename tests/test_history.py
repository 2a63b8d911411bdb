"""What was done, as it is told."""

from __future__ import annotations

from pathlib import Path

from sorter_core import history
from sorter_core.history import Filter
from sorter_core.journal import Journal


def test_a_filtered_batch_counts_all_that_its_undo_takes_back(journal: Journal, root: Path) -> None:
    """A look for one name must not hide that two moves would be undone."""
    batch = journal.move("sort", "1.mp4", "Cats/1.mp4").batch
    journal.move("sort", "2.mp4", "Dogs/2.mp4", batch=batch)
    for seen in (Filter(text="2.mp4"), Filter(folder="Dogs")):
        [found] = history.batches(journal.store, seen, 9, 0)
        assert (found.moves, found.undoable, found.target) == (2, 2, "Dogs/2.mp4")
    assert history.batches(journal.store, Filter(text="3.mp4"), 9, 0) == []
