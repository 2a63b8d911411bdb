"""The log-mel spectrogram and its statistics, on sounds of known nature."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sorter_core.encoders import _logmel, sound
from sorter_core.errors import CannotEncode
from sorter_core.types import SAMPLE_RATE, Clip, Samples

SECONDS = 4


def clip(samples: Samples | None) -> Clip:
    return Clip((), (), samples, SECONDS, 64, 96)


def tone(hertz: float, loudness: float = 0.3) -> Samples:
    time = np.arange(SECONDS * SAMPLE_RATE) / SAMPLE_RATE
    return (loudness * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


def noise(seed: int = 0) -> Samples:
    size = SECONDS * SAMPLE_RATE
    return np.random.default_rng(seed).normal(0, 0.1, size).astype(np.float32)


def pulsing(hertz: float) -> Samples:
    """Noise that comes and goes."""
    time = np.arange(SECONDS * SAMPLE_RATE) / SAMPLE_RATE
    return (noise() * (0.55 + 0.45 * np.sin(2 * np.pi * hertz * time))).astype(np.float32)


@pytest.fixture
def encoder(tmp_path: Path) -> sound.Sound:
    return sound.Sound(tmp_path)


def test_a_tone_lies_in_its_band() -> None:
    """The loudest band is the one around its pitch, and a higher tone lies higher."""
    mel = 1127 * np.log1p(np.array([125, 440, 3000, 7500]) / 700)
    place = (mel[1:3] - mel[0]) / (mel[3] - mel[0]) * 65 - 1
    loudest = [_logmel.logmel(tone(hertz)).mean(axis=0).argmax() for hertz in (440, 3000)]
    assert loudest == pytest.approx(place, abs=1)


def test_the_bands_are_the_published_ones() -> None:
    """64 triangles from 125 to 7500 Hz over 257 frequencies, none of them empty."""
    bands = _logmel._bands()
    hertz = np.arange(257) * 16_000 / 512
    assert bands.shape == (257, 64)
    assert (bands.sum(axis=0) > 0).all()
    assert bands.max() <= 1
    assert not bands[(hertz < 125) | (hertz > 7500)].any()


def test_there_are_a_hundred_rows_a_second() -> None:
    """Windows of 25 ms every 10 ms; what is shorter than one still gives a row."""
    assert _logmel.logmel(noise()).shape == (398, 64)
    assert _logmel.logmel(noise()[:10]).shape == (1, 64)


def test_blocks_do_not_show() -> None:
    """A row is the same whether it is worked on at the beginning or in a later block."""
    long = np.tile(noise(), 3)
    rows = _logmel.logmel(long)
    later = _logmel.logmel(long[700 * _logmel.HOP :])
    assert np.allclose(rows[700:], later, atol=1e-5)


def test_a_beat_shows_in_its_octave() -> None:
    """Noise pulsing 3 and 7 times a second has most power there, in each band."""
    for hertz, octave in ((3.4, 2), (6.8, 3)):
        power = sound.rhythm(_logmel.logmel(pulsing(hertz)))
        assert (power.argmax(axis=1) == octave).all()


def test_steady_sound_changes_little_and_varied_sound_much() -> None:
    """A tone has less spread and change than speech-like pulsing."""
    still = sound.statistics(_logmel.logmel(tone(440)))
    lively = sound.statistics(_logmel.logmel(pulsing(4)))
    for name in ("spread", "slow_change"):
        assert lively[name].mean() > 2 * still[name].mean()


def test_percentiles_stand_in_order() -> None:
    """Low below middle below high, in each band."""
    found = sound.statistics(_logmel.logmel(pulsing(2)))
    assert (found["p10"] <= found["p50"]).all()
    assert (found["p50"] <= found["p90"]).all()


def test_kinds_of_sound_lie_apart(encoder: sound.Sound) -> None:
    """Two noises are closer to each other than a noise and a tone, whatever their loudness."""
    one, other = encoder.encode(clip(noise())), encoder.encode(clip(noise(1)))
    quiet = encoder.encode(clip(noise() * np.float32(0.3)))
    whistle = encoder.encode(clip(tone(880)))
    assert one @ other > 0.95
    assert one @ quiet > 0.9
    assert one @ whistle < 0.7
    assert encoder.encode(clip(pulsing(2))) @ encoder.encode(clip(pulsing(7))) < 0.6


def test_every_group_is_there(encoder: sound.Sound) -> None:
    """The dimensions are those of the groups, in the order of SCALES."""
    groups = sound.statistics(_logmel.logmel(noise()))
    assert set(groups) == set(sound.SCALES)
    assert sum(group.size for group in groups.values()) == encoder.dim


@pytest.mark.parametrize("samples", [None, np.zeros(0, np.float32)])
def test_no_sound_is_said(encoder: sound.Sound, samples: Samples | None) -> None:
    """Nothing was recorded: that is no fault."""
    with pytest.raises(CannotEncode, match="no sound track"):
        encoder.encode(clip(samples))


def test_a_broken_track_keeps_its_reason(encoder: sound.Sound) -> None:
    """An error in the sound is never taken for silence, nor for a video without any."""
    note = "the sound track could not be decoded: its coding is not known here"
    with pytest.raises(CannotEncode, match="not known here"):
        encoder.encode(replace(clip(None), notes=("half the pictures are damaged", note)))


@pytest.mark.parametrize("loudness", [0.0, 0.0005])
def test_silence_is_said(encoder: sound.Sound, loudness: float) -> None:
    """A track of zeros, or of the last bit's noise, has nothing to be heard."""
    with pytest.raises(CannotEncode, match="silent"):
        encoder.encode(clip(tone(440, loudness)))


@pytest.mark.parametrize("length", [1, 100, 399, 400, 560, 1200, 5000])
def test_the_shortest_sound_is_taken(encoder: sound.Sound, length: int) -> None:
    """A single sample, one row, two rows, less than a beat."""
    vector = encoder.encode(clip(noise()[:length]))
    assert np.isfinite(vector).all()


def test_numbers_that_are_none_do_no_harm(encoder: sound.Sound) -> None:
    """A decoder's NaN and infinity count as silence."""
    samples = noise()
    samples[100:200] = np.nan
    assert np.isfinite(encoder.encode(clip(samples))).all()
