"""CLIP's own loading and running code, on towers of the same inputs and outputs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sorter_core import encoders
from sorter_core.encoders.clip import ClipEncoder
from sorter_core.errors import CannotEncode, EncoderUnavailable
from sorter_core.types import Clip, Frame
from tests.encoders import tiny


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache into which the towers were fetched."""
    cache = tmp_path_factory.mktemp("cache")
    tiny.clip(cache / "models")
    return cache


@pytest.fixture
def encoder(models: Path) -> encoders.Encoder:
    return encoders.make("clip", models)


def picture(*colour: int, height: int = 320, width: int = 180) -> Frame:
    return np.full((height, width, 3), colour, np.uint8)


def clip(*frames: Frame) -> Clip:
    return Clip(frames, tuple(map(float, range(len(frames)))), None, 9.0, 180, 320)


def test_the_vector_is_the_mean_of_the_pictures(encoder: ClipEncoder) -> None:
    """Each of length 1 before; prepared as the model's own file says."""
    red, green = picture(255, 0, 0), picture(0, 255, 0)
    both = encoder.encode(clip(red, green))
    parts = encoder.encode(clip(red)) + encoder.encode(clip(green))
    assert np.allclose(both, parts / np.linalg.norm(parts), atol=1e-5)
    assert both.shape == (512,)
    assert both.dtype == np.float32


def test_the_middle_of_a_picture_is_looked_at(encoder: ClipEncoder) -> None:
    """Scaled to 224 on its shorter side, then cut: what lies above and below does not count."""
    plain, framed = picture(255, 0, 0), picture(255, 0, 0)
    framed[:60] = framed[-60:] = 0
    assert np.allclose(encoder.encode(clip(plain)), encoder.encode(clip(framed)), atol=1e-5)


def test_texts_come_into_the_same_space(encoder: ClipEncoder) -> None:
    """Each of length 1; the same text gives the same vector, alone or among longer ones."""
    vectors = encoder.encode_text(["cat", "a video of a dog cooking"])
    assert vectors.shape == (2, 512)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert abs(vectors[0] @ vectors[1]) < 0.9


def test_a_long_text_is_cut_at_77_tokens(encoder: ClipEncoder) -> None:
    """75 words and the two marks; not at 77 characters."""
    words = ["cat"] * 75
    whole, longer, shorter = encoder.encode_text(
        [" ".join(words), " ".join([*words, "dog"] * 3), " ".join(words[:74])]
    )
    assert np.allclose(whole, longer)
    assert not np.allclose(whole, shorter)


def test_a_folder_filled_by_hand_does(tmp_path: Path) -> None:
    """On a machine without a network; the cache stays empty."""
    folder = tiny.clip(tmp_path / "by hand")
    encoder = encoders.make("clip", tmp_path / "cache", folder)
    assert encoder.unavailable() is None
    encoder.encode(clip(picture(1, 2, 3)))
    assert not (tmp_path / "cache").exists()


def test_without_its_model_it_says_the_command(tmp_path: Path) -> None:
    """Once, in a sentence; so does loading it."""
    encoder = ClipEncoder(tmp_path)
    assert "python -m sorter_core models pull clip" in (encoder.unavailable() or "")
    with pytest.raises(EncoderUnavailable, match="models pull clip"):
        encoder.load()


@pytest.mark.parametrize("file", ClipEncoder.files)
def test_a_half_fetched_model_is_none(tmp_path: Path, file: str) -> None:
    """Each file counts."""
    tiny.clip(tmp_path / "models")
    (tmp_path / "models" / file).unlink()
    assert ClipEncoder(tmp_path).unavailable()


def test_a_damaged_model_is_said(tmp_path: Path) -> None:
    """With the folder that is to be deleted."""
    tiny.clip(tmp_path / "models")
    (tmp_path / "models/clip-ViT-B-32-vision/model.onnx").write_bytes(b"cut off")
    with pytest.raises(EncoderUnavailable, match="Delete that folder"):
        ClipEncoder(tmp_path).load()


def test_no_picture_is_said(encoder: ClipEncoder) -> None:
    """Sound alone is nothing to look at."""
    with pytest.raises(CannotEncode, match="no picture"):
        encoder.encode(clip())
