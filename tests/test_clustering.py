"""Groups without labels: found where they are, and only there."""

from __future__ import annotations

import numpy as np
import pytest

from sorter_core.clustering import ENOUGH, LEAST, clusters
from sorter_core.types import FeatureTable
from tests.vectors import clouds, unit


def drawn(
    groups: int, each: int, alone: int, *, present: float = 1.0
) -> tuple[FeatureTable, list[int]]:
    y = [*np.repeat(np.arange(groups), each).tolist(), *range(groups, groups + alone)]
    return clouds(y, {"frames": 0.7, "sound": 0.7}, present=present), y


def pure(table: FeatureTable, y: list[int]) -> list[set[int]]:
    """The groups that each cluster holds videos of."""
    return [{y[row] for row in one.rows} for one in clusters(table)]


def test_groups_are_found_among_strays() -> None:
    """Each of them as one cluster or some, none mixed, and nothing of what is alone."""
    table, y = drawn(4, 15, 30)
    found = pure(table, y)
    assert set.union(*found) == {0, 1, 2, 3}
    assert all(len(group) == 1 for group in found)


def test_noise_has_no_groups() -> None:
    """No cluster is better than a bad one."""
    table, _ = drawn(0, 0, 300)
    assert clusters(table) == []


def test_a_modality_may_be_missing() -> None:
    """Videos that one encoder did not see are compared by the other."""
    table, y = drawn(4, 20, 20, present=0.7)
    found = pure(table, y)
    assert set.union(*found) == {0, 1, 2, 3}
    assert all(len(group) == 1 for group in found)


def test_only_the_rows_asked_for() -> None:
    """The others show how videos differ, and are in no cluster."""
    table, y = drawn(4, 15, 30)
    among = [row for row, group in enumerate(y) if group in (0, 40)]
    found = clusters(table, among)
    assert found
    assert {row for one in found for row in one.rows} <= set(among)


def test_the_order_and_the_least_size() -> None:
    """Big and tight ones first; each is worth a folder."""
    y = [*[0] * 30, *[1] * 8, *[2] * 4, *range(3, 43)]
    found = clusters(clouds(y, {"frames": 0.5}))
    weights = [len(one.rows) * one.tightness for one in found]
    assert weights == sorted(weights, reverse=True)
    assert y[found[0].rows[0]] == 0
    assert all(len(one.rows) >= LEAST and 0 < one.tightness <= 1 for one in found)


def test_the_same_table_gives_the_same_clusters() -> None:
    """Nothing is left to chance."""
    table, _ = drawn(4, 15, 30)
    assert clusters(table) == clusters(table)


def test_the_most_typical_comes_first() -> None:
    """Whoever looks at one picture sees what the group is about."""
    table, _ = drawn(3, 20, 20)
    for one in clusters(table):
        x = table.vectors["frames"][list(one.rows)]
        closeness = (x @ x.T).sum(axis=1)
        half = len(one.rows) // 2
        assert closeness[:half].mean() > closeness[half:].mean()


@pytest.mark.parametrize("count", [0, 1, ENOUGH - 1])
def test_too_few_videos_say_nothing(count: int) -> None:
    """How they differ would be chance."""
    table = clouds([0] * count or [0], {"frames": 0.1}).take(list(range(count)))
    assert clusters(table) == []


def test_copies_and_broken_vectors_do_no_harm() -> None:
    """A row that points nowhere is left out; copies are as tight as can be."""
    dice = np.random.default_rng(0)
    x = unit(dice.normal(size=(60, 40)))
    x[:6] = x[0]
    x[59] = np.nan
    mask = np.ones(60, bool)
    table = FeatureTable(tuple(map(str, range(60))), {"frames": x}, {"frames": mask})
    [one] = clusters(table)
    assert set(one.rows) == set(range(6))
    assert one.tightness == pytest.approx(1, abs=1e-3)
    alike = FeatureTable(table.fingerprints, {"frames": np.ones_like(x)}, {"frames": mask})
    assert all(len(one.rows) >= LEAST for one in clusters(alike))


def test_where_nothing_is_to_be_seen_there_is_no_group() -> None:
    """Forty vectors that are all the same point nowhere, as seen from their centre."""
    x = np.ones((40, 8), np.float32)
    marks = tuple(map(str, range(40)))
    assert clusters(FeatureTable(marks, {"frames": x}, {"frames": np.ones(40, bool)})) == []
