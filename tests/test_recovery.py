"""Moves that were cut short, by crashes and races, are settled by what the disk says."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sorter_core import claims, history, processes
from sorter_core.journal import Journal
from sorter_core.library import Library
from tests.conftest import Layout, grow, look

HERE = str(Path(claims.__file__).parent.parent)
DEAD = f"{processes.me().rsplit(':', 2)[0]}:999999999:0"


_KILLED = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from sorter_core import files, journal
from sorter_core.store import Store

step, root = sys.argv[2], Path(sys.argv[3])
die = lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL)
book = journal.Journal(Store(root / ".sorter" / "sorter.db"), root)
if step == "planned":
    journal.move = die
elif step == "reserved":
    files._native_rename = lambda: None
    Path.replace = die
elif step == "renamed":
    book.entries.settle = die
elif step == "copying":
    files.rename_exclusive = lambda a, b: (_ for _ in ()).throw(OSError(18, "cross-device"))
    files.same_bytes = die
book.move("sort", "1.mp4", "Cats/1.mp4")
"""


@pytest.mark.parametrize(
    ("step", "state"),
    [("planned", "failed"), ("reserved", "failed"), ("copying", "failed"), ("renamed", "done")],
)
def test_a_move_killed_at_any_step_is_settled_at_the_next_start(
    journal: Journal, root: Path, step: str, state: str
) -> None:
    """SIGKILL before, in the middle of or after the rename: the file is in one place, whole."""
    child = subprocess.run(
        [sys.executable, "-c", _KILLED, HERE, step, str(root)], check=False, capture_output=True
    )
    assert child.returncode == -signal.SIGKILL, child.stderr.decode()
    opened = Library(root)
    assert history.moves(opened.store)[0].state == state
    places = [p for p in (root / "1.mp4", root / "Cats" / "1.mp4") if p.exists()]
    assert [p.read_text() for p in places] == ["one"]
    assert not [p for p in (root / "Cats").iterdir() if p.name.startswith(".")]
    if state == "done":
        opened.undo()
    else:
        opened.sort("1.mp4", "Cats")
        opened.undo()
    assert look(root) == {
        "1.mp4": b"one",
        "2.mp4": b"two",
        "3.mp4": b"three",
        "Cats": {"4.mp4": b"four"},
        "Dogs": {},
    }


def test_a_copy_to_another_disk_killed_before_the_source_went_is_finished(
    journal: Journal,
    root: Path,
    small_disk: Path,
) -> None:
    """Both copies are whole and equal: the target counts, the source goes."""
    (root / "USB").mkdir()
    subprocess.run(["mount", "--bind", str(small_disk), str(root / "USB")], check=True)
    try:
        (root / "USB" / "1.mp4").write_text("one")
        with journal.store.write() as db:
            db.execute(
                "INSERT INTO moves (kind, source, target, state, actor, owner) VALUES"
                " ('sort', '1.mp4', 'USB/1.mp4', 'planned', 'person', '')"
            )
        assert [move.state for move in journal.recover()] == ["done"]
        assert not (root / "1.mp4").exists()
        assert (root / "USB" / "1.mp4").read_text() == "one"
    finally:
        subprocess.run(["umount", str(root / "USB")], check=True)


def test_a_foreign_file_at_the_target_is_never_taken_for_ours(journal: Journal, root: Path) -> None:
    """Recovery leaves both files alone when the target holds something else."""
    (root / "Cats" / "1.mp4").write_text("foreign")
    with journal.store.write() as db:
        db.execute(
            "INSERT INTO moves (kind, source, target, state, actor, owner) VALUES"
            " ('sort', '1.mp4', 'Cats/1.mp4', 'planned', 'person', '')"
        )
    journal.recover()
    assert ((root / "1.mp4").read_text(), (root / "Cats" / "1.mp4").read_text()) == (
        "one",
        "foreign",
    )


_RACER = """
import random, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from sorter_core.errors import SorterError
from sorter_core.library import Library

library = Library(Path(sys.argv[2]))
chance = random.Random(sys.argv[3])
names = [f"{n}.mp4" for n in range(200)]
places = ["", "A", "B", "C", "D"]
chance.shuffle(names)
moved = 0
for name in names:
    try:
        here, _ = library.find(name)
        library.move(name, here, chance.choice([p for p in places if p != here]))
        moved += 1
    except SorterError:
        pass
print(moved)
"""


@pytest.mark.slow
def test_eight_processes_lose_and_overwrite_nothing(tmp_path: Path) -> None:
    """200 files moved to random folders by eight processes are all there, each once, each whole."""
    files: Layout = {f"{n}.mp4": f"video {n}" for n in range(200)}
    root = grow(tmp_path / "library", {**files, "A": {}, "B": {}, "C": {}, "D": {}})
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", _RACER, HERE, str(root), str(n)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for n in range(8)
    ]
    told = [racer.communicate() for racer in racers]
    assert [racer.returncode for racer in racers] == [0] * 8, told[0][1].decode()
    assert sum(int(out) for out, _ in told) >= 200
    found = {p.name: p.read_text() for p in root.rglob("*.mp4")}
    assert found == {f"{n}.mp4": f"video {n}" for n in range(200)}
    assert len(list(root.rglob("*.mp4"))) == 200
    book = Library(root).journal
    assert not [move for move in history.moves(book.store, 5000) if move.state == "planned"]


