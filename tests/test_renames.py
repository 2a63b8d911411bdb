"""Guesses and the model follow folders that are renamed, merged and deleted, and what is undone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sorter_core import Settings, Sorter, learning, renames
from sorter_core.types import Guess, Prediction
from tests.learned import analysed

TOLD = {
    "Cats-0.mp4": [("Cats", 0.6), ("Dogs", 0.3), ("Birds", 0.1)],
    "Cats-1.mp4": [("Dogs", 0.55), ("Cats", 0.45)],
    "Cats-2.mp4": [("Birds", 1.0)],
}


@pytest.fixture
def sorter(tmp_path: Path, settings: Settings) -> Sorter:
    """24 filed and 6 unsorted videos, and a model of Cats and Dogs."""
    made = analysed(tmp_path / "own", settings)
    made.train()
    return made


@pytest.fixture
def told(tmp_path: Path, settings: Settings) -> Sorter:
    """A library with guesses as in :data:`TOLD`, and an empty folder of birds."""
    made = analysed(tmp_path / "own", settings)
    made.create_folder("Birds")
    with made.library.store.read() as db:
        marks = {row[1]: row[0] for row in db.execute("SELECT fingerprint, name FROM files")}
    guesses = [
        Prediction(marks[name], tuple(Guess(*guess) for guess in found))
        for name, found in TOLD.items()
    ]
    with made.library.store.write() as db:
        learning.publisher(None, guesses)(db)
    return made


def guessed(sorter: Sorter) -> dict[str, list[tuple[str, float]]]:
    """What is guessed for each unsorted video, in a process that sees it for the first time."""
    videos = Sorter(sorter.settings).videos().videos
    return {
        video.filename: [(guess.folder, round(guess.confidence, 6)) for guess in video.guesses]
        for video in videos
        if video.guesses
    }


def folders(sorter: Sorter) -> set[str]:
    """The folders that a new prediction names."""
    page = sorter.predict()
    assert page.videos
    return {guess.folder for video in page.videos for guess in video.guesses}


def test_a_renamed_folder_is_guessed_by_its_new_name(sorter: Sorter) -> None:
    """Without a new training; undone, by its old one."""
    before = sorter.predict().videos
    sorter.rename_folder("Cats", 'Kit"tens')
    after = sorter.predict().videos
    names = {"Cats": 'Kit"tens', "Dogs": "Dogs"}
    expected = [[(names[g.folder], g.confidence) for g in video.guesses] for video in before]
    assert [[(g.folder, g.confidence) for g in video.guesses] for video in after] == expected
    sorter.undo()
    assert sorter.predict().videos == before


def test_a_new_folder_of_the_old_name_is_another_one(sorter: Sorter) -> None:
    """What was learned went along with the videos."""
    sorter.rename_folder("Cats", "Kittens")
    sorter.rename_folder("Kittens", "Lions")
    sorter.create_folder("Cats")
    assert folders(sorter) == {"Lions", "Dogs"}


def test_the_probabilities_of_merged_folders_add_up(sorter: Sorter) -> None:
    """And part again when the merge is undone."""
    before = sorter.predict().videos
    batch = sorter.merge_folder("Cats", "Dogs").batch
    for video in sorter.predict().videos:
        assert [guess.folder for guess in video.guesses] == ["Dogs"]
        assert video.guesses[0].confidence == pytest.approx(1)
    sorter.undo(batch)
    assert sorter.predict().videos == before


def test_a_merged_folder_follows_the_one_that_took_it(sorter: Sorter) -> None:
    """Merged, then renamed."""
    sorter.create_folder("Pets")
    sorter.merge_folder("Cats", "Pets")
    sorter.rename_folder("Pets", "Animals")
    assert folders(sorter) == {"Animals", "Dogs"}


def test_nothing_is_predicted_for_a_folder_that_is_gone(sorter: Sorter) -> None:
    """Also when it went by hand, without a line in the journal."""
    library = sorter.library
    for name in [path.name for path in (library.root / "Cats").iterdir()]:
        sorter.move(name, "Cats", "Dogs")
    sorter.delete_folder("Cats")
    assert folders(sorter) == {"Dogs"}
    (library.root / "Dogs").rename(library.root / "Elsewhere")
    again = Sorter(sorter.settings)
    assert not any(video.guesses for video in again.predict().videos)


def test_a_folder_renamed_during_a_training_is_followed(sorter: Sorter) -> None:
    """The labels were read under the old name, and the run is published after the rename."""
    candidate = learning.train(sorter.library, sorter.settings, lambda _done, _total: None)
    sorter.rename_folder("Dogs", "Hounds")
    with sorter.library.store.write() as db:
        learning.publisher(candidate, None)(db)
    assert folders(sorter) == {"Cats", "Hounds"}


def test_a_folder_renamed_during_a_prediction_is_followed(told: Sorter) -> None:
    """What was guessed before is published after it."""
    since = learning.position(told.library)
    with told.library.store.read() as db:
        row = db.execute("SELECT fingerprint FROM files WHERE name = 'Cats-0.mp4'").fetchone()
    made = [Prediction(row[0], (Guess("Cats", 0.9), Guess("Dogs", 0.1)))]
    told.rename_folder("Cats", "Kittens")
    with told.library.store.write() as db:
        learning.publisher(None, made, since=since)(db)
    assert guessed(told) == {"Cats-0.mp4": [("Kittens", 0.9), ("Dogs", 0.1)]}


def test_an_older_run_is_followed_from_its_end(sorter: Sorter) -> None:
    """Its report does not say how far the journal was."""
    with sorter.library.store.write() as db:
        report = json.loads(db.execute("SELECT report FROM runs").fetchone()[0])
        del report[renames.POSITION]
        db.execute("UPDATE runs SET report = ?", (json.dumps(report),))
    sorter.rename_folder("Cats", "Kittens")
    with sorter.library.store.write() as db:  # a training does not end in the second of a rename
        db.execute("UPDATE moves SET at = '2999-01-01T00:00:00Z'")
    assert folders(sorter) == {"Kittens", "Dogs"}


def test_stored_guesses_add_up_in_a_merge_and_undo_parts_them(told: Sorter) -> None:
    """In every process, before anything is predicted again."""
    batch = told.merge_folder("Cats", "Dogs").batch
    assert guessed(told) == {
        "Cats-0.mp4": [("Dogs", 0.9), ("Birds", 0.1)],
        "Cats-1.mp4": [("Dogs", 1.0)],
        "Cats-2.mp4": [("Birds", 1.0)],
    }
    told.undo(batch)
    assert guessed(told) == TOLD


def test_no_stored_guess_names_a_deleted_folder(told: Sorter) -> None:
    """The next best one comes first, no surer than it was; undo brings it back."""
    told.delete_folder("Birds")
    assert guessed(told) == {name: found[:2] for name, found in list(TOLD.items())[:2]}
    told.undo()
    assert guessed(told) == TOLD


def test_what_was_guessed_anew_is_not_replaced_by_an_undo(told: Sorter) -> None:
    """Guesses that were set aside are older than those of a prediction."""
    told.delete_folder("Birds")
    with told.library.store.read() as db:
        row = db.execute("SELECT fingerprint FROM files WHERE name = 'Cats-2.mp4'").fetchone()
    with told.library.store.write() as db:
        learning.publisher(None, [Prediction(row[0], (Guess("Dogs", 0.7),))])(db)
    told.undo()
    assert guessed(told) == {"Cats-2.mp4": [("Dogs", 0.7)]}


def test_a_refit_after_a_merge_knows_the_folders_of_today(sorter: Sorter) -> None:
    """It learns from the labels as they are, with what the training chose."""
    sorter.predict()
    sorter.rename_folder("Cats", "Kittens")
    assert sorter.refit().status == "refitted"
    named = {found[0] for guesses in guessed(sorter).values() for found in guesses}
    assert named == {"Kittens", "Dogs"}
