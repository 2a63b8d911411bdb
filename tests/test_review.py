"""The videos behind a training's numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from sorter_core import Sorter, review
from sorter_core.errors import InvalidName, ModelMissing, UnknownFolder, VideoNotFound
from sorter_core.settings import Settings
from sorter_core.types import Run
from tests.learned import analysed
from tests.trained import copied, prepared

WRONG = ("Dogs-10.mp4", "Dogs-11.mp4")


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two dogs lie among the cats, and a model was trained."""

    def misfile(sorter: Sorter) -> None:
        for name in WRONG:
            sorter.move(name, "Dogs", "Cats")

    return prepared(tmp_path_factory.mktemp("review") / "library", misfile)


@pytest.fixture
def sorter(original: Path, tmp_path: Path, settings: Settings) -> Sorter:
    return copied(original, tmp_path / "learned", settings)


def names(doubts: review.Doubts) -> list[str]:
    return sorted(doubt.filename for doubt in doubts.videos)


def test_misfiled_videos_are_suspected(sorter: Sorter) -> None:
    """Those two and no others, with the folder they belong to."""
    found = sorter.misfilings()
    assert names(found) == list(WRONG)
    assert {(d.folder, d.suggested) for d in found.videos} == {("Cats", "Dogs")}
    assert (found.total, found.gone) == (2, 0)


def test_right_as_it_is_is_remembered_for_good(sorter: Sorter) -> None:
    """Also by a later training, and by another process; until it is taken back."""
    sorter.keep(WRONG[0], "Cats")
    sorter.train()
    again = Sorter(sorter.settings)
    assert names(again.misfilings()) == [WRONG[1]]
    again.keep(WRONG[0], "Cats", doubt=True)
    assert names(again.misfilings()) == list(WRONG)


def test_a_decision_is_about_one_folder(sorter: Sorter) -> None:
    """Right among the cats says nothing about it among the others."""
    sorter.keep(WRONG[0], "Cats")
    sorter.keep(WRONG[0], "Cats")  # twice is once
    with sorter.library.store.read() as db:
        rows = db.execute("SELECT kind, value FROM decisions").fetchall()
    assert [tuple(row) for row in rows] == [(review.KEPT, "Cats")]


def test_a_moved_video_is_on_no_list(sorter: Sorter) -> None:
    """It is counted as gone; undone, it is there again."""
    batch = sorter.move(WRONG[0], "Cats", "Dogs").batch
    found = sorter.misfilings()
    assert (names(found), found.gone) == ([WRONG[1]], 1)
    sorter.undo(batch)
    assert names(sorter.misfilings()) == list(WRONG)


def test_a_video_deleted_by_hand_is_on_no_list(sorter: Sorter) -> None:
    """The disk is asked, not only the store."""
    (sorter.library.root / "Cats" / WRONG[0]).unlink()
    assert names(sorter.misfilings()) == [WRONG[1]]


def test_a_cell_lists_its_videos(sorter: Sorter) -> None:
    """As many as the matrix counts, in every cell, the surest first."""
    report = sorter.evaluate()
    folders, counts = report["confusion"]["folders"], report["confusion"]["counts"]
    for i, true in enumerate(folders):
        for j, predicted in enumerate(folders):
            found = sorter.cell(true, predicted)
            assert found.total == len(found.videos) == counts[i][j]
            sure = [doubt.confidence for doubt in found.videos]
            assert sure == sorted(sure, reverse=True)
    assert set(WRONG) <= set(names(sorter.cell("Cats", "Dogs")))
    assert sorter.cell("no such folder", "Dogs").videos == []


def test_a_renamed_folder_is_reviewed_under_its_new_name(sorter: Sorter) -> None:
    """Matrix, figures and lists name the folder of today, and their videos are found there."""
    sorter.keep(WRONG[0], "Cats")
    sorter.rename_folder("Cats", "Tigers")
    report = sorter.review().run.report
    assert report["confusion"]["folders"] == ["Tigers", "Dogs"]
    assert {one["name"] for one in report["folders"]} == set(report["per_folder"])
    found = sorter.cell("Tigers", "Dogs")
    assert (names(found), found.gone) == (list(WRONG), 0)
    assert [(d.filename, d.folder) for d in sorter.misfilings().videos] == [(WRONG[1], "Tigers")]
    sorter.train()  # what was called right is not asked again
    assert names(sorter.misfilings()) == [WRONG[1]]


def test_trainings_before_and_after_a_renaming_are_compared(sorter: Sorter) -> None:
    """The same videos in the same folders, whatever these were called."""
    sorter.rename_folder("Cats", "Tigers")
    sorter.train()
    told = sorter.review(against=1).comparison
    assert told is not None
    assert told.common == 24
    assert [name for name, _, _ in told.folders] == ["Dogs", "Tigers"]


def test_a_merged_folder_keeps_its_old_figures(sorter: Sorter) -> None:
    """Two rows of the matrix never get one name; the videos have gone elsewhere."""
    sorter.merge_folder("Dogs", "Cats")
    report = sorter.review().run.report
    assert report["confusion"]["folders"] == ["Cats", "Dogs"]
    found = sorter.cell("Dogs", "Dogs")
    assert (found.videos, found.gone) == ([], 10)


