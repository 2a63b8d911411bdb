"""Groups of videos that are alike, found without any label: few, tight, and big enough for a folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sorter_core.fusion import NEAR, clean
from sorter_core.types import FeatureTable

LEAST = 5
"""Videos that are worth a folder."""
ENOUGH = 30
"""Videos below which the directions in which they differ are mostly chance, so that nothing is said."""
COMPONENTS = 50
"""Directions that are kept of an encoder; an eighth of the videos where these are fewer than 400."""
FLATTENED = 0.5
"""The power of its spread by which a direction is divided: 0 leaves the directions as they are, where
the scenery decides; 1 makes noise as loud as anything. Half brings ten points of purity."""
SURPRISE = 2.0
"""Standard deviations above chance that the videos of a cluster are alike in the mean. Two random rows
of d equal directions have cosine 0 with standard deviation 1 / sqrt(d). With 1.75 the clusters of two
mixed libraries run together; with 2.25 fewer videos are found, hardly any purer."""
ALIKE = 0.6
"""No cosine needs to be higher, however few the directions."""

Similarities = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Cluster:
    """Rows of a table, the most typical first; ``tightness``: their mean likeness, 1 for copies."""

    rows: tuple[int, ...]
    tightness: float


def clusters(table: FeatureTable, among: Sequence[int] | None = None) -> list[Cluster]:
    """Groups among some rows of ``table`` (or all), the biggest and tightest first.

    How videos differ is learned from the whole table. Clusters are grown by average linkage
    (Sokal & Michener 1958) as long as their videos are alike beyond chance; HDBSCAN, k-means and
    other cuts found fewer folders or mixed more of them (``bench/proposals.py``). The same table
    gives the same clusters.

    >>> clusters(FeatureTable((), {}, {}))
    []
    """
    from threadpoolctl import threadpool_limits

    rows = np.arange(len(table)) if among is None else np.asarray(among, np.intp)
    with threadpool_limits(
        1, user_api="blas"
    ):  # small matrices: on a busy machine threads wait for each other
        views = [view for name in sorted(table.vectors) if (view := _View.of(table, name))]
        if len(rows) < LEAST or not views:
            return []
        alike = likeness(views, rows)
    found = [_ordered(rows, members, alike) for members in _grouped(alike)]
    return sorted(found, key=lambda one: (-len(one.rows) * one.tightness, one.rows))


@dataclass(frozen=True, slots=True)
class _View:
    """What one encoder saw: rows (videos, d) of length 1, zero where absent; ``bar``: see SURPRISE."""

    rows: NDArray[np.float32]
    present: NDArray[np.bool_]
    bar: float

    @classmethod
    def of(cls, table: FeatureTable, name: str) -> _View | None:
        """None where too few videos have a vector of this encoder."""
        x, present = clean(table, name)
        count = int(present.sum())
        if count < ENOUGH:
            return None
        rows = np.zeros((len(x), min(COMPONENTS, count // 8)), np.float32)
        rows[present] = flattened(x[present], rows.shape[1])
        return cls(rows, present, min(SURPRISE / rows.shape[1] ** 0.5, ALIKE))


def flattened(x: NDArray[np.float32], components: int) -> NDArray[np.float32]:
    """(videos, d): the main directions of rows seen from their centre, each divided by a root of its spread.

    Rows have length 1, but for those of which the directions hold less than usual: what lies in none
    of them is not alike for that.
    """
    centred = _unit(x - x.mean(axis=0))
    centred -= centred.mean(axis=0)
    along = centred @ _directions(centred, components)
    left, sizes, _ = np.linalg.svd(along, full_matrices=False)
    held = np.linalg.norm(along, axis=1, keepdims=True)
    usual = max(float(np.median(held)), NEAR)
    rows = _unit(left * sizes ** (1 - FLATTENED)) * np.minimum(held / usual, 1)
    return np.asarray(rows, np.float32)


def _directions(x: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """(dim, count): the principal directions of centred rows, by a random sketch of their range.

    Halko, Martinsson & Tropp 2011, "Finding structure with randomness", algorithm 4.4 with four
    power iterations and eight directions more than are kept (algorithm 5.1).
    """
    width = min(count + 8, *x.shape)
    drawn = np.random.default_rng(0).normal(size=(x.shape[1], width)).astype(np.float32)
    for _ in range(5):
        drawn, _triangle = np.linalg.qr(x.T @ (x @ drawn))
    _, _, turned = np.linalg.svd(x @ drawn, full_matrices=False)
    return np.asarray(drawn @ turned[:count].T, np.float32)


def _unit(x: NDArray[np.floating]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(x, axis=1, keepdims=True)
    return np.asarray(x / np.where(lengths > NEAR, lengths, np.inf), np.float32)


def likeness(views: Sequence[_View], rows: NDArray[np.intp]) -> Similarities:
    """(rows, rows): how alike, where 1 is what a cluster needs in the mean.

    Each encoder's cosine is measured by its own bar; the sum over those that saw both videos is
    divided by the root of their number, as independent evidence adds up (Stouffer 1949).
    """
    total = np.zeros((len(rows), len(rows)), np.float32)
    counts = np.zeros_like(total)
    for view in views:
        there = view.present[rows].astype(np.float32)
        total += view.rows[rows] @ view.rows[rows].T / np.float32(view.bar)
        counts += np.outer(there, there)
    return np.asarray(total / np.sqrt(np.maximum(counts, 1)), np.float32)


def _grouped(alike: Similarities) -> Iterator[NDArray[np.intp]]:
    """The members of each cluster that is big enough."""
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    top = float(alike.max())
    if top < 1:  # no two are alike enough, or nothing at all is to be seen of any
        return
    distances = squareform(top - alike, checks=False)
    labels = fcluster(linkage(np.maximum(distances, 0), "average"), top - 1, "distance")
    for label in np.flatnonzero(np.bincount(labels) >= LEAST):
        yield np.flatnonzero(labels == label)


def _ordered(rows: NDArray[np.intp], members: NDArray[np.intp], alike: Similarities) -> Cluster:
    inside = alike[np.ix_(members, members)]
    closeness = (inside.sum(axis=1) - inside.diagonal()) / (len(members) - 1)
    order = np.argsort(-closeness, kind="stable")
    perfect = float(inside.diagonal().mean())
    tightness = float(np.clip(closeness.mean() / max(perfect, 1e-9), 0, 1))
    return Cluster(tuple(int(rows[i]) for i in members[order]), tightness)
