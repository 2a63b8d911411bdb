"""What has come since the last training, counted and never guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from sorter_core import Settings, Sorter, encoders, features
from sorter_core.errors import NotEnoughLabels
from tests.conftest import grow
from tests.trained import copied, prepared


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Filed, trained; one filed video could not be read, and one is there twice."""

    def spoil(sorter: Sorter) -> None:
        grow(sorter.library.root / "Cats", {"broken.mp4": "x", "twice.mp4": "Cats10"})
        sorter.scan()
        with sorter.library.store.write() as db:
            db.execute(
                "INSERT INTO features (fingerprint, encoder, version, reason)"
                " SELECT fingerprint, ?, ?, 'It is empty.' FROM files WHERE name = 'broken.mp4'",
                (features.MEDIA, features.MEDIA_VERSION),
            )

    return prepared(tmp_path_factory.mktemp("news") / "library", spoil)


@pytest.fixture
def sorter(original: Path, tmp_path: Path, settings: Settings) -> Sorter:
    return copied(original, tmp_path / "learned", settings)


def test_what_could_not_be_learned_from_is_no_news(sorter: Sorter) -> None:
    """Broken files and copies lay there at the training: nothing was filed since."""
    assert (sorter.news().labelled, sorter.news().labels_since_run) == (26, 0)


def test_what_was_filed_counts_until_it_is_taken_back(sorter: Sorter) -> None:
    """By the program or by hand; a renamed folder is no news."""
    batch = sorter.sort("Cats-0.mp4", "Cats").batch
    assert sorter.news().labels_since_run == 1
    sorter.rename_folder("Cats", "Tigers")
    assert sorter.news().labels_since_run == 1
    sorter.undo()
    sorter.undo(batch)
    assert sorter.news().labels_since_run == 0
    root = sorter.library.root
    (root / "Dogs-1.mp4").rename(root / "Dogs" / "Dogs-1.mp4")
    assert sorter.news().labels_since_run == 1


def test_a_move_between_folders_counts_until_it_is_taken_back(sorter: Sorter) -> None:
    """It is a label that the model has not seen."""
    batch = sorter.move("Cats-10.mp4", "Cats", "Dogs").batch
    assert sorter.news().labels_since_run == 1
    sorter.undo(batch)
    assert sorter.news().labels_since_run == 0


def test_a_training_takes_it_all_in(sorter: Sorter) -> None:
    """Undoing afterwards what came before it is news again."""
    batch = sorter.sort("Cats-0.mp4", "Cats").batch
    sorter.train()
    assert sorter.news().labels_since_run == 0
    moved = sorter.move("Cats-10.mp4", "Cats", "Dogs").batch
    sorter.train()
    sorter.undo(moved)
    assert sorter.news().labels_since_run == 1
    sorter.undo(batch)  # no label any more
    assert sorter.news().labels_since_run == 1


def test_the_count_is_that_of_the_list(sorter: Sorter) -> None:
    """One query counts what the analysis would go through."""
    store, names = sorter.library.store, tuple(encoders.available())
    for chosen in (names, ("sound",), ("caption",), ()):
        assert features.missing_count(store, chosen) == len(features._missing(store, chosen))
    assert sorter.news().unanalysed == 30  # of all but the broken one the pictures


def test_when_nothing_in_use_has_seen_the_filed_it_is_said(
    sorter: Sorter, settings: Settings
) -> None:
    """Sorting more would not help: the message names what is in use."""
    sorter.choose_encoders(["caption"])
    with pytest.raises(NotEnoughLabels, match=r"None of the 25 filed videos .* in use: caption"):
        sorter.train()
