"""Guesses from the folders' names, before there is anything to learn from.

CLIP was trained so that a picture and its description point the same way. A folder's name is a
description; what the videos look like is compared with it (Radford et al. 2021, section 3.1).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from typing import Literal, cast

import numpy as np

from sorter_core import encoders, features
from sorter_core.encoders.clip import ClipEncoder
from sorter_core.library import Library
from sorter_core.settings import Settings
from sorter_core.types import FeatureTable, Guess, Matrix, Prediction, Probabilities, ReportProgress

ENCODER = "clip"
SHARPNESS = 100.0
"""What CLIP multiplies cosines with: the paper's bound of its learned temperature, where it ended."""
TEMPLATES = ("{}", "a photo of {}.", "a video of {}.")
"""The mean over several sentences describes a class better than one (section 3.1.4)."""
DOUBT = 0.5
"""The chance that the names say nothing of the videos. No label has told yet, so the odds are even
(Laplace's rule of succession before the first case); with it nothing is sure enough to be moved unseen."""
_CHUNK = 2000

EncodeText = Callable[[Sequence[str]], Matrix]


def zero_shot(names: Sequence[str], table: FeatureTable, encode_text: EncodeText) -> Probabilities:
    """(videos, names): how well each name describes each video; alike where nothing was seen.

    ``encode_text``: texts to (texts, 512), each of length 1, as
    :meth:`~sorter_core.encoders.clip.ClipEncoder.encode_text`.
    """
    alike = np.full((len(table), len(names)), 1 / max(len(names), 1))
    if ENCODER not in table.vectors:
        return alike
    logits = SHARPNESS * (
        table.vectors[ENCODER].astype(np.float64) @ _directions(names, encode_text).T
    )
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    seen = table.present[ENCODER][:, None]
    return np.where(seen, powers / powers.sum(axis=1, keepdims=True), alike)


def predict(
    library: Library, settings: Settings, progress: ReportProgress, top_k: int = 3
) -> list[Prediction] | None:
    """Guesses for every unsorted video that CLIP has seen; None where it can't say anything.

    That is: ``clip`` is not among the encoders in use, can't run here, or there are fewer than two
    folders. Raises :class:`~sorter_core.errors.EncoderUnavailable` for a damaged model.
    """
    names = [folder.name for folder in library.folders()]
    encoder = encoders.make(ENCODER, settings.cache_dir, settings.models_dir)
    if ENCODER not in settings.encoders or len(names) < 2 or encoder.unavailable():  # noqa: PLR2004 - one folder is no choice
        return None
    with library.store.read() as db:
        rows = db.execute("SELECT DISTINCT fingerprint FROM files WHERE folder = ''").fetchall()
    marks = [row[0] for row in rows]
    encode_text = cast(ClipEncoder, encoder).encode_text
    made: list[Prediction] = []
    for start in range(0, len(marks), _CHUNK):
        progress(start, len(marks))
        table = features.load(library.store, marks[start : start + _CHUNK], [ENCODER])
        made += _guesses(names, table, doubted(zero_shot(names, table, encode_text)), top_k)
    progress(len(marks), len(marks))
    return made


def doubted(probabilities: Probabilities) -> Probabilities:
    """What is to be said of them: that much, or nothing at all, at even odds; the order stays.

    >>> doubted(np.array([[1.0, 0.0]])).tolist()
    [[0.75, 0.25]]
    """
    return np.asarray((1 - DOUBT) * probabilities + DOUBT / max(probabilities.shape[1], 1))


def guessed_by(library: Library) -> Literal["model", "names"] | None:
    """What made the guesses that are stored: a training, or names alone; None where there are none."""
    with library.store.read() as db:
        if db.execute("SELECT 1 FROM predictions WHERE run > 0 LIMIT 1").fetchone():
            return "model"
        return "names" if db.execute("SELECT 1 FROM predictions LIMIT 1").fetchone() else None


def _guesses(
    names: Sequence[str], table: FeatureTable, probabilities: Probabilities, top_k: int
) -> list[Prediction]:
    seen = table.present.get(ENCODER, np.zeros(len(table), np.bool_))
    order = np.argsort(-probabilities, axis=1, kind="stable")[:, :top_k]
    return [
        Prediction(mark, tuple(Guess(names[i], float(row[i])) for i in best))
        for mark, row, best, known in zip(
            table.fingerprints, probabilities, order, seen, strict=True
        )
        if known
    ]


def _directions(names: Sequence[str], encode_text: EncodeText) -> Matrix:
    """(names, 512): the mean over the templates, of length 1."""
    texts = [template.format(described(name)) for name in names for template in TEMPLATES]
    means = encode_text(texts).reshape(len(names), len(TEMPLATES), -1).mean(axis=1)
    return np.asarray(means / np.linalg.norm(means, axis=1, keepdims=True), np.float32)


def described(name: str) -> str:
    r"""A folder's name as a person would say it: without emoji, underscores and numbering.

    >>> described("03_street-food \U0001f35c")
    'street food'
    >>> described("2024")
    '2024'
    """
    plain = "".join(c if unicodedata.category(c)[0] in "LNMP" else " " for c in name)
    said = " ".join(plain.replace("_", " ").replace("-", " ").split())
    return said.lstrip("0123456789. ") or said or name
