"""A map of the library: videos that look and sound alike lie close together.

What the encoders of a training saw of each video is brought to two dimensions by t-SNE (van der
Maaten & Hinton 2008) after a principal component analysis, and kept for that training.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sorter_core import features, learning
from sorter_core.files import write_atomic
from sorter_core.library import Library
from sorter_core.review import located
from sorter_core.types import FeatureTable

MOST = 1500
"""Videos on a map: more are a crowd, and cost a minute. Small folders are shown whole."""
COMPONENTS = 30
"""Dimensions an encoder keeps before t-SNE."""
PERPLEXITY = 30.0
STEPS = 500
"""Half of what is usual: the picture has its form by then."""
FILE = "atlas.json"
_FEW = 5
"""Videos below which there is nothing to embed: they are drawn as they lie, on two axes."""

_DRAWING = threading.Lock()

Places = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Spot:
    """A video on the map: ``x`` and ``y`` in 0..1; ``folder`` is None in the unsorted pile."""

    x: float
    y: float
    filename: str
    folder: str | None


@dataclass(frozen=True, slots=True)
class Atlas:
    """The map of a training; ``videos`` are all that could be on it."""

    run: int
    spots: list[Spot]
    videos: int


def atlas(library: Library, number: int | None = None) -> Atlas:
    """The map of the newest training, or of ``number``; drawn once. Raises ``ModelMissing``."""
    run = learning.run(library, number)
    with _DRAWING:  # two pages ask for one map
        kept = _kept(library, run.id) or _drawn(library, run.id, run.report)
    found = located(library, (mark for mark, _, _ in kept["spots"]))
    spots = [
        Spot(x, y, name, folder or None)
        for mark, x, y in kept["spots"]
        for folder, name in found.get(mark, [])[:1]
    ]
    return Atlas(run.id, spots, kept["videos"])


def _kept(library: Library, number: int) -> dict[str, Any] | None:
    """What was drawn for this training, if it was."""
    try:
        kept: dict[str, Any] = json.loads((library.artifacts / FILE).read_bytes())
        return kept if kept["run"] == number else None
    except (OSError, ValueError, KeyError, TypeError):
        return None  # a damaged map is drawn again


def _drawn(library: Library, number: int, report: Mapping[str, Any]) -> dict[str, Any]:
    with library.store.read() as db:
        rows = db.execute(
            "SELECT fingerprint, max(folder) FROM files GROUP BY fingerprint ORDER BY fingerprint"
        ).fetchall()
    groups: dict[str, list[str]] = {}
    for mark, folder in rows:
        groups.setdefault(folder, []).append(mark)
    names = [entry["name"] for entry in report["encoders"] if entry["used"]]
    table = features.load(library.store, sampled(groups, MOST, report["seed"]), names)
    seen = [i for i in range(len(table)) if any(mask[i] for mask in table.present.values())]
    places = embedded(table.take(seen), report["seed"])
    drawn = {
        "run": number,
        "videos": len(rows),
        "spots": [
            [table.fingerprints[i], round(float(x), 4), round(float(y), 4)]
            for i, (x, y) in zip(seen, places, strict=True)
        ],
    }
    write_atomic(library.artifacts / FILE, json.dumps(drawn).encode())
    return drawn


def sampled(groups: Mapping[str, Sequence[str]], most: int, seed: int) -> list[str]:
    """At most ``most`` members: of the large groups a part by lot, the small ones whole.

    >>> drawn = sampled({"a": ["a1"], "b": ["b1", "b2", "b3", "b4"]}, 3, 0)
    >>> len(drawn), "a1" in drawn
    (3, True)
    """
    dice, taken = np.random.default_rng(seed), list[str]()
    for place, name in enumerate(sorted(groups, key=lambda name: (len(groups[name]), name))):
        share = (most - len(taken)) // (len(groups) - place)
        members = groups[name]
        rows = (
            dice.permutation(len(members))[:share] if len(members) > share else range(len(members))
        )
        taken += [members[row] for row in sorted(rows)]
    return taken


def embedded(table: FeatureTable, seed: int) -> Places:
    """(videos, 2) in 0..1; the same table and seed give the same map."""
    x = _coordinates(table, seed)
    if len(table) < _FEW:
        flat = np.zeros((len(table), 2))
        flat[:, : min(2, x.shape[1])] = x[:, :2]
    else:
        from sklearn.manifold import TSNE

        perplexity = min(PERPLEXITY, (len(table) - 1) / 3)
        start = x[:, :2] / max(float(x[:, 0].std()), 1e-9) * 1e-4
        flat = TSNE(
            perplexity=perplexity, init=start, max_iter=STEPS, random_state=seed
        ).fit_transform(x)
    low, high = flat.min(axis=0, initial=0), flat.max(axis=0, initial=0)
    return np.asarray((flat - low) / np.maximum(high - low, 1e-9), np.float64)


def _coordinates(table: FeatureTable, seed: int) -> NDArray[np.float32]:
    """The main components of each encoder's vectors, each encoder with the same total variance."""
    from sklearn.utils.extmath import randomized_svd

    parts = []
    for name in sorted(table.vectors):
        there, vectors = table.present[name], table.vectors[name].astype(np.float64)
        if there.sum() > 1:
            vectors = np.where(there[:, None], vectors - vectors[there].mean(axis=0), 0)
            left, sizes, _ = randomized_svd(
                vectors, min(COMPONENTS, *vectors.shape), random_state=seed
            )
            part = left * sizes
            parts.append(part / max(float(np.linalg.norm(part)), 1e-9))
    joined = np.hstack(parts) if parts else np.zeros((len(table), 2))
    wide = joined if joined.shape[1] > 1 else np.hstack([joined, np.zeros_like(joined)])
    return np.asarray(wide * np.sqrt(max(len(table), 1)), np.float32)
