"""What a threshold takes, and how many of it are expected to be wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from sorter_core import Settings, Sorter
from sorter_core.catalog import Video
from sorter_core.errors import Busy, InvalidName, TargetExists
from sorter_core.learning import publisher
from sorter_core.novelty import FAR
from sorter_core.types import Guess, Prediction
from tests.conftest import grow, look

SURE = {"1.mp4": ("Cats", 0.9), "2.mp4": ("Cats", 0.6), "3.mp4": ("Dogs", 0.7)}


def guess(sorter: Sorter, wanted: dict[str, tuple[str, float]], *far: str) -> Sorter:
    """Publish a prediction for each named unsorted video; ``far`` ones are like no folder."""
    sorter.scan()
    with sorter.library.store.read() as db:
        marks = dict(db.execute("SELECT name, fingerprint FROM files WHERE folder = ''").fetchall())
    made = [
        Prediction(marks[name], (Guess(*best),), FAR if name in far else 2 * FAR)
        for name, best in wanted.items()
    ]
    with sorter.library.store.write() as db:
        publisher(None, made)(db)
    return sorter


@pytest.fixture
def sorter(settings: Settings) -> Sorter:
    """Three guessed videos, and one that nothing is known of."""
    grow(settings.data_dir, {"0.mp4": "none"})
    return guess(Sorter(settings), SURE)


def test_expected_errors_are_what_is_missing_to_certainty(sorter: Sorter) -> None:
    """The sum of 1 - p over what the threshold takes, in all and by folder."""
    seen = sorter.bulk().outlook(0.65)
    assert (seen.unsorted, seen.unguessed, seen.videos) == (4, 1, 2)
    assert seen.expected_errors == pytest.approx(0.1 + 0.3)
    assert [(p.folder, p.predicted, p.videos) for p in seen.piles] == [
        ("Cats", 2, 1),
        ("Dogs", 1, 1),
    ]
    assert [p.expected_errors for p in seen.piles] == pytest.approx([0.1, 0.3])


def test_a_video_at_the_threshold_is_taken(sorter: Sorter) -> None:
    """At least, not above."""
    assert sorter.bulk().outlook(0.9).videos == 1
    assert sorter.bulk().outlook(0.91).videos == 0


def test_the_curve_says_the_same_as_each_threshold(sorter: Sorter) -> None:
    """The slider needs no further question."""
    curve = sorter.bulk().outlook(folder="Cats")
    for percent in (0, 59, 60, 61, 89, 90, 91, 100):
        page = sorter.bulk().page("Cats", percent / 100, 10, 0, "confident")
        assert curve.counts[percent] == page.total
        wrong = sum(1 - video.confidence for video in page.videos)
        assert curve.errors[percent] == pytest.approx(wrong, abs=0.006)


def test_pages_walk_down_or_up_in_confidence(sorter: Sorter) -> None:
    """Each video is on one page, whatever the order."""
    for order, wanted in (
        ("confident", ["1.mp4", "3.mp4", "2.mp4"]),
        ("uncertain", ["2.mp4", "3.mp4", "1.mp4"]),
    ):
        pages = [sorter.bulk().page(None, 0.5, 2, offset, order) for offset in (0, 2, 4)]
        assert [v.filename for page in pages for v in page.videos] == wanted
        assert {page.total for page in pages} == {3}


def test_what_has_no_guess_has_a_pile_of_its_own(sorter: Sorter) -> None:
    """The empty name, whatever the threshold; without a threshold it is among everything too."""
    page = sorter.bulk().page("", 0.9, 10, 0, "confident")
    assert [(v.filename, v.folder) for v in page.videos] == [("0.mp4", None)]
    assert sorter.bulk().page(None, 0, 10, 0, "confident").total == 4


def test_what_is_far_from_every_folder_stays(sorter: Sorter) -> None:
    """No threshold takes it, no pile and no expected error counts it, and the outlook says how many."""
    guess(sorter, SURE, "1.mp4")
    seen = sorter.bulk().outlook(0.0)
    assert (seen.unsorted, seen.unguessed, seen.far, seen.videos) == (4, 1, 1, 2)
    assert [(p.folder, p.predicted, p.videos) for p in seen.piles] == [
        ("Cats", 1, 1),
        ("Dogs", 1, 1),
    ]
    assert seen.expected_errors == pytest.approx(0.4 + 0.3)
    assert (seen.counts[0], seen.errors[0]) == (3, pytest.approx(0.7))
    assert sorter.bulk().page(None, 0, 10, 0, "confident").total == 3
    assert sorter.sort_predicted(0.5, dry_run=True).moved == [("3.mp4", "Dogs"), ("2.mp4", "Cats")]
    assert sorter.sort_predicted(0.5, "Cats", dry_run=True).moved == [("2.mp4", "Cats")]


def test_what_is_far_can_be_listed_and_comes_last(sorter: Sorter) -> None:
    """It keeps its guesses; the orders in which a person confirms put it behind all others."""
    guess(sorter, SURE, "1.mp4")

    def listed(order: str = "name", *, far: bool | None = None) -> list[str]:
        return [video.filename for video in sorter.videos(order=order, far=far).videos]

    assert listed(far=True) == ["1.mp4"]
    assert listed(far=False) == ["0.mp4", "2.mp4", "3.mp4"]
    assert listed("confident") == ["3.mp4", "2.mp4", "0.mp4", "1.mp4"]
    assert listed("confirm") == ["2.mp4", "3.mp4", "0.mp4", "1.mp4"]
    assert sorter.videos(far=True).total == 4
    assert sorter.videos(far=True).videos == [Video("1.mp4", (Guess("Cats", 0.9),), far=True)]
    guess(sorter, SURE)
    assert listed(far=True) == []


def test_a_move_and_new_predictions_are_seen_at_once(sorter: Sorter) -> None:
    """Nothing is asked of the disk twice, and nothing is stale."""
    assert sorter.bulk().outlook(0.5).videos == 3
    sorter.sort("1.mp4", "Cats")
    assert sorter.bulk().outlook(0.5).videos == 2
    guess(sorter, {"2.mp4": ("Dogs", 0.99)})
    assert [p.folder for p in sorter.bulk().outlook(0.5).piles] == ["Dogs"]


@pytest.mark.parametrize("name", ["Kittens", 'a "quoted" ü'])
def test_predictions_follow_a_renamed_folder(sorter: Sorter, name: str) -> None:
    """The first guess and the others, there and back, in another process too."""
    other = Sorter(sorter.settings)
    assert other.bulk().outlook(0.5).piles[0].folder == "Cats"
    sorter.rename_folder("Cats", name)
    for each in (sorter, other):
        assert {pile.folder for pile in each.bulk().outlook(0.5).piles} == {name, "Dogs"}
        assert each.videos().videos[1].guesses == (Guess(name, 0.9),)
    sorter.undo()
    assert other.bulk().outlook(0.5).piles[0].folder == "Cats"


def test_sorting_what_is_predicted_is_one_batch(sorter: Sorter) -> None:
    """Each goes to its guess; one undo takes all back."""
    before = look(sorter.library.root)
    done = sorter.sort_predicted(0.65)
    assert done.moved == [("1.mp4", "Cats"), ("3.mp4", "Dogs")]
    sorter.undo(done.batch)
    assert look(sorter.library.root) == before


def test_a_dry_run_moves_nothing(sorter: Sorter) -> None:
    """It says what would move, into a folder that is not made either."""
    before = look(sorter.library.root)
    done = sorter.sort_predicted(0.5, "Cats", target="New", new_folder="New", dry_run=True)
    assert done.moved == [("1.mp4", "New"), ("2.mp4", "New")]
    assert (done.batch, look(sorter.library.root)) == (None, before)


def test_some_can_stay_and_all_can_go_elsewhere(sorter: Sorter) -> None:
    """``without`` stays, ``target`` is stronger than the guess."""
    done = sorter.sort_predicted(0.5, "Cats", target="Dogs", without=["1.mp4"])
    assert done.moved == [("2.mp4", "Dogs")]


def test_without_a_guess_nothing_moves_by_guess(sorter: Sorter) -> None:
    """A video with no guess needs a target."""
    assert sorter.sort_predicted(0, "").moved == []
    assert sorter.sort_predicted(0, "", target="Dogs").moved == [("0.mp4", "Dogs")]


def test_what_was_looked_at_is_what_moves(sorter: Sorter) -> None:
    """New predictions between looking and moving stop the move."""
    seen = sorter.bulk().outlook(0.5).version
    guess(sorter, {"1.mp4": ("Dogs", 0.9)})
    with pytest.raises(Busy, match="Look again"):
        sorter.sort_predicted(0.5, version=seen)


def test_blanks_typed_around_a_new_folder_s_name_are_forgiven(sorter: Sorter, root: Path) -> None:
    """The videos go to the folder as it is called."""
    done = sorter.sort_many([("1.mp4", " New ")], new_folder=" New ")
    assert (done.moved, done.failed) == ([("1.mp4", "New")], [])
    assert (root / "New" / "1.mp4").exists()


def test_a_new_folder_is_part_of_the_batch(sorter: Sorter) -> None:
    """One undo takes back the videos and then the folder."""
    before = look(sorter.library.root)
    done = sorter.sort_many([("1.mp4", "New"), ("2.mp4", "New")], new_folder="New")
    assert sorted(look(sorter.library.root)["New"]) == ["1.mp4", "2.mp4"]
    assert len(sorter.undo(done.batch)) == 3
    assert look(sorter.library.root) == before


@pytest.mark.parametrize(("name", "error"), [("Cats", TargetExists), ("../x", InvalidName)])
@pytest.mark.parametrize("dry_run", [True, False])
def test_a_folder_that_can_not_be_made_moves_nothing(
    sorter: Sorter, name: str, error: type[Exception], *, dry_run: bool
) -> None:
    """The name is judged before the first move."""
    before = look(sorter.library.root)
    with pytest.raises(error):
        sorter.sort_many([("1.mp4", name)], new_folder=name, dry_run=dry_run)
    assert look(sorter.library.root) == before


def test_one_fault_stops_no_other(sorter: Sorter) -> None:
    """What can't move is told with its reason."""
    grow(sorter.library.root / "Cats", {"1.mp4": "another"})
    done = sorter.sort_predicted(0.5)
    assert done.moved == [("3.mp4", "Dogs"), ("2.mp4", "Cats")]
    assert [name for name, _ in done.failed] == ["1.mp4"]


def test_five_hundred_move_and_come_back_exactly(settings: Settings) -> None:
    """A batch as large as a person can look at."""
    grow(settings.data_dir, {f"{n}.mp4": f"content {n}" for n in range(1000, 1500)})
    sorter = Sorter(settings)
    before = look(settings.data_dir)
    done = sorter.sort_many([(f"{n}.mp4", ("Cats", "Dogs")[n % 2]) for n in range(1000, 1500)])
    assert (len(done.moved), done.failed) == (500, [])
    assert len(sorter.undo()) == 500
    assert look(settings.data_dir) == before
