"""From unsorted videos to folders that might be made of them, and what a person refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from sorter_core import Settings, Sorter, proposals, refusals, strangers
from sorter_core.errors import InvalidInput
from sorter_core.proposals import Proposal
from tests.conftest import grow
from tests.piles import EACH, GROUPS, known, piled


@pytest.fixture
def sorter(tmp_path: Path, settings: Settings) -> Sorter:
    """One big pile and no folder."""
    return piled(tmp_path / "pile", settings)


def groups(found: list[Proposal]) -> list[set[str]]:
    """What the file names of each proposal begin with."""
    return [{name.split("-")[0] for name in one.videos} for one in found]


def predicted(sorter: Sorter, typicality: dict[str, float | None], confidence: float = 0.9) -> None:
    """As a training would: a prediction for each unsorted video, by the beginning of its name."""
    with sorter.library.store.write() as db:
        db.execute(
            "INSERT INTO runs (classifier, videos, folders, model, report)"
            " VALUES ('knn', 1, 1, 'x', '{}')"
        )
        for mark, name in db.execute(
            "SELECT fingerprint, name FROM files WHERE folder = ''"
        ).fetchall():
            value = typicality.get(name.split("-")[0], 0.5)
            db.execute(
                "INSERT INTO predictions (fingerprint, run, folder, confidence, guesses, typicality)"
                " VALUES (?, 1, 'Cats', ?, '[]', ?)",
                (mark, confidence, value),
            )
        db.execute("INSERT OR REPLACE INTO meta VALUES ('predictions', '7')")


def test_one_big_pile_gets_its_folders(sorter: Sorter) -> None:
    """No folder, no model: all groups, named by their captions, and nothing of what is alone."""
    found = sorter.proposals()
    assert sorted(one.name for one in found) == ["Cats", "Dogs", "Pizza"]
    assert all(len(group) == 1 for group in groups(found))
    assert all(len(one.videos) == EACH for one in found)
    assert {one.words for one in found} == {(group,) for group in GROUPS}


def test_a_folder_is_made_and_one_undo_brings_all_back(sorter: Sorter) -> None:
    """The rest is still proposed; a moved group is gone at once, and back after the undo."""
    first = sorter.proposals()[0]
    items = [(name, first.name) for name in first.videos]
    done = sorter.sort_many(items, new_folder=first.name)
    assert len(done.moved) == EACH
    assert first.name not in [one.name for one in sorter.proposals()]
    assert len(sorter.proposals()) == len(GROUPS) - 1
    sorter.undo(done.batch)
    assert sorter.folders() == []
    assert first in sorter.proposals()


def test_it_is_computed_once_for_each_state_of_things(
    sorter: Sorter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page opens at once the second time; a new analysis makes it look again."""
    counted: list[int] = []
    real = proposals.found

    def counting(*arguments):
        counted.append(1)
        return real(*arguments)

    monkeypatch.setattr(proposals, "found", counting)
    assert sorter.proposals() == sorter.proposals()
    sorter.refuse_proposal(sorter.proposals()[0].videos)
    assert len(sorter.proposals()) == len(GROUPS) - 1
    assert len(counted) == 1
    (sorter.library.root / "new-1.mp4").write_bytes(b"new")
    sorter.scan()
    known(sorter, {"new-1.mp4": "cats"})
    sorter.proposals()
    assert len(counted) == 2


def test_a_refusal_is_remembered_for_good(sorter: Sorter, settings: Settings) -> None:
    """By another process too, and when the group has grown or shrunk a little."""
    refused = sorter.proposals()[0]
    sorter.refuse_proposal(refused.videos)
    sorter.sort_many([(refused.videos[0], "Else")], new_folder="Else")
    (sorter.library.root / "new-1.mp4").write_bytes(b"new")
    sorter.scan()
    known(sorter, {"new-1.mp4": refused.words[0]})
    again = Sorter(settings.model_copy(update={"data_dir": sorter.library.root}))
    left = [name for group in groups(again.proposals()) for name in group]
    assert sorted(left) == sorted(set(GROUPS) - {refused.words[0]})


def test_when_all_are_refused_that_is_said(sorter: Sorter) -> None:
    """And not that there had been none."""
    for proposal in sorter.proposals():
        sorter.refuse_proposal(proposal.videos)
    assert sorter.proposals() == []
    assert "looked through all groups" in sorter.why_no_proposals()


def test_a_refusal_can_be_taken_back(sorter: Sorter) -> None:
    """Also by most of its videos."""
    refused = sorter.proposals()[0]
    sorter.refuse_proposal(refused.videos)
    sorter.refuse_proposal(refused.videos[1:], take_back=True)
    assert refused in sorter.proposals()
    assert refusals.refusals(sorter.library) == {}


@pytest.mark.parametrize("names", [[], ["none.mp4"], ["../etc/passwd", "\x00"]])
def test_unknown_videos_are_no_refusal(sorter: Sorter, names: list[str]) -> None:
    """Nothing is written."""
    with pytest.raises(InvalidInput):
        sorter.refuse_proposal(names)
    assert len(sorter.proposals()) == len(GROUPS)


