"""Which videos are held back together while the others are learned from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sorter_core.fusion import clean
from sorter_core.types import FeatureTable, Mask

Folds = NDArray[np.intp]
"""(videos,): the fold in which a video is held back, or :data:`NEVER`."""
NEVER = -1
"""The only video (or group) of its folder: without it there would be nothing to learn."""

FEW = 100
"""Below so many videos a fit costs nothing: several rounds of folds."""
SOME = 300
"""Below so many videos it costs little: more folds, so that those outside are nearly all."""
ALIKE = 0.97
"""Cosine above which two videos count as copies, whatever their files are. Of 110,000 pairs of
different clips two lie above, both cut from one scene; a second encoding at 60 % of the size has
0.93 to 0.99."""
_CHUNK = 1000
_PAIR = 2
"""A folder of one group can't be tried, and a single folder can't be told from others."""


def count(y: NDArray[np.intp], groups: NDArray[np.intp]) -> int:
    """How many folds: as many as most folders can fill, 10 at most; 0 when none is possible.

    Folders that are smaller than the number of folds lose a greater part of their videos in a fold
    than others do, which makes every probability look too low; so the small folders decide.
    """
    sizes = _groups_per_folder(y, groups)
    sizes = np.sort(sizes[sizes >= _PAIR])
    if len(sizes) < _PAIR:
        return 0
    return int(min(10 if len(y) < SOME else 5, sizes[len(sizes) // 4]))


def rounds(y: NDArray[np.intp]) -> int:
    """How often the folds are drawn anew."""
    return 3 if len(y) < FEW else 1


def assign(y: NDArray[np.intp], groups: NDArray[np.intp], folds: int, seed: int) -> Folds:
    """Deal the groups of each folder to ``folds`` folds as evenly as can be.

    No group is ever split. Groups of folders that have one group alone are held back never.

    >>> y, alone = np.array([0, 0, 1, 1, 2]), np.arange(5)
    >>> assign(y, alone, 2, seed=0)
    array([ 0,  1,  1,  0, -1])
    """
    dice = np.random.default_rng(seed)
    single = _groups_per_folder(y, groups) < _PAIR
    chosen = np.full(groups.max() + 1, NEVER)
    filled = np.zeros(folds, int)
    for folder in range(y.max() + 1):
        mine = np.unique(groups[y == folder])
        held = dice.permutation(folds)
        order = held[np.argsort(filled[held], kind="stable")]
        for place, group in enumerate(dice.permutation(mine[chosen[mine] == NEVER])):
            members = y[groups == group]
            if not single[members].any():
                chosen[group] = order[place % folds]
                filled[chosen[group]] += len(members)
    return np.asarray(chosen[groups], np.intp)


def _groups_per_folder(y: NDArray[np.intp], groups: NDArray[np.intp]) -> NDArray[np.intp]:
    pairs = np.unique(np.stack([y, groups]), axis=1)
    return np.bincount(pairs[0], minlength=int(y.max()) + 1)


def grouped(table: FeatureTable, groups: Sequence[str] | None) -> NDArray[np.intp]:
    """(videos,): equal numbers for copies, by fingerprint, by ``groups`` and by their vectors."""
    names = table.fingerprints if groups is None else groups
    _, first = np.unique(np.array(names, dtype=object).astype(str), return_inverse=True)
    parent = list(range(len(first)))
    _, owners = np.unique(first, return_index=True)
    masks = np.array([clean(table, encoder)[1] for encoder in table.vectors], bool)
    seen = masks.reshape(len(table.vectors), len(table)).T
    copies = list(zip(*_copies(table), strict=True))
    same = [(i, j) for i, j in copies if (seen[i] == seen[j]).all()]
    for a, b in [(i, int(owners[number])) for i, number in enumerate(first)] + same:
        _join(parent, a, b)
    partly = [(i, j) for i, j in copies if (seen[i] != seen[j]).any()]
    for a, b in _told_by_a_part(partly, seen, parent):
        _join(parent, a, b)
    roots = np.array([_root(parent, i) for i in range(len(parent))])
    return np.asarray(np.unique(roots, return_inverse=True)[1], np.intp)


def _told_by_a_part(
    pairs: Sequence[tuple[int, int]], seen: Mask, parent: list[int]
) -> list[tuple[int, int]]:
    """Of pairs that are alike in what both have, those where that is enough to tell.

    A video of which the caption alone is known is like all that share it (a series, a sound in
    fashion), and these are not alike for that: only who is like one group of copies is one of them.
    """
    known = seen.sum(axis=1)
    rooted = [(i, j, _root(parent, i), _root(parent, j)) for i, j in pairs]
    like: dict[int, set[int]] = {}
    for i, j, a, b in rooted:
        if known[i] <= known[j]:
            like.setdefault(a, set()).add(b)
        if known[j] <= known[i]:
            like.setdefault(b, set()).add(a)
    return [(i, j) for i, j, a, b in rooted if all(len(like.get(one, ())) <= 1 for one in (a, b))]


def _copies(table: FeatureTable) -> tuple[list[int], list[int]]:
    """Pairs of rows that are alike in every modality that both have."""
    rows: list[int] = []
    others: list[int] = []
    modalities = [clean(table, encoder) for encoder in table.vectors]
    for start in range(0, len(table), _CHUNK):
        here = slice(start, start + _CHUNK)
        alike = np.ones((len(table.fingerprints[here]), len(table)), bool)
        common = np.zeros_like(alike)
        for x, present in modalities:
            both = present[here, None] & present
            alike &= ~both | (x[here] @ x.T > ALIKE)
            common |= both
        i, j = np.nonzero(alike & common)
        later = j > i + start
        rows += (i[later] + start).tolist()
        others += j[later].tolist()
    return rows, others


def _join(parent: list[int], a: int, b: int) -> None:
    parent[max(_root(parent, a), _root(parent, b))] = min(_root(parent, a), _root(parent, b))


def _root(parent: list[int], i: int) -> int:
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i
