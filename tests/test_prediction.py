"""Guesses."""

import numpy as np
import pytest

from sorter_core import prediction, training
from sorter_core.types import FeatureTable
from tests.vectors import clouds, names

Y = [0, 1, 2, 3] * 8


@pytest.fixture(scope="module")
def model():
    """Four folders of eight videos, pictures and sound."""
    return training.fit(clouds(Y, {"frames": 1.0, "sound": 1.5}), names(Y)).model


def test_guesses_are_ordered_and_sum_to_one(model):
    """All folders asked for: best first, probabilities in 0..1 whose sum is 1."""
    made = prediction.predict(model, clouds(Y, {"frames": 1.0, "sound": 1.5}), top_k=9)
    for one in made:
        values = [guess.confidence for guess in one.guesses]
        assert values == sorted(values, reverse=True)
        assert sum(values) == pytest.approx(1)
        assert {guess.folder for guess in one.guesses} == set(names(Y))


def test_three_guesses_in_the_order_of_the_table(model):
    """Three guesses each, and the fingerprints stay where they were."""
    seen = clouds(Y, {"frames": 1.0, "sound": 1.5})
    made = prediction.predict(model, seen)
    assert tuple(one.fingerprint for one in made) == seen.fingerprints
    assert {len(one.guesses) for one in made} == {3}


def test_a_video_without_vectors_gets_no_guess(model):
    """Where no modality is present nothing is invented."""
    seen = clouds(Y, {"frames": 1.0, "sound": 1.5})
    for mask in seen.present.values():
        mask[5] = False
    made = prediction.predict(model, seen)
    assert made[5].guesses == ()
    assert all(one.guesses for one in made[:5])


def test_nothing_in_nothing_out(model):
    """An empty table gives an empty list."""
    assert prediction.predict(model, FeatureTable((), {}, {})) == []


def test_threshold_expects_few_errors():
    """The lowest confidence is found above which the mean doubt is at most 2 %."""
    confidences = [0.5, 0.999, 0.97, 0.98, 0.96, 0.9]
    found = prediction.threshold(confidences, 0.02)
    taken = [one for one in confidences if one >= found]
    assert np.mean([1 - one for one in taken]) <= 0.02
    assert found == 0.97
    assert prediction.threshold([0.6, 0.7]) is None
    assert prediction.threshold([]) is None


def test_threshold_counts_all_that_are_equally_sure():
    """Whoever sorts from 97 % on takes all three of 97 %, not the one that there was room for."""
    assert prediction.threshold([0.995, 0.97, 0.97, 0.97], 0.02) == 0.995
    assert prediction.threshold([0.99, 0.99, 0.99], 0.02) == 0.99
