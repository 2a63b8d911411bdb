"""Modalities: views, panels and the model made of them."""

import numpy as np
import pytest

from sorter_core.classifiers.prototype import Prototype
from sorter_core.fusion import RANK, Model, Panel, View, clean, principal
from sorter_core.types import FeatureTable
from tests.vectors import clouds, unit


def test_rotation_keeps_distances():
    """Fewer videos than dimensions: the few coordinates have the same distances as the many."""
    x = unit(np.random.default_rng(0).normal(size=(30, 200)))
    coordinates = x @ principal(x)
    assert coordinates.shape[1] <= 30
    np.testing.assert_allclose(coordinates @ coordinates.T, x @ x.T, atol=1e-5)


def test_rank_is_bounded():
    """However many videos and dimensions, no more than RANK columns are made."""
    x = unit(np.random.default_rng(0).normal(size=(600, 530)))
    assert principal(x).shape == (530, RANK)


@pytest.mark.parametrize("x", [np.zeros((5, 8)), np.ones((5, 8)), np.zeros((0, 8))])
def test_rotation_bears_nothing_to_rotate(x):
    """Zero rows, equal rows and no rows give a finite basis."""
    basis = principal(x.astype(np.float32))
    assert basis.shape[0] == 8
    assert np.isfinite(basis).all()


def test_stored_rows_are_read_as_in_training():
    """A video is given to the classifiers in the same coordinates when trained and when predicted."""
    seen = clouds([0, 1] * 10, {"frames": 1.0})
    view = View("frames", seen)
    rows = np.arange(12)
    centre, coordinates = view.centred(rows)
    panel = Panel("frames", np.arange(2), centre, view.basis, (), np.empty(0))
    np.testing.assert_allclose(panel.read(seen.vectors["frames"]), coordinates, atol=1e-5)


def test_the_centre_comes_from_the_rows_given():
    """What a fold may not see does not move the centre."""
    seen = clouds([0, 1] * 10, {"frames": 1.0})
    hidden = {"frames": seen.vectors["frames"].copy()}
    hidden["frames"][15:] = -1
    rows = np.arange(10)
    first = View("frames", seen).centred(rows)[0]
    second = View("frames", FeatureTable(seen.fingerprints, hidden, seen.present)).centred(rows)[0]
    np.testing.assert_array_equal(first, second)


def test_nan_counts_as_absent():
    """A vector with NaN or infinity is no vector."""
    seen = clouds([0, 1], {"frames": 1.0})
    seen.vectors["frames"][0, 3] = np.nan
    x, present = clean(seen, "frames")
    assert present.tolist() == [False, True]
    assert (x[0] == 0).all()


def model(*encoders):
    panels = []
    for name in encoders:
        seen = clouds([0, 1] * 6, {name: 0.5}, seed=4)
        view = View(name, seen)
        centre, rows = view.centred(np.arange(12))
        learned = Prototype().fit(rows, np.array([0, 1] * 6))
        panels.append(
            Panel(name, np.array([0, 1]), centre, view.basis, (learned,), np.array([0.5]))
        )
    return Model(("a", "b", "never seen"), tuple(panels), np.array([0.0, 0.0, -1.0]))


def test_what_was_never_seen_stays_likely_as_before():
    """A folder that a modality has no video of is neither favoured nor ruled out by it."""
    seen = clouds([0, 1] * 6, {"frames": 0.5}, seed=4)
    probabilities = model("frames").predict_proba(seen)
    assert (probabilities[:, 2] > 0).all()
    assert (probabilities[:, 2] < probabilities.max(axis=1)).all()


def test_missing_modalities_are_left_out():
    """One modality of two, none, or one unknown to the model: rows still sum to 1."""
    both = model("frames", "sound")
    for noise in ({"frames": 0.5}, {"caption": 0.5}, {"frames": 0.5, "sound": 0.5, "caption": 1}):
        seen = clouds([0, 1, 1], noise, seed=4, present=0.7)
        np.testing.assert_allclose(both.predict_proba(seen).sum(axis=1), 1)
    assert not both.known(clouds([0, 1], {"caption": 0.5})).any()
    assert both.known(clouds([0, 1], {"sound": 0.5})).all()
