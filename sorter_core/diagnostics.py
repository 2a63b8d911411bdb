"""How good a model is, in plain JSON; every number is counted on videos it had not seen.

The report (``Sorter.evaluate()``, ``GET /api/runs/{id}``) has these entries:

``videos``, ``folders`` (name, videos), ``small_folders`` (names), ``seed``, ``versions``;
``unlabelled``: videos without a folder that took part; ``encoders`` (name, videos that have it, used);
``chosen``: the classifiers in use, joined by ``+``; ``candidates`` (name, title, accuracy, its standard
deviation over the folds, log_loss; the best first; ``blend`` is the line of the best combination);
``scored``: videos that were held back once; ``accuracy`` (share, or null) and ``interval`` (95 %,
Wilson 1927); ``why_no_score``: a sentence where accuracy is null;
``balanced_accuracy``, ``macro_f1``, ``log_loss`` (nats); ``dummies``: the accuracy of always naming
the biggest folder (``majority``) and of drawing folders by their size (``stratified``);
``per_folder``: by name: precision (null where it was never named), recall, f1 (null where none of its
videos was held back), support;
``confusion``: ``folders`` and ``counts``, a row for each true folder, a column for each predicted one;
``ece`` (expected calibration error, 15 bins, Guo et al. 2017), ``ece_interval`` (95 %, bootstrap),
``reliability`` (for each bin in use: from, to, videos, mean confidence, accuracy);
``thresholds``: for each confidence: guesses taken at or above it, errors among them, errors expected;
``out_of_fold``: for each scored video: fingerprint, true, predicted, confidence;
``suspects``: videos that may lie in the wrong folder: fingerprint, folder, suggested, confidence.
"""

from __future__ import annotations

import platform
from collections.abc import Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sorter_core.calibration import log_loss
from sorter_core.types import Mask, Probabilities

if TYPE_CHECKING:
    from sorter_core.selection import Choice

SMALL_FOLDER = 5
"""Folders with fewer videos are named, and no score is shown when most videos lie in such."""
BINS = 15
DRAWS = 200
"""Bootstrap draws for an interval."""
THRESHOLDS = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.925, 0.95, 0.97, 0.98, 0.99)
PACKAGES = ("numpy", "scikit-learn", "scipy")

Labels = NDArray[np.intp]


def described(y: Labels, classes: Sequence[str], seed: int) -> dict[str, Any]:
    """What was learned from."""
    sizes = np.bincount(y, minlength=len(classes)).tolist()
    folders = list(zip(classes, sizes, strict=True))
    return {
        "videos": len(y),
        "folders": [{"name": name, "videos": size} for name, size in folders],
        "small_folders": [name for name, size in folders if size < SMALL_FOLDER],
        "seed": seed,
        "versions": {"python": platform.python_version()} | {p: version(p) for p in PACKAGES},
    }


def judged(
    y: Labels,
    classes: Sequence[str],
    fingerprints: Sequence[str],
    choice: Choice | None,
    seed: int,
) -> dict[str, Any]:
    """The score, with everything that is counted from the same held-back videos."""
    reason = _too_few(y)
    if choice is None or reason is not None:
        return _NOTHING | {"why_no_score": reason or _NO_FOLDS}
    truth, probabilities = y[choice.scored], choice.probabilities[choice.scored]
    marks = [mark for mark, scored in zip(fingerprints, choice.scored, strict=True) if scored]
    guessed, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    right = guessed == truth
    return {
        "scored": len(truth),
        "accuracy": float(right.mean()),
        "interval": list(wilson(int(right.sum()), len(right))),
        "why_no_score": None,
        "log_loss": log_loss(probabilities, truth),
        "dummies": dummies(truth),
        **by_folder(truth, guessed, classes),
        "ece": ece(confidence, right),
        "ece_interval": list(ece_interval(confidence, right, seed)),
        "reliability": reliability(confidence, right),
        "thresholds": thresholds(confidence, right),
        "out_of_fold": _listed(marks, truth, probabilities, classes),
        "suspects": suspects(marks, truth, probabilities, classes),
    }


_NOTHING: dict[str, Any] = {
    "scored": 0,
    "accuracy": None,
    "interval": None,
    "log_loss": None,
    "dummies": None,
    "balanced_accuracy": None,
    "macro_f1": None,
    "per_folder": {},
    "confusion": None,
    "ece": None,
    "ece_interval": None,
    "reliability": [],
    "thresholds": [],
    "out_of_fold": [],
    "suspects": [],
}
_NO_FOLDS = (
    "There is no honest score yet: to try the model on videos it has not seen, "
    "two folders need at least two different videos each."
)


def _too_few(y: Labels) -> str | None:
    sizes = np.bincount(y)
    enough = sizes[sizes >= SMALL_FOLDER]
    if len(enough) > 1 and 2 * enough.sum() >= len(y):
        return None
    return (
        "There are too few sorted videos for an honest score: most folders have fewer than "
        f"{SMALL_FOLDER}. The guesses are worth a look all the same."
    )