def test_a_killed_racer_loses_nothing(tmp_path: Path) -> None:
    """Processes killed at random moments leave every file in exactly one place."""
    files: Layout = {f"{n}.mp4": f"video {n}" for n in range(200)}
    root = grow(tmp_path / "library", {**files, "A": {}, "B": {}, "C": {}, "D": {}})
    Library(root)
    chance = random.Random(0)
    for n in range(4):
        child = subprocess.Popen(
            [sys.executable, "-c", _RACER, HERE, str(root), str(n)], stdout=subprocess.DEVNULL
        )
        try:
            child.wait(timeout=0.5 + chance.random() * 0.3)
        except subprocess.TimeoutExpired:
            os.kill(child.pid, signal.SIGKILL)
            child.wait()
    Library(root)
    assert sorted(p.read_text() for p in root.rglob("*.mp4")) == sorted(
        f"video {n}" for n in range(200)
    )


@pytest.mark.parametrize(
    ("owner", "at", "state"),
    [
        ("another:12:3.00", "2020-01-01T00:00:00.000Z", "failed"),
        ("another:12:3.00", "2999-01-01T00:00:00.000Z", "planned"),
        (processes.me(), "2020-01-01T00:00:00.000Z", "planned"),
    ],
    ids=["long ago", "just now", "our own"],
)
def test_a_machine_that_has_another_name_now_does_not_wait_for_itself(
    journal: Journal, owner: str, at: str, state: str
) -> None:
    """Nobody can look at another machine's processes: what it began is given up after an hour."""
    with journal.store.write() as db:
        db.execute(
            "INSERT INTO moves (kind, source, target, state, actor, owner, at, batch) VALUES"
            " ('sort', '1.mp4', 'Cats/1.mp4', 'planned', 'person', ?, ?, 1)",
            (owner, at),
        )
    told = journal.recover()
    assert [move.state for move in history.moves(journal.store)] == [state]
    assert [move.state for move in told] == ["failed"] * (state == "failed")


def test_a_read_only_disk_keeps_no_library_from_being_opened(
    tmp_path: Path, small_disk: Path
) -> None:
    """What a killed copy left there can't go now; it does when the disk can be written to."""
    root = grow(small_disk / "library", {"Cats": {".sorter-1.part": "o", "1.mp4": "one"}})
    store = Library(root, tmp_path / "store").store
    with store.write() as db:
        db.execute(
            "INSERT INTO moves (kind, source, target, state, actor, owner, batch) VALUES"
            " ('move', 'Cats/1.mp4', 'Cats/2.mp4', 'planned', 'person', ?, 1)",
            (DEAD,),
        )
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    library = Library(root, tmp_path / "store")
    assert library.folders()[0].count == 1
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    library.move("1.mp4", "Cats", "")
    assert look(root) == {"1.mp4": b"one", "Cats": {}}
    assert [move.state for move in history.moves(store)] == ["done", "failed"]
    library.delete_folder("Cats")


_RESTLESS = """
import random, sys
sys.path.insert(0, sys.argv[1])
from contextlib import suppress
from pathlib import Path
from sorter_core.errors import SorterError
from sorter_core.library import Library

library, chance = Library(Path(sys.argv[2])), random.Random(sys.argv[3])
print("ready", flush=True)
while True:
    with suppress(SorterError):
        act = chance.random()
        if act < 0.5:
            name = f"{chance.randrange(30)}.mp4"
            library.move(name, library.find(name)[0], chance.choice(["", "A", "B", "USB"]))
        elif act < 0.85:
            library.undo()
        elif act < 0.9:
            library.merge_folder(*chance.sample(["A", "B", "C"], 2))
        elif act < 0.95:
            library.create_folder(chance.choice("ABC"))
        else:
            library.rename_folder(*chance.sample(["A", "B", "C"], 2))
"""


def told(journal: Journal, names: set[str]) -> dict[str, str]:
    """The folder of each file, by the journal alone."""
    place = dict.fromkeys(names, "")
    for move in reversed(history.moves(journal.store, 1_000_000)):
        if move.state not in ("done", "undone") or not move.source or not move.target:
            continue
        name = move.source.rpartition("/")[2]
        if name in names:
            place[name] = move.target.rpartition("/")[0]
        else:
            place |= {one: move.target for one, folder in place.items() if folder == move.source}
    return place


@pytest.mark.slow
def test_moves_and_undos_of_two_killed_processes_lose_nothing(
    tmp_path: Path, small_disk: Path
) -> None:
    """Each file is in one place, whole; the journal knows where; nothing half-copied lies about."""
    files: Layout = {f"{n}.mp4": f"video {n} " * 2000 for n in range(30)}
    root = grow(tmp_path / "library", {**files, "A": {}, "B": {}, "C": {}, "USB": {}})
    subprocess.run(["mount", "--bind", str(small_disk), str(root / "USB")], check=True)
    chance = random.Random(0)

    def start(number: int) -> subprocess.Popen[bytes]:
        child = subprocess.Popen(
            [sys.executable, "-c", _RESTLESS, HERE, str(root), str(number)], stdout=subprocess.PIPE
        )
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        return child

    children = [start(0), start(1)]
    try:
        for number in range(2, 12):
            time.sleep(0.1 + chance.random() * 0.3)
            children[0].kill()
            children[0].wait()
            children = [children[1], start(number)]
    finally:
        for child in children:
            child.kill()
            child.wait()
    try:
        journal = Library(root).journal
        places = {p.name: p.parent for p in root.rglob("*.mp4")}
        assert sorted(p.read_text() for p in root.rglob("*.mp4")) == sorted(files.values())
        assert told(journal, set(files)) == {
            name: "" if place == root else place.name for name, place in places.items()
        }
        assert list(root.rglob(".sorter-*")) == []
        assert {m.state for m in history.moves(journal.store, 1_000_000)} <= {
            "done",
            "undone",
            "failed",
        }
    finally:
        subprocess.run(["umount", "-l", str(root / "USB")], check=True)
