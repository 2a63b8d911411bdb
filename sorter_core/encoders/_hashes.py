"""The pictures' perceptual hashes, by which near-duplicates are found; no classifier reads them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sorter_core.encoders._base import About, Encoder, lacking
from sorter_core.types import Clip, Frame, Vector

FRAMES = 8
"""Pictures hashed at most."""
_PIECES = 4
"""16-bit pieces of a 64-bit hash: what a float32 holds exactly."""
_FLAT, _DARK = 5.0, 8.0
"""Grey levels of 255: a picture of one colour, or a fade, is like any other and gets no hash."""


class Hashes(Encoder):
    """64-bit DCT hashes (pHash: Zauner 2010) of up to eight pictures, and the duration.

    The "vector" is ``[count, duration in s, 4 pieces of 16 bits a hash …]``: read it with
    :func:`unpack`. It has no unit length, and stands outside the registry of encoders for that.
    """

    name = "hashes"
    version = "1"
    dim = 2 + _PIECES * FRAMES
    reads = "frames"
    about = About("Which videos show the same", "MIT", 0, "Zauner 2010: pHash")

    def unavailable(self) -> str | None:
        """It needs OpenCV alone."""
        return lacking("cv2:opencv-python")

    def load(self) -> None:
        """There is nothing to load."""

    def encode(self, clip: Clip) -> Vector:
        """``(dim,)``; a clip without a picture worth a hash has the count 0."""
        found = [mark for frame in clip.frames[:FRAMES] if (mark := phash(frame)) is not None]
        return pack(np.array(found, np.uint64), clip.duration)


def phash(frame: Frame) -> int | None:
    """64 bits: whether each of the lowest 8 x 8 frequencies but the mean lies above their median.

    None for a picture of one colour or a dark one.

    >>> phash(np.zeros((40, 30, 3), np.uint8)) is None
    True
    """
    import cv2

    grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (32, 32), interpolation=cv2.INTER_AREA).astype(np.float32)
    if small.std() < _FLAT or small.mean() < _DARK:
        return None
    low = cv2.dct(small)[1:9, 1:9].ravel()
    bits: NDArray[Any] = np.packbits(low > np.median(low))
    return int(bits.view(">u8")[0])


def pack(hashes: NDArray[np.uint64], duration: float) -> Vector:
    """The vector that holds them.

    >>> count, seconds, hashes = unpack(pack(np.array([2**64 - 1, 5], np.uint64), 7.5)[None])
    >>> int(count[0]), float(seconds[0]), hashes[0, :2].tolist()
    (2, 7.5, [18446744073709551615, 5])
    """
    vector = np.zeros(Hashes.dim, np.float32)
    vector[:2] = len(hashes), duration
    pieces = hashes.astype("<u8").view("<u2")
    vector[2 : 2 + len(pieces)] = pieces
    return vector


def unpack(
    vectors: NDArray[np.float32],
) -> tuple[NDArray[np.intp], NDArray[np.float32], NDArray[np.uint64]]:
    """Counts (n,), durations (n,) in s and hashes (n, 8) of vectors (n, dim)."""
    pieces = np.ascontiguousarray(vectors[:, 2:].astype("<u2"))
    return vectors[:, 0].astype(np.intp), vectors[:, 1], pieces.view("<u8")
