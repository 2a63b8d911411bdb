"""The command ``propose``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sorter_core import Settings
from sorter_core.commands import run
from tests.conftest import look
from tests.piles import EACH, piled

pytestmark = pytest.mark.usefixtures("own_settings")


def test_it_prints_names_words_and_an_example(
    tmp_path: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """For a person a table, for a script all of it; nothing is moved."""
    root = tmp_path / "pile"
    piled(root, settings)
    before = look(root)
    assert run(["propose", "--library", str(root)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert sorted(line.split()[0] for line in lines) == ["Cats", "Dogs", "Pizza"]
    assert all(f"{EACH} videos" in line and "such as" in line for line in lines)
    assert run(["propose", "--library", str(root), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["none"] is None
    assert {one["name"]: len(one["videos"]) for one in told["proposals"]} == {
        "Cats": EACH,
        "Dogs": EACH,
        "Pizza": EACH,
    }
    assert look(root) == before


def test_it_says_why_there_are_none(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With what to do."""
    assert run(["propose", "--library", str(root)]) == 0
    assert "analysed yet" in capsys.readouterr().out
