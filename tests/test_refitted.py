"""The model of a refit is what ``predict`` uses, until the next training."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sorter_core import Settings, Sorter, learning, refit, refitted
from sorter_core.library import Library
from tests.learned import analysed


@pytest.fixture
def sorter(tmp_path: Path, settings: Settings) -> Sorter:
    """A model of Cats and Dogs; then two of the unsorted went into a folder that it does not know."""
    made = analysed(tmp_path / "own", settings)
    made.train()
    made.predict()
    made.create_folder("Birds")
    for name in ("Cats-0.mp4", "Cats-1.mp4", "Cats-2.mp4"):
        made.sort(name, "Birds")
    return made


def classes(sorter: Sorter) -> tuple[str, ...]:
    """The folders that a new process predicts."""
    found: tuple[str, ...] = learning.current_model(Sorter(sorter.settings).library).classes
    return found


def files(library: Library) -> list[Path]:
    """The models of refits."""
    return sorted((library.artifacts / "models").glob("refit-*"))


def test_predict_uses_what_the_refit_learned(sorter: Sorter) -> None:
    """In another process, too."""
    assert classes(sorter) == ("Cats", "Dogs")
    assert sorter.refit().status == "refitted"
    assert classes(sorter) == ("Birds", "Cats", "Dogs")
    refit = {v.filename: v.guesses for v in sorter.videos().videos}
    predicted = {v.filename: v.guesses for v in Sorter(sorter.settings).predict().videos}
    assert predicted == refit


def test_a_training_takes_its_place(sorter: Sorter) -> None:
    """It is newer, and knows the same labels."""
    sorter.refit()
    with sorter.library.store.read() as db:
        kept = refitted.newest(db)
    sorter.train()
    assert refitted.load(sorter.library) is None
    assert kept is not None
    for file in files(sorter.library):
        os.utime(file, (0, 0))
    sorter.predict()
    assert files(sorter.library) == []


def test_a_prediction_leaves_the_newest_refit(sorter: Sorter) -> None:
    """Old as it may be, it is in use."""
    sorter.refit()
    for file in files(sorter.library):
        os.utime(file, (0, 0))
    sorter.predict()
    assert classes(sorter) == ("Birds", "Cats", "Dogs")


def test_a_newer_refit_drops_the_older(sorter: Sorter) -> None:
    """Of ten in a row one stays."""
    sorter.refit()
    [old] = files(sorter.library)
    os.utime(old, (0, 0))
    sorter.refit()
    [new] = files(sorter.library)
    assert new != old


@pytest.mark.parametrize("damage", [b"", b"nonsense", None])
def test_without_its_file_the_trained_model_is_used(sorter: Sorter, damage: bytes | None) -> None:
    """A damaged or deleted file costs the newest labels, no more."""
    sorter.refit()
    [file] = files(sorter.library)
    if damage is None:
        file.unlink()
    else:
        file.write_bytes(damage)
    assert classes(sorter) == ("Cats", "Dogs")


def test_a_refit_follows_its_folders(sorter: Sorter) -> None:
    """A rename after it counts for it as for a training."""
    sorter.refit()
    sorter.rename_folder("Birds", "Owls")
    sorter.merge_folder("Cats", "Dogs")
    assert set(classes(sorter)) == {"Owls", "Dogs"}


def test_a_second_refit_still_builds_on_the_training(sorter: Sorter) -> None:
    """What was chosen there is in the run's model."""
    sorter.refit()
    again = sorter.refit()
    assert (again.status, again.labels) == ("refitted", 27)
    assert classes(sorter) == ("Birds", "Cats", "Dogs")


def test_a_part_of_a_big_pile_is_judged_with_all_of_it(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The least certain alone are guessed anew; they are no strangers for being the least certain."""
    made = analysed(tmp_path / "own", settings, more=80)
    made.train()
    made.predict()
    before = {v.filename: sum(g.confidence for g in v.guesses) for v in made.videos().videos}
    assert min(before.values()) == pytest.approx(1), "all belong"
    monkeypatch.setattr(refit, "MOST_GUESSES", 60)
    assert made.refit().guessed == 60
    after = {v.filename: sum(g.confidence for g in v.guesses) for v in made.videos().videos}
    assert after == pytest.approx(before)
