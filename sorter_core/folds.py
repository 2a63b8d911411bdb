"""Which videos are held back together while the others are learned from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from sorter_core.fusion import clean
from sorter_core.types import FeatureTable

Rows = NDArray[np.int32]
Pairs = tuple[Rows, Rows]
"""Rows of videos, and of those that each is like."""

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
_CELLS = 3_000_000
"""Pairs of videos that are looked at in one go; with more, 10,000 alike ones would fill the memory."""
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
    """(videos,): equal numbers for copies, by fingerprint, by ``groups`` and by their vectors.

    Numbered as their first videos come.
    """
    names = table.fingerprints if groups is None else groups
    numbers = np.unique(np.array(names, dtype=object).astype(str), return_inverse=True)[1]
    masks = np.array([clean(table, encoder)[1] for encoder in table.vectors], bool)
    seen = masks.reshape(len(table.vectors), len(table)).T
    pattern = np.unique(seen, axis=0, return_inverse=True)[1].ravel()
    partly: list[Pairs] = [(np.empty(0, np.int32), np.empty(0, np.int32))]
    for i, j in _copies(table):
        same = pattern[i] == pattern[j]
        numbers = _joined(numbers, i[same], j[same])
        partly.append((i[~same], j[~same]))
    rows, others = (np.concatenate(side) for side in zip(*partly, strict=True))
    numbers = _joined(numbers, *_told_by_a_part((rows, others), seen.sum(axis=1), numbers))
    _, first, numbers = np.unique(numbers, return_index=True, return_inverse=True)
    return np.asarray(np.argsort(np.argsort(first))[numbers], np.intp)


def _told_by_a_part(pairs: Pairs, known: NDArray[np.intp], numbers: NDArray[np.intp]) -> Pairs:
    """Of pairs that are alike in what both have, those where that is enough to tell.

    A video of which the caption alone is known is like all that share it (a series, a sound in
    fashion), and these are not alike for that: only who is like one group of copies is one of them.
    """
    i, j = pairs
    a, b = numbers[i], numbers[j]
    size = int(numbers.max(initial=0)) + 1
    less, more = known[i] <= known[j], known[j] <= known[i]
    like = np.unique(np.concatenate([a[less] * size + b[less], b[more] * size + a[more]]))
    groups = np.bincount(like // size, minlength=size)
    told = (groups[a] <= 1) & (groups[b] <= 1)
    return i[told], j[told]


def _copies(table: FeatureTable) -> Iterator[Pairs]:
    """Pairs of rows that are alike in every modality that both have."""
    modalities = [clean(table, encoder) for encoder in table.vectors]
    step = max(1, _CELLS // max(len(table), 1))
    for start in range(0, len(table), step):
        here = slice(start, start + step)
        alike = np.ones((len(table.fingerprints[here]), len(table)), bool)
        common = np.zeros_like(alike)
        for x, present in modalities:
            both = present[here, None] & present
            alike &= ~both | (x[here] @ x.T > ALIKE)
            common |= both
        i, j = np.nonzero(alike & common)
        later = j > i + start
        yield (i[later] + start).astype(np.int32), j[later].astype(np.int32)


def _joined(numbers: NDArray[np.intp], i: Rows, j: Rows) -> NDArray[np.intp]:
    """``numbers`` of groups, of which those of the rows ``i`` and ``j`` are one."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if len(i) == 0:
        return numbers
    size = int(numbers.max()) + 1
    ties = coo_array((np.ones(len(i), bool), (numbers[i], numbers[j])), (size, size))
    return np.asarray(connected_components(ties, directed=False)[1][numbers], np.intp)
