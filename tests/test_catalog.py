"""The unsorted pile in every order, while it changes."""

from __future__ import annotations

import json
import os
import shutil

import pytest

from sorter_core import Settings, Sorter
from sorter_core.catalog import ORDERS
from sorter_core.learning import publisher
from sorter_core.novelty import FAR
from sorter_core.types import Guess, Prediction
from tests.conftest import grow

SURE = {"1.mp4": 0.9, "2.mp4": 0.4, "3.mp4": 0.7, "4.mp4": 0.6, "5.mp4": 0.8}
"""Of the guess ``Cats`` for odd names, ``Dogs`` for even ones; 5.mp4 is far from both."""


@pytest.fixture
def sorter(settings: Settings) -> Sorter:
    """Five guessed videos, the one with the highest number the newest, and one without a guess."""
    root = settings.data_dir
    assert root is not None
    grow(root, {"0.mp4": "none", **{name: f"v{name}" for name in SURE}, "Cats": {}, "Dogs": {}})
    for name in ("0.mp4", *SURE):
        os.utime(root / name, (int(name[0]), int(name[0])))
    sorter = Sorter(settings)
    sorter.scan()
    with sorter.library.store.read() as db:
        marks = dict(db.execute("SELECT name, fingerprint FROM files WHERE folder = ''").fetchall())
    made = [
        Prediction(marks[name], guesses(name), FAR if name == "5.mp4" else 2 * FAR) for name in SURE
    ]
    with sorter.library.store.write() as db:
        publisher(None, made)(db)
    return sorter


def guesses(name: str) -> tuple[Guess, Guess]:
    """The better one is that of :data:`SURE`."""
    first, second = ("Cats", "Dogs") if int(name[0]) % 2 else ("Dogs", "Cats")
    return Guess(first, SURE[name]), Guess(second, round(0.95 - SURE[name], 2))


def order(sorter: Sorter, name: str) -> list[str]:
    return [video.filename[0] for video in sorter.videos(order=name).videos]


def test_each_order(sorter: Sorter) -> None:
    """What is like no folder comes last where it is about being sure."""
    assert order(sorter, "name") == ["0", "1", "2", "3", "4", "5"]
    assert order(sorter, "newest") == ["5", "4", "3", "2", "1", "0"]
    assert order(sorter, "uncertain") == ["0", "2", "4", "3", "5", "1"]
    assert order(sorter, "confident") == ["1", "3", "4", "2", "0", "5"]
    assert order(sorter, "confirm") == ["1", "3", "4", "2", "0", "5"]


@pytest.mark.parametrize("name", ORDERS)
def test_an_order_stays_while_it_is_worked_off(sorter: Sorter, name: str) -> None:
    """What is filed falls out, what comes back is where it was, as in a new process."""
    before = order(sorter, name)
    sorter.sort("3.mp4", "Cats")
    assert order(sorter, name) == [each for each in before if each != "3"]
    sorter.sort("1.mp4", "Cats")
    assert order(sorter, name) == [each for each in before if each not in "13"]
    sorter.undo()
    assert order(sorter, name) == [each for each in before if each != "3"]
    assert order(Sorter(sorter.settings), name) == [each for each in before if each != "3"]


def test_a_file_renamed_by_hand_keeps_its_guesses(sorter: Sorter) -> None:
    """Before any scan: its content is what was guessed for; one that is new has no guess."""
    root = sorter.library.root
    assert order(sorter, "uncertain")[0] == "0"
    (root / "1.mp4").rename(root / "9.mp4")
    shutil.copy(root / "2.mp4", root / "8.mp4")
    grow(root, {"7.mp4": "new"})
    found = {video.filename: video for video in sorter.videos().videos}
    assert found["9.mp4"].guesses == guesses("1.mp4")
    assert found["8.mp4"].guesses == found["2.mp4"].guesses == guesses("2.mp4")
    assert found["7.mp4"].guesses == ()
    assert order(sorter, "confident")[0] == "9"
    assert sorter.bulk().outlook(0.9).videos == 1


def test_a_folder_or_what_is_far_alone(sorter: Sorter) -> None:
    """Each in its order; a folder that nothing was guessed for has nothing, and so has ``""``."""
    videos = sorter.videos(order="uncertain", folder="Cats").videos
    assert [video.filename for video in videos] == ["3.mp4", "5.mp4", "1.mp4"]
    assert [video.filename for video in sorter.videos(far=True).videos] == ["5.mp4"]
    assert sorter.videos(folder="Birds").videos == sorter.videos(folder="").videos == []


def test_the_whole_as_json_says_the_same_as_a_page(sorter: Sorter) -> None:
    """Asked twice, after a change, and piece by piece."""
    for filed in (None, "3.mp4"):
        if filed:
            sorter.sort(filed, "Cats")
        whole = json.loads(sorter.videos_json())
        assert whole == json.loads(sorter.videos_json())
        pieces = [json.loads(sorter.videos_json(limit=2, offset=at))["videos"] for at in (0, 2, 4)]
        assert whole["videos"] == [*pieces[0], *pieces[1], *pieces[2]]
        assert whole["total"] == len(whole["videos"]) == (5 if filed else 6)
