"""The command ``propose``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sorter_core import Settings
from sorter_core.commands import run
from sorter_core.settings import settings as process_settings
from tests.conftest import look
from tests.piles import EACH, piled


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing of this machine's settings, and nothing left for the next test."""
    monkeypatch.chdir(tmp_path)
    for name in type(process_settings()).model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("STATE_DIR", str(tmp_path / "state"))
    process_settings.cache_clear()
    yield
    process_settings.cache_clear()


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