def test_a_name_is_judged_before_it_is_kept(sorter: Sorter) -> None:
    """The same errors as for a move."""
    with pytest.raises(InvalidName):
        sorter.keep("../1.mp4", "Cats")
    with pytest.raises(VideoNotFound):
        sorter.keep("12345.mp4", "Cats")
    with pytest.raises(UnknownFolder):
        sorter.keep(WRONG[0], "Birds")


def test_a_video_that_was_never_looked_at_cannot_be_kept(sorter: Sorter) -> None:
    """Its content is not known yet, and a decision is about the content."""
    (sorter.library.root / "Cats" / "999.mp4").write_bytes(b"new")
    with pytest.raises(VideoNotFound, match="not been looked at"):
        sorter.keep("999.mp4", "Cats")


def test_a_list_is_cut_but_counted(sorter: Sorter, monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands would be of no use; the surest stay."""
    monkeypatch.setattr(review, "LISTED", 1)
    found = sorter.misfilings()
    assert (len(found.videos), found.total) == (1, 2)


def test_before_the_first_training_there_is_nothing(tmp_path: Path, settings: Settings) -> None:
    """An error in words, not an empty page."""
    sorter = analysed(tmp_path / "learned", settings)
    with pytest.raises(ModelMissing):
        sorter.review()
    with pytest.raises(ModelMissing):
        sorter.misfilings()


def test_confused_folders_lie_together() -> None:
    """A pair that is mixed up one way only is a pair as well."""
    counts = [[10, 0, 0, 5], [0, 10, 5, 0], [0, 0, 10, 0], [0, 0, 0, 10]]
    found = review.order(counts)
    assert sorted(found) == [0, 1, 2, 3]
    assert abs(found.index(0) - found.index(3)) == 1
    assert abs(found.index(1) - found.index(2)) == 1


@pytest.mark.parametrize("counts", [[], [[3]], [[3, 0], [1, 2]]])
def test_few_folders_have_their_own_order(counts: list[list[int]]) -> None:
    """There is nothing to arrange."""
    assert review.order(counts) == list(range(len(counts)))


def test_a_folder_without_scored_videos_is_ordered_too() -> None:
    """An empty row divides by nothing."""
    assert sorted(review.order([[0, 0, 0], [0, 4, 1], [0, 1, 4]])) == [0, 1, 2]


def run(number: int, answers: dict[str, tuple[str, str]]) -> Run:
    """A training with these ``(true, predicted)`` by video."""
    lines = [
        {"fingerprint": mark, "true": true, "predicted": guess, "confidence": 0.9}
        for mark, (true, guess) in answers.items()
    ]
    report = {"out_of_fold": lines, "per_folder": {"A": {"f1": number / 10}}, "encoders": []}
    return Run(number, "2026-01-01T00:00:00Z", "knn", len(lines), 2, 0.5, report)


def test_two_trainings_are_compared_on_the_same_videos() -> None:
    """New videos and those that were moved meanwhile tell nothing about the model."""
    old = run(1, {"a": ("A", "B"), "b": ("A", "A"), "c": ("A", "A"), "moved": ("A", "A")})
    new = run(2, {"a": ("A", "A"), "b": ("A", "A"), "c": ("A", "B"), "moved": ("B", "A"), "n": ("A", "A")})  # fmt: skip
    told = review.compare(new, old)
    assert (told.common, told.gained, told.lost) == (3, 1, 1)
    assert (told.before, told.after) == (2 / 3, 2 / 3)
    assert told.difference == 0
    assert told.interval is not None
    assert told.interval[0] < 0 < told.interval[1]
    assert told.folders == [("A", 0.1, 0.2)]


def test_a_clear_win_is_more_than_chance() -> None:
    """The interval then leaves out 0."""
    old = run(1, {str(i): ("A", "B" if i < 30 else "A") for i in range(100)})
    new = run(2, {str(i): ("A", "A") for i in range(100)})
    told = review.compare(new, old)
    assert told.difference == pytest.approx(0.3)
    assert told.interval is not None
    assert 0.2 < told.interval[0] < 0.3 < told.interval[1] < 0.42


def test_with_nothing_in_common_no_number_is_made_up() -> None:
    """Two libraries, say."""
    told = review.compare(run(2, {"a": ("A", "A")}), run(1, {"b": ("A", "A")}))
    assert (told.common, told.before, told.difference, told.interval) == (0, None, None, None)


def test_the_review_of_an_earlier_training(sorter: Sorter) -> None:
    """Any two can be held side by side."""
    sorter.move(WRONG[0], "Cats", "Dogs")
    sorter.train()
    found = sorter.review(1, against=2)
    assert found.run.id == 1
    assert found.comparison is not None
    assert (found.comparison.run, found.comparison.against) == (1, 2)
    assert [point.run for point in found.curve] == [1, 2]
    assert sorted(found.order) == ["Cats", "Dogs"]
    with pytest.raises(ModelMissing):
        sorter.review(against=9)