def wilson(right: int, total: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927), which stays inside 0..1.

    >>> [round(end, 3) for end in wilson(9, 10)]
    [0.596, 0.982]
    """
    z = 1.959964
    share, spread = right / total, z * z / total
    middle = share + spread / 2
    half = z * float(np.sqrt(share * (1 - share) / total + spread / total / 4))
    low, high = (middle - half) / (1 + spread), (middle + half) / (1 + spread)
    return max(low, 0.0), min(high, 1.0)


def dummies(y: Labels) -> dict[str, float]:
    """The expected accuracy of two who look at no video."""
    shares = np.bincount(y) / len(y)
    return {"majority": float(shares.max()), "stratified": float((shares**2).sum())}


def by_folder(y: Labels, guessed: Labels, classes: Sequence[str]) -> dict[str, Any]:
    """Confusion matrix, the figures of each folder, and their means over folders that were scored."""
    counts = np.zeros((len(classes), len(classes)), int)
    np.add.at(counts, (y, guessed), 1)
    support, named, hits = counts.sum(axis=1), counts.sum(axis=0), counts.diagonal()
    recall = hits / np.maximum(support, 1)
    precision = hits / np.maximum(named, 1)
    f1 = 2 * hits / np.maximum(support + named, 1)
    return {
        "balanced_accuracy": float(recall[support > 0].mean()),
        "macro_f1": float(f1[support > 0].mean()),
        "per_folder": {
            name: {
                "precision": float(precision[i]) if named[i] else None,
                "recall": float(recall[i]) if support[i] else None,
                "f1": float(f1[i]) if support[i] else None,
                "support": int(support[i]),
            }
            for i, name in enumerate(classes)
        },
        "confusion": {"folders": list(classes), "counts": counts.tolist()},
    }


def reliability(confidence: NDArray[np.float64], right: Mask) -> list[dict[str, Any]]:
    """The reliability diagram: bins of equal width that hold a video."""
    bins = _bins(confidence)
    return [
        {
            "from": number / BINS,
            "to": (number + 1) / BINS,
            "videos": int((bins == number).sum()),
            "confidence": float(confidence[bins == number].mean()),
            "accuracy": float(right[bins == number].mean()),
        }
        for number in np.unique(bins).tolist()
    ]


def ece(confidence: NDArray[np.float64], right: Mask) -> float:
    """Expected calibration error: the mean gap of confidence and accuracy, 15 bins by width.

    >>> ece(np.array([0.9, 0.9]), np.array([True, False])).__round__(3)
    0.4
    """
    gaps = np.bincount(_bins(confidence), confidence - right, BINS)
    return float(np.abs(gaps).sum() / len(right))


def ece_interval(confidence: NDArray[np.float64], right: Mask, seed: int) -> tuple[float, float]:
    """95 % of bootstrap draws (Efron 1979); small samples draw it upwards."""
    dice = np.random.default_rng(seed)
    rows = dice.integers(0, len(right), (DRAWS, len(right)))
    low, high = np.quantile([ece(confidence[row], right[row]) for row in rows], (0.025, 0.975))
    return float(low), float(high)


def _bins(confidence: NDArray[np.float64]) -> NDArray[np.intp]:
    return np.minimum((confidence * BINS).astype(np.intp), BINS - 1)


def thresholds(confidence: NDArray[np.float64], right: Mask) -> list[dict[str, Any]]:
    """What sorting everything above a confidence would have done."""
    taken = {edge: confidence >= edge for edge in THRESHOLDS}
    return [
        {
            "threshold": edge,
            "taken": int(rows.sum()),
            "errors": int((~right[rows]).sum()),
            "expected_errors": float((1 - confidence[rows]).sum()),
        }
        for edge, rows in taken.items()
    ]


def suspects(
    marks: Sequence[str], y: Labels, probabilities: Probabilities, classes: Sequence[str]
) -> list[dict[str, Any]]:
    """Videos that probably lie in the wrong folder, the surest first.

    Confident learning (Northcutt, Jiang & Chuang 2021, arXiv:1911.00068): a folder's own videos
    tell how sure the model is of that folder on average; a video for which it is at least that
    sure of another folder, and surer than of its own, is suspected. Ranked by the margin.
    """
    folders = np.arange(len(classes))
    usual = np.array([probabilities[y == i, i].mean() if (y == i).any() else 1.1 for i in folders])
    confident = np.where(probabilities >= usual, probabilities, 0)
    suggested = confident.argmax(axis=1)
    own = probabilities[np.arange(len(y)), y]
    margin = confident.max(axis=1) - own
    rows = np.flatnonzero((suggested != y) & (margin > 0))
    rows = rows[np.argsort(-margin[rows], kind="stable")]
    return [
        {
            "fingerprint": marks[i],
            "folder": classes[int(y[i])],
            "suggested": classes[int(suggested[i])],
            "confidence": float(probabilities[i, suggested[i]]),
        }
        for i in rows.tolist()
    ]


def _listed(
    marks: Sequence[str], y: Labels, probabilities: Probabilities, classes: Sequence[str]
) -> list[dict[str, Any]]:
    return [
        {
            "fingerprint": mark,
            "true": classes[true],
            "predicted": classes[int(row.argmax())],
            "confidence": float(row.max()),
        }
        for mark, true, row in zip(marks, y, probabilities, strict=True)
    ]
