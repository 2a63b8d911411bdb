"""Reading pictures, with the networks that the package carries."""

from __future__ import annotations

import numpy as np
import pytest

from sorter_core.encoders.screen import PICTURES, Screen, distinct
from sorter_core.errors import CannotEncode
from sorter_core.types import Clip, Frame
from tests.encoders.samples import written


def clip(*frames: Frame) -> Clip:
    return Clip(frames, tuple(map(float, range(len(frames)))), None, 9.0, 320, 568)


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Screen:
    return Screen(tmp_path_factory.mktemp("cache"))


def test_lines_are_read_from_the_top(encoder: Screen) -> None:
    """In the order in which a person reads them."""
    texts = encoder.read(clip(written("Easy pasta recipe", "part two")))
    assert texts == {"screen": "Easy pasta recipe\npart two"}


def test_a_line_that_stays_is_kept_once(encoder: Screen) -> None:
    """What stands in two pictures is one line."""
    first, second = (
        written("Easy pasta", shade=40),
        written("Easy pasta", "Add the salt", shade=160),
    )
    assert encoder.read(clip(first, second))["screen"] == "Easy pasta\nAdd the salt"


def test_the_vector_is_that_of_the_words(encoder: Screen) -> None:
    """Near the same words, wherever they stand; not near others."""
    vector = encoder.encode(clip(written("Easy pasta recipe")))
    assert vector @ encoder.embed("easy PASTA recipes") > 0.5
    assert abs(vector @ encoder.embed("football highlights")) < 0.15


def test_pictures_without_words_are_said(encoder: Screen) -> None:
    """Also noise, in which nothing must be read."""
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (300, 200, 3), dtype=np.uint8)
    with pytest.raises(CannotEncode, match="nothing is written"):
        encoder.read(clip(noise))
    with pytest.raises(CannotEncode, match="no picture"):
        encoder.read(clip())


def test_pictures_alike_are_read_once() -> None:
    """Of eight pictures of one scene one; of many scenes no more than three, in their order."""
    scene = [written("a", shade=90 + step) for step in range(8)]
    assert len(distinct(scene)) == 1
    scenes = [written("a", shade=shade) for shade in (10, 240, 12, 120, 60, 200)]
    taken = distinct(scenes)
    assert len(taken) == PICTURES
    assert taken[0] is scenes[0]
    assert taken[1] is scenes[1]
