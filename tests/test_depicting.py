"""Words for pictures: our names for the network's classes, read out of stored vectors."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import pytest

from sorter_core.depicting import Depicted, _last_layer, probabilities, vocabulary
from sorter_core.encoders import _lite0
from sorter_core.encoders.frames import Frames
from sorter_core.types import Clip, FeatureTable, Frame


def pictures() -> tuple[Frame, ...]:
    """The photos that foolbox ships."""
    package = find_spec("foolbox")
    assert package, "the test extra brings the photos: pip install foolbox"
    found = (Path(package.origin or "").parent / "data").glob("imagenet_*.jpg")
    return tuple(cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB) for path in sorted(found))


def test_every_class_has_one_name_at_most() -> None:
    """Numbers lie in the network's range; names are short, plain, and no two share a class."""
    known = vocabulary()
    numbers = [number for group in known.values() for number in group]
    assert len(numbers) == len(set(numbers))
    assert set(numbers) <= set(range(1000))
    assert all(len(name.split()) <= 3 and name == name.lower() for name in known)


def test_stored_vectors_say_what_the_pictures_say(tmp_path: Path) -> None:
    """The last layer on them agrees with the network on real photos."""
    frames, photos = Frames(tmp_path), pictures()
    vectors = np.stack([frames.encode(Clip((one,), (0.0,), None, 1.0, 10, 10)) for one in photos])
    layer = _last_layer()
    assert layer is not None
    best = probabilities(vectors, *layer).argmax(axis=1)
    assert np.mean(best == frames.logits(photos).argmax(axis=1)) >= 0.8


def test_a_group_gets_the_word_that_it_has_and_others_have_not() -> None:
    """Vectors are built from the last layer's own rows: what a class would look like."""
    layer = _last_layer()
    assert layer is not None
    roots = np.sqrt(np.maximum(layer[0], 0))
    rows = [281] * 10 + [207] * 10 + [963] * 10
    x = np.concatenate([roots[rows], roots[rows]], axis=1).astype(np.float32)
    table = FeatureTable(
        tuple(map(str, range(31))),
        {"frames": np.vstack([x, np.zeros_like(x[:1])])},
        {"frames": np.array([True] * 30 + [False])},
    )
    shown = Depicted(table)
    assert shown.of(list(range(10)))[0] == "cats"
    assert shown.of(list(range(10, 20)))[0] == "dogs"
    assert shown.of([*range(20, 30), 30])[0] == "pizza"
    assert shown.of(list(range(30))) == []  # what all have says nothing


def test_without_pictures_or_the_network_there_are_no_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Sound alone, or a package that is missing: nothing is invented."""
    blind = FeatureTable(
        ("a",), {"sound": np.ones((1, 5), np.float32)}, {"sound": np.ones(1, bool)}
    )
    assert Depicted(blind).of([0]) == []
    monkeypatch.setattr(_lite0, "checkpoint", lambda: Path("nowhere"))
    _last_layer.cache_clear()
    seen = FeatureTable(
        ("a",), {"frames": np.ones((1, 2560), np.float32)}, {"frames": np.ones(1, bool)}
    )
    assert Depicted(seen).of([0]) == []
    _last_layer.cache_clear()
