"""The system's own trash, where it can't take a file: nothing is lost, and the reason is said."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sorter_core import duplicates
from tests.conftest import grow

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="elsewhere the trash can't be put on a small disk"
)

REMOVE = """
import json, sys
from pathlib import Path
from sorter_core import Settings, Sorter
root = Path(sys.argv[1])
sorter = Sorter(Settings(_env_file=None, data_dir=root, state_dir=root / ".state"))
done = sorter.remove_duplicates(("1.mp4", None), [("2.mp4", None), ("3.mp4", None)], exact=True)
told = [(move.source, move.state) for move in sorter.history()]
print(json.dumps([done.removed, done.failed, told]))
"""
VIDEO = bytes(700_000)
"""Of these, one fits on the small disk."""


def remove(root: Path, home: Path, share: Path) -> tuple[list[str], dict[str, str], list[str]]:
    """In a process whose trash lies in ``share``: what went, what stayed and why, the journal."""
    here = str(Path(duplicates.__file__).parent.parent)
    child = subprocess.run(
        [sys.executable, "-c", REMOVE, root],
        env={**os.environ, "PYTHONPATH": here, "HOME": str(home), "XDG_DATA_HOME": str(share)},
        check=True,
        capture_output=True,
    )
    removed, failed, told = json.loads(child.stdout)
    reasons = {place[0]: reason for place, reason in failed}
    return [name for name, _ in removed], reasons, [f"{name} {state}" for name, state in told]


@pytest.fixture
def twins(tmp_path: Path) -> Path:
    return grow(tmp_path / "twins", {f"{n}.mp4": VIDEO for n in (1, 2, 3)})


def test_a_trash_on_another_disk_takes_what_it_can(
    twins: Path, tmp_path: Path, small_disk: Path
) -> None:
    """It has room for one: that one lies there whole, the other one stays whole."""
    removed, reasons, told = remove(twins, tmp_path, small_disk)
    assert (removed, told) == (["2.mp4"], ["3.mp4 failed", "2.mp4 done"])
    assert "No space left" in reasons["3.mp4"]
    assert "not removed" in reasons["3.mp4"]
    assert str(tmp_path) not in reasons["3.mp4"]
    assert VIDEO in [p.read_bytes() for p in (small_disk / "Trash" / "files").iterdir()]
    assert {p.name for p in twins.glob("*.mp4") if p.read_bytes() == VIDEO} == {"1.mp4", "3.mp4"}


def test_a_trash_that_can_not_be_written_to_takes_nothing(
    twins: Path, tmp_path: Path, small_disk: Path
) -> None:
    """Both stay, and the journal says that they did not go."""
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    removed, reasons, told = remove(twins, tmp_path, small_disk)
    assert (removed, told) == ([], ["3.mp4 failed", "2.mp4 failed"])
    assert {"Read-only" in reason for reason in reasons.values()} == {True}
    assert {p.name for p in twins.glob("*.mp4") if p.read_bytes() == VIDEO} == {
        "1.mp4",
        "2.mp4",
        "3.mp4",
    }
