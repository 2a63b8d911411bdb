"""The log-mel spectrogram: how loud each of 64 bands of pitch is, 100 times a second.

All constants are those of YAMNet's front end (``audioset/yamnet/params.py`` in TensorFlow's model
garden; the same bands as VGGish, Hershey et al. 2017, arXiv:1609.09430).
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from sorter_core.types import SAMPLE_RATE, Samples

WINDOW = SAMPLE_RATE * 25 // 1000
HOP = SAMPLE_RATE * 10 // 1000
RATE = SAMPLE_RATE // HOP
"""Rows a second."""
FFT = 512
BANDS = 64
LOWEST, HIGHEST = 125.0, 7500.0
"""Hz."""
OFFSET = 0.001
"""Added before the logarithm, so that digital silence has one."""
BLOCK = 512
"""Rows worked on at once: they fit into a core's cache."""


def logmel(samples: Samples) -> NDArray[np.float32]:
    """(n,) at 16 kHz -> (rows, 64), natural logarithm; at least one row.

    >>> logmel(np.zeros(16_000, np.float32)).shape
    (98, 64)
    """
    missing = max(0, WINDOW - len(samples))
    windows = sliding_window_view(np.pad(samples, (0, missing)), WINDOW)[::HOP]
    blocks = [_block(windows[at : at + BLOCK]) for at in range(0, len(windows), BLOCK)]
    return np.concatenate(blocks)


def _block(windows: NDArray[np.float32]) -> NDArray[np.float32]:
    magnitudes = np.abs(np.fft.rfft(windows * _hann(), FFT, axis=1))
    levels: NDArray[np.float32] = magnitudes.astype(np.float32, copy=False) @ _bands()
    return np.asarray(np.log(levels + np.float32(OFFSET)), np.float32)


@cache
def _hann() -> NDArray[np.float32]:
    """The periodic Hann window."""
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)).astype(np.float32)


@cache
def _bands() -> NDArray[np.float32]:
    """(257, 64): triangles, evenly spaced on the mel scale; the constant part (0 Hz) is in none."""
    edges = np.linspace(_mel(LOWEST), _mel(HIGHEST), BANDS + 2)
    left, middle, right = edges[:-2], edges[1:-1], edges[2:]
    pitch = _mel(np.arange(FFT // 2 + 1) * SAMPLE_RATE / FFT)[:, None]
    rising, falling = (pitch - left) / (middle - left), (right - pitch) / (right - middle)
    weights = np.maximum(0, np.minimum(rising, falling))
    weights[0] = 0
    return weights.astype(np.float32)


def _mel(hertz: float | NDArray[np.float64]) -> NDArray[np.float64]:
    """The mel scale as HTK has it."""
    return 1127.0 * np.log1p(np.asarray(hertz) / 700.0)
