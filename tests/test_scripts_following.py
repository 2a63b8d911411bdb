"""``predictions.json`` names the folders that are there, as soon as they are renamed, merged or back."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sorter_core import Settings, Sorter, learning
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


def guessed(sorter: Sorter, confidence: float) -> None:
    """Let every guess have this confidence from now on, as a job that ends does."""
    with sorter.library.store.write() as db:
        db.execute("UPDATE predictions SET confidence = ?", (confidence,))
        learning.touch(db, "predictions")


def told(sorter: Sorter) -> set[float]:
    written = json.loads((sorter.library.artifacts / "predictions.json").read_text())
    assert len(written) == 6
    return {line["confidence"] for line in written}


def test_many_write_at_once(sorter: Sorter) -> None:
    """A job, a refit and a renaming may end in one moment: the file is whole all the time."""
    sorter.predict()

    def publish(worker: int) -> None:
        for turn in range(20):
            guessed(sorter, worker / 10 + turn / 1000)
            learning.write_for_scripts(sorter.library)
            assert len(told(sorter)) == 1

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(publish, range(1, 5)))
    assert list(sorter.library.artifacts.glob(".sorter-*")) == []


def test_the_newest_stays(sorter: Sorter, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who had read the guesses, and writes them after somebody else wrote newer ones, writes again."""
    sorter.predict()
    guessed(sorter, 0.5)
    write = learning.write_atomic

    def delayed(path: Path, data: bytes) -> None:
        monkeypatch.setattr(learning, "write_atomic", write)
        guessed(sorter, 0.75)
        learning.write_for_scripts(sorter.library)
        assert told(sorter) == {0.75}
        write(path, data)
        assert told(sorter) == {0.5}

    monkeypatch.setattr(learning, "write_atomic", delayed)
    learning.write_for_scripts(sorter.library)
    assert told(sorter) == {0.75}
