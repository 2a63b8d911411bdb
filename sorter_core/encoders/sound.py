"""What the video sounds like: how loud the bands of pitch are, and how they move."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from sorter_core.encoders._base import About, Encoder, unit
from sorter_core.encoders._heard import heard
from sorter_core.encoders._logmel import BANDS, RATE, logmel
from sorter_core.types import Clip, Vector

STEP = 5
"""Rows (50 ms) averaged for the slow change."""
CEPSTRA = 20
"""As Mandel & Ellis 2005 ("Song-level features and support vector machines"), for the shape of the
spectrum; with all 64 bands in the place of 20 cosines the correlations would be 2016."""
BROAD = 8
"""Broad bands whose rhythm is looked at."""
SPAN = 256
"""Rows (2.56 s) in which rhythm is looked for."""
TEMPI = (0.6, 1.2, 2.4, 4.8, 9.6, 19.0, 38.0)
"""Hz; octaves from a slow beat over syllables (4 Hz) to roughness."""


class Scale(NamedTuple):
    """What a group of figures is like in most sounds, so that no group drowns the others.

    Typical value and deviation were read off 360 pieces of General MIDI music and 25 recordings
    of streets and halls. ``weight`` is the group's share.
    """

    typical: float | tuple[float, ...]
    deviation: float
    weight: float


SCALES = {
    "level": Scale(0.0, 0.7, 1.0),
    "spread": Scale(1.2, 0.5, 1.0),
    "change": Scale(0.57, 0.17, 1.0),
    "slow_change": Scale(0.55, 0.28, 1.0),
    "p10": Scale(-1.6, 1.0, 0.6),
    "p50": Scale(0.1, 0.9, 0.6),
    "p90": Scale(1.5, 0.9, 0.6),
    "correlation": Scale(0.05, 0.3, 1.5),
    "rhythm": Scale((5.9, 5.3, 4.7, 3.9, 2.7, 1.8), 1.5, 1.5),
    "loudness": Scale((-1.1, 0.8, -2.6, 0.3), 1.0, 0.5),
}


class Sound(Encoder):
    """Statistics over time of the log-mel spectrogram (mono, 16 kHz, 64 bands).

    For each band: its level against the whole, its spread, its change from row to row and over
    50 ms, its 10th, 50th and 90th percentile. Besides: which parts of the spectrum go together
    (correlations of 20 cepstra), how fast eight broad bands pulse (their modulation spectrum, by
    octaves), and how loud it is overall.
    """

    name = "sound"
    version = "1"
    dim = 7 * BANDS + CEPSTRA * (CEPSTRA - 1) // 2 + BROAD * (len(TEMPI) - 1) + 4
    reads = "audio"
    about = About(
        title="What it sounds like (music, speech, noise)",
        licence="MIT",
        size=0,
        source="log-mel statistics, front end as YAMNet's",
        default=True,
    )

    def unavailable(self) -> str | None:
        """It needs numpy alone."""
        return None

    def load(self) -> None:
        """Nothing has to be loaded."""

    def encode(self, clip: Clip) -> Vector:
        """(690,): the groups in the order of SCALES."""
        figures = statistics(logmel(heard(clip)))
        parts = [_scaled(figures[name], scale) for name, scale in SCALES.items()]
        return unit(np.concatenate(parts), "the sound has no features")


def _scaled(figures: NDArray[np.float32], scale: Scale) -> NDArray[np.float32]:
    share = scale.weight / scale.deviation / np.sqrt(figures.size)
    return np.asarray((figures - scale.typical) * share, np.float32).ravel()


def statistics(rows: NDArray[np.float32]) -> Mapping[str, NDArray[np.float32]]:
    """The groups of figures of a log-mel spectrogram (rows, 64), as SCALES names them."""
    mean = rows.mean(axis=0)
    whole = mean.mean()
    loudness = rows.mean(axis=1)
    low, middle, high = _percentiles(rows.T) - whole
    return {
        "level": mean - whole,
        "spread": rows.std(axis=0),
        "change": _differences(rows).std(axis=0),
        "slow_change": np.abs(_differences(_coarse(rows))).mean(axis=0),
        "p10": low,
        "p50": middle,
        "p90": high,
        "correlation": correlations(rows - mean),
        "rhythm": rhythm(rows),
        "loudness": np.array([whole, loudness.std(), *_percentiles(loudness)[::2]]),
    }


def correlations(centred: NDArray[np.float32]) -> NDArray[np.float32]:
    """(190,): how far each two of 20 cepstra of (rows, 64) run together, -1..1; 0 where one rests."""
    cosines = np.cos(np.pi / BANDS * np.outer(np.arange(BANDS) + 0.5, np.arange(1, CEPSTRA + 1)))
    cepstra = centred @ cosines.astype(np.float32)
    together = cepstra.T @ cepstra
    lengths = np.sqrt(np.diag(together))
    both = np.maximum(np.outer(lengths, lengths), np.float32(1e-3))
    return np.asarray((together / both)[np.triu_indices(CEPSTRA, 1)])


def rhythm(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """(8, 6): the logarithm of the power with which 8 broad bands pulse, for each octave of TEMPI."""
    broad = rows.reshape(len(rows), BROAD, -1).mean(axis=2)
    missing = max(0, SPAN - len(broad))
    broad = np.pad(broad, ((0, missing), (0, 0)), mode="edge")
    spans = sliding_window_view(broad, SPAN, axis=0)[:: SPAN // 2]
    still = (spans - spans.mean(axis=2, keepdims=True)) * np.hanning(SPAN).astype(np.float32)
    power = (np.abs(np.fft.rfft(still, axis=2)) ** 2).mean(axis=0)
    octave = np.digitize(np.arange(power.shape[1]) * RATE / SPAN, TEMPI) - 1
    mean = [power[:, octave == number].mean(axis=1) for number in range(len(TEMPI) - 1)]
    # the addend is what the faintest noise pulses with: below it nothing is to be told apart
    return np.log(np.stack(mean, axis=1) + np.float32(0.1))


def _percentiles(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """The 10th, 50th and 90th along the last axis, first axis of the result: (3, ...)."""
    ordered = np.sort(values, axis=-1)
    ranks = [round(share * (values.shape[-1] - 1)) for share in (0.1, 0.5, 0.9)]
    return np.moveaxis(ordered[..., ranks], -1, 0)


def _differences(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """From each row to the next; a single zero when there is one row only."""
    return np.diff(rows, axis=0) if len(rows) > 1 else np.zeros_like(rows)


def _coarse(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Means of STEP rows each; too few rows stay as they are."""
    whole = len(rows) // STEP * STEP
    return rows[:whole].reshape(-1, STEP, BANDS).mean(axis=1) if whole else rows
