"""Writing one picture of a video as a small WebP file."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from sorter_core import media
from sorter_core.errors import MediaError, StorageError
from sorter_core.files import scratch_for

if TYPE_CHECKING:
    from pathlib import Path

    from sorter_core.media import Limits

QUALITY = 72
"""Of 100: some 8 KB for 240 x 426 pixels."""


def write(video: Path, picture: Path, limits: Limits) -> None:
    """Decode one picture of ``video`` and write it whole, or not at all.

    Raises :class:`MediaError`, or :class:`StorageError` for what is the disk's fault.
    """
    import cv2

    frame = media.decode(video, limits).frames[0]
    wanted = [cv2.IMWRITE_WEBP_QUALITY, QUALITY]
    ok, data = cv2.imencode(".webp", cv2.cvtColor(frame, cv2.COLOR_RGB2BGR), wanted)
    if not ok:
        raise MediaError("its picture can't be written")
    scratch = scratch_for(picture)
    try:
        scratch.write_bytes(data.tobytes())
        scratch.replace(picture)
    except OSError as error:
        with suppress(OSError):
            scratch.unlink(missing_ok=True)
        raise StorageError(f"its picture can't be kept: {error.strerror}") from error
