"""The mark "far from every folder", from the training to the command line and back to a refit."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from sorter_core import Settings, Sorter, encoders
from sorter_core.commands import run
from tests.learned import analysed

STRANGE = [f"Cats-{number}.mp4" for number in range(3)]


def disguise(sorter: Sorter, names: list[str], seed: int = 1) -> None:
    """Give videos the stored vectors of another kind, one that no folder has."""
    kind = encoders.available()["sound"]
    dice = np.random.default_rng(seed)
    centre = 2 * dice.normal(size=kind.dim)
    with sorter.library.store.write() as db:
        for name in names:
            vector = centre + dice.normal(size=kind.dim)
            blob = (vector / np.linalg.norm(vector)).astype("<f4").tobytes()
            db.execute(
                "UPDATE features SET vector = ? WHERE fingerprint ="
                " (SELECT fingerprint FROM files WHERE name = ?)",
                (blob, name),
            )


@pytest.fixture
def sorter(tmp_path: Path, settings: Settings) -> Sorter:
    """24 filed videos in two folders; of the 6 unsorted ones three are of another kind."""
    made = analysed(tmp_path / "own", settings)
    disguise(made, STRANGE)
    return made


def far(sorter: Sorter) -> list[str]:
    """What is marked."""
    return [video.filename for video in sorter.videos(far=True).videos]


def test_what_is_strange_is_marked_and_keeps_its_guesses(sorter: Sorter) -> None:
    """Training and predicting mark it; the file for scripts says nothing of it."""
    sorter.train()
    page = sorter.predict()
    assert [video.filename for video in page.videos if video.far] == STRANGE
    assert all(video.guesses for video in page.videos)
    assert far(Sorter(sorter.settings)) == STRANGE
    written = json.loads((sorter.library.artifacts / "predictions.json").read_text())
    assert {frozenset(entry) for entry in written} == {
        frozenset({"video", "predicted_folder", "confidence", "top_predictions"})
    }


def test_a_refit_keeps_the_mark_and_takes_it_away(sorter: Sorter) -> None:
    """What stays strange stays marked; what is sorted into a folder of its own makes that known."""
    more = [f"Dogs-{number}.mp4" for number in range(10, 20)]
    sorter.train()
    sorter.predict()
    sorter.refit()
    assert far(sorter) == STRANGE
    disguise(sorter, more + STRANGE)
    sorter.create_folder("Birds")
    sorter.move_many([(name, "Dogs") for name in more], "Birds")
    sorter.refit()
    assert not far(sorter)
    assert {sorter.videos().videos[i].guesses[0].folder for i in range(3)} == {"Birds"}


def test_the_command_line_says_it_and_moves_none(
    sorter: Sorter, capsys: pytest.CaptureFixture[str]
) -> None:
    """`predict` lists what is far, with its mark; --move leaves it where it is."""
    place = ["--library", str(sorter.library.root)]
    sorter.train()

    def call(*words: str) -> str:
        assert run([*words, *place]) == 0
        return capsys.readouterr().out

    said = call("predict")
    assert "3 more lie far from every folder" in said
    assert said.count("none of these?") == 3
    told = json.loads(call("predict", "--move", "--json"))
    assert (told["far"], len(told["videos"])) == (3, 6)
    assert [video["filename"] for video in told["videos"] if video["far"]] == STRANGE
    assert sorted(name for name, _ in told["moved"]) == [f"Dogs-{i}.mp4" for i in range(3)]
