"""The steps from any older store to the newest: whole, once, and with what was kept in it."""

from __future__ import annotations

import multiprocessing
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from sorter_core import migrations
from sorter_core.errors import StorageError
from sorter_core.store import Store

STEPS = len(migrations.MIGRATIONS)
TABLES = "SELECT type, name, sql FROM sqlite_master ORDER BY type, name"


def old_store(path: Path, steps: int) -> Path:
    """A store as the program left it that knew the first ``steps``, with a video in it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        for number, step in enumerate(migrations.MIGRATIONS[:steps], start=1):
            step(db)
            db.execute(f"PRAGMA user_version = {number}")
        db.execute("INSERT INTO videos (fingerprint, size) VALUES ('a', 1)")
        db.execute("INSERT INTO files VALUES ('Cats', '1.mp4', 1, 1, 'a', NULL)")
        db.execute("INSERT INTO texts VALUES ('a', 'caption', 'a sleepy cat')")
        db.execute("INSERT INTO predictions (fingerprint, run, folder, confidence, guesses)"
                   " VALUES ('a', 1, 'Cats', 0.5, '[]')")  # fmt: skip
        db.execute("INSERT INTO moves (batch, kind, source, target, state, actor, owner)"
                   " VALUES (1, 'sort', '1.mp4', 'Cats/1.mp4', 'done', 'person', 'x')")  # fmt: skip
    return path


def kept(path: Path) -> list[tuple[object, ...]]:
    """What an older program had written."""
    with Store(path).read() as db:
        rows = db.execute(
            "SELECT files.name, text, p.folder, target FROM files JOIN texts USING (fingerprint)"
            " JOIN predictions p USING (fingerprint) JOIN moves ON batch = 1"
        )
        return [tuple(row) for row in rows]


def open_at_once(path: Path, barrier: object, told: object) -> None:
    """One of several new processes; tells what it saw."""
    barrier.wait()  # type: ignore[attr-defined]
    try:
        with Store(path).read() as db:
            seen: object = db.execute("PRAGMA user_version").fetchone()[0]
    except StorageError as error:
        seen = str(error)
    told.put(seen)  # type: ignore[attr-defined]


@pytest.mark.parametrize("steps", range(1, STEPS + 1))
def test_an_older_store_becomes_the_newest(tmp_path: Path, steps: int) -> None:
    """The same tables as in a new one, and every row is still there."""
    old, new = Store(old_store(tmp_path / "old.db", steps)), Store(tmp_path / "new.db")
    with old.read() as one, new.read() as other:
        assert list(map(tuple, one.execute(TABLES))) == list(map(tuple, other.execute(TABLES)))
    assert kept(old.path) == [("1.mp4", "a sleepy cat", "Cats", "Cats/1.mp4")]


def test_what_was_written_before_there_was_an_index_is_found(tmp_path: Path) -> None:
    """The words of a store from before the search are in line to be indexed."""
    store = Store(old_store(tmp_path / "old.db", 3))
    with store.read() as db:
        assert [row[0] for row in db.execute("SELECT fingerprint FROM search_stale")] == ["a"]


def test_new_processes_that_open_an_old_store_at_once(tmp_path: Path) -> None:
    """Each step lands once, whoever comes first; none of them fails."""
    context = multiprocessing.get_context("spawn")
    paths = [old_store(tmp_path / f"{steps}.db", steps) for steps in (1, STEPS - 1)]
    for path in paths:
        barrier, told = context.Barrier(2), context.Queue()
        children = [
            context.Process(target=open_at_once, args=(path, barrier, told)) for _ in range(2)
        ]
        for child in children:
            child.start()
        seen = [told.get(timeout=60) for _ in children]
        for child in children:
            child.join()
        assert seen == [STEPS] * 2
        assert len(kept(path)) == 1


def test_a_program_killed_between_two_steps_goes_on_there(tmp_path: Path) -> None:
    """Each step is a transaction: what has landed stays, and the rest follows."""
    path = old_store(tmp_path / "old.db", 2)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        migrations.MIGRATIONS[2](db)  # and then it was killed
    with Store(path).read() as db:
        assert db.execute("PRAGMA user_version").fetchone()[0] == STEPS


def test_an_old_program_says_that_it_is_old(tmp_path: Path) -> None:
    """It names the way out, keeps the store as it is, and does not call it damaged."""
    path = old_store(tmp_path / "old.db", STEPS)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("CREATE TABLE later (x)")
        db.execute(f"PRAGMA user_version = {STEPS + 1}")
    with pytest.raises(StorageError, match=r"newer version of this program\. Update this one"):
        Store(path)
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT count(*) FROM later").fetchone() == (0,)
