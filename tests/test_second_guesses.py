"""What was taken out of a folder counts for its next guess, and never comes back by itself."""

from __future__ import annotations

import pytest

from sorter_core import Settings, Sorter
from sorter_core.bulk import STEPS, Outlook, Pile
from sorter_core.errors import Busy
from sorter_core.learning import publisher
from sorter_core.second_guesses import step
from sorter_core.types import Guess, Prediction
from tests.conftest import grow

GUESSES = {
    "1.mp4": [("Cats", 0.9), ("Dogs", 0.08), ("Owls", 0.02)],
    "2.mp4": [("Cats", 0.6), ("Dogs", 0.3), ("Owls", 0.1)],
    "3.mp4": [("Dogs", 0.7), ("Cats", 0.2), ("Owls", 0.1)],
    "5.mp4": [("Cats", 1.0)],
}


@pytest.fixture
def sorter(settings: Settings) -> Sorter:
    """Four guessed videos and one that nothing is known of."""
    assert settings.data_dir is not None
    grow(settings.data_dir, {"0.mp4": "none", "5.mp4": "five", "Owls": {}})
    sorter = Sorter(settings)
    sorter.scan()
    with sorter.library.store.read() as db:
        marks = dict(db.execute("SELECT name, fingerprint FROM files WHERE folder = ''").fetchall())
    made = [
        Prediction(marks[name], tuple(Guess(*guess) for guess in guesses))
        for name, guesses in GUESSES.items()
    ]
    with sorter.library.store.write() as db:
        publisher(None, made)(db)
    return sorter


def names(sorter: Sorter, folder: str | None, threshold: float, out: dict[str, list[str]]) -> str:
    """The names of a grid in their order; what was taken out stands in brackets."""
    grid = sorter.second_guesses(out).grid(folder, threshold, 100, 0, "confident")
    told = [f"[{tile.filename[0]}]" if tile.out else tile.filename[0] for tile in grid.videos]
    assert grid.total == len(told)
    assert grid.taken == sum(not tile.out for tile in grid.videos)
    return " ".join(told)


def test_without_anything_taken_out_it_is_the_bulk(sorter: Sorter) -> None:
    """The same numbers, the same videos."""
    assert sorter.second_guesses({}).outlook(0.65) == sorter.bulk().outlook(0.65)
    assert names(sorter, "Cats", 0.5, {}) == "5 1 2"
    assert sorter.second_guesses({}).chosen(None, 0.65) == sorter.bulk().chosen(None, 0.65)


def test_the_probability_of_the_refused_folder_goes_to_the_others(sorter: Sorter) -> None:
    """0.3 of the remaining 0.4 is 0.75: enough for Dogs at 0.7, behind its own first guesses."""
    out = {"2.mp4": ["Cats"]}
    assert names(sorter, "Dogs", 0.7, out) == "3 2"
    assert names(sorter, "Dogs", 0.76, out) == ""
    grid = sorter.second_guesses(out).grid("Dogs", 0.7, 100, 0, "confident")
    assert grid.videos[-1].confidence == pytest.approx(0.75)


def test_what_was_taken_out_shows_at_the_end_of_its_folder(sorter: Sorter) -> None:
    """Not selected, at each threshold that would take it, and it is not chosen."""
    out = {"1.mp4": ["Cats"]}
    assert names(sorter, "Cats", 0.5, out) == "5 2 [1]"
    assert names(sorter, "Cats", 0.95, out) == "5"
    assert sorter.second_guesses(out).chosen("Cats", 0.5) == [("5.mp4", "Cats"), ("2.mp4", "Cats")]


def test_what_was_skipped_is_offered_nowhere(sorter: Sorter) -> None:
    """It shows at the end of its folder, and in everything."""
    out = {"2.mp4": [""]}
    assert names(sorter, "Cats", 0.5, out) == "5 1 [2]"
    assert names(sorter, "Dogs", 0.5, out) == "3"
    assert names(sorter, None, 0.5, out) == "5 1 3 [2]"


