"""The sounds of the demo's scenes: mono, -1..1, at :data:`RATE`, made from sines and noise."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

RATE = 44_100
Wave = NDArray[np.float64]
Tune = Callable[[np.random.Generator, float], Wave]
"""Plays so many seconds; another random state gives another take."""


def seconds_axis(seconds: float) -> Wave:
    """Times of the samples, in seconds."""
    return np.arange(int(seconds * RATE)) / RATE


def noise(rng: np.random.Generator, seconds: float, low: float, high: float) -> Wave:
    """Noise between two frequencies in Hz, its standard deviation 1."""
    count = int(seconds * RATE)
    # a power of two, cut afterwards: odd lengths make this transform many times slower
    size = 1 << count.bit_length()
    spectrum = np.fft.rfft(rng.standard_normal(size))
    heights = np.fft.rfftfreq(size, 1 / RATE)
    spectrum[(heights < low) | (heights > high)] = 0
    wave = np.fft.irfft(spectrum)[:count]
    return np.asarray(wave / wave.std())


def strike(time: Wave, at: float, fade: float) -> Wave:
    """Envelope of something struck at ``at`` that dies away within some ``fade`` seconds."""
    since = np.clip(time - at, 0, None)
    return np.where(time >= at, np.exp(-since / fade), 0.0)


def frying(rng: np.random.Generator, seconds: float) -> Wave:
    """Sizzling, and a knife or a spoon now and then."""
    time = seconds_axis(seconds)
    crackle = 0.6 + 0.4 * np.abs(noise(rng, seconds, 1, 30))
    wave = 0.07 * noise(rng, seconds, 2_500, 11_000) * crackle
    pitch, pace = rng.uniform(900, 2_200), rng.uniform(2.5, 4.5)
    for at in np.arange(rng.uniform(0, 0.6), seconds, 1 / pace):
        if rng.integers(4):
            wave += 0.25 * strike(time, at, 0.018) * np.sin(2 * np.pi * pitch * (time - at))
    return wave


def club(rng: np.random.Generator, seconds: float) -> Wave:
    """A bass drum on each beat, a hat between, and a bass line."""
    time = seconds_axis(seconds)
    beat = 60 / rng.uniform(116, 134)
    root = rng.uniform(48, 62)
    hiss = noise(rng, seconds, 7_000, 14_000)
    wave = np.zeros_like(time)
    for i, at in enumerate(np.arange(0, seconds, beat / 2)):
        if i % 2 == 0:
            falling = 50 * (time - at) + 4 * (1 - np.exp(-np.clip(time - at, 0, None) / 0.03))
            wave += 0.6 * strike(time, at, 0.12) * np.sin(2 * np.pi * falling)
        else:
            wave += 0.05 * strike(time, at, 0.04) * hiss
        note = root * 2 ** (rng.choice([0, 3, 5, 7, 10]) / 12)
        wave += 0.16 * strike(time, at, 0.15) * np.sign(np.sin(2 * np.pi * note * time))
    return wave


def stadium(rng: np.random.Generator, seconds: float) -> Wave:
    """A crowd that swells, a kick, and mostly a whistle."""
    time = seconds_axis(seconds)
    swell = 0.6 + 0.4 * np.sin(2 * np.pi * rng.uniform(0.15, 0.4) * time + rng.uniform(0, 6))
    wave = 0.16 * swell * noise(rng, seconds, 250, 1_800)
    for at in np.arange(rng.uniform(0, 1), seconds, rng.uniform(1.4, 2.2)):
        wave += 0.5 * strike(time, at, 0.05) * np.sin(2 * np.pi * 95 * (time - at))
    if rng.integers(3):
        at, length, pitch = (
            rng.uniform(0.2, seconds - 1),
            rng.uniform(0.3, 0.7),
            rng.uniform(2_600, 3_100),
        )
        trill = 1 + 0.5 * np.sign(np.sin(2 * np.pi * 28 * time))
        wave += (
            0.13 * ((time > at) & (time < at + length)) * trill * np.sin(2 * np.pi * pitch * time)
        )
    return wave


def purring(rng: np.random.Generator, seconds: float) -> Wave:
    """Purring at some 25 Hz, and mostly a miaow or two."""
    time = seconds_axis(seconds)
    throb = np.clip(np.sin(2 * np.pi * rng.uniform(22, 28) * time), 0, None)
    breath = 0.7 + 0.3 * np.sin(2 * np.pi * 0.6 * time)
    wave = 0.22 * throb * breath * noise(rng, seconds, 60, 420)
    for at in rng.uniform(0.1, seconds - 0.9, int(rng.integers(0, 3))):
        part = np.clip((time - at) / rng.uniform(0.5, 0.8), 0, 1)
        height = rng.uniform(480, 640) * (1 + 0.45 * np.sin(np.pi * part) - 0.25 * part)
        phase = 2 * np.pi * np.cumsum(height) / RATE
        voice = np.sin(phase) + 0.6 * np.sin(2 * phase) + 0.35 * np.sin(3 * phase)
        wave += 0.16 * np.sin(np.pi * part) * voice
    return wave


def outdoors(rng: np.random.Generator, seconds: float) -> Wave:
    """Waves that come and go, wind, and a chord far away."""
    time = seconds_axis(seconds)
    surf = (0.5 + 0.5 * np.sin(2 * np.pi * rng.uniform(0.2, 0.4) * time + rng.uniform(0, 6))) ** 2
    wave = 0.14 * surf * noise(rng, seconds, 300, 5_000) + 0.07 * noise(rng, seconds, 40, 300)
    root = rng.uniform(180, 260)
    for step in (0, 4, 7, 11)[: int(rng.integers(0, 5))]:
        wave += 0.05 * np.sin(2 * np.pi * root * 2 ** (step / 12) * time + rng.uniform(0, 6))
    return wave


def trend(rng: np.random.Generator, seconds: float) -> Wave:
    """Play the one song that everybody puts under everything, from anywhere in it."""
    time = seconds_axis(seconds)
    beat = 60 / 104
    wave = np.zeros_like(time)
    start = int(rng.integers(8))
    for i, at in enumerate(np.arange(0, seconds, beat / 2), start):
        note = 330 * 2 ** ((0, 4, 7, 12, 9, 7, 4, 2)[i % 8] / 12)
        pluck = np.sin(2 * np.pi * note * time) + 0.4 * np.sin(4 * np.pi * note * time)
        wave += 0.2 * strike(time, at, 0.2) * pluck
        if i % 4 == 0:
            wave += 0.4 * strike(time, at, 0.1) * np.sin(2 * np.pi * 58 * (time - at))
    return wave


def recorded(rng: np.random.Generator, wave: Wave) -> NDArray[np.float32]:
    """As a phone records it: at some loudness, with some hiss, never over the full level."""
    loud = wave * rng.uniform(0.35, 1) / max(1e-6, float(np.abs(wave).max()))
    hiss = noise(rng, len(wave) / RATE, 100, 9_000)[: len(wave)] * rng.uniform(0.001, 0.012)
    loud = loud[: len(hiss)] + hiss
    return np.clip(loud, -1, 1).astype(np.float32)
