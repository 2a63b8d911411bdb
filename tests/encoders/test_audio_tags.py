"""YAMNet's own loading and running code, on a network of the same input and output."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sorter_core import encoders
from sorter_core.encoders.audio_tags import CLASSES, FILE, WINDOW, AudioTags
from sorter_core.errors import CannotEncode, EncoderUnavailable
from sorter_core.types import SAMPLE_RATE, Clip, Samples
from tests.encoders import tiny


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> AudioTags:
    cache = tmp_path_factory.mktemp("cache")
    tiny.yamnet(cache / "models")
    return AudioTags(cache)


def noise(samples: int, seed: int = 0) -> Samples:
    return np.random.default_rng(seed).normal(0, 0.1, samples).astype(np.float32)


def clip(audio: Samples | None) -> Clip:
    return Clip((), (), audio, 3.0, 64, 96)


def test_each_window_is_heard_by_the_network(encoder: AudioTags) -> None:
    """The scores are those that its weights give."""
    sound = noise(2 * WINDOW)
    weights = np.random.default_rng(0).normal(0, 0.3, (CLASSES, 600)).astype(np.float32)
    sums = (sound.reshape(2, 26, 600) @ weights.T).mean(axis=1)
    assert np.allclose(encoder.scores(sound), 1 / (1 + np.exp(-sums)), atol=1e-4)


@pytest.mark.parametrize(
    ("samples", "windows"), [(1, 1), (WINDOW, 1), (WINDOW + 1, 2), (60 * SAMPLE_RATE, 62)]
)
def test_the_last_window_is_filled_up(encoder: AudioTags, samples: int, windows: int) -> None:
    """Nothing at the end is left out."""
    assert encoder.scores(noise(samples)).shape == (windows, CLASSES)


def test_the_vector_holds_the_mean_and_the_greatest(encoder: AudioTags) -> None:
    """Of each sound, as square roots, at length 1 together."""
    sound = noise(3 * WINDOW)
    scores = encoder.scores(sound)
    figures = np.sqrt(np.concatenate([scores.mean(axis=0), scores.max(axis=0)]))
    vector = encoder.encode(clip(sound))
    assert vector.shape == (2 * CLASSES,)
    assert np.allclose(vector, figures / np.linalg.norm(figures), atol=1e-6)


@pytest.mark.parametrize("audio", [None, np.zeros(WINDOW, np.float32)])
def test_no_sound_is_said(encoder: AudioTags, audio: Samples | None) -> None:
    """No track, or a silent one."""
    with pytest.raises(CannotEncode, match="sound track"):
        encoder.encode(clip(audio))


def test_without_its_model_it_says_the_command(tmp_path: Path) -> None:
    """In a sentence; so does loading it."""
    assert "python -m sorter_core models pull audio_tags" in (
        AudioTags(tmp_path).unavailable() or ""
    )
    with pytest.raises(EncoderUnavailable, match="models pull audio_tags"):
        AudioTags(tmp_path).load()


def test_a_file_put_there_by_hand_does(tmp_path: Path) -> None:
    """Below MODELS_DIR; the cache stays empty."""
    folder = tiny.yamnet(tmp_path / "by hand")
    encoder = encoders.make("audio_tags", tmp_path / "cache", folder)
    assert encoder.unavailable() is None
    encoder.encode(clip(noise(WINDOW)))
    assert not (tmp_path / "cache").exists()


def test_a_damaged_file_is_said(tmp_path: Path) -> None:
    """It may have been cut off."""
    folder = tiny.yamnet(tmp_path / "models")
    whole = (folder / FILE).read_bytes()
    (folder / FILE).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(EncoderUnavailable, match="can't be used"):
        AudioTags(tmp_path).load()


def test_another_network_is_refused(tmp_path: Path) -> None:
    """One with other classes would put nonsense into the store."""
    tiny.yamnet(tmp_path / "models", classes=10)
    with pytest.raises(EncoderUnavailable, match="another network"):
        AudioTags(tmp_path).load()