def test_in_everything_it_shows_once(sorter: Sorter) -> None:
    """Under its next guess where that is sure enough, else as taken out."""
    out = {"2.mp4": ["Cats"]}
    assert names(sorter, None, 0.5, out) == "5 1 3 2"
    assert names(sorter, None, 0.55, {"1.mp4": ["Cats", "Dogs"]}) == "5 3 2 1"
    assert names(sorter, None, 0.5, {"5.mp4": ["Cats"]}) == "1 3 2 [5]"
    chosen = sorter.second_guesses(out).chosen(None, 0.7)
    assert chosen == [("5.mp4", "Cats"), ("1.mp4", "Cats"), ("3.mp4", "Dogs"), ("2.mp4", "Dogs")]


def test_pages_are_parts_of_the_whole(sorter: Sorter) -> None:
    """Whatever the limit, over first guesses, next guesses and what is out."""
    out = {"2.mp4": ["Cats"], "5.mp4": ["Cats"]}
    grids = sorter.second_guesses(out)
    whole = grids.grid(None, 0.5, 100, 0, "confident").videos
    for limit in (1, 2, 3):
        parts = [grids.grid(None, 0.5, limit, at, "confident").videos for at in range(0, 6, limit)]
        assert [tile for part in parts for tile in part] == whole


def test_the_outlook_counts_each_where_it_is_now(sorter: Sorter) -> None:
    """By folder, in all, and along the curve, as the grids do."""
    out = {"1.mp4": ["Cats"], "2.mp4": ["Cats"]}
    grids = sorter.second_guesses(out)
    for folder in (None, "Cats", "Dogs"):
        for threshold in (0.0, 0.5, 0.7, 0.75, 0.76, 0.8, 0.81, 1.0):
            seen = grids.outlook(threshold, folder)
            grid = grids.grid(folder, threshold, 100, 0, "confident")
            assert seen.counts[round(threshold * 100)] == grid.taken
            taken = [tile for tile in grid.videos if tile.folder and not tile.out]
            wrong = sum(1 - tile.confidence for tile in taken)
            assert seen.errors[round(threshold * 100)] == pytest.approx(wrong, abs=0.02)
            if folder is not None:
                assert {p.folder: p.videos for p in seen.piles}[folder] == grid.taken


@pytest.mark.parametrize(
    "out", [{"0.mp4": ["Cats"]}, {"99.mp4": ["Cats"]}, {"1.mp4": ["Nope"]}, {"3.mp4": ["Cats"]}]
)
def test_refusals_that_change_no_guess(sorter: Sorter, out: dict[str, list[str]]) -> None:
    """Unguessed, gone, another folder: it is still taken once, where it was guessed."""
    assert len(sorter.second_guesses(out).chosen(None, 0.5)) == 4
    assert names(sorter, "Dogs", 0.5, out) == "3"


def test_moving_files_each_under_the_guess_that_was_shown(sorter: Sorter) -> None:
    """The next guess's folder; what is spared stays; an old version moves nothing."""
    out = {"2.mp4": ["Cats"]}
    with pytest.raises(Busy):
        sorter.sort_predicted(0.7, "Dogs", out=out, version="another")
    done = sorter.sort_predicted(0.7, None, out=out, without=["1.mp4"])
    assert done.moved == [("5.mp4", "Cats"), ("3.mp4", "Dogs"), ("2.mp4", "Dogs")]


def outlook(*rows: tuple[float, int, float], folders: int) -> Outlook:
    """(least confidence, videos, expected errors) of some positions, the surest first."""
    counts, errors = [], []
    for at in STEPS:
        taken = [row for row in rows if row[0] >= at]
        counts.append(sum(row[1] for row in taken))
        errors.append(sum(row[2] for row in taken))
    piles = [Pile(str(n), 1, 1, 0.0) for n in range(folders)]
    return Outlook("1", 0.0, 9, 0, 0, 9, 1.0, piles, counts, errors)


def test_a_step_goes_down_as_far_as_an_error_a_folder() -> None:
    """Then to the next position that takes more, and never below a half."""
    seen = outlook((0.9, 10, 1.0), (0.7, 10, 1.0), (0.5, 10, 4.0), (0.3, 90, 60.0), folders=2)
    assert step(seen) == 0.7
    assert step(seen, 0.7) == 0.5
    assert step(seen, 0.5) is None


def test_a_step_that_is_dear_is_a_small_one() -> None:
    """The first position that takes anything."""
    assert step(outlook((0.8, 10, 9.0), (0.6, 10, 9.0), folders=2)) == 0.8
    assert step(outlook(folders=2)) is None
