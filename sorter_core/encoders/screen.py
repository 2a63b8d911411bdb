"""What is written in the pictures."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sorter_core.encoders._base import About, lacking
from sorter_core.encoders._lite0 import threads
from sorter_core.encoders._text import Reader
from sorter_core.errors import CannotEncode, EncoderUnavailable
from sorter_core.types import Clip, Frame

PICTURES = 3
"""How many are read; text stands for seconds, and each costs a fifth of a second."""
DISTINCT = 8.0
"""Grey levels of 255 by which two small pictures differ, in the mean, so that both are worth it."""
SIDE = 640
"""Pixels of the longer side in which text is looked for; a quarter of the time of the library's 736
for the shorter, with the same words found in pictures of the size that a clip has."""
SURE = 0.75
"""The least score of a line; what is read out of patterns and faces mostly has less."""
LETTERS = 2
"""The fewest letters or digits of a line: a single one is a pattern more often than a word."""


class Screen(Reader):
    """Words on the screen: captions burnt in, titles, signs; in Latin and Chinese letters.

    Of the clip's pictures the first is read and the two that differ most from what was read.
    """

    name = "screen"
    version = "1"
    reads = "frames"
    about = About(
        title="What is written in the pictures",
        licence="Apache-2.0",
        size=31_749_506,
        source="PP-OCRv6 small, in the package rapidocr",
        extra="pip install rapidocr",
    )

    def __init__(self, cache_dir: Path) -> None:
        super().__init__(cache_dir)
        self._engine: Any = None
        self._lock = threading.Lock()  # the engine keeps what it is working on in itself

    def unavailable(self) -> str | None:
        """The package carries its models."""
        return lacking("rapidocr", "onnxruntime")

    def load(self) -> None:
        """Open the networks that find text and read it."""
        with self._lock:
            if self._engine is None:
                self._engine = self._open()

    def read(self, clip: Clip) -> Mapping[str, str]:
        """``screen``: the lines, each once."""
        if not clip.frames:
            raise CannotEncode("the video has no picture")
        self.load()
        lines: dict[str, str] = {}
        for frame in distinct(clip.frames):
            for line in self._lines(frame):
                lines.setdefault(_letters(line), line)
        if not lines:
            raise CannotEncode("nothing is written in the pictures")
        return {self.name: "\n".join(lines.values())}

    def _lines(self, frame: Frame) -> Iterator[str]:
        picture = np.ascontiguousarray(frame[:, :, ::-1])  # it takes BGR, as OpenCV
        with self._lock:
            found = self._engine(picture)
        lines = (" ".join(line.split()) for line in found.txts or ())
        yield from (line for line in lines if len(_letters(line)) >= LETTERS)

    def _open(self) -> Any:
        if lack := self.unavailable():
            raise EncoderUnavailable(lack)
        from rapidocr import RapidOCR

        number = threads() or -1
        options = {
            "Global.log_level": "critical",
            "Global.text_score": SURE,
            "Global.use_cls": False,  # text in videos stands upright
            "Det.limit_type": "max",
            "Det.limit_side_len": SIDE,
            "EngineConfig.onnxruntime.intra_op_num_threads": number,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
        try:
            return RapidOCR(params=options)
        except Exception as error:
            raise EncoderUnavailable(
                f"The package rapidocr can't be used: {error}. Run: pip install --force-reinstall rapidocr"
            ) from error


def distinct(frames: Sequence[Frame], most: int = PICTURES) -> list[Frame]:
    """The first, then each time the one that differs most from all taken; those alike are left out."""
    small = np.stack([_small(frame) for frame in frames])
    taken = [0]
    while len(taken) < min(most, len(frames)):
        apart = np.abs(small[:, None] - small[taken][None]).mean(axis=2).min(axis=1)
        if apart.max() < DISTINCT:
            break
        taken.append(int(apart.argmax()))
    return [frames[number] for number in sorted(taken)]


def _letters(line: str) -> str:
    """What of a line must be the same for it to be the same line: blanks are often missed.

    >>> _letters("Part 2?") == _letters("part2")
    True
    """
    return "".join(filter(str.isalnum, line)).casefold()


def _small(frame: Frame) -> np.ndarray[Any, np.dtype[np.float32]]:
    """A grey picture of 32 x 32, flat: (1024,)."""
    import cv2

    grey = cv2.cvtColor(np.ascontiguousarray(frame), cv2.COLOR_RGB2GRAY)
    return cv2.resize(grey, (32, 32), interpolation=cv2.INTER_AREA).astype(np.float32).ravel()
