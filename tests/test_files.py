"""Names, fingerprints and the move that never overwrites."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorter_core import files
from sorter_core.errors import DiskFull, InvalidName, MediaError, ReadOnly, StorageError
from tests.conftest import grow, without_rights

RENAMES = [files.rename_exclusive, files.rename_reserved]


@pytest.mark.parametrize(
    "name", ["", " ", ".", "..", ".x", "a/b", "a\\b", "a\0", "a\n", "x" * 256, "\udcff", "é" * 128]
)
def test_a_name_that_is_no_plain_component_is_refused(name: str) -> None:
    """Separators, dots in front, control characters, over-long and undecodable names are no names."""
    with pytest.raises(InvalidName):
        files.judge_name(name)


@pytest.mark.parametrize(
    "name", ["a", "Rock 'n' Roll", 'say "hi"', "Ünïcode", "🐈", "a..b", "x" * 255]
)
def test_an_odd_but_plain_name_is_taken(name: str) -> None:
    """Quotes, emoji and 255 bytes are a person's good right."""
    assert files.judge_name(name) == name


@given(st.text())
def test_a_judged_name_never_leaves_its_folder(name: str) -> None:
    """Whatever passes is one component below the folder it is put into."""
    try:
        judged = files.judge_name(name)
    except InvalidName:
        return
    path = Path("/library") / judged
    assert path.parent == Path("/library")
    assert Path(os.path.normpath(path)) == path


@pytest.mark.parametrize("name", ["a:b", "a?", "con", "LPT1.mp4", "dot.", "blank "])
def test_windows_faults_are_named(name: str) -> None:
    """What Windows can't hold has a reason."""
    assert files.windows_fault(name) is not None


def test_a_fingerprint_survives_a_rename(tmp_path: Path) -> None:
    """The same content has the same fingerprint wherever it lies."""
    (tmp_path / "a").write_bytes(os.urandom(500_000))
    before = files.fingerprint(tmp_path / "a")
    assert files.fingerprint((tmp_path / "a").rename(tmp_path / "b")) == before


@pytest.mark.parametrize("at", [0, 250_000, 499_999])
def test_a_fingerprint_sees_head_middle_and_tail(tmp_path: Path, at: int) -> None:
    """One other byte there gives another fingerprint."""
    content = bytearray(500_000)
    (tmp_path / "a").write_bytes(content)
    content[at] ^= 1
    (tmp_path / "b").write_bytes(content)
    assert files.fingerprint(tmp_path / "a") != files.fingerprint(tmp_path / "b")


def test_a_small_file_is_read_whole(tmp_path: Path) -> None:
    """Below 192 KiB each byte counts."""
    (tmp_path / "a").write_bytes(b"\0" * 100_000)
    (tmp_path / "b").write_bytes(b"\0" * 99_999 + b"\1")
    assert files.fingerprint(tmp_path / "a") != files.fingerprint(tmp_path / "b")


def test_a_pipe_has_no_fingerprint_and_blocks_nobody(tmp_path: Path) -> None:
    """A FIFO is refused at once."""
    os.mkfifo(tmp_path / "pipe.mp4")
    with pytest.raises(MediaError, match="no regular file"):
        files.fingerprint(tmp_path / "pipe.mp4")


def test_a_link_has_no_fingerprint(tmp_path: Path) -> None:
    """What lies behind a symbolic link is not read."""
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "1.mp4").symlink_to(tmp_path / "secret")
    with pytest.raises(MediaError):
        files.fingerprint(tmp_path / "1.mp4")


@pytest.mark.parametrize("rename", RENAMES)
def test_a_rename_moves_file_and_folder(tmp_path: Path, rename: object) -> None:
    """Both ways of renaming move what they are given."""
    (tmp_path / "a").write_text("a")
    (tmp_path / "f").mkdir()
    (tmp_path / "f" / "x").write_text("x")
    rename(tmp_path / "a", tmp_path / "b")
    rename(tmp_path / "f", tmp_path / "g")
    assert (tmp_path / "b").read_text() == "a"
    assert (tmp_path / "g" / "x").read_text() == "x"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["b", "g"]


@pytest.mark.parametrize("rename", RENAMES)
def test_a_rename_never_overwrites(tmp_path: Path, rename: object) -> None:
    """A taken name is an error, and both files are as they were."""
    (tmp_path / "a").write_text("a")
    (tmp_path / "b").write_text("b")
    (tmp_path / "f").mkdir()
    (tmp_path / "g").mkdir()
    with pytest.raises(FileExistsError):
        rename(tmp_path / "a", tmp_path / "b")
    with pytest.raises(FileExistsError):
        rename(tmp_path / "f", tmp_path / "g")
    assert ((tmp_path / "a").read_text(), (tmp_path / "b").read_text()) == ("a", "b")


