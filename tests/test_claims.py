"""One process at a time moves a file, or a folder with all that lies in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sorter_core import claims, processes
from sorter_core.entries import Plan
from sorter_core.errors import (
    Busy,
)
from sorter_core.journal import Journal

HERE = str(Path(claims.__file__).parent.parent)
DEAD = f"{processes.me().rsplit(':', 2)[0]}:999999999:0"


def test_a_live_process_keeps_its_claim(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    """While somebody moves a file, another one waits and then says that it is busy."""
    monkeypatch.setattr(claims, "_PATIENCE", 0.05)
    with journal.store.write() as db:
        db.execute(
            "INSERT INTO moves (kind, source, target, state, actor, owner) VALUES ('sort', '1.mp4', 'Dogs/1.mp4',"
            " 'planned', 'person', ?)",
            (processes.me(),),
        )
    with pytest.raises(Busy):
        journal.move("sort", "1.mp4", "Cats/1.mp4")


@pytest.mark.parametrize(
    ("planned", "wanted"),
    [
        (("Cats/4.mp4", "Dogs/4.mp4"), ("Cats", "Kittens")),
        (("1.mp4", "Cats/1.mp4"), ("Cats", "Kittens")),
        (("Dogs", "Wolves"), ("1.mp4", "Dogs/1.mp4")),
    ],
)
def test_a_folder_waits_for_what_lies_in_it(
    journal: Journal,
    monkeypatch: pytest.MonkeyPatch,
    planned: tuple[str, str],
    wanted: tuple[str, str],
) -> None:
    """And what lies in it for the folder; its neighbours wait for nobody."""
    monkeypatch.setattr(claims, "_PATIENCE", 0.05)
    journal.entries.insert(Plan("move", *planned, "person"))
    with pytest.raises(Busy):
        journal.move("move", *wanted)
    journal.move("sort", "3.mp4", "Cats/3.mp4" if planned[0] == "Dogs" else "Dogs/3.mp4")


def test_a_folder_takes_no_half_copy_along(journal: Journal, root: Path) -> None:
    """A process died while it copied into the folder: that is settled before the folder is renamed."""
    dead = journal.entries.insert(Plan("sort", "1.mp4", "Dogs/1.mp4", "person"))
    journal.entries.scratch(dead).write_text("o")
    with journal.store.write() as db:
        db.execute("UPDATE moves SET owner = ?", (DEAD,))
    journal.move("rename_folder", "Dogs", "Wolves")
    assert list((root / "Wolves").iterdir()) == []
    journal.delete_folder("Wolves")
