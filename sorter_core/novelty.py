"""Whether a video is like any of the folders: a p-value, honest for videos that belong to one.

For each video and folder: how much likelier it is there than among all labelled videos. A small
ratio for the likeliest folder means that it is far from every one. How small is small, the labelled
videos tell, each judged as if it had not been there. What was measured, and what else was tried:
``docs/decisions/0012-none-of-these.md``.

The ratio is the relative Mahalanobis distance (Ren et al. 2021, arXiv:2106.09022) with one
covariance for the folders and for all videos, which makes it linear. From the square of a mean's
length is taken what chance adds to it, or small folders would push everything away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sorter_core import calibration
from sorter_core.fusion import NEAR, Coordinates, View, clean
from sorter_core.types import FeatureTable, Mask, Matrix

FAR = 0.05
"""A video whose p-value is at most this lies far from every folder; of those that belong to one,
so large a share is wrongly marked."""
ENOUGH = round(1 / FAR) - 1
"""Videos to compare with, below which no p-value could be as small as :data:`FAR`."""
MOST = 2000
"""Videos to compare with that are kept: with more, a p-value of 0.05 is no surer than to 0.01."""
SHRINKAGE = 0.5
"""As in :mod:`sorter_core.classifiers.lda`; 0.3 and 0.5 are equal, 0.9 is worse by 1 to 7 points."""

Rows = NDArray[np.intp]
Ratios = NDArray[np.float64]
"""(videos, folders): log-likelihood ratios up to one factor, 0 for folders that were never seen."""


@dataclass(frozen=True, slots=True)
class Side:
    """The ratios as one modality sees them: linear in where a vector lies as seen from the centre.

    ``centre`` (dim,) of the labelled videos; ``weights`` (dim, folders); ``bias`` (folders,).
    """

    encoder: str
    centre: NDArray[np.float32]
    weights: Matrix
    bias: NDArray[np.float64]

    def ratios(self, x: Matrix) -> Ratios:
        """The ratios of stored vectors (videos, dim) of length 1."""
        moved = x - self.centre
        lengths = np.linalg.norm(moved, axis=1)
        lengths = np.where(lengths > NEAR, lengths, np.inf)  # on the centre: it points nowhere
        return np.asarray((moved @ self.weights) / lengths[:, None] + self.bias, np.float64)


@dataclass(frozen=True, slots=True)
class Reference:
    """What a video is compared with: labelled ones, each judged without itself.

    ``weights`` (sides,): how much each modality counts; ``held`` (videos, sides, folders): the
    ratios of the labelled videos; ``present`` (videos, sides): where there are any.
    """

    sides: tuple[Side, ...]
    weights: NDArray[np.float64]
    held: NDArray[np.float32]
    present: Mask

    def typicality(self, table: FeatureTable) -> NDArray[np.float64]:
        """P-values (videos,), NaN where nobody can tell.

        Conformal p-values (Bates, Candès, Lei, Romano & Sesia 2023, "Testing for outliers with
        conformal p-values", arXiv:2104.08279): of videos that belong to a folder, at most a share
        p has a value up to p. A video is compared by the modalities that it has, and with those
        labelled videos that have them too, so that a missing one is neither near nor far.
        """
        values = np.full(len(table), np.nan)
        ratios, present = self._read(table)
        for pattern in np.unique(present, axis=0):
            if (used := self._comparable(pattern)).any():
                alike = (present == pattern).all(axis=1)
                alike_held = self.present[:, used].all(axis=1)
                near = self._nearness(ratios[alike][:, used], used)
                known = np.sort(self._nearness(self.held[alike_held][:, used], used))
                below = np.searchsorted(known, near, side="right")
                values[alike] = (1 + below) / (1 + len(known))
        return values

    def _read(self, table: FeatureTable) -> tuple[Ratios, Mask]:
        ratios = np.zeros((len(table), *self.held.shape[1:]))
        present = np.zeros(ratios.shape[:2], bool)
        for place, side in enumerate(self.sides):
            if side.encoder in table.vectors:
                x, there = clean(table, side.encoder)
                ratios[there, place], present[:, place] = side.ratios(x[there]), there
        return ratios, present

    def _comparable(self, pattern: Mask) -> Mask:
        """The modalities to go by, without the rarest ones that too few labelled videos share."""
        used = pattern.copy()
        while used.any() and self.present[:, used].all(axis=1).sum() < ENOUGH:
            counts = np.where(used, self.present.sum(axis=0), np.inf)
            used[int(counts.argmin())] = False
        return used

    def _nearness(self, ratios: NDArray[np.floating], used: Mask) -> NDArray[np.float64]:
        """The ratio of the likeliest folder: (videos,)."""
        fused = np.tensordot(ratios.astype(np.float64), self.weights[used], axes=(1, 0))
        return np.asarray(fused.max(axis=1))


def learned(views: Sequence[View], y: Rows, groups: Rows) -> Reference | None:
    """What the labelled videos say, the first rows of ``views``: ``y`` their folders as numbers.

    Of each of ``groups`` (copies have equal numbers) one takes part: a copy that stays while the
    other is judged would make everything else look far. None with fewer than :data:`ENOUGH`
    videos that are not the only one of their folder.
    """
    rows = np.unique(groups, return_index=True)[1]
    folders = int(y.max()) + 1
    sides: list[Side] = []
    held: list[Ratios] = []
    present: list[Mask] = []
    for view in views:
        here = np.flatnonzero(view.present[rows])
        judged = _company(y[rows[here]])
        if judged.sum() < ENOUGH:
            continue
        side, ratios = _side(view, rows[here], y[rows[here]], folders)
        sides.append(side)
        held.append(np.zeros((len(rows), folders)))
        held[-1][here[judged]] = ratios[judged]
        present.append(np.isin(np.arange(len(rows)), here[judged]))
    if not sides:
        return None
    kept = np.linspace(0, len(rows) - 1, min(len(rows), MOST)).astype(np.intp)
    weights = _weights(np.stack([ratios[kept] for ratios in held]), y[rows[kept]])
    used = np.flatnonzero(weights)
    return Reference(
        tuple(sides[place] for place in used),
        weights[used],
        np.stack([held[place][kept] for place in used], axis=1).astype(np.float32),
        np.stack([present[place][kept] for place in used], axis=1),
    )


def _company(y: Rows) -> Mask:
    """Those whose folder would still be there without them."""
    return np.asarray(np.bincount(y)[y] > 1)


def _weights(held: NDArray[np.float64], y: Rows) -> NDArray[np.float64]:
    """How much each modality counts, by how well it finds the folders of held-back videos."""
    if len(held) == 1:
        return np.ones(1)
    weights = calibration.weigh(held - held.mean(axis=2, keepdims=True), y)
    return weights if weights.any() else np.ones(len(held))


def _side(view: View, rows: Rows, y: Rows, folders: int) -> tuple[Side, Ratios]:
    """One modality, and the ratios of its ``rows``, each learned without that row."""
    centre, coordinates = view.centred(rows)
    known, numbers = np.unique(y, return_inverse=True)
    middle = coordinates[rows].mean(axis=0)
    x = coordinates[rows] - middle
    counts = np.bincount(numbers).astype(np.float64)
    means = np.zeros((len(counts), x.shape[1]))
    np.add.at(means, numbers, x)
    means /= counts[:, None]
    inverse, noise = _precision(x - means[numbers], len(counts))
    freedom = len(x) - len(counts)
    weights = np.zeros((x.shape[1], folders))
    weights[:, known] = inverse @ means.T
    squares = np.einsum("cd,dc->c", means, weights[:, known]) - noise / counts
    bias = np.zeros(folders)
    bias[known] = -middle @ weights[:, known] - 0.5 * np.maximum(squares, 0)
    side = Side(
        view.encoder,
        centre,
        np.asarray(freedom * (view.basis @ weights), np.float32),
        freedom * bias,
    )
    held = np.zeros((len(x), folders))
    held[:, known] = max(freedom - 1, 1) * _without(x, numbers, means, inverse, noise)
    return side, held


def _precision(inside: Coordinates, folders: int) -> tuple[NDArray[np.float64], float]:
    """The inverse of the shrunk scatter within folders, and how far a mean strays by chance.

    The latter is the expected square (in this measure) of the error of the mean of one video.
    """
    scatter = inside.T @ inside
    freedom = len(inside) - folders
    ball = np.trace(scatter) / max(min(scatter.shape[0], freedom), 1)
    shrunk = (1 - SHRINKAGE) * scatter
    shrunk[np.diag_indices_from(shrunk)] += max(SHRINKAGE * ball, 1e-9)
    inverse: NDArray[np.float64] = np.asarray(np.linalg.inv(shrunk), np.float64)
    return inverse, float((inverse * scatter).sum() / freedom)


def _without(
    x: Coordinates, y: Rows, means: Coordinates, inverse: NDArray[np.float64], noise: float
) -> Ratios:
    """The ratios of each row as if it had not been there: (videos, folders).

    ``x`` has the mean 0. Without row i of a folder of n, the scatter loses n / (n - 1) times the
    square of its distance from the folder's mean, v, and the inverse follows (Sherman & Morrison
    1950); that mean moves by v / (n - 1), and the mean of all likewise. The row itself stays where
    it is: from the centre without it, it lies in the same direction, and of that its coordinates
    were made. The ball to which is shrunk stays.
    """
    counts = np.bincount(y).astype(np.float64)
    left = np.maximum(counts[y] - 1, 1)
    v = x - means[y]
    seen = v @ inverse
    size = (seen * v).sum(axis=1)
    lost = (1 - SHRINKAGE) * counts[y] / left
    gain = lost / np.maximum(1 - lost * size, 1e-9)
    to_means, to_row = seen @ means.T, (seen * x).sum(axis=1)
    crossed = x @ inverse
    itself = (crossed * x).sum(axis=1) + gain * to_row**2
    ratios = crossed @ means.T + (gain * to_row)[:, None] * to_means
    squares = ((means @ inverse) * means).sum(axis=1) + gain[:, None] * to_means**2
    own, step = (np.arange(len(x)), y), (1 + gain * size) / left
    ratios[own] -= to_row * step
    squares[own] += step * (size / left - 2 * to_means[own])
    away = 1 / (len(x) - 1)  # the mean of all moves by so much of the row
    squares += 2 * away * ratios + (away**2 * itself)[:, None]
    ratios = ratios + (away * itself)[:, None]
    chance = np.tile(noise / counts, (len(x), 1))
    chance[own] = noise / left
    return np.asarray(ratios - 0.5 * np.maximum(squares - chance, 0))
