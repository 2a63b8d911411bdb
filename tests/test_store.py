"""The store: transactions, faults, and a file that is deleted while in use."""

from __future__ import annotations

import sqlite3
import subprocess
import threading
from pathlib import Path

import pytest

from sorter_core import migrations
from sorter_core.errors import DiskFull, ReadOnly, StorageError
from sorter_core.store import Store, network_drive


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "state" / "sorter.db")


def put(store: Store, key: str, value: str = "x") -> None:
    with store.write() as db:
        db.execute("INSERT INTO meta VALUES (?, ?)", (key, value))


def keys(store: Store) -> list[str]:
    with store.read() as db:
        return [row[0] for row in db.execute("SELECT key FROM meta WHERE key <> 'id' ORDER BY key")]


def test_a_transaction_lands_whole_or_not_at_all(store: Store) -> None:
    """An error inside takes back all of it."""
    put(store, "a")
    with pytest.raises(ValueError, match="stop"), store.write() as db:
        db.execute("INSERT INTO meta VALUES ('b', 'x')")
        raise ValueError("stop")
    assert keys(store) == ["a"]


def test_each_thread_has_its_connection(store: Store) -> None:
    """Threads write side by side without getting in each other's way."""
    threads = [threading.Thread(target=put, args=(store, f"{n:02}")) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert keys(store) == [f"{n:02}" for n in range(20)]


def test_a_store_deleted_while_open_is_made_anew(store: Store) -> None:
    """The next access finds an empty store instead of writing into a ghost."""
    put(store, "a")
    for file in store.path.parent.iterdir():
        file.unlink()
    assert keys(store) == []
    put(store, "b")
    assert keys(Store(store.path)) == ["b"]


def test_the_log_of_a_deleted_store_is_not_replayed(store: Store) -> None:
    """When only the main file goes, what stands in its old log does not come back."""
    put(store, "ghost")
    store.path.unlink()
    assert store.path.with_name("sorter.db-wal").exists()
    assert keys(store) == []
    assert keys(Store(store.path)) == []


def test_the_log_of_a_replaced_store_is_not_mixed_into_it(store: Store, tmp_path: Path) -> None:
    """A backup put in its place while the app is open is what counts, for each thread."""
    backup = Store(tmp_path / "backup" / "sorter.db")
    put(backup, "kept")
    backup.close()
    for number in range(20):
        put(store, f"newer {number}", "x" * 500)
    looked, replaced = threading.Event(), threading.Event()
    seen: list[list[str]] = []

    def look() -> None:
        seen.append(keys(store))
        looked.set()
        replaced.wait()
        seen.append(keys(store))

    other = threading.Thread(target=look)
    other.start()
    looked.wait()
    backup.path.replace(store.path)
    put(store, "new")
    assert keys(store) == ["kept", "new"]
    replaced.set()
    other.join()
    assert seen[1] == keys(Store(store.path)) == ["kept", "new"]


def test_a_file_where_the_stores_folder_was_is_said(store: Store) -> None:
    """No traceback, and nothing is made in its place."""
    for file in store.path.parent.iterdir():
        file.unlink()
    store.path.parent.rmdir()
    store.path.parent.write_text("mine")
    with pytest.raises(StorageError, match="can't be opened"):
        keys(store)
    assert store.path.parent.read_text() == "mine"


def test_whether_somebody_is_writing_is_told_at_once(store: Store) -> None:
    """Readers are none; and it is no transaction afterwards."""
    with sqlite3.connect(store.path, isolation_level=None) as other:
        assert not store.locked()
        other.execute("BEGIN IMMEDIATE")
        assert store.locked()
        other.execute("ROLLBACK")
    assert not store.locked()
    put(store, "a")


def test_many_processes_make_one_store(tmp_path: Path) -> None:
    """Opening at the same moment gives all of them the same file."""
    path = tmp_path / "sorter.db"
    opened = []
    threads = [
        threading.Thread(target=lambda n=n: (opened.append(Store(path)), put(opened[-1], str(n))))
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys(Store(path))) == len(set(keys(Store(path)))) == 8


def test_a_damaged_store_says_what_to_do(tmp_path: Path) -> None:
    """A file that is no database is named, with the way out."""
    (tmp_path / "sorter.db").write_bytes(b"no database " * 1000)
    with pytest.raises(StorageError, match="delete that file"):
        Store(tmp_path / "sorter.db")


def test_a_newer_store_is_left_alone(store: Store) -> None:
    """What a newer version wrote is not touched by an older one."""
    with store.read() as db:
        db.execute(f"PRAGMA user_version = {len(migrations.MIGRATIONS) + 1}")
    with pytest.raises(StorageError, match="newer version"):
        Store(store.path)


def test_a_full_disk_keeps_what_was_there(small_disk: Path) -> None:
    """Writing on a full disk is an error in plain words; what was stored stays."""
    store = Store(small_disk / "sorter.db")
    put(store, "a")
    with pytest.raises(DiskFull):
        for number in range(100):
            put(store, str(number), "x" * 50_000)
    assert "a" in keys(store)
    store.close()


def test_a_read_only_place_says_what_to_do(small_disk: Path) -> None:
    """Where nothing can be written, ARTIFACTS_DIR is the way out."""
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(ReadOnly, match="ARTIFACTS_DIR"):
        Store(small_disk / ".sorter" / "sorter.db")


def test_a_step_that_fails_leaves_the_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """A migration lands whole or not at all."""

    def broken(db: sqlite3.Connection) -> None:
        db.execute("CREATE TABLE half (x)")
        raise sqlite3.OperationalError("stop")

    db = sqlite3.connect(":memory:", isolation_level=None)
    migrations.migrate(db)
    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, broken))
    with pytest.raises(sqlite3.OperationalError):
        migrations.migrate(db)
    assert db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'half'").fetchone()[0] == 0


def test_a_windows_share_counts_as_network() -> None:
    """A path that begins with two backslashes lies on another machine."""
    assert network_drive(Path("\\\\nas\\videos")) == "a Windows share"


def test_any_number_of_values_can_be_asked_for(store: Store) -> None:
    """More than a statement may have variables; what stands before them is in each part."""
    names = [str(i) for i in range(70_000)]
    with store.write() as db:
        db.executemany("INSERT INTO meta VALUES (?, 'old')", [(n,) for n in names[::2]])
    query = "SELECT key FROM meta WHERE value = ? AND key IN ({})"
    assert sorted(row[0] for row in store.among(query, names, ("old",))) == sorted(names[::2])
    assert list(store.among(query, [], ("old",))) == []
