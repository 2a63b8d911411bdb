"""The order that teaches most, and the one that is confirmed fastest."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sorter_core import Settings, Sorter, queue
from sorter_core.errors import ModelMissing
from sorter_core.jobs import Jobs
from tests.learned import analysed


@pytest.fixture
def sorter(tmp_path: Path, settings: Settings) -> Sorter:
    """24 filed and 6 unsorted videos, analysed and trained once."""
    made = analysed(tmp_path / "own", settings)
    made.train()
    made.predict()
    return made


def order(sorter: Sorter, name: str, folder: str | None = None) -> list[str]:
    """The unsorted names in an order."""
    return [video.filename for video in sorter.videos(order=name, folder=folder).videos]


def test_confirm_goes_folder_by_folder(sorter: Sorter) -> None:
    """In each the surest first."""
    videos = sorter.videos(order="confirm").videos
    folders = [video.guesses[0].folder for video in videos]
    assert folders == ["Cats"] * 3 + ["Dogs"] * 3
    for part in (videos[:3], videos[3:]):
        sure = [video.guesses[0].confidence for video in part]
        assert sure == sorted(sure, reverse=True)


def test_what_is_hardly_sure_comes_after_all_that_can_be_confirmed() -> None:
    """And what has no guess after that."""
    rows = [("1", "A", 0.2), ("2", "B", 0.9), ("3", "", 0.0), ("4", "A", 0.8)]
    assert queue.confirm(rows) == ["4", "2", "1", "3"]


def test_learn_takes_uncertain_ones_that_differ() -> None:
    """Of ten copies one comes early, the others after what is new, although that is surer."""
    rows = np.eye(4, dtype=np.float32)[[0] * 10 + [1, 2, 3]]
    doubts = np.array([0.9] * 10 + [0.5, 0.4, 0.3])
    picked = queue.spread(rows, doubts, 13)
    assert picked[:4] == [0, 10, 11, 12]
    assert sorted(picked) == list(range(13))


def test_learn_holds_all_videos_and_stands_still_while_they_are_sorted(sorter: Sorter) -> None:
    """The player asks page by page: what is left keeps its order."""
    before = order(sorter, "learn")
    assert sorted(before) == order(sorter, "name")
    sorter.sort(before[1], "Dogs")
    assert order(sorter, "learn") == [before[0], *before[2:]]
    assert [name for name in before if name in order(sorter, "learn", "Cats")] == order(
        sorter, "learn", "Cats"
    )


def test_what_could_not_be_analysed_comes_last(sorter: Sorter) -> None:
    """Nothing can be learned from it."""
    (sorter.library.root / "0.mp4").write_bytes(b"no vectors")
    sorter.scan()
    assert order(sorter, "learn")[-1] == "0.mp4"


def test_the_orders_work_before_there_is_a_model(tmp_path: Path, settings: Settings) -> None:
    """Then all are equally uncertain, and the different ones come first."""
    fresh = analysed(tmp_path / "own", settings)
    assert sorted(order(fresh, "learn")) == sorted(order(fresh, "confirm")) == order(fresh, "name")


def test_refit_learns_what_was_sorted(sorter: Sorter) -> None:
    """A folder that the model has never seen is guessed after a refit; the version tells it."""
    sorter.create_folder("New")
    moved = [f"Dogs-{i}.mp4" for i in range(10, 20)]
    sorter.move_many([(name, "Dogs") for name in moved], "New")
    for name in [f"Dogs-{i}.mp4" for i in (20, 21)]:
        sorter.move(name, "Dogs", "New")
    version = sorter.bulk().outlook().version
    done = sorter.refit()
    assert (done.status, done.labels, done.guessed) == ("refitted", 24, 6)
    guessed = {video.filename: video.guesses[0].folder for video in sorter.videos().videos}
    assert {guessed[f"Dogs-{i}.mp4"] for i in range(3)} == {"New"}
    assert {guessed[f"Cats-{i}.mp4"] for i in range(3)} == {"Cats"}
    assert sorter.bulk().outlook().version != version
    assert "New" in (sorter.library.artifacts / "predictions.json").read_text()


def test_refit_without_news_guesses_as_before(sorter: Sorter) -> None:
    """The same classifiers and weights, the same videos: the same model."""
    before = sorter.videos().videos
    sorter.refit()
    for old, new in zip(before, sorter.videos().videos, strict=True):
        assert [g.folder for g in old.guesses] == [g.folder for g in new.guesses]
        assert [g.confidence for g in old.guesses] == pytest.approx(
            [g.confidence for g in new.guesses], abs=1e-6
        )


def test_refit_leaves_the_runs_and_the_job_alone(sorter: Sorter) -> None:
    """It is neither a training nor a job."""
    runs, job = sorter.runs(), sorter.job()
    sorter.refit()
    assert sorter.runs() == runs
    assert sorter.job() == job


def test_refit_gives_way_to_a_running_job(sorter: Sorter) -> None:
    """The job's predictions will be the newer ones: nothing is published beside it."""
    number = Jobs(sorter.library.store).claim()
    version = sorter.bulk().outlook().version
    assert sorter.refit().status == "job_running"
    assert sorter.bulk().outlook().version == version
    Jobs(sorter.library.store).fail(number, "over")
    assert sorter.refit().status == "refitted"


def test_refit_needs_a_model(tmp_path: Path, settings: Settings) -> None:
    """Before the first training nothing was chosen."""
    with pytest.raises(ModelMissing):
        analysed(tmp_path / "own", settings).refit()