@pytest.mark.parametrize("rename", RENAMES)
def test_a_rename_of_what_is_gone_leaves_no_trace(tmp_path: Path, rename: object) -> None:
    """A missing source leaves no reserved name behind."""
    with pytest.raises(FileNotFoundError):
        rename(tmp_path / "a", tmp_path / "b")
    assert list(tmp_path.iterdir()) == []


_RACE = """
import sys, pathlib
sys.path.insert(0, sys.argv[3])
from sorter_core import files
folder, rename = pathlib.Path(sys.argv[1]), getattr(files, sys.argv[2])
won = 0
for i in range(200):
    try:
        rename(folder / f"{i}.mp4", folder / "out" / f"{i}-{sys.argv[4]}.mp4")
        won += 1
    except FileNotFoundError:
        pass
print(won)
"""


@pytest.mark.parametrize("rename", ["rename_exclusive", "rename_reserved"])
def test_each_file_has_one_winner(tmp_path: Path, rename: str) -> None:
    """Four processes that move the same files share them out without loss or double."""
    (tmp_path / "out").mkdir()
    for i in range(200):
        (tmp_path / f"{i}.mp4").write_text(str(i))
    here = str(Path(files.__file__).parent.parent)
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", _RACE, str(tmp_path), rename, here, str(n)],
            stdout=subprocess.PIPE,
        )
        for n in range(4)
    ]
    won = sum(int(racer.communicate()[0]) for racer in racers)
    assert won == 200
    assert sorted(p.read_text() for p in (tmp_path / "out").iterdir()) == sorted(
        map(str, range(200))
    )


def test_a_move_to_another_disk_is_a_checked_copy(tmp_path: Path, small_disk: Path) -> None:
    """Content and time arrive; the source goes; no scratch file stays."""
    (tmp_path / "a").write_bytes(os.urandom(300_000))
    os.utime(tmp_path / "a", ns=(1, 1_600_000_000_000_000_000))
    content = (tmp_path / "a").read_bytes()
    files.move(tmp_path / "a", small_disk / "b", small_disk / ".sorter-1.part")
    assert (small_disk / "b").read_bytes() == content
    assert (small_disk / "b").stat().st_mtime_ns == 1_600_000_000_000_000_000
    assert [p.name for p in small_disk.iterdir()] == ["b"]
    assert not (tmp_path / "a").exists()


def test_a_move_to_another_disk_never_overwrites(tmp_path: Path, small_disk: Path) -> None:
    """A taken name on the other disk is left alone."""
    (tmp_path / "a").write_text("a")
    (small_disk / "b").write_text("b")
    with pytest.raises(FileExistsError):
        files.move(tmp_path / "a", small_disk / "b", small_disk / ".sorter-1.part")
    assert ((tmp_path / "a").read_text(), (small_disk / "b").read_text()) == ("a", "b")


def test_a_full_disk_loses_nothing(tmp_path: Path, small_disk: Path) -> None:
    """A file that does not fit stays where it is, and leaves no part behind."""
    (tmp_path / "a").write_bytes(b"x" * 2_000_000)
    with pytest.raises(DiskFull, match="full"):
        files.move(tmp_path / "a", small_disk / "b", small_disk / ".sorter-1.part")
    assert (tmp_path / "a").stat().st_size == 2_000_000
    assert list(small_disk.iterdir()) == []


def test_a_read_only_disk_is_named(tmp_path: Path, small_disk: Path) -> None:
    """On a disk that is mounted read-only the error says so."""
    (tmp_path / "a").write_text("a")
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(ReadOnly, match="No right"):
        files.move(tmp_path / "a", small_disk / "b", small_disk / ".sorter-1.part")
    with pytest.raises(ReadOnly):
        files.write_atomic(small_disk / "state", b"x")
    assert (tmp_path / "a").read_text() == "a"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_folder_that_gives_nothing_away_is_the_one_that_is_named() -> None:
    """Who may write at the target, and not where the file lies, is sent to the right folder."""
    with tempfile.TemporaryDirectory() as place:
        root = grow(Path(place), {"From": {"1.mp4": "one"}, "To": {}})
        for folder, mode in ((root, 0o755), (root / "To", 0o777), (root / "From", 0o555)):
            folder.chmod(mode)
        with without_rights(), pytest.raises(ReadOnly, match="From"):
            files.move(root / "From" / "1.mp4", root / "To" / "1.mp4", root / "To" / ".part")
        assert (root / "From" / "1.mp4").read_text() == "one"
        (root / "From").chmod(0o755)


def test_an_unknown_fault_keeps_the_systems_words() -> None:
    """A strange error number is still told in a sentence."""
    error = files.translated(OSError(errno.EIO, "Input/output error"), Path("/x/y"))
    assert isinstance(error, StorageError)
    assert "Input/output error" in str(error)


def test_an_atomic_write_replaces_the_whole(tmp_path: Path) -> None:
    """The new content is there at once, and nothing beside it."""
    files.write_atomic(tmp_path / "f", b"one")
    files.write_atomic(tmp_path / "f", b"two")
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("f", b"two")]