def test_names_that_are_taken_are_not_proposed(sorter: Sorter) -> None:
    """Whatever their case; the folder may hold anything."""
    sorter.create_folder("CATS")
    assert "Cats" not in [one.name for one in sorter.proposals()]
    assert "Cats 2" in [one.name for one in sorter.proposals()]


def test_without_any_text_the_names_say_nothing(tmp_path: Path, settings: Settings) -> None:
    """Honestly: they are new folders."""
    found = piled(tmp_path / "mute", settings, told=False).proposals()
    assert [one.name for one in found] == ["New folder 1", "New folder 2", "New folder 3"]
    assert {one.words for one in found} == {()}


def test_with_a_model_only_what_lies_far_from_the_folders(sorter: Sorter) -> None:
    """What is like a folder goes there; the others show how videos differ."""
    sorter.create_folder("Cats")
    predicted(sorter, {"dogs": strangers.STRANGE, "pizza": 0.5})
    assert groups(sorter.proposals()) == [{"dogs"}]


def test_a_group_is_judged_as_a_whole_and_its_typical_videos_stay() -> None:
    """Some far ones make no strange group; in a strange one, what fits a folder is left to it."""
    marks = list("abcdef")
    few = {mark: (0.01 if mark in "ab" else 0.6, 0.9) for mark in marks}
    assert strangers.strange(marks, few) == []
    most = {mark: (0.6 if mark == "c" else 0.01, 0.9) for mark in marks}
    assert strangers.strange(marks, most) == list("abdef")
    assert strangers.strange(marks, {}) == []  # not predicted yet: that comes first
    assert strangers.strange(marks, {"a": (0.01, 0.9)}) == ["a"]


def test_where_nobody_can_tell_the_unsure_count(sorter: Sorter) -> None:
    """With few labels there is no typicality: a guess that is as likely wrong says as much."""
    sorter.create_folder("Cats")
    predicted(sorter, dict.fromkeys(GROUPS), confidence=strangers.UNSURE - 0.01)
    assert len(sorter.proposals()) == len(GROUPS)


def test_a_model_without_folders_counts_for_nothing(sorter: Sorter) -> None:
    """Whoever threw all folders away begins with one pile again."""
    predicted(sorter, dict.fromkeys(GROUPS, 1.0))
    assert len(sorter.proposals()) == len(GROUPS)


def test_of_a_great_many_a_sample_is_compared(
    sorter: Sorter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Time and memory have a bound."""
    monkeypatch.setattr(strangers, "SAMPLE", 35)
    assert len(strangers.candidates(sorter.library, sorter.encoders())) == 35
    found = sorter.proposals()
    assert found
    assert all(len(group) == 1 for group in groups(found))
    assert sum(len(one.videos) for one in found) <= 35


def test_why_there_are_none(sorter: Sorter, settings: Settings, tmp_path: Path) -> None:
    """Each time with what to do, or that nothing is to be done."""
    sorter.create_folder("Cats")
    predicted(sorter, {})
    assert sorter.proposals() == []
    assert "you need no new one" in sorter.why_no_proposals()
    other = Sorter(settings)
    assert "analysed yet" in other.why_no_proposals()
    assert other.proposals() == []
    other.scan()
    known(other, {"1.mp4": "cats", "4.mp4": "cats"})
    assert "Too few videos" in other.why_no_proposals()
    for name in ("1.mp4", "2.mp4", "3.mp4"):
        other.sort(name, "Cats")
    assert other.why_no_proposals() == "Nothing is unsorted."


def test_strays_are_no_folder(settings: Settings, tmp_path: Path) -> None:
    """Videos of which no five are alike; with a model that has not seen them, that is to be asked first."""
    names = [f"alone{i}-0.mp4" for i in range(35)]
    sorter = Sorter(
        settings.model_copy(
            update={"data_dir": grow(tmp_path / "strays", {name: name for name in names})}
        )
    )
    sorter.choose_encoders(["sound"])
    sorter.scan()
    known(sorter, {name: name.split("-")[0] for name in names})
    assert sorter.proposals() == []
    assert "No videos are so much alike" in sorter.why_no_proposals()
    sorter.create_folder("Cats")
    predicted(sorter, {})
    assert "you need no new one" in sorter.why_no_proposals()
    with sorter.library.store.write() as db:
        db.execute("DELETE FROM predictions")
    assert "train first" in sorter.why_no_proposals()


def test_videos_that_vanished_are_not_shown(sorter: Sorter) -> None:
    """Deleted by hand a moment ago; a group that became too small goes with them."""
    first = sorter.proposals()[0]
    for name in first.videos[:3]:
        (sorter.library.root / name).unlink()
    assert sorted(len(one.videos) for one in sorter.proposals()) == [EACH - 3, EACH, EACH]
    for name in first.videos[3:7]:
        (sorter.library.root / name).unlink()
    assert [len(one.videos) for one in sorter.proposals()] == [EACH, EACH]
