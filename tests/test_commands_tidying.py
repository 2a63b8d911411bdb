"""The commands ``merge``, ``delete`` and ``duplicates``: answers, the trash, exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sorter_core.commands import run
from tests.conftest import grow, look

HOME = Path(__file__).parent.parent
Call = Callable[..., tuple[int, str, str]]
linux = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="where the trash lies is known on Linux"
)


@pytest.fixture(autouse=True)
def _own_trash(own_settings: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home of the test's own, where the trash lies."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("PYTHONPATH", str(HOME))


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], root: Path) -> Call:
    """Run a command on the library: its exit code, and what it wrote to both streams."""

    def command(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run([*map(str, arguments), "--library", str(root)])
        return code, *capsys.readouterr()

    return command


@pytest.fixture
def twice(root: Path) -> Path:
    """The library with two copies of one video and one of another."""
    return grow(root, {"5.mp4": "four", "6.mp4": "four", "Dogs": {"7.mp4": "one"}})


def command_line(root: Path, *arguments: str) -> list[str]:
    """The same in a process of its own: the trash is the system's."""
    return [sys.executable, "-m", "sorter_core", *arguments, "--library", str(root)]


def removing(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """``duplicates --remove`` without a terminal."""
    return subprocess.run(
        command_line(root, "duplicates", "--remove", *arguments),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def trashed(tmp_path: Path) -> list[str]:
    """What lies in the trash."""
    place = tmp_path / "data" / "Trash" / "files"
    return sorted(path.name for path in place.iterdir()) if place.exists() else []


def test_merge_moves_all_and_undo_takes_it_back(call: Call, root: Path) -> None:
    """The emptied folder is gone until then."""
    grow(root, {"Dogs": {"5.mp4": "five"}})
    before = look(root)
    code, out, _ = call("merge", "Dogs", "Cats", "--json")
    said = json.loads(out)
    assert (code, said["moved"], said["failed"]) == (0, [["5.mp4", "Cats"]], [])
    assert "Dogs" not in look(root)
    assert call("undo", "--batch", said["batch"])[0] == 0
    assert look(root) == before


def test_merge_tells_what_stays(call: Call, root: Path) -> None:
    """A name that is taken; the exit code says so, and the folder is still there."""
    grow(root, {"Dogs": {"4.mp4": "another", "5.mp4": "five"}})
    code, out, _ = call("merge", "Dogs", "Cats")
    assert code == 1
    assert "1 moved from Dogs to Cats" in out
    assert "not 4.mp4" in out
    assert look(root)["Dogs"] == {"4.mp4": b"another"}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("Cats", "Cats"), 2), (("Nope", "Cats"), 2), (("Cats", "../x"), 2)],
)
def test_merge_judges_the_names(call: Call, root: Path, arguments: tuple[str], code: int) -> None:
    """Before anything moves."""
    before = look(root)
    assert call("merge", *arguments)[0] == code
    assert look(root) == before


def test_delete_takes_an_empty_folder_only(call: Call, root: Path) -> None:
    """And undo makes it again."""
    before = look(root)
    assert call("delete", "Cats")[0] == 1
    code, out, _ = call("delete", "Dogs", "--json")
    assert (code, json.loads(out)) == (0, {"deleted": "Dogs"})
    assert "Dogs" not in look(root)
    assert call("undo")[0] == 0
    assert look(root) == before


def test_duplicates_are_listed(call: Call, twice: Path) -> None:
    """As groups, the one to keep first; nothing is changed."""
    before = look(twice)
    said: dict[str, Any] = json.loads(call("duplicates", "--json")[1])
    groups = [[(c["filename"], c["folder"]) for c in g["copies"]] for g in said["groups"]]
    assert sorted(groups) == [
        [("4.mp4", "Cats"), ("5.mp4", None), ("6.mp4", None)],
        [("7.mp4", "Dogs"), ("1.mp4", None)],
    ]
    assert "3 files, the same" in call("duplicates")[1]
    assert look(twice) == before


def test_a_dry_run_says_what_would_go(call: Call, twice: Path) -> None:
    """And nothing does."""
    before = look(twice)
    said = json.loads(call("duplicates", "--remove", "--dry-run", "--json")[1])
    assert sorted(place["filename"] for place in said["would_remove"]) == [
        "1.mp4",
        "5.mp4",
        "6.mp4",
    ]
    assert "goes 5.mp4" in call("duplicates", "--remove", "--dry-run")[1]
    assert look(twice) == before


def test_nothing_is_removed_where_nobody_can_be_asked(twice: Path, tmp_path: Path) -> None:
    """A script has to say ``--yes``."""
    before = look(twice)
    for arguments in ((), ("--json",)):
        done = removing(twice, *arguments)
        assert done.returncode == 2
        assert "--yes" in done.stderr
    assert look(twice) == before
    assert trashed(tmp_path) == []


@linux
def test_the_copies_go_to_the_trash(twice: Path, tmp_path: Path) -> None:
    """What is filed is kept; the second time there is nothing to do."""
    done = removing(twice, "--yes", "--json")
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["removed"]) == 3
    assert look(twice) == {
        "2.mp4": b"two",
        "3.mp4": b"three",
        "Cats": {"4.mp4": b"four"},
        "Dogs": {"7.mp4": b"one"},
    }
    assert trashed(tmp_path) == ["1.mp4", "5.mp4", "6.mp4"]
    assert removing(twice, "--yes").returncode == 3


@linux
def test_what_only_looks_like_a_copy_stays(twice: Path, tmp_path: Path) -> None:
    """The fingerprint reads head, middle and tail; before it goes, every byte is compared."""
    size = 1 << 20
    (twice / "8.mp4").write_bytes(b"\0" * size)
    (twice / "9.mp4").write_bytes(b"\0" * (size // 4) + b"\1" + b"\0" * (size - size // 4 - 1))
    done = removing(twice, "--yes")
    assert done.returncode == 1
    assert "other bytes" in done.stdout
    assert (twice / "8.mp4").exists()
    assert (twice / "9.mp4").exists()


@linux
@pytest.mark.parametrize(("typed", "code", "gone"), [("n", 3, 0), ("\x04", 130, 0), ("y", 0, 3)])
def test_a_person_is_asked(twice: Path, tmp_path: Path, typed: str, code: int, gone: int) -> None:
    """At a real terminal; only a yes removes anything, and leaving (Ctrl-D, Ctrl-C) is no fault."""
    terminal, end = os.openpty()
    asked = subprocess.Popen(
        command_line(twice, "duplicates", "--remove"),
        stdin=end,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.write(terminal, f"{typed}\n".encode())
    out, err = asked.communicate(timeout=120)
    os.close(terminal)
    os.close(end)
    assert asked.returncode == code, err
    assert "Traceback" not in err
    assert "Put 3 into the system's trash?" in out + err
    assert len(trashed(tmp_path)) == gone
