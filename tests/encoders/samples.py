"""Something to hear and to read for tests: speech out of an installed package, words drawn."""

from __future__ import annotations

import wave
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from sorter_core.types import SAMPLE_RATE, Frame, Samples


def recording(name: str = "beckett.wav") -> Path | None:
    """A recording that the package moonshine-voice carries; None where it is not installed."""
    found = find_spec("moonshine_voice")
    return Path(found.origin).parent / "assets" / name if found and found.origin else None


@cache
def heard(path: Path) -> Samples:
    """A WAV file as a clip holds its sound: mono, 16 kHz."""
    with wave.open(str(path)) as file:
        raw = np.frombuffer(file.readframes(file.getnframes()), np.int16)
        rate, channels = file.getframerate(), file.getnchannels()
    mono = raw.reshape(-1, channels)[:, 0].astype(np.float32) / 32768
    times = np.arange(int(len(mono) * SAMPLE_RATE / rate)) * rate / SAMPLE_RATE
    return np.interp(times, np.arange(len(mono)), mono).astype(np.float32)


def written(*lines: str, shade: int = 90, width: int = 320, height: int = 568) -> Frame:
    """A picture with ``lines`` on it, white with a dark edge, as apps burn them in."""
    import cv2

    picture = np.full((height, width, 3), shade, np.uint8)
    for number, line in enumerate(lines):
        for colour, thick in ((0, 5), (255, 2)):
            at = (10, 60 + 70 * number)
            cv2.putText(picture, line, at, cv2.FONT_HERSHEY_SIMPLEX, 0.8, (colour,) * 3, thick)
    return picture
