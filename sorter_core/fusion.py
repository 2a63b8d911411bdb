"""Modalities and what is made of them: a view of the videos, a panel of experts on it, a model."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sorter_core.classifiers import Classifier
from sorter_core.classifiers._base import softmax
from sorter_core.steps import Steps
from sorter_core.types import FeatureTable, Mask, Matrix, Probabilities

if TYPE_CHECKING:
    from sorter_core.novelty import Reference

RANK = 512
"""Dimensions that are kept of a modality. Up to so many videos nothing at all is lost: n rows span
n dimensions at most, and a rotation into them changes neither distances nor angles."""
NEAR = 1e-6
"""A row nearer to the centre than this lies on it and points nowhere."""

Coordinates = NDArray[np.float64]
"""(videos, r): rows as classifiers take them, of length 1 at most."""


class View:
    """One modality of some videos, rotated once into the few dimensions that they span.

    The rotation looks at no label. Everything that is learned, the centre too, is learned from the
    rows that a fold may see.
    """

    def __init__(self, encoder: str, table: FeatureTable, basis: Matrix | None = None) -> None:
        self.encoder = encoder
        self.x, self.present = clean(table, encoder)
        self.basis = principal(self.x[self.present]) if basis is None else basis
        self._rotated = self.x @ self.basis

    def centred(self, rows: NDArray[np.intp]) -> tuple[NDArray[np.float32], Coordinates]:
        """The centre of ``rows`` (dim,), and all videos as seen from there."""
        centre = self.x[rows].mean(axis=0)
        lengths = np.linalg.norm(self.x - centre, axis=1)
        return centre, _divided(self._rotated - centre @ self.basis, lengths)


@dataclass(frozen=True, slots=True)
class Panel:
    """The classifiers on one modality, and how much each counts.

    ``folders``: the model's folders that they know (known,); ``weights``: (classifiers,).
    """

    encoder: str
    folders: NDArray[np.intp]
    centre: NDArray[np.float32]
    basis: Matrix
    classifiers: tuple[Classifier, ...]
    weights: NDArray[np.float64]

    def opinions(self, rows: Coordinates, folders: int) -> NDArray[np.float64]:
        """Logits (classifiers, videos, folders), mean 0 in a row; 0 for folders never seen."""
        opinions = np.zeros((len(self.classifiers), len(rows), folders))
        for place, classifier in enumerate(self.classifiers):
            logits = classifier.logits(rows)
            opinions[place][:, self.folders] = logits - logits.mean(axis=1, keepdims=True)
        return opinions

    def read(self, x: Matrix) -> Coordinates:
        """Stored vectors (videos, dim) as the classifiers take them."""
        moved = x - self.centre
        return _divided(moved @ self.basis, np.linalg.norm(moved, axis=1))


@dataclass(frozen=True, slots=True)
class Model:
    """What training makes and a file keeps: a panel a modality, and what is known without looking.

    ``encoders``: whose vectors it reads; ``prior`` (folders,): added to the logits of every video,
    since big folders are likelier, as far as that helped; ``steps``: how finely confidences are stated;
    ``reference``: how far from the folders their own videos lie, None where nobody can tell.
    """

    classes: tuple[str, ...]
    panels: tuple[Panel, ...]
    prior: NDArray[np.float64]
    steps: Steps = field(default_factory=Steps)
    reference: Reference | None = None

    @property
    def encoders(self) -> tuple[str, ...]:
        """The names of the encoders whose vectors it reads."""
        return tuple(panel.encoder for panel in self.panels)

    def predict_proba(self, table: FeatureTable) -> Probabilities:
        """Calibrated probabilities (videos, folders); :meth:`known` tells which mean anything."""
        logits = np.tile(self.prior, (len(table), 1))
        for panel in self.panels:
            if panel.encoder in table.vectors:
                x, present = clean(table, panel.encoder)
                opinions = panel.opinions(panel.read(x[present]), len(self.classes))
                logits[present] += np.tensordot(panel.weights, opinions, axes=1)
        return self.steps.state(softmax(logits))

    @property
    def compared(self) -> int:
        """How many labelled videos :meth:`typicality` compares with."""
        return 0 if self.reference is None else len(self.reference.held)

    def typicality(self, table: FeatureTable) -> NDArray[np.float64]:
        """P-values (videos,), small for what is like no folder, NaN where nobody can tell."""
        if self.reference is None:
            return np.full(len(table), np.nan)
        return self.reference.typicality(table)

    def known(self, table: FeatureTable) -> Mask:
        """(videos,): whether there is anything to go by."""
        known = np.zeros(len(table), bool)
        for encoder in set(self.encoders) & set(table.vectors):
            known |= clean(table, encoder)[1]
        return known


def clean(table: FeatureTable, encoder: str) -> tuple[Matrix, Mask]:
    """Vectors of length 1, zero where absent, and the mask.

    A vector that points nowhere (zero, NaN or infinity in it) is absent.
    """
    x = table.vectors[encoder].astype(np.float64)
    lengths = np.linalg.norm(x, axis=1)
    present = table.present[encoder] & np.isfinite(lengths) & (lengths > 0)
    x[~present], lengths[~present] = 0, 1
    return np.asarray(x / lengths[:, None], np.float32), present


def principal(x: Matrix) -> Matrix:
    """An orthonormal basis (dim, r) of the space that rows span, its widest directions first."""
    wide = x.astype(np.float64)
    tall = len(x) >= x.shape[1]
    sizes, vectors = np.linalg.eigh(wide.T @ wide if tall else wide @ wide.T)
    order = np.argsort(-sizes)[:RANK]
    kept = order[sizes[order] > 1e-10 * max(sizes.max(initial=0), 1e-30)]
    if len(kept) == 0:
        return np.zeros((x.shape[1], 1), np.float32)
    basis = vectors[:, kept] if tall else wide.T @ vectors[:, kept] / np.sqrt(sizes[kept])
    return np.asarray(basis, np.float32)


def _divided(rows: NDArray[np.floating], lengths: NDArray[np.floating]) -> Coordinates:
    """Rows by their lengths; a row that lies on the centre becomes zero."""
    lengths = np.where(lengths > NEAR, lengths, np.inf)
    return np.asarray(rows, np.float64) / lengths[:, None]
