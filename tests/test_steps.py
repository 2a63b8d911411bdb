"""Confidences in steps: what they change, and what they must leave alone."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sorter_core import diagnostics
from sorter_core.steps import SURE, Steps

CONFIDENCES = np.linspace(0.2, 0.99, 200)


def drawn(rows: int, folders: int, seed: int = 0) -> np.ndarray:
    shares = np.random.default_rng(seed).dirichlet(np.full(folders, 0.3), rows)
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def test_few_values_below_and_all_values_above() -> None:
    """Below 0.9 the tops gather at the steps; from 0.9 on nothing changes."""
    steps = Steps.of(CONFIDENCES)
    before = drawn(500, 6)
    after = steps.state(before)
    sure = before.max(axis=1) >= SURE
    assert np.array_equal(after[sure], before[sure])
    gaps = np.abs(after[~sure].max(axis=1)[:, None] - steps.values).min(axis=1)
    assert len(steps.values) == 6
    assert gaps.max() < 0.01


@given(st.integers(0, 10_000), st.lists(st.floats(0.25, 1), max_size=60))
def test_orders_stay(seed: int, confidences: list[float]) -> None:
    """Rows sum to 1, the order within a row stays, and that of the rows by their best."""
    before = drawn(20, 4, seed)
    after = Steps.of(np.array(confidences)).state(before)
    assert np.allclose(after.sum(axis=1), 1)
    ranked = np.take_along_axis(after, before.argsort(axis=1), axis=1)
    assert (np.diff(ranked, axis=1) >= -1e-9).all()
    ordered = after.max(axis=1)[np.argsort(before.max(axis=1))]
    assert (np.diff(ordered) >= -1e-6).all()


def test_the_mean_stays() -> None:
    """What is right on average stays so: the mean confidence is that from before."""
    before = drawn(2000, 8)
    after = Steps.of(before.max(axis=1)).state(before)
    assert abs(after.max(axis=1).mean() - before.max(axis=1).mean()) < 0.001


def test_perfect_calibration_can_be_seen_with_fewer_videos() -> None:
    """The error that chance alone shows in 200 videos is smaller in steps."""
    dice = np.random.default_rng(1)
    plain, stated = [], []
    for seed in range(20):
        before = drawn(200, 8, seed)
        after = Steps.of(before.max(axis=1)).state(before)
        right = dice.random(200) < before.max(axis=1)
        plain.append(diagnostics.ece(before.max(axis=1), right))
        stated.append(diagnostics.ece(after.max(axis=1), right))
    assert np.mean(stated) < np.mean(plain)


def test_more_videos_bear_finer_steps() -> None:
    """The number of steps grows with what was held back."""
    counts = [len(Steps.of(np.linspace(0.1, 0.89, n)).values) for n in (1, 30, 1000, 8000)]
    assert counts == [1, 3, 10, 20]


def test_nothing_known_changes_nothing() -> None:
    """Without held-back videos, and with all of them sure, probabilities stay as they are."""
    before = drawn(50, 3)
    for steps in (Steps(), Steps.of(np.empty(0)), Steps.of(np.array([0.95, 0.99]))):
        assert np.array_equal(steps.state(before), before)


def test_equal_shares_stay_equal() -> None:
    """A row without an opinion can't be given one."""
    equal = np.full((2, 4), 0.25)
    assert np.allclose(Steps.of(np.array([0.3, 0.6, 0.8])).state(equal), equal)
