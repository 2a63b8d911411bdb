"""Feature tables drawn at random: clouds of vectors of length 1, one cloud a folder."""

from collections.abc import Mapping, Sequence

import numpy as np

from sorter_core.types import FeatureTable, Matrix

DIMS = {"frames": 160, "sound": 90, "caption": 64}


def clouds(
    y: Sequence[int], noise: Mapping[str, float], *, seed: int = 0, present: float = 1.0
) -> FeatureTable:
    """One modality for each entry of ``noise`` (spread about the centre, whose parts have 1)."""
    dice, numbers = np.random.default_rng(seed), np.asarray(y)
    vectors, masks = {}, {}
    for name, spread in noise.items():
        centres = dice.normal(size=(int(numbers.max()) + 1, DIMS[name]))
        x = centres[numbers] + spread * dice.normal(size=(len(numbers), DIMS[name]))
        masks[name] = dice.random(len(numbers)) < present
        vectors[name] = unit(x) * masks[name][:, None]
    return FeatureTable(tuple(f"v{i:05}" for i in range(len(numbers))), vectors, masks)


def table(**modalities: Sequence[Sequence[float]]) -> FeatureTable:
    """A table in which every video has the given vectors."""
    vectors = {name: np.asarray(x, np.float32) for name, x in modalities.items()}
    count = len(next(iter(vectors.values())))
    present = {name: np.ones(count, bool) for name in vectors}
    return FeatureTable(tuple(f"v{i:05}" for i in range(count)), vectors, present)


def unit(x: np.ndarray) -> Matrix:
    """Rows of length 1."""
    return (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)


def names(y: Sequence[int]) -> list[str]:
    """The folder of each number."""
    return [f"folder {number}" for number in y]
