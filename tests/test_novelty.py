"""None of these: what is like no folder is found, and what belongs to one is seldom marked so."""

from dataclasses import replace

import numpy as np
import pytest

from sorter_core import models, novelty, prediction, training
from sorter_core.fusion import View
from sorter_core.novelty import ENOUGH, FAR, MOST, Reference
from sorter_core.types import FeatureTable
from tests.vectors import clouds, names, unit

FOLDERS = 5
"""The first so many clouds are folders; one more is none of them."""
LABELLED = np.arange(FOLDERS * 12)
BOTH = {"frames": 1.5, "sound": 1.5}


def drawn(seed: int = 0, present: float = 1.0) -> tuple[FeatureTable, np.ndarray]:
    """12 videos to be labelled in each folder, 20 more of each, and 20 of another kind."""
    y = np.concatenate(
        [
            np.repeat(np.arange(FOLDERS), 12),
            np.repeat(np.arange(FOLDERS), 20),
            np.full(20, FOLDERS),
        ]
    )
    return clouds(y, BOTH, seed=seed, present=present), y


def learned(table: FeatureTable, y: np.ndarray) -> Reference:
    """The reference of a table's videos, none of which is a copy."""
    views = [View(name, table) for name in table.vectors]
    found = novelty.learned(views, y, np.arange(len(y)))
    assert found is not None
    return found


def shares(table: FeatureTable, y: np.ndarray) -> tuple[float, float]:
    """(insiders marked, outsiders found) of what has a p-value."""
    reference = learned(table.take(LABELLED), y[LABELLED])
    rest = np.arange(len(LABELLED), len(y))
    values, outside = reference.typicality(table.take(rest)), y[rest] == FOLDERS
    seen = ~np.isnan(values)
    far = values <= FAR
    return float(far[seen & ~outside].mean()), float(far[seen & outside].mean())


def test_a_kind_without_a_folder_is_found():
    """Most videos of another cloud are marked, though no label told of it."""
    assert shares(*drawn())[1] > 0.8


def test_insiders_are_marked_as_seldom_as_promised():
    """Over many draws the share of wrongly marked ones is about FAR."""
    marked = [shares(*drawn(seed))[0] for seed in range(20)]
    assert FAR / 4 < np.mean(marked) < FAR * 1.4


def test_a_missing_modality_is_neither_near_nor_far():
    """With a third of the vectors missing, insiders are marked no more often."""
    marked, found = np.mean([shares(*drawn(seed, present=0.67)) for seed in range(10)], axis=0)
    assert marked < FAR * 1.4
    assert found > 0.3


def test_a_video_is_judged_by_what_it_has():
    """Without pictures it has the p-value that its sound alone gives; with nothing it has none."""
    table, y = drawn()
    reference = learned(table.take(LABELLED), y[LABELLED])
    alone = FeatureTable(
        table.fingerprints, {"sound": table.vectors["sound"]}, {"sound": table.present["sound"]}
    )
    deaf = replace(table, present={**table.present, "frames": np.zeros(len(table), bool)})
    assert np.array_equal(reference.typicality(deaf), reference.typicality(alone))
    blind = {name: np.zeros(len(table), bool) for name in table.present}
    assert np.isnan(reference.typicality(replace(table, present=blind))).all()


def test_a_modality_that_few_labelled_share_is_left_out():
    """Of two modalities that few labelled videos have together, the more common one is gone by."""
    table, y = drawn()
    seen = table.take(LABELLED)
    rows = np.arange(len(LABELLED))
    apart = {"frames": rows % 3 > 0, "sound": rows % 3 == 0}
    reference = learned(replace(seen, present=apart), y[LABELLED])
    values = reference.typicality(table)
    deaf = {**table.present, "sound": np.zeros(len(table), bool)}
    assert np.array_equal(values, reference.typicality(replace(table, present=deaf)))


