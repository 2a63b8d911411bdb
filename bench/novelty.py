"""None of these: how many videos of a folder that is not there are found, and how many others marked.

One class after another is held out, so that its videos belong to none of the folders. With
``BENCH_DATA`` (a folder of ``SET/CLASS/*.mp4``), for each set: a sixth and a half of the smallest
class labelled in each other class; else drawn clouds. Beside it the usual score, 1 - the highest
probability of the same model (Hendrycks & Gimpel 2017), with a threshold that it could not know:
the one that marks as many of the videos that belong somewhere. Then with half of the classes held
out: how many of the guesses that are stated at 90 % and more are wrong, beside the same without
:mod:`sorter_core.belonging`, and how many it expected. Run with ``python -m bench novelty``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bench._rows import Row
from bench.learning import Labelled, Labels, _analysed, _drawn
from sorter_core import belonging, training
from sorter_core.fusion import Model
from sorter_core.novelty import FAR
from sorter_core.types import FeatureTable

ROUNDS = 8
"""Held-out classes, each with labels drawn anew."""
PAIR = 2
"""Of so few classes only one would be left."""
STATED = 0.9
TIE = 0.02
"""A difference in AUROC that another draw of labels may turn round."""
BEARABLE = FAR + 0.02
"""Where labelled videos are few, their share varies by so much from draw to draw."""


class Found(NamedTuple):
    """Of one round, or the mean over some."""

    auroc: float
    outsiders: float
    insiders: float
    plain_auroc: float
    plain_outsiders: float


def run(data: Path | None = None) -> list[Row]:
    """Measure, and give the table's lines; ``data`` or ``BENCH_DATA`` names the sets."""
    place = data or (Path(os.environ["BENCH_DATA"]) if "BENCH_DATA" in os.environ else None)
    if place is None:
        return list(_figures("drawn clouds", _drawn(40, 8, seed=0)))
    sets = [path for path in sorted(place.iterdir()) if len(list(path.glob("*/"))) > PAIR]
    return [row for path in sets for row in _figures(path.name, _analysed(path))]


def _figures(name: str, videos: Labelled) -> Iterator[Row]:
    """The lines of one set."""
    smallest = int(np.unique(videos.labels, return_counts=True)[1].min())
    for k in (smallest // 6, smallest // 2):
        rounds = [_round(videos, k, seed) for seed in range(ROUNDS)]
        mean = Found(*np.mean(rounds, axis=0).tolist())
        yield from _lines(f"{name} k={k}", mean, enough=k == smallest // 2)
    stated = np.mean([_half(videos, smallest // 2, seed) for seed in range(ROUNDS)], axis=0)
    yield from _wrong(f"{name} k={smallest // 2}, half of the classes", stated.tolist())


def _lines(name: str, mean: Found, *, enough: bool) -> Iterator[Row]:
    """``enough``: labels for a target; with few the unlabelled videos help the beside's model more."""
    beside = "1 - max p"
    least = mean.plain_auroc - TIE
    target, ok = ("no worse than it", mean.auroc >= least) if enough else ("", None)
    yield Row(f"{name}: AUROC", mean.auroc, "", beside, mean.plain_auroc, target, ok)
    yield Row(
        f"{name}: outsiders found", mean.outsiders, "", beside, mean.plain_outsiders, "", None
    )
    yield Row(
        f"{name}: insiders marked ({FAR} promised)",
        mean.insiders,
        "",
        "",
        None,
        f"at most {BEARABLE:.2f}",
        mean.insiders <= BEARABLE,
    )


def _wrong(name: str, stated: list[float]) -> Iterator[Row]:
    """Of the guesses at 90 % and more, those that are wrong, and those expected so."""
    taken, wrong, expected, plain_taken, plain_wrong, plain_expected = stated
    beside = "plain"
    yield Row(f"{name}: stated at 90 %", taken, "", beside, plain_taken, "", None)
    fewer = wrong < plain_wrong
    yield Row(f"{name}: of these wrong", wrong, "", beside, plain_wrong, "fewer", fewer)
    yield Row(f"{name}: expected wrong", expected, "", beside, plain_expected, "", None)


def _half(videos: Labelled, k: int, seed: int) -> list[float]:
    """Guesses at 90 % and more, those of them wrong and expected so; then the same unweighed."""
    classes = np.random.default_rng(seed).permutation(np.unique(videos.labels))
    model, asked, truth = _taught(videos, k, seed, set(classes[: len(classes) // 2].tolist()))
    values, p = model.typicality(asked), model.predict_proba(asked)
    right = np.array(model.classes)[p.argmax(axis=1)] == truth
    near = ~(values <= FAR)
    told: list[float] = []
    for share in (belonging.belonging(values, model.compared), np.ones(len(values))):
        sure = p.max(axis=1) * share
        taken = near & (sure >= STATED)
        told += [taken.sum(), (taken & ~right).sum(), (1 - sure[taken]).sum()]
    return told


def _taught(
    videos: Labelled, k: int, seed: int, out: set[str]
) -> tuple[Model, FeatureTable, Labels]:
    """A model of ``k`` labelled videos of all classes but ``out``; the rest, and its classes."""
    dice = np.random.default_rng(seed)
    classes = [c for c in np.unique(videos.labels) if c not in out]
    chosen = [dice.permutation(np.flatnonzero(videos.labels == c))[:k] for c in classes]
    known = np.concatenate(chosen)
    rest = np.setdiff1d(np.arange(len(videos.labels)), known)
    seen, asked = videos.ours.take(known), videos.ours.take(rest)
    model = training.fit(seen, videos.labels[known].tolist(), unlabelled=asked).model
    return model, asked, videos.labels[rest]


def _round(videos: Labelled, k: int, seed: int) -> Found:
    """``k`` labelled videos of all classes but one; the rest is to be sorted."""
    classes = np.unique(videos.labels)
    out = classes[seed * 5 % len(classes)]
    model, asked, truth = _taught(videos, k, seed, {out})
    return _found(model, asked, truth == out)


def _found(model: Model, asked: FeatureTable, outside: NDArray[np.bool_]) -> Found:
    from sklearn.metrics import roc_auc_score

    values = np.nan_to_num(model.typicality(asked), nan=1.0)
    marked = values <= FAR
    doubt = 1 - model.predict_proba(asked).max(axis=1)
    edge = np.quantile(doubt[~outside], 1 - marked[~outside].mean())
    return Found(
        float(roc_auc_score(outside, -values)),
        float(marked[outside].mean()),
        float(marked[~outside].mean()),
        float(roc_auc_score(outside, doubt)),
        float((doubt[outside] > edge).mean()),
    )
