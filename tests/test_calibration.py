"""Weights of experts, and probabilities that hold what they promise."""

import numpy as np
import pytest

from sorter_core import calibration, diagnostics


def experts(y, strengths, seed=0, folders=4):
    """Logits that know the truth as well as ``strengths`` say, with mean 0 in each row."""
    dice = np.random.default_rng(seed)
    truth = np.eye(folders)[y]
    made = np.stack([s * truth + dice.normal(size=truth.shape) for s in strengths])
    return made - made.mean(axis=2, keepdims=True)


def drawn(n, seed=0, folders=4):
    return np.random.default_rng(seed).integers(0, folders, n)


@pytest.mark.parametrize("scale", [0.1, 1.0, 30.0])
def test_calibrates_any_scale(scale):
    """Logits that are far too timid or far too sure give calibrated probabilities all the same."""
    y = drawn(4000)
    opinions = scale * experts(y, [2.0])
    weights = calibration.weigh(opinions[:, ::2], y[::2])
    probabilities = calibration.pool(opinions[:, 1::2], weights)
    right = probabilities.argmax(axis=1) == y[1::2]
    assert diagnostics.ece(probabilities.max(axis=1), right) < 0.03
    assert weights[0] * scale == pytest.approx(2.0, rel=0.1)


def test_noise_gets_no_weight():
    """An expert who knows nothing counts next to nothing beside one who knows something."""
    y = drawn(1000)
    known, noise = calibration.weigh(experts(y, [2.0, 0.0]), y)
    assert noise < 0.05 * known


def test_two_that_know_are_better_than_one():
    """Independent experts together beat each of them."""
    y = drawn(2000)
    both = experts(y, [1.5, 1.5])
    losses = [
        calibration.log_loss(calibration.pool(shown, calibration.weigh(shown, y)), y)
        for shown in (both[:1], both[1:], both)
    ]
    assert losses[2] < min(losses[:2]) - 0.1


def test_no_opinion_changes_nothing():
    """A video of which one expert knows nothing is judged by the other alone."""
    shown = np.array([[[1.0, -1.0]], [[0.0, 0.0]]])
    both = calibration.pool(shown, np.array([0.7, 5.0]))
    np.testing.assert_array_equal(both, calibration.pool(shown[:1], np.array([0.7])))


def test_a_handful_without_error_does_not_make_sure():
    """Six right guesses out of six do not become certainty."""
    y = np.array([0, 1, 0, 1, 0, 1])
    opinions = np.array([[[3.0, -3.0] if label == 0 else [-3.0, 3.0] for label in y]])
    confidence = calibration.pool(opinions, calibration.weigh(opinions, y)).max(axis=1)
    assert (confidence < 0.9).all()


def test_silence_gets_no_weight():
    """Opinions that are all zero, or that nobody can check, have weight 0."""
    assert calibration.weigh(np.zeros((2, 5, 3)), np.zeros(5, np.intp)).tolist() == [0, 0]
    assert calibration.weigh(np.ones((2, 0, 3)), np.zeros(0, np.intp)).tolist() == [0, 0]


def test_slope_is_that_of_the_loss():
    """The gradient that the optimiser follows is the loss's own."""
    from scipy.optimize import check_grad

    y = drawn(50)
    opinions, targets = experts(y, [1.0, 0.5]), np.eye(4)[y]
    error = check_grad(
        lambda w: calibration._loss(w, opinions, targets)[0],
        lambda w: calibration._loss(w, opinions, targets)[1],
        np.array([0.3, 0.8]),
    )
    assert error < 1e-5


def test_asking_the_same_few_videos_again_makes_no_surer_with_two_folders() -> None:
    """Six videos without an error, asked once or three times: the same weight; with many folders it grows."""
    opinions = np.array([[[1.0, -1.0]] * 6])
    y = np.zeros(6, int)
    once = calibration.weigh(opinions, y)
    thrice = calibration.weigh(np.tile(opinions, (1, 3, 1)), np.tile(y, 3), rounds=3)
    assert np.allclose(once, thrice, rtol=1e-3)
    four = np.array([[[3.0, -1.0, -1.0, -1.0]] * 6])
    assert calibration.weigh(np.tile(four, (1, 3, 1)), np.tile(y, 3), rounds=3) > calibration.weigh(
        four, y
    )
