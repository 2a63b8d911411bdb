"""A thumbnail's bytes become pixels, within limits: they come from outside."""

from __future__ import annotations

import io
import struct
import threading
from typing import Any

import numpy as np

from sorter_core.extraction.errors import ThumbnailAnalysisFailed
from sorter_core.types import Frame

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")
"""What Pillow may try; it knows far more formats, which are no thumbnails but ways in."""
MEGAPIXELS = 25
"""TikTok's largest covers have 2; the size is read off the head, before anything is decoded."""
SIDE = 1280
"""Pixels of the longer side that the analysis gets at most."""

_DAMAGED = (OSError, ValueError, TypeError, LookupError, SyntaxError, RuntimeError, struct.error)
"""What Pillow's decoders raise; libavif's says RuntimeError."""
_LOADING = threading.Lock()


def opencv() -> Any:
    """Give the module ``cv2``, which fails when two threads import it for the first time at once."""
    with _LOADING:
        import cv2

        return cv2


def decode(data: bytes) -> Frame:
    """Give the (first) picture, upright, its longer side at most :data:`SIDE`.

    Raises :class:`ThumbnailAnalysisFailed`.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            width, height = picture.size
            if width * height > MEGAPIXELS * 1e6:
                raise ThumbnailAnalysisFailed(
                    f"The thumbnail is too large to be looked at: {width}x{height} pixels."
                )
            picture.draft("RGB", (SIDE, SIDE))  # lets libjpeg decode at a fraction of the size
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((SIDE, SIDE))
            return np.asarray(upright.convert("RGB"), np.uint8)
    except UnidentifiedImageError as error:
        raise ThumbnailAnalysisFailed(
            f"The thumbnail has a format that can't be read; {', '.join(FORMATS)} can."
        ) from error
    except (*_DAMAGED, Image.DecompressionBombError) as error:
        raise ThumbnailAnalysisFailed("The thumbnail is damaged.") from error


def resized(picture: Frame, width: int, height: int) -> Frame:
    """Give the picture in another size, in pixels; what is smaller is averaged."""
    cv2 = opencv()
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def scaled(picture: Frame, factor: float) -> Frame:
    """Give the picture ``factor`` times as large.

    >>> scaled(np.zeros((10, 20, 3), np.uint8), 0.5).shape
    (5, 10, 3)
    """
    height, width = picture.shape[:2]
    return resized(picture, max(1, round(width * factor)), max(1, round(height * factor)))


def encode(picture: Frame, side: int) -> bytes:
    """Give a JPEG whose longer side has at most ``side`` pixels, without metadata."""
    from PIL import Image

    small = Image.fromarray(picture)
    small.thumbnail((side, side))
    out = io.BytesIO()
    small.save(out, "JPEG", quality=85)
    return out.getvalue()
