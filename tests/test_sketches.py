"""The small copies of the vectors: what they are good for, and what becomes of them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sorter_core import Settings, Sorter, encoders, sketches
from sorter_core.sketches import Sketches
from tests.learned import analysed

HOME = Path(__file__).parent.parent
_AGAIN_AND_AGAIN = """
import sys
from pathlib import Path
from sorter_core.library import Library
from sorter_core.sketches import Sketches
library = Library(Path(sys.argv[1]))
for _ in range(int(sys.argv[2])):
    for file in (library.artifacts / "alike").glob("*.npz"):
        file.unlink(missing_ok=True)
    Sketches(library).refresh()
    print("made", flush=True)
"""


@pytest.fixture
def sorter(tmp_path: Path, settings: Settings) -> Sorter:
    """30 analysed videos."""
    return analysed(tmp_path / "own", settings)


def add(sorter: Sorter, *marks: str) -> None:
    """Analyse more."""
    kind = encoders.available()["sound"]
    vectors = np.random.default_rng(len(marks)).normal(size=(len(marks), kind.dim))
    with sorter.library.store.write() as db:
        db.executemany(
            "INSERT INTO features VALUES (?, 'sound', ?, ?, NULL)",
            [
                (mark, kind.version, row.astype("<f4").tobytes())
                for mark, row in zip(marks, vectors, strict=True)
            ],
        )


def file_of(sorter: Sorter) -> Path:
    """Where the copy of the sounds lies."""
    version = encoders.available()["sound"].version
    return sorter.library.artifacts / "alike" / f"sound-{version}.npz"


def again_and_again(sorter: Sorter, times: int) -> subprocess.Popen[str]:
    """Another process that makes the copy anew so many times."""
    return subprocess.Popen(
        [sys.executable, "-c", _AGAIN_AND_AGAIN, str(sorter.library.root), str(times)],
        env={**os.environ, "PYTHONPATH": str(HOME), "OPENBLAS_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_the_small_vectors_keep_the_order() -> None:
    """Of vectors in few directions, as real ones are, nothing that counts is lost."""
    random = np.random.default_rng(0)
    rows = random.normal(size=(500, 40)) @ random.normal(size=(40, 600))
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    centre = rows.mean(axis=0)
    basis = sketches._directions(rows - centre)
    small = (rows - centre) @ basis
    assert np.allclose(basis.T @ basis, np.eye(basis.shape[1]), atol=1e-4)
    assert np.allclose(small @ small.T, (rows - centre) @ (rows - centre).T, atol=1e-4)


def test_the_cosines_are_nearly_those_of_the_stored_vectors(sorter: Sorter) -> None:
    """Eight bits a direction cost less than a hundredth of a cosine."""
    with sorter.library.store.read() as db:
        stored = dict(db.execute("SELECT fingerprint, vector FROM features").fetchall())
    sketch = Sketches(sorter.library).get("sound")
    rows = np.stack([np.frombuffer(stored[mark.decode()], "<f4") for mark in sketch.marks])
    seen = rows - sketch.centre
    seen = seen / np.linalg.norm(seen, axis=1, keepdims=True)
    found = np.stack([sketch.cosines(row) for row in rows])
    assert np.abs(found - seen @ seen.T).max() < 0.01


def test_after_a_refresh_the_first_question_has_nothing_to_read(sorter: Sorter) -> None:
    """Also in a process that has asked nothing yet."""
    assert not Sketches(sorter.library, few=0).ready("sound")
    sorter.refresh_alike()
    assert Sketches(sorter.library, few=0).ready("sound")
    assert [file.name for file in file_of(sorter).parent.iterdir()] == [file_of(sorter).name]


def test_a_refresh_with_nothing_new_writes_nothing(sorter: Sorter) -> None:
    """The file stays the one it was."""
    sorter.refresh_alike()
    before = file_of(sorter).stat()
    Sorter(sorter.settings).refresh_alike()
    assert file_of(sorter).stat().st_ino == before.st_ino


def test_what_another_process_has_read_is_taken_from_its_file(sorter: Sorter) -> None:
    """A server whose copy is behind the job's does not read all vectors again."""
    own = Sketches(sorter.library, few=0)
    own.get("sound")
    add(sorter, "a" * 32, "b" * 32)
    Sketches(sorter.library).refresh()
    with sorter.library.store.write() as db:
        db.execute("DELETE FROM features WHERE fingerprint = ?", ("a" * 32,))
    assert b"a" * 32 in own.get("sound").marks  # it can be from the file only


@pytest.mark.parametrize(("at", "value"), [(8, 1), (10, 99), (6, 200), (8, 32)])
def test_a_wrong_bit_in_the_list_of_contents_costs_the_copy_alone(
    sorter: Sorter, at: int, value: int
) -> None:
    """It says "encrypted", names an unknown way of packing or version: the copy is made again."""
    sorter.refresh_alike()
    content = bytearray(file_of(sorter).read_bytes())
    content[content.index(b"PK\x01\x02") + at] = value
    file_of(sorter).write_bytes(content)
    assert len(Sketches(sorter.library).get("sound").marks) == 30
    assert sketches._read(file_of(sorter)) is not None


