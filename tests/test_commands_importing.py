"""The commands ``import`` and ``export``: answers, files, exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sorter_core.commands import run
from tests.conftest import grow, look

Call = Callable[..., tuple[int, str, str]]

pytestmark = pytest.mark.usefixtures("own_settings")


@pytest.fixture
def call(capfdbinary: pytest.CaptureFixture[bytes], root: Path) -> Call:
    """Run a command on the library: its exit code, and what it wrote to both streams."""

    def command(*arguments: object) -> tuple[int, str, str]:
        code = run([*map(str, arguments), "--library", str(root)])
        out, err = capfdbinary.readouterr()
        return code, out.decode("utf-8-sig"), err.decode()

    return command


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return grow(tmp_path / "in", {"new.mp4": "new", "same.mp4": "one", "Birds": {"b.mp4": "b"}})


def test_a_dry_run_shows_and_changes_nothing(call: Call, archive: Path, root: Path) -> None:
    """What would come in, in words."""
    before = look(root)
    code, out, _ = call("import", archive, "--dry-run")
    assert code == 0
    assert "2 new videos (4 bytes), 1 known" in out
    assert "folders: Birds" in out
    assert look(root) == before


def test_an_import_says_how_it_is_undone(call: Call, archive: Path, root: Path) -> None:
    """And that undoes it."""
    before = look(root)
    code, out, _ = call("import", archive, "--folder", "Birds", "--copy")
    assert code == 0
    assert "2 imported, 1 were there" in out
    assert look(root)["Birds"] == {"b.mp4": b"b"}
    batch = out.partition("--batch ")[2].split()[0]
    assert call("undo", "--batch", batch)[0] == 0
    assert look(root) == before


def test_json_is_one_document(call: Call, archive: Path) -> None:
    """For scripts."""
    assert json.loads(call("import", archive, "--dry-run", "--json")[1])["new"] == 2
    assert json.loads(call("import", archive, "--json")[1])["imported"] == 2


def test_what_can_t_be_imported_is_bad_input(call: Call, tmp_path: Path) -> None:
    """Exit code 2, and a sentence."""
    code, _, err = call("import", tmp_path / "nowhere")
    assert code == 2
    assert "is not on this computer" in err


def test_the_export_goes_out_as_it_is(call: Call) -> None:
    """A table by default, JSON when asked."""
    assert call("export")[1].startswith("video,folder,id")
    assert len(json.loads(call("export", "--json")[1])) == 4
    assert json.loads(call("export", "moves", "--format", "json")[1]) == []


def test_the_export_goes_into_a_new_file_only(call: Call, tmp_path: Path) -> None:
    """Nothing is overwritten."""
    path = tmp_path / "videos.csv"
    assert call("export", "--output", path)[0] == 0
    assert path.read_text("utf-8-sig").startswith("video,")
    before = path.read_bytes()
    assert call("export", "moves", "--output", path)[0] == 2
    assert path.read_bytes() == before
    assert call("export", "--output", tmp_path / "no" / "x.csv")[0] == 2
    code, _, err = call("export", "--output", tmp_path / ("x" * 300))
    assert code == 1
    assert err.startswith("error: The disk refused ")
    assert "too long" in err


@pytest.mark.parametrize("arguments", [("all",), ("videos", "--format", "xml")])
def test_another_export_is_bad_input(call: Call, arguments: tuple[str, ...]) -> None:
    """Exit code 2."""
    assert call("export", *arguments)[0] == 2


def test_moving_has_to_be_confirmed(call: Call, archive: Path, root: Path) -> None:
    """A script has to say ``--yes``; then the new files leave their place, and undo puts them back."""
    before, foreign = look(root), look(archive)
    code, _, err = call("import", archive, "--move")
    assert code == 2
    assert "--yes" in err
    assert call("import", archive, "--move", "--copy", "--yes")[0] == 2
    assert call("import", archive, "--move", "--dry-run")[0] == 0
    assert (look(root), look(archive)) == (before, foreign)
    assert call("import", archive, "--move", "--yes")[0] == 0
    assert look(archive) == {"same.mp4": b"one", "Birds": {}}
    assert call("undo")[0] == 0
    assert (look(root), look(archive)) == (before, foreign)