def test_each_labelled_video_is_judged_without_itself():
    """The formula says what learning again without the video says."""
    dice = np.random.default_rng(0)
    y = np.repeat(np.arange(4), [5, 8, 3, 6])
    x = unit(dice.normal(size=(22, 15)) + dice.normal(size=(4, 15))[y]).astype(np.float64)
    x -= x.mean(axis=0)
    means = np.stack([x[y == folder].mean(axis=0) for folder in range(4)])
    inverse, noise = novelty._precision(x - means[y], 4)
    given = novelty._without(x, y, means, inverse, noise)
    ball = np.square(x - means[y]).sum() / 15
    for row in range(22):
        left = np.arange(22) != row
        centre = x[left].mean(axis=0)
        own = np.stack([x[left & (y == folder)].mean(axis=0) for folder in range(4)])
        inside = x[left] - own[y[left]]
        scatter = 0.5 * inside.T @ inside + 0.5 * ball * np.eye(15)
        towards = np.linalg.solve(scatter, (own - centre).T)
        squares = ((own - centre) * towards.T).sum(axis=1) - noise / np.bincount(y[left])
        wanted = x[row] @ towards - 0.5 * np.maximum(squares, 0)
        np.testing.assert_allclose(given[row], wanted)


def test_copies_count_once():
    """Each labelled video thrice, in groups: the same reference as from one of each."""
    table, y = drawn()
    once = learned(table.take(LABELLED), y[LABELLED])
    rows = np.tile(LABELLED, 3)
    thrice = table.take(rows)
    views = [View(name, thrice, View(name, table.take(LABELLED)).basis) for name in thrice.vectors]
    again = novelty.learned(views, y[rows], rows)
    assert again is not None
    np.testing.assert_allclose(again.typicality(table), once.typicality(table))


@pytest.mark.parametrize("each", [1, 3])
def test_few_labels_say_nothing(each):
    """With one video a folder, or fewer than 19 in all, nobody can tell: None."""
    table = clouds(np.repeat(np.arange(5), each), BOTH)
    model = training.fit(table, names(np.repeat(np.arange(5), each))).model
    assert model.reference is None
    assert {one.typicality for one in prediction.predict(model, table)} == {None}


def test_lonely_videos_are_no_measure():
    """The only video of its folder is compared with nothing: 18 in pairs and 9 alone are too few."""
    pairs = np.repeat(np.arange(9), 2)
    y = np.concatenate([pairs, np.arange(9, 18)])
    table = clouds(y, BOTH)
    views = [View(name, table) for name in table.vectors]
    assert len(pairs) < ENOUGH
    assert novelty.learned(views, y, np.arange(len(y))) is None


def test_so_many_are_kept_and_no_more():
    """However many are labelled, the model's file stays small."""
    y = np.arange(MOST + 300) % 3
    reference = learned(clouds(y, {"frames": 1.5}), y)
    assert reference.held.shape == (MOST, 1, 3)


def test_training_and_refit_make_it(tmp_path):
    """A kind is far until it has a folder; the file keeps what is needed for that."""
    table, y = drawn(seed=2)
    rest = np.flatnonzero(y == FOLDERS)
    trained = training.fit(table.take(LABELLED), names(y[LABELLED]))
    models.save(trained.model, tmp_path / "m.model")
    before = prediction.predict(models.load(tmp_path / "m.model"), table.take(rest[8:]))
    assert np.mean([one.typicality <= FAR for one in before]) > 0.7
    rows = np.concatenate([LABELLED, rest[:8]])
    after = prediction.predict(
        training.refit(trained, table.take(rows), names(y[rows])), table.take(rest[8:])
    )
    assert np.mean([one.typicality <= FAR for one in after]) < 0.3


def test_a_file_from_before_there_was_this_loads(tmp_path):
    """It predicts as it did, and says nothing about what is far."""
    table, y = drawn()
    model = training.fit(table.take(LABELLED), names(y[LABELLED])).model
    models.save(replace(model, reference=None), tmp_path / "old.model")
    assert b"reference" not in (tmp_path / "old.model").read_bytes()
    old = prediction.predict(models.load(tmp_path / "old.model"), table)
    new = prediction.predict(model, table)
    assert [one.guesses for one in old] == [one.guesses for one in new]
    assert {one.typicality for one in old} == {None}
    assert None not in {one.typicality for one in new}