def test_a_copy_whose_parts_do_not_fit_is_made_again(sorter: Sorter) -> None:
    """As whoever changes the program may leave one behind."""
    sorter.refresh_alike()
    kept = Sketches(sorter.library).get("sound")
    sketches._write(file_of(sorter), replace(kept, basis=kept.basis[:, :3]))
    again = Sketches(sorter.library).get("sound")
    assert again.basis.shape == kept.basis.shape


def test_new_vectors_extend_the_file(sorter: Sorter) -> None:
    """The directions learned first are kept."""
    sorter.refresh_alike()
    before = Sketches(sorter.library).get("sound")
    add(sorter, "a" * 32)
    Sorter(sorter.settings).refresh_alike()
    after = Sketches(sorter.library).get("sound")
    assert after.marks.tolist() == [*before.marks.tolist(), b"a" * 32]
    assert np.array_equal(after.basis, before.basis)


def test_the_number_of_a_deleted_row_comes_again(sorter: Sorter) -> None:
    """A vector that takes a deleted one's place in the store is not overlooked."""
    own = Sketches(sorter.library)
    add(sorter, "a" * 32)
    assert own.get("sound").marks[-1] == b"a" * 32
    with sorter.library.store.write() as db:
        db.execute("DELETE FROM features WHERE fingerprint = ?", ("a" * 32,))
    add(sorter, "b" * 32)
    marks = own.get("sound").marks.tolist()
    assert marks[-1] == b"b" * 32
    assert b"a" * 32 not in marks


def test_what_nobody_needs_goes_and_what_is_being_written_stays(sorter: Sorter) -> None:
    """Copies of older encoders, and of a process killed long ago."""
    folder = file_of(sorter).parent
    folder.mkdir()
    for name in ("sound-0.npz", ".sorter-1-sound-1.npz", ".sorter-2-sound-1.npz"):
        (folder / name).write_bytes(b"old")
    os.utime(folder / ".sorter-1-sound-1.npz", (0, 0))
    sorter.refresh_alike()
    left = {path.name for path in folder.iterdir()}
    assert left == {file_of(sorter).name, ".sorter-2-sound-1.npz"}


@pytest.mark.skipif(os.name == "nt", reason="kills as POSIX systems do")
def test_a_killed_refresh_leaves_a_whole_file_or_none(sorter: Sorter) -> None:
    """Whenever it is killed; the next one makes what lacks."""
    expected = sorter.search_alike("Cats-0.mp4")
    for pause in (0.0, 0.005):
        other = again_and_again(sorter, 10_000)
        assert other.stdout is not None
        other.stdout.readline()
        time.sleep(pause)
        other.send_signal(signal.SIGKILL)
        other.communicate()
        if file_of(sorter).exists():
            assert sketches._read(file_of(sorter)) is not None
        assert Sorter(sorter.settings).search_alike("Cats-0.mp4") == expected


def test_two_processes_at_once(sorter: Sorter) -> None:
    """Both make it, again and again, while a third asks."""
    expected = sorter.search_alike("Cats-0.mp4")
    others = [again_and_again(sorter, 3) for _ in range(2)]
    while any(other.poll() is None for other in others):
        assert Sorter(sorter.settings).search_alike("Cats-0.mp4") == expected
        time.sleep(0.1)
    assert [other.communicate() and other.returncode for other in others] == [0, 0]
    Sketches(sorter.library).refresh()
    assert Sketches(sorter.library, few=0).ready("sound")


def test_where_nothing_can_be_written_the_answer_comes_all_the_same(sorter: Sorter) -> None:
    """The copy is only a copy: here a file lies where its folder should be."""
    (sorter.library.artifacts / "alike").write_bytes(b"in the way")
    sorter.refresh_alike()
    assert sorter.search_alike("Cats-0.mp4").hits


def test_a_job_ends_with_the_copies_made_and_old_pictures_dropped(sorter: Sorter) -> None:
    """After its results are published: nobody waits for that."""
    orphan = sorter.library.artifacts / "posters" / f"{'a' * 32}.webp"
    orphan.parent.mkdir()
    orphan.write_bytes(b"picture")
    os.utime(orphan, (0, 0))
    sorter.choose_encoders(["sound"])  # all analysed already
    assert sorter.retrain() == "started"
    deadline = time.monotonic() + 120
    while orphan.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert sorter.job().last_result == "success"
    assert not orphan.exists()
    assert Sketches(sorter.library, few=0).ready("sound")
    assert len(json.loads((sorter.library.artifacts / "predictions.json").read_text())) == 6
