"""``predictions.json`` names the folders that are there, as soon as they are renamed, merged or back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sorter_core import Settings, Sorter
from tests.trained import copied, prepared


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepared(tmp_path_factory.mktemp("scripts") / "library", lambda sorter: None)


@pytest.fixture
def sorter(original: Path, tmp_path: Path, settings: Settings) -> Sorter:
    return copied(original, tmp_path / "learned", settings)


def named(sorter: Sorter) -> set[str]:
    written = json.loads((sorter.library.artifacts / "predictions.json").read_text())
    assert len(written) == 6
    return {guess["folder"] for line in written for guess in line["top_predictions"]}


def test_it_follows_the_folders(sorter: Sorter) -> None:
    """Renamed, taken back, merged, taken back."""
    sorter.predict()
    assert named(sorter) == {"Cats", "Dogs"}
    sorter.rename_folder("Cats", "Tigers")
    assert named(sorter) == {"Tigers", "Dogs"}
    sorter.undo()
    assert named(sorter) == {"Cats", "Dogs"}
    batch = sorter.merge_folder("Cats", "Dogs").batch
    assert named(sorter) == {"Dogs"}
    sorter.undo(batch)
    assert named(sorter) == {"Cats", "Dogs"}


def test_before_the_first_prediction_none_is_written(sorter: Sorter) -> None:
    """A script that waits for it is not told that there are no guesses."""
    sorter.rename_folder("Cats", "Tigers")
    assert not (sorter.library.artifacts / "predictions.json").exists()
