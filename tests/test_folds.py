"""Which videos are held back together."""

import tracemalloc

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sorter_core import folds
from sorter_core.types import FeatureTable
from tests.vectors import table, unit

labelled_groups = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 12)), min_size=2, max_size=60
)


def numbers(values):
    return np.unique(np.array(values), return_inverse=True)[1]


@given(labelled_groups, st.integers(2, 6), st.integers(0, 99))
def test_never_splits_a_group(pairs, count, seed):
    """However groups and folders cross, a group lies in one fold."""
    y, groups = (numbers(column) for column in zip(*pairs, strict=True))
    drawn = folds.assign(y, groups, count, seed)
    for group in np.unique(groups):
        assert len(np.unique(drawn[groups == group])) == 1


@given(labelled_groups, st.integers(2, 6), st.integers(0, 99))
def test_keeps_lonely_folders_in_training(pairs, count, seed):
    """A folder of one group alone is never held back: nothing of it would be left to learn."""
    y, groups = (numbers(column) for column in zip(*pairs, strict=True))
    drawn = folds.assign(y, groups, count, seed)
    for folder in np.unique(y):
        if len(np.unique(groups[y == folder])) == 1:
            assert (drawn[y == folder] == folds.NEVER).all()


def test_deals_evenly():
    """Each fold gets its share of each folder, and of all."""
    y = np.repeat([0, 1, 2], [20, 10, 5])
    drawn = folds.assign(y, np.arange(35), 5, seed=1)
    assert (np.bincount(drawn[y == 0]) == 4).all()
    assert (np.bincount(drawn[y == 1]) == 2).all()
    assert (np.bincount(drawn) == 7).all()


def test_seed_decides():
    """The same seed draws the same folds, another one others."""
    y = np.repeat([0, 1], 20)
    first, again, other = (folds.assign(y, np.arange(40), 5, seed) for seed in (1, 1, 2))
    assert first.tolist() == again.tolist()
    assert first.tolist() != other.tolist()


def test_counts_folds_that_folders_can_fill():
    """Three videos a folder make three folds, two folders of one make none, many make at most 5."""
    alone = np.arange(400)
    assert folds.count(np.repeat([0, 1], 3), alone[:6]) == 3
    assert folds.count(np.array([0, 1]), alone[:2]) == 0
    assert folds.count(np.array([0, 0, 0, 1]), alone[:4]) == 0
    assert folds.count(np.repeat([0, 1], 200), alone) == 5


def test_copies_are_one_group():
    """Equal fingerprints, equal given groups, and all but equal vectors go together."""
    x = unit(np.random.default_rng(0).normal(size=(6, 30)))
    x[1] = x[0] + 0.001
    seen = table(frames=x)
    marks = ("a", "b", "c", "c", "e", "f")
    same = FeatureTable(marks, seen.vectors, seen.present)
    by_mark = folds.grouped(same, None)
    assert by_mark[0] == by_mark[1]
    assert by_mark[2] == by_mark[3]
    assert len(set(by_mark)) == 4
    by_name = folds.grouped(same, ["x", "y", "z", "u", "v", "v"])
    assert by_name[4] == by_name[5]
    assert len(set(by_name)) == 4


def test_one_sound_in_two_videos_is_no_copy():
    """The same music under different pictures does not make a copy."""
    dice = np.random.default_rng(0)
    sound = np.repeat(unit(dice.normal(size=(1, 30))), 4, axis=0)
    seen = table(frames=unit(dice.normal(size=(4, 30))), sound=sound)
    assert len(set(folds.grouped(seen, None))) == 4


def test_one_caption_without_pictures_joins_nothing():
    """Of a series with one caption, the video that could not be read is like all; they stay apart."""
    dice = np.random.default_rng(0)
    caption = np.repeat(unit(dice.normal(size=(1, 30))), 5, axis=0)
    seen = table(frames=unit(dice.normal(size=(5, 30))), caption=caption)
    seen.present["frames"][0] = False
    assert len(set(folds.grouped(seen, None))) == 5
    seen.present["frames"][1] = (
        False  # two of which no more is known than one caption: copies, for all we know
    )
    assert len(set(folds.grouped(seen, None))) == 4


def test_a_copy_that_lost_its_sound_is_a_copy():
    """The pictures tell, and no other video has them."""
    dice = np.random.default_rng(0)
    frames = unit(dice.normal(size=(5, 30)))
    frames[1] = frames[0]
    seen = table(frames=frames, sound=unit(dice.normal(size=(5, 30))))
    seen.present["sound"][1] = False
    found = folds.grouped(seen, None)
    assert found[0] == found[1]
    assert len(set(found)) == 4


def test_a_thousand_alike_take_no_room_for_each_two(monkeypatch):
    """The clips of one fixed camera are one group; half a million pairs are never there at once."""
    monkeypatch.setattr(folds, "_CELLS", 10_000)
    dice = np.random.default_rng(0)
    seen = table(frames=unit(dice.normal(size=20) + 0.01 * dice.normal(size=(1000, 20))))
    folds.grouped(seen.take([0, 1]), None)  # what it imports is not counted
    tracemalloc.start()
    try:
        found = folds.grouped(seen, None)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert set(found) == {0}
    assert most < 10e6


def test_pieces_of_the_table_give_the_same_groups(monkeypatch):
    """Whether pairs are looked at in one go or row by row."""
    dice = np.random.default_rng(1)
    seen = table(
        frames=unit(dice.normal(size=(9, 30))[dice.integers(0, 9, 40)]),
        sound=unit(dice.normal(size=(4, 30))[dice.integers(0, 4, 40)]),
    )
    seen.present["sound"][dice.random(40) < 0.4] = False
    whole = folds.grouped(seen, None)
    monkeypatch.setattr(folds, "_CELLS", 1)
    assert 9 <= len(set(whole)) < 40
    assert folds.grouped(seen, None).tolist() == whole.tolist()
    first = np.unique(whole, return_index=True)[1]
    assert (np.diff(first) > 0).all(), "numbered as their first videos come"
